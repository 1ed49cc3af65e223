/* SPDX-License-Identifier: Apache-2.0 */
/* What dnsmasq, ISC dhcpd and Kea wrote is understood. */
#include "store/lease-file.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

#define NOW ((int64_t)1700000000)

static struct lease leases[8];
static size_t count;
static struct text named; /* what was skipped, a line each */
static struct diag why;

static void keep(const struct lease *lease, void *context)
{
    (void)context;
    if (count < LENGTH(leases))
        leases[count++] = *lease;
}

static int read_octets(const void *octets, size_t size)
{
    struct faults faults = {0};
    size_t visited = 0;
    count = 0;
    text_clear(&named);
    int result = lease_file_read(&visited, bytes_of(octets, size), "f", NOW, keep, NULL, &faults, &why);
    for (size_t i = 0; i < faults.count; i++) {
        AUTO(free) char *line = fault_to_text(&faults.at[i]);
        text_print(&named, "%s\n", line);
    }
    faults_finish(&faults);
    CHECK(visited >= count);
    return result;
}

/* How many leases there are. */
static size_t read_text(const char *text, size_t warnings)
{
    CHECK_NUMBER(read_octets(text, strlen(text)), 0);
    size_t lines = 0;
    for (const char *at = text_characters(&named); (at = strchr(at, '\n')); at++)
        lines++;
    CHECK_NUMBER(lines, warnings);
    return count;
}

static void leases_of_dnsmasq_are_read(void)
{
    CHECK_NUMBER(read_text("1700003600 52:54:00:12:34:56 10.0.0.7 node1 01:52:54:00:12:34:56\n"
                           "0 06-00:01:02:03:04:05 10.0.0.8 * *\n"
                           "1600000000 52:54:00:12:34:57 10.0.0.9 old *\n"
                           "duid 00:01:00:01:2a\n"
                           "1700003600 123456 fd00::7 node1 00:01\n",
                           1),
                 2);
    CHECK_NUMBER(leases[0].address.number, 0x0a000007);
    CHECK_NUMBER(leases[0].expires, 1700003600);
    CHECK_NUMBER(leases[0].state, LEASE_BOUND);
    CHECK(leases[0].mac.size == 6 && leases[0].mac.octets[5] == 0x56);
    CHECK(leases[0].client_id_size == 7 && leases[0].client_id[0] == 1);
    CHECK_TEXT(leases[0].hostname, "node1");
    CHECK(leases[1].mac.size == 6 && leases[1].client_id_size == 0 && leases[1].hostname[0] == '\0');
    CHECK_NUMBER(leases[1].expires, NOW + LEASE_SECONDS_INFINITE);
    CHECK_TEXT(text_characters(&named),
               "f: warning: skipped: 1 leases of IPv6 addresses, which muster does not give\n");
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

#define KEA_HEAD                                                                                                       \
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"

static void leases_of_kea_are_read(void)
{
    CHECK_NUMBER(read_text(KEA_HEAD
                           "10.0.0.7,52:54:00:12:34:56,01:52:54:00:12:34:56,3600,1700003600,1,0,0,a&#x2cb,0,,0\n"
                           "10.0.0.8,52:54:00:00:00:08,,4294967295,5994967295,1,0,0,,0,,0\n"
                           "10.0.0.9,,,86400,1700080000,1,0,0,,1,,0\n"
                           "10.0.0.10,52:54:00:00:00:10,,3600,1700003600,1,0,0,,0,,0\n"
                           "10.0.0.10,52:54:00:00:00:10,,0,1700003600,1,0,0,,0,,0\n"
                           "10.0.0.11,52:54:00:00:00:11,,3600,1700003600,1,0,0,,2,,0\n"
                           "10.0.0.12,52:54:00:00:00:12,,3600,1700000000,1,0,0,,0,,0\n",
                           0),
                 3);
    CHECK_NUMBER(leases[0].address.number, 0x0a000007);
    CHECK_NUMBER(leases[0].expires, NOW + 3600);
    CHECK(leases[0].mac.size == 6 && leases[0].client_id_size == 7);
    CHECK_TEXT(leases[0].hostname, "a,b");
    CHECK_NUMBER(leases[1].expires, NOW + LEASE_SECONDS_INFINITE);
    CHECK(leases[2].state == LEASE_DECLINED && leases[2].mac.size == 0);
    CHECK_NUMBER(read_text(KEA_HEAD, 0), 0);
}

/* An older version has fewer columns, and several files are put behind each other. */
static void the_header_of_kea_says_which_columns_there_are(void)
{
    CHECK_NUMBER(read_text(KEA_HEAD
                           "10.0.0.7,52:54:00:00:00:07,,3600,1700003600,1,0,0,,0,,0\n"
                           "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\n"
                           "10.0.0.7,52:54:00:00:00:aa,,3600,1700003600,1,0,0,node1\n",
                           0),
                 1);
    CHECK_NUMBER(leases[0].mac.octets[5], 0xaa);
    CHECK_TEXT(leases[0].hostname, "node1");
}

static void a_lease_may_stand_on_one_line(void)
{
    CHECK_NUMBER(read_text("lease 10.0.0.7 { ends epoch 1700000100; binding state active; hardware ethernet "
                           "52:54:00:00:00:07; client-hostname \"one\"; set x = \"}\"; on expiry { log; } }\n"
                           "lease 10.0.0.8 {ends never;uid 01:02;} lease 10.0.0.9\n{ ends never; uid 01:03 }",
                           0),
                 3);
    CHECK_TEXT(leases[0].hostname, "one");
    CHECK_NUMBER(leases[0].expires, NOW + 100);
    CHECK_NUMBER(leases[2].client_id[1], 3);
}

#define GOOD "1700003600 52:54:00:00:00:07 10.0.0.7 node1 *\n"
#define LEASE(number) "lease 10.0.0." number " {\n  ends never;\n  hardware ethernet 52:54:00:00:00:" number ";\n}\n"

static void what_is_skipped_is_named_with_line_and_reason(void)
{
    static const struct {
        const char *text;
        size_t count;
        const char *named;
    } rows[] = {
        {GOOD "nonsense\n", 1,
         "f:2: warning: skipped: this is no lease of dnsmasq: time, hardware address, address, name, identifier\n"},
        {GOOD "soon 52:54:00:12:34:56 10.0.0.8 node1 *\n", 1,
         "f:2: warning: skipped: this is no lease of dnsmasq: time, hardware address, address, name, identifier\n"},
        {GOOD "1700003600 52:54:00:00:00:07 10.0.0.8 no1700003600 52:54:00:00:00:09 10.0.0.9 node9 *\n", 1,
         "f:2: warning: skipped: this is no lease of dnsmasq: time, hardware address, address, name, identifier\n"},
        {GOOD "1700003600 52:54:00:00:00:0x 10.0.0.8 node1 *\n", 1,
         "f:2: warning: skipped: '52:54:00:00:00:0x' is no hardware address\n"},
        {GOOD "1700003600 52:54:00:00:00 10.0.0.8 node1 *\n", 1,
         "f:2: warning: skipped: '52:54:00:00:00' is no hardware address\n"},
        {GOOD "1700003600 52:54:00:00:00:08 10.0.0 node1 *\n", 1, "f:2: warning: skipped: '10.0.0' is no address\n"},
        {GOOD "1700003600 52:54:00:00:00:08 10.0.0.8 node1 01:zz\n", 1,
         "f:2: warning: skipped: '01:zz' is no client identifier\n"},
        {GOOD "1700003600 ff:ff:ff:ff:ff:ff 10.0.0.8 node1 *\n", 1,
         "f:2: warning: skipped: the lease of 10.0.0.8: its hardware address is no machine's but a group's\n"},
        {GOOD "1700003600 00:00:00:00:00:00 10.0.0.8 node1 *\n", 1,
         "f:2: warning: skipped: the lease of 10.0.0.8: it has neither a hardware address nor a client identifier\n"},
        {GOOD "1700003600 20-80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0b:8a:41 10.0.0.8 node1 *\n", 1,
         "f:2: warning: skipped: the lease of 10.0.0.8: its hardware address is longer than DHCP has room for, and it "
         "has no client identifier\n"},
        {"lease 10.0.0.8 {\n  ends soon;\n}\n" LEASE("09"), 1,
         "f:1: warning: skipped: the lease of 10.0.0.8: when it ends cannot be read\n"},
        {"lease 10.0.0.8 {\n  ends 2 2023/11/14;\n}\n" LEASE("09"), 1,
         "f:1: warning: skipped: the lease of 10.0.0.8: when it ends cannot be read\n"},
        {"lease 10.0.0.8 {\n  hardware ethernet 52:54:00:00:00:08;\n}\n" LEASE("09"), 1,
         "f:1: warning: skipped: the lease of 10.0.0.8: it does not say when it ends\n"},
        {"lease 10.0.0.8 {\n  ends never;\n  hardware ethernet 52:54:zz;\n}\n" LEASE("09"), 1,
         "f:1: warning: skipped: the lease of 10.0.0.8: its hardware address cannot be read\n"},
        {"lease 10.0.0.8 {\n  ends never;\n  uid \"\\001;\n}\n" LEASE("09"), 1,
         "f:1: warning: skipped: the lease of 10.0.0.8: its client identifier cannot be read\n"},
        {"lease 10.0.0.8 {\n  ends never;\n" LEASE("09"), 1,
         "f:1: warning: skipped: the lease of 10.0.0.8 has no closing brace\n"},
        {LEASE("09") "lease 10.0.0.8 {\n  ends never;\n", 1,
         "f:5: warning: skipped: the lease of 10.0.0.8 has no closing brace\n"},
        {LEASE("09") "lease nowhere {\n  ends never;\n}\n", 1,
         "f:5: warning: skipped: the lease of 'nowhere' has no address\n"},
        {KEA_HEAD "10.0.0.7,52:54:00:00:00:07,,3600\n", 0,
         "f:2: warning: skipped: this line has not the 12 columns of the header\n"},
        {KEA_HEAD "10.0.0.7,52:54:00:00:00:07,,3600,soon,1,0,0,,0,,0\n", 0,
         "f:2: warning: skipped: it is not said in numbers when the lease of 10.0.0.7 ends\n"},
        {KEA_HEAD "10.0.0.7,zz,,3600,1700003600,1,0,0,,0,,0\n", 0,
         "f:2: warning: skipped: 'zz' is no hardware address\n"},
        {KEA_HEAD "10.0.0.7,,,3600,1700003600,1,0,0,,0,,0\n", 0,
         "f:2: warning: skipped: the lease of 10.0.0.7: it has neither a hardware address nor a client identifier\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        CHECK_NUMBER(read_octets(rows[i].text, strlen(rows[i].text)), 0);
        CHECK_ROW(rows[i].text, count == rows[i].count);
        CHECK_TEXT(text_characters(&named), rows[i].named);
    }
}

/* A machine without a hardware address in its messages is known by its identifier. */
static void hardware_that_no_message_has_room_for_is_left_out(void)
{
    CHECK_NUMBER(
        read_text("1700003600 20-80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0b:8a:41 10.0.0.8 * ff:01\n"
                  "1700003600 00:00:00:00:00:00 10.0.0.9 * ff:02\n",
                  0),
        2);
    CHECK(leases[0].mac.size == 0 && leases[0].client_id_size == 2);
}

static void zeros_of_a_crash_hide_nothing_behind_them(void)
{
    static const char dnsmasq[] =
        GOOD "1700003600 52:54:00\0\0\0\0" GOOD "\0\0\0\n1700003600 52:54:00:00:00:08 10.0.0.8 * *\n";
    static const char isc[] = LEASE("09") "lease 10.0.0.8 {\n  ends 2 20\0\0\0\0" LEASE("10");
    CHECK_NUMBER(read_octets(dnsmasq, sizeof dnsmasq - 1), 0);
    CHECK_NUMBER(count, 2);
    CHECK_TEXT(text_characters(&named),
               "f:2: warning: skipped: this line is cut off by zeros, as after a crash\n"
               "f:3: warning: skipped: 3 octets of zero, as after a crash: what was there is lost\n");
    CHECK_NUMBER(read_octets(isc, sizeof isc - 1), 0);
    CHECK_NUMBER(count, 2);
    CHECK_TEXT(text_characters(&named),
               "f:6: warning: skipped: 4 octets of zero, as after a crash: what was there is lost\n"
               "f:5: warning: skipped: the lease of 10.0.0.8 has no closing brace\n");
}

static void a_byte_order_mark_hides_nothing(void)
{
    CHECK_NUMBER(read_text("\xef\xbb\xbf" GOOD, 0), 1);
    CHECK_NUMBER(read_text("\xef\xbb\xbf" LEASE("09"), 0), 1);
    CHECK_NUMBER(read_text("\xef\xbb\xbf" KEA_HEAD, 0), 0);
}

static void many_that_are_skipped_are_counted(void)
{
    AUTO(text_finish) struct text text = {0};
    text_append(&text, GOOD);
    for (int i = 0; i < 50; i++)
        text_append(&text, "nonsense\n");
    CHECK_NUMBER(read_text(text_characters(&text), LEASE_FILE_NAMED_MAX + 1), 1);
    CHECK(strstr(text_characters(&named), "f: warning: skipped: 30 more\n") != NULL);
}

static void what_is_no_lease_file_is_refused(void)
{
#define NO_LEASE_FILE "'f' is no lease file of dnsmasq, ISC dhcpd or Kea: "
    static const struct {
        const char *octets;
        size_t size;
        const char *reason;
    } rows[] = {
        {"hello\nworld\n", 12, NO_LEASE_FILE "it begins with 'hello'"},
        {"lease and let live\n", 19, NO_LEASE_FILE "it begins with 'lease and let live'"},
        {"{\"Dhcp4\": {}}\n", 14, NO_LEASE_FILE "it begins with '{\"Dhcp4\": {}}'"},
        {"\x7f"
         "ELF\2\1\1\0\0\0",
         10, NO_LEASE_FILE "it is no text"},
        {"\xff\xfe"
         "1\0",
         4, NO_LEASE_FILE "it seems to be text in UTF-16, to be written as UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
        {"1\0007\0000\0", 6,
         NO_LEASE_FILE "it seems to be text in UTF-16, to be written as UTF-8 first (iconv -f UTF-16 -t UTF-8)"},
        {"SQLite format 3\0", 16, NO_LEASE_FILE "it is a SQLite database"},
        {"\0\0\0\0\n\0", 6, NO_LEASE_FILE "it is nothing but zeros, as after a crash"},
        {"address,duid,valid_lifetime\n", 28,
         NO_LEASE_FILE "it is a lease file of Kea for IPv6, which muster does not give addresses of"},
        {"server-duid \"a\";\nia-na \"b\" {\n iaaddr fd00::1 {\n }\n}\n", 52,
         NO_LEASE_FILE "it is a lease file of ISC dhcpd for IPv6, which muster does not give addresses of"},
        {"lease {\n  interface \"eth0\";\n}\n", 30, NO_LEASE_FILE "it is the lease file of a DHCP client, dhclient"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        CHECK(read_octets(rows[i].octets, rows[i].size) < 0);
        CHECK_TEXT(why.text, rows[i].reason);
    }
    CHECK_NUMBER(read_text("", 0), 0);
    CHECK_NUMBER(read_text("\n", 0), 0);
}

int main(void)
{
    RUN(leases_of_dnsmasq_are_read);
    RUN(leases_of_isc_are_read);
    RUN(a_semicolon_in_quotes_ends_nothing);
    RUN(the_last_word_on_an_address_counts);
    RUN(leases_of_kea_are_read);
    RUN(the_header_of_kea_says_which_columns_there_are);
    RUN(a_lease_may_stand_on_one_line);
    RUN(what_is_skipped_is_named_with_line_and_reason);
    RUN(hardware_that_no_message_has_room_for_is_left_out);
    RUN(zeros_of_a_crash_hide_nothing_behind_them);
    RUN(a_byte_order_mark_hides_nothing);
    RUN(many_that_are_skipped_are_counted);
    RUN(what_is_no_lease_file_is_refused);
    text_finish(&named);
    return test_result();
}
