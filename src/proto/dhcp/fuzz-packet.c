/* SPDX-License-Identifier: Apache-2.0 */
/* Reads any octets as a DHCP message, looks at all there is to it, builds it anew and reads that: both must agree. */
#include <assert.h>

#include "proto/dhcp/client.h"
#include "proto/dhcp/pxe.h"
#include "proto/dhcp/relay.h"
#include "proto/dhcp/test-packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches every octet, so that a sanitizer sees those that are not there. */
static unsigned sum(struct bytes octets)
{
    unsigned total = 0;
    for (size_t i = 0; i < octets.size; i++)
        total += octets.data[i];
    return total;
}

static unsigned walk_suboptions(const struct dhcp_packet *packet, uint8_t code,
                                bool (*next)(struct dhcp_suboption *, struct reader *))
{
    unsigned total = 0;
    struct dhcp_suboption suboption;
    struct reader walk = reader_over(dhcp_option(packet, code));
    while (next(&suboption, &walk))
        total += sum(suboption.value);
    return total;
}

static unsigned look_at_all(const struct dhcp_packet *packet)
{
    unsigned total = sum(packet->sname) + sum(packet->file);
    for (int code = dhcp_option_next(packet, -1); code >= 0; code = dhcp_option_next(packet, code))
        total += sum(dhcp_option(packet, (uint8_t)code)) + sum(dhcp_option_text(packet, (uint8_t)code));
    total += walk_suboptions(packet, DHCP_OPTION_VENDOR, dhcp_suboption_next);
    total += walk_suboptions(packet, DHCP_OPTION_IPXE, dhcp_suboption_next);
    total += walk_suboptions(packet, DHCP_OPTION_RELAY, dhcp_relay_next);
    struct bytes classes[4];
    size_t count = dhcp_pxe_user_classes(classes, LENGTH(classes), dhcp_option(packet, DHCP_OPTION_USER_CLASS));
    for (size_t i = 0; i < count; i++)
        total += sum(classes[i]);
    struct dhcp_relay relay = dhcp_relay_from_option(dhcp_option(packet, DHCP_OPTION_RELAY));
    return total + sum(relay.circuit_id) + sum(relay.remote_id) + sum(relay.subscriber_id);
}

static void must_have_equal_headers(const struct dhcp_packet *a, const struct dhcp_packet *b)
{
    assert(a->operation == b->operation && a->message_type == b->message_type && a->htype == b->htype);
    assert(a->hops == b->hops && a->xid == b->xid && a->secs == b->secs && a->flags == b->flags);
    assert(ipv4_equal(a->ciaddr, b->ciaddr) && ipv4_equal(a->yiaddr, b->yiaddr));
    assert(ipv4_equal(a->siaddr, b->siaddr) && ipv4_equal(a->giaddr, b->giaddr));
    assert(mac_equal(&a->chaddr, &b->chaddr));
    assert(bytes_equal(a->sname, b->sname) && bytes_equal(a->file, b->file));
}

/* Empty options are not sent back. */
static void must_have_equal_options(const struct dhcp_packet *a, const struct dhcp_packet *b)
{
    for (unsigned code = 0; code < 256; code++)
        if (code != DHCP_OPTION_OVERLOAD)
            assert(bytes_equal(dhcp_option(a, (uint8_t)code), dhcp_option(b, (uint8_t)code)));
}

static void must_classify_alike(const struct dhcp_packet *a, const struct dhcp_packet *b)
{
    struct dhcp_client one, other;
    dhcp_client_classify(&one, a);
    dhcp_client_classify(&other, b);
    assert(one.kind == other.kind && one.note == other.note);
    assert(one.vendor_class == other.vendor_class && one.arch == other.arch && one.reply_max == other.reply_max);
    assert(one.has_uuid == other.has_uuid && one.has_boot_item == other.has_boot_item);
}

static void must_survive_a_reply(const struct dhcp_packet *request)
{
    static struct dhcp_builder builder;
    static struct dhcp_packet reply;
    static uint8_t buffer[DHCP_REPLY_MAX];
    dhcp_builder_init_reply(&builder, request, DHCP_ACK);
    for (unsigned code = 1; code < 255; code++)
        if (code != DHCP_OPTION_OVERLOAD && code != DHCP_OPTION_MESSAGE_TYPE)
            dhcp_builder_echo(&builder, request, (uint8_t)code);
    struct bytes octets = dhcp_builder_finish(&builder, buffer);
    assert(octets.size <= dhcp_builder_reply_max(request) && octets.size >= DHCP_REPLY_MIN);
    assert(dhcp_packet_parse(&reply, octets, NULL) == DHCP_OK && reply.message_type == DHCP_ACK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dhcp_packet packet, read_back;
    static struct dhcp_builder builder, builder_again;
    static uint8_t buffer[DHCP_REPLY_MAX], buffer_again[DHCP_REPLY_MAX];
    struct diag why;
    if (dhcp_packet_parse(&packet, bytes_of(data, size), &why) != DHCP_OK)
        return 0;
    volatile unsigned seen = look_at_all(&packet);
    (void)seen;
    must_survive_a_reply(&packet);
    struct bytes built, built_again;
    if (!packet_rebuild(&built, &builder, &packet, buffer))
        return 0;
    if (builder.dropped_count > 0)
        return 0;
    assert(dhcp_packet_parse(&read_back, built, NULL) == DHCP_OK);
    must_have_equal_headers(&packet, &read_back);
    must_have_equal_options(&packet, &read_back);
    must_classify_alike(&packet, &read_back);
    assert(packet_rebuild(&built_again, &builder_again, &read_back, buffer_again));
    assert(bytes_equal(built, built_again));
    return 0;
}
