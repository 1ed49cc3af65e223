/* SPDX-License-Identifier: Apache-2.0 */
/* Any request: whatever name is looked for stays below the folder, and every refusal has its words. */
#include "answer/tftp.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static int find_in_root(void *context, const char *name)
{
    (void)context;
    must(name[0] != '\0' && name[0] != '/' && !strchr(name, '\\') && !strstr(name, "//") && !strstr(name, "/../"));
    must(!text_starts_with(name, "../") && !text_ends_with(name, "/..") && !text_is(name, ".."));
    return -ENOENT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tftp_packet packet;
    struct answer_tftp_places places = {.root = "/srv/tftp", .find_in_root = find_in_root};
    if (tftp_packet_parse(&packet, bytes_of(data, size)) != 0 ||
        (packet.opcode != TFTP_READ && packet.opcode != TFTP_WRITE))
        return 0;
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    answer_tftp(&answer, &packet.request, &(struct answer_tftp_client){0}, &places);
    must(answer.kind == ANSWER_TFTP_REFUSAL && answer.error_text[0] != '\0');
    return 0;
}
