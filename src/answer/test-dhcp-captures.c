/* SPDX-License-Identifier: Apache-2.0 */
/* What real clients sent, and what we answer to it octet for octet: test/data/packets to test/data/answers. A change
 * that is meant is written down anew with the argument --write, and read in the difference. */
#include <stdlib.h>

#include "answer/dhcp.h"
#include "base/array.h"
#include "proto/dhcp/packet.h"
#include "test.h"

static const struct ipv4_interface our_addresses[] = {
    {.address = {0x0a4d0001}, .subnet = {.network = {0x0a4d0000}, .prefix = 24}},
};

static const struct {
    const char *packet;
    uint16_t port;
    uint32_t source;
    uint16_t source_port;
} rows[] = {
    {"dhclient-discover", 67, 0, 68},
    {"udhcpc-discover", 67, 0, 68},
    {"ipxe-bios-discover", 67, 0, 68},
    {"ipxe-bios-request", 67, 0, 68},
    {"ipxe-bios-boot-server-request", 4011, 0x0a4d0059, 68},
    {"undionly-discover", 67, 0, 68},
    {"undionly-request", 67, 0, 68},
    {"ovmf-pxe-discover", 67, 0, 68},
    {"ovmf-pxe-request", 67, 0, 68},
    {"ovmf-pxe-boot-server-request", 4011, 0x0a4d0057, 4011},
    {"ipxe-efi-discover", 67, 0, 68},
    {"ipxe-efi-request", 67, 0, 68},
    {"ipxe-efi-boot-server-request", 4011, 0x0a4d0057, 68},
    {"ovmf-http-discover", 67, 0, 68},
    {"ovmf-http-request", 67, 0, 68},
};

static bool write_anew;

static bool loader_is_there(void *context, const struct loader *loader)
{
    (void)context;
    return loader->package != NULL;
}

/* Reads a file of the test data; -1 when there is none. */
static long read_data(uint8_t *ret, size_t size, const char *folder, const char *name, const char *suffix)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s%s", getenv("TEST_DATA"), folder, name, suffix);
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    size_t count = fread(ret, 1, size, file);
    fclose(file);
    return (long)count;
}

static void write_answer(const char *name, const char *suffix, const struct answer_dhcp *answer)
{
    char path[512];
    snprintf(path, sizeof path, "%s/answers/%s%s", getenv("TEST_DATA"), name, suffix);
    FILE *file = fopen(path, "wb");
    if (!file)
        return;
    fwrite(answer->reply, 1, answer->reply_size, file);
    fclose(file);
}

static void compare(size_t row, enum answer_dhcp_mode mode)
{
    static uint8_t packet[2048], expected[2048];
    const char *suffix = mode == ANSWER_DHCP_SERVER ? ".server" : ".proxy";
    long size = read_data(packet, sizeof packet, "packets", rows[row].packet, "");
    CHECK_ROW(rows[row].packet, size > 0);
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    *subnet = (struct subnet){.subnet = our_addresses[0].subnet, .router = {0x0a4d0001}, .lease_seconds = 3600};
    subnet_add_pool(subnet, (struct address_range){.first = {0x0a4d0032}, .last = {0x0a4d00c8}});
    struct answer_dhcp_settings settings = {.mode = mode,
                                            .http_port = 8080,
                                            .leases = lease_table_create(subnet, 1),
                                            .fleet = fleet_create(),
                                            .loader_is_there = loader_is_there};
    struct answer_dhcp_request request = {.datagram = bytes_of(packet, size > 0 ? (size_t)size : 0),
                                          .source = {rows[row].source},
                                          .source_port = rows[row].source_port,
                                          .port = rows[row].port,
                                          .interface = "eth1",
                                          .addresses = our_addresses,
                                          .address_count = LENGTH(our_addresses),
                                          .now = {.steady = SECOND, .wall_seconds = 1000000}};
    static struct answer_dhcp answer;
    answer_dhcp(&answer, &settings, &request);
    if (answer.way == ANSWER_DHCP_SILENT)
        answer.reply_size = 0;
    if (write_anew)
        write_answer(rows[row].packet, suffix, &answer);
    long expected_size = read_data(expected, sizeof expected, "answers", rows[row].packet, suffix);
    CHECK_ROW(rows[row].packet, expected_size >= 0 && (size_t)expected_size == answer.reply_size);
    CHECK_ROW(rows[row].packet, expected_size >= 0 && memcmp(expected, answer.reply, (size_t)expected_size) == 0);
    lease_table_destroy(settings.leases);
    fleet_destroy(settings.fleet);
}

static void the_server_answers_real_clients_as_it_did(void)
{
    for (size_t i = 0; i < LENGTH(rows); i++)
        compare(i, ANSWER_DHCP_SERVER);
}

static void the_proxy_answers_real_clients_as_it_did(void)
{
    for (size_t i = 0; i < LENGTH(rows); i++)
        compare(i, ANSWER_DHCP_PROXY);
}

int main(int argc, char **argv)
{
    write_anew = argc > 1 && strcmp(argv[1], "--write") == 0;
    RUN(the_server_answers_real_clients_as_it_did);
    RUN(the_proxy_answers_real_clients_as_it_did);
    return test_result();
}
