/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of Butane for bench/butane: butane-figures FILE prints, a line each, what one answer to /ignition takes in
 * microseconds of processor time when the template FILE is rendered and translated anew for each machine, and when all
 * machines get the same. The template may name .host, .keys and .request.query.machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer/http.h"
#include "base/memory.h"

enum { ANSWERS = 3000 };

static void read_file(struct text *ret, const char *path)
{
    char piece[4096];
    size_t size;
    FILE *file = fopen(path, "re");
    while (file && (size = fread(piece, 1, sizeof piece, file)) > 0)
        text_append_bytes(ret, bytes_of(piece, size));
    if (file)
        fclose(file);
}

static struct catalog *catalog_of(struct bytes template)
{
    struct catalog *catalog = catalog_create();
    struct profile *profile = profile_create("node");
    struct group *group = group_create("node", "node");
    struct value *keys = value_new_list();
    value_list_take(keys, value_new_string("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample one@example.com"));
    value_list_take(keys, value_new_string("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample two@example.com"));
    free(profile->ignition_id);
    profile->ignition_id = memory_text("node.bu");
    group->metadata = value_new_map();
    value_map_take(group->metadata, "host", value_new_string("node1.example.com"));
    value_map_take(group->metadata, "keys", keys);
    catalog_take_profile(catalog, profile);
    catalog_take_group(catalog, group);
    catalog_take_document(catalog, CATALOG_IGNITION, "node.bu", template);
    catalog_seal(catalog);
    return catalog;
}

static bool ask(const struct catalog *catalog, unsigned machine, size_t *ret_octets)
{
    static const struct http_settings settings = {.has_assets = true};
    AUTO(http_reply_finish) struct http_reply reply = {0};
    char target[64];
    snprintf(target, sizeof target, "/ignition?machine=%u", machine);
    answer_http(&reply, &(struct http_request){.method = "GET", .target = target}, catalog, NULL, &settings);
    if (reply.status != 200)
        fprintf(stderr, "%s\n", reply.reason.text);
    *ret_octets = reply.body.length;
    return reply.status == 200;
}

/* Microseconds of processor time: what else the host does does not count. */
static double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Microseconds of one answer; 0 when there is none. */
static double time_answers(const struct catalog *catalog, bool each_its_own, size_t *ret_octets)
{
    double start = processor_time();
    for (unsigned i = 0; i < ANSWERS; i++)
        if (!ask(catalog, each_its_own ? 1000 + i : 1, ret_octets))
            return 0;
    return (processor_time() - start) / ANSWERS;
}

int main(int argc, char **argv)
{
    AUTO(text_finish) struct text template = {0};
    size_t octets = 0;
    read_file(&template, argc > 1 ? argv[1] : "node.bu");
    AUTO(catalog_unref) struct catalog *catalog = catalog_of(text_bytes(&template));
    double own = time_answers(catalog, true, &octets);
    double same = time_answers(catalog, false, &octets);
    printf("octets %zu\nown_us %.1f\nsame_us %.1f\n", octets, own, same);
    return own > 0 && same > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
