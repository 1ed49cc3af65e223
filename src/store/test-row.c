/* SPDX-License-Identifier: Apache-2.0 */
#include "store/row.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static bool is_same(const struct lease *a, const struct lease *b)
{
    return ipv4_equal(a->address, b->address) && a->state == b->state && mac_equal(&a->mac, &b->mac) &&
           bytes_equal(bytes_of(a->client_id, a->client_id_size), bytes_of(b->client_id, b->client_id_size)) &&
           text_is(a->hostname, b->hostname) && a->expires == b->expires;
}

static void a_lease_is_read_as_it_was_written(void)
{
    const struct lease leases[] = {
        {.address = {0x0a000007}, .state = LEASE_BOUND, .mac = {6, {0x52, 0x54, 0, 0, 0, 1}}, .expires = 1700000000},
        {.address = {0xffffffff}, .state = LEASE_FREE, .client_id = {0xff, 0, 1}, .client_id_size = 3, .expires = -1},
        {.address = {1}, .state = LEASE_DECLINED, .expires = INT64_MAX},
        {.address = {2}, .state = LEASE_BOUND, .mac = {1, {7}}, .hostname = "node1"},
        {.address = {3}, .state = LEASE_BOUND, .mac = {20, {1, 2, 3}}, .client_id_size = LEASE_CLIENT_ID_MAX},
    };
    for (size_t i = 0; i < LENGTH(leases); i++) {
        struct row row;
        struct row_texts texts;
        struct lease read;
        row_from_lease(&row, &texts, &leases[i]);
        CHECK_ROW(row.address, row_to_lease(&read, &row, NULL) == 0);
        CHECK_ROW(row.address, is_same(&read, &leases[i]));
    }
}

static void what_is_wrong_with_a_row_is_said(void)
{
    char long_name[LEASE_HOSTNAME_MAX + 1];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    char long_id[2 * LEASE_CLIENT_ID_MAX + 3];
    memset(long_id, '0', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    const struct {
        struct row row;
        const char *reason;
    } rows[] = {
        {{NULL, "free", NULL, NULL, NULL, 0}, "address '' is not an address such as 10.0.0.7"},
        {{"10.0.0", "free", NULL, NULL, NULL, 0}, "address '10.0.0' is not an address such as 10.0.0.7"},
        {{"10.0.0.7", NULL, NULL, NULL, NULL, 0}, "state '' is not bound, free or declined"},
        {{"10.0.0.7", "offered", NULL, NULL, NULL, 0}, "state 'offered' is not bound, free or declined"},
        {{"10.0.0.7", "free", "52:54", NULL, NULL, 0}, ""},
        {{"10.0.0.7", "free", "52:54:", NULL, NULL, 0},
         "mac '52:54:' is not a hardware address such as 52:54:00:12:34:56"},
        {{"10.0.0.7", "free", "\n", NULL, NULL, 0}, "mac '\\x0a' is not a hardware address such as 52:54:00:12:34:56"},
        {{"10.0.0.7", "free", "", "0g", NULL, 0}, "client_id '0g' is not at most 255 octets in hexadecimal digits"},
        {{"10.0.0.7", "free", "", "0", NULL, 0}, "client_id '0' is not at most 255 octets in hexadecimal digits"},
        {{"10.0.0.7", "bound", "", "", NULL, 0}, "a bound address needs a mac or a client_id"},
        {{"10.0.0.7", "bound", "5254.0012.3456", "", "x", 0}, ""},
    };
    struct lease lease;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why = {0};
        CHECK_ROW(rows[i].reason, (row_to_lease(&lease, &rows[i].row, &why) == 0) == !*rows[i].reason);
        CHECK_TEXT(why.text, rows[i].reason);
    }
    CHECK(row_to_lease(&lease, &(struct row){"10.0.0.7", "free", "", long_id, NULL, 0}, NULL) < 0);
    CHECK(row_to_lease(&lease, &(struct row){"10.0.0.7", "free", "", "", long_name, 0}, NULL) < 0);
}

int main(void)
{
    RUN(a_lease_is_read_as_it_was_written);
    RUN(what_is_wrong_with_a_row_is_said);
    return test_result();
}
