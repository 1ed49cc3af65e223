/* SPDX-License-Identifier: Apache-2.0 */
/* A lease as the texts of one row. */
#include "store/row.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* Room for a column's text in a reason. */
#define SHOWN_MAX 80

static const char *const state_texts[] = {
    [LEASE_FREE] = "free",
    [LEASE_BOUND] = "bound",
    [LEASE_DECLINED] = "declined",
};

static void digits_of(char *ret, const uint8_t *octets, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *ret++ = digits[octets[i] >> 4];
        *ret++ = digits[octets[i] & 15];
    }
    *ret = '\0';
}

void row_from_lease(struct row *ret, struct row_texts *texts, const struct lease *lease)
{
    assert(lease->state != LEASE_OFFERED);
    ipv4_to_text(texts->address, lease->address);
    mac_to_text(texts->mac, &lease->mac, ':');
    digits_of(texts->client_id, lease->client_id, lease->client_id_size);
    *ret = (struct row){
        .address = texts->address,
        .state = state_texts[lease->state],
        .mac = texts->mac,
        .client_id = texts->client_id,
        .hostname = lease->hostname,
        .expires = lease->expires,
    };
}

static int refuse(struct diag *why, const char *column, const char *value, const char *expected)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(value), SHOWN_MAX);
    return fail(why, -EINVAL, "%s '%s' is not %s", column, text_characters(&shown), expected);
}

static bool state_from_text(enum lease_state *ret, const char *text)
{
    for (size_t i = 0; i < LENGTH(state_texts); i++)
        if (state_texts[i] && text_is(state_texts[i], text)) {
            *ret = (enum lease_state)i;
            return true;
        }
    return false;
}

static int digit_value(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit | 0x20) : NULL;
    return found ? (int)(found - digits) : -1;
}

static bool client_id_from_text(struct lease *ret, const char *text)
{
    size_t size = strlen(text) / 2;
    if (strlen(text) % 2 != 0 || size > LEASE_CLIENT_ID_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret->client_id[i] = (uint8_t)(high << 4 | low);
    }
    ret->client_id_size = size;
    return true;
}

/* Any number of octets up to MAC_SIZE_MAX: hardware types other than Ethernet have what length they please. */
static bool hardware_from_text(struct mac *ret, const char *text)
{
    struct mac mac = {0};
    while (*text) {
        if (mac.size == MAC_SIZE_MAX || (mac.size > 0 && *text++ != ':'))
            return false;
        int high = digit_value(text[0]);
        int low = high < 0 ? -1 : digit_value(text[1]);
        if (low < 0)
            return false;
        mac.octets[mac.size++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    *ret = mac;
    return true;
}

int row_to_lease(struct lease *ret, const struct row *row, struct diag *why)
{
    struct lease lease = {.expires = row->expires};
    const char *mac = row->mac ?: "";
    const char *client_id = row->client_id ?: "";
    const char *hostname = row->hostname ?: "";
    if (!ipv4_from_text(&lease.address, row->address ?: ""))
        return refuse(why, "address", row->address, "an address such as 10.0.0.7");
    if (!state_from_text(&lease.state, row->state))
        return refuse(why, "state", row->state, "bound, free or declined");
    if (!mac_from_any_text(&lease.mac, mac) && !hardware_from_text(&lease.mac, mac))
        return refuse(why, "mac", mac, "a hardware address such as 52:54:00:12:34:56");
    if (!client_id_from_text(&lease, client_id))
        return refuse(why, "client_id", client_id, "at most 255 octets in hexadecimal digits");
    if (strlen(hostname) >= sizeof lease.hostname)
        return refuse(why, "hostname", hostname, "at most 255 octets long");
    if (lease.state == LEASE_BOUND && lease.mac.size == 0 && lease.client_id_size == 0)
        return fail(why, -EINVAL, "a bound address needs a mac or a client_id");
    lease.stored = lease.state == LEASE_BOUND ? lease.expires : 0;
    snprintf(lease.hostname, sizeof lease.hostname, "%s", hostname);
    *ret = lease;
    return 0;
}
