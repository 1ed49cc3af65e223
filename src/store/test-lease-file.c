/* SPDX-License-Identifier: Apache-2.0 */
/* What dnsmasq and ISC dhcpd wrote is understood. */
#include "store/lease-file.h"

#include "test.h"

#define NOW 1700000000

static struct lease leases[8];
static size_t count;

static void keep(const struct lease *lease, void *context)
{
    (void)context;
    leases[count++] = *lease;
}

static size_t read_text(const char *text, size_t warnings)
{
    struct faults faults = {0};
    count = 0;
    size_t result = lease_file_read(bytes_of_text(text), "f", NOW, keep, NULL, &faults);
    CHECK_NUMBER(faults.count, warnings);
    faults_finish(&faults);
    return result;
}

static void leases_of_dnsmasq_are_read(void)
{
    CHECK_NUMBER(read_text("1700003600 52:54:00:12:34:56 10.0.0.7 node1 01:52:54:00:12:34:56\n"
                           "0 06-00:01:02:03:04:05 10.0.0.8 * *\n"
                           "1600000000 52:54:00:12:34:57 10.0.0.9 old *\n"
                           "duid 00:01:00:01:2a\n"
                           "1700003600 123456 fd00::7 node1 00:01\n",
                           0),
                 2);
    CHECK_NUMBER(leases[0].address.number, 0x0a000007);
    CHECK_NUMBER(leases[0].expires, 1700003600);
    CHECK_NUMBER(leases[0].state, LEASE_BOUND);
    CHECK(leases[0].mac.size == 6 && leases[0].mac.octets[5] == 0x56);
    CHECK(leases[0].client_id_size == 7 && leases[0].client_id[0] == 1);
    CHECK_TEXT(leases[0].hostname, "node1");
    CHECK(leases[1].mac.size == 6 && leases[1].client_id_size == 0 && leases[1].hostname[0] == '\0');
    CHECK(leases[1].expires > NOW + 1000000000LL);
}

#define ISC_HEAD                                                                                                       \
    "# The format of this file is documented in the dhcpd.leases(5) manual page.\n"                                    \
    "authoring-byte-order little-endian;\nserver-duid \"\\000\\001\";\n"

static void leases_of_isc_are_read(void)
{
    CHECK_NUMBER(read_text(ISC_HEAD "lease 10.0.0.7 {\n  starts 2 2023/11/14 22:00:00;\n  ends 2 2023/11/14 23:13:20;\n"
                                    "  binding state active;\n  next binding state free;\n"
                                    "  hardware ethernet 52:54:0:12:34:56;\n"
                                    "  uid \"\\001RT\\000\\0224V\";\n  client-hostname \"node1\";\n}\n"
                                    "lease 10.0.0.8 {\n  ends 2 2020/11/14 23:13:20;\n  binding state active;\n}\n"
                                    "lease nowhere {\n}\n",
                           1),
                 1);
    CHECK_NUMBER(leases[0].expires, NOW + 3600);
    CHECK_NUMBER(leases[0].state, LEASE_BOUND);
    CHECK(leases[0].mac.size == 6 && leases[0].mac.octets[2] == 0);
    CHECK(bytes_equal(bytes_of(leases[0].client_id, leases[0].client_id_size), bytes_of("\1RT\0\0224V", 7)));
    CHECK_TEXT(leases[0].hostname, "node1");
    CHECK_NUMBER(read_text(ISC_HEAD, 0), 0);
}

static void a_semicolon_in_quotes_ends_nothing(void)
{
    CHECK_NUMBER(read_text("lease 10.0.0.7 {\n  ends never;\n  uid \"\\001;\\\\\\\"x\"; # of a client\n}\n", 0), 1);
    CHECK(bytes_equal(bytes_of(leases[0].client_id, leases[0].client_id_size), bytes_of("\1;\\\"x", 5)));
}

/* dhcpd appends what changes: a renewal, a release, the next client. */
static void the_last_word_on_an_address_counts(void)
{
    CHECK_NUMBER(read_text("lease 10.0.0.7 {\n  ends epoch 1700000100; # soon\n  binding state active;\n"
                           "  hardware ethernet 52:54:00:00:00:07;\n}\n"
                           "lease 10.0.0.8 {\n  ends epoch 1700000100;\n  binding state active;\n}\n"
                           "lease 10.0.0.9 {\n  ends epoch 1700000100;\n  binding state active;\n"
                           "  hardware ethernet 52:54:00:00:00:09;\n}\n"
                           "lease 10.0.0.7 {\n  ends epoch 1700000900;\n  binding state active;\n"
                           "  hardware ethernet 52:54:00:00:00:07;\n}\n"
                           "lease 10.0.0.8 {\n  ends epoch 1699999999;\n  binding state free;\n}\n"
                           "lease 10.0.0.9 {\n  ends epoch 1699999999;\n  binding state free;\n}\n"
                           "lease 10.0.0.9 {\n  ends epoch 1700000500;\n  binding state active;\n"
                           "  hardware ethernet 52:54:00:00:00:aa;\n}\n",
                           0),
                 2);
    CHECK_NUMBER(leases[0].address.number, 0x0a000007);
    CHECK_NUMBER(leases[0].expires, NOW + 900);
    CHECK_NUMBER(leases[1].address.number, 0x0a000009);
    CHECK_NUMBER(leases[1].mac.octets[5], 0xaa);
}

static void what_is_no_lease_is_named(void)
{
    CHECK_NUMBER(read_text("hello\nsoon 52:54:00:12:34:56 10.0.0.7 node1 *\n", 2), 0);
    CHECK_NUMBER(read_text("", 0), 0);
}

int main(void)
{
    RUN(leases_of_dnsmasq_are_read);
    RUN(leases_of_isc_are_read);
    RUN(a_semicolon_in_quotes_ends_nothing);
    RUN(the_last_word_on_an_address_counts);
    RUN(what_is_no_lease_is_named);
    return test_result();
}
