/* SPDX-License-Identifier: Apache-2.0 */
/* Builds DHCPv4 messages: collects header and options in any order and writes them in the one that clients expect. */
#include "proto/dhcp/builder.h"

#include <assert.h>
#include <string.h>

#include "base/array.h"
#include "base/writer.h"

/* RFC 2131 §3 */
#define MAGIC_COOKIE 0x63825363u
/* Importance of an option that the sequence does not name, and of those that nobody does without. */
#define IMPORTANCE_OTHER 1
#define IMPORTANCE_MOST 9

/* Old ROMs want the message type first, the server early and option 43 late; the relay's option is the last (RFC 3046
 * §2.1) and all options without a place here stand before it, by code. The mask precedes the router (RFC 2132 §3.3).
 * Where there is not room for all, the more important have it first, and of equals the first. */
static const struct {
    uint8_t code;
    uint8_t importance;
} sequence[] = {
    {DHCP_OPTION_MESSAGE_TYPE, 9}, {DHCP_OPTION_SERVER_ID, 9},      {DHCP_OPTION_LEASE_TIME, 9},
    {DHCP_OPTION_RENEWAL_TIME, 3}, {DHCP_OPTION_REBINDING_TIME, 3}, {DHCP_OPTION_SUBNET_MASK, 9},
    {DHCP_OPTION_BROADCAST, 3},    {DHCP_OPTION_ROUTER, 9},         {DHCP_OPTION_DNS, 6},
    {DHCP_OPTION_DOMAIN, 5},       {DHCP_OPTION_HOSTNAME, 5},       {DHCP_OPTION_TFTP_SERVER, 4},
    {DHCP_OPTION_BOOT_FILE, 7},    {DHCP_OPTION_CLIENT_ID, 6},      {DHCP_OPTION_VENDOR_CLASS, 8},
    {DHCP_OPTION_MACHINE_ID, 7},   {DHCP_OPTION_VENDOR, 8},         {DHCP_OPTION_RELAY, 8},
};

static uint8_t importance_of(uint8_t code)
{
    for (size_t i = 0; i < LENGTH(sequence); i++)
        if (sequence[i].code == code)
            return sequence[i].importance;
    return IMPORTANCE_OTHER;
}

size_t dhcp_builder_reply_max(const struct dhcp_packet *packet)
{
    uint16_t told = 0;
    dhcp_option_u16(&told, packet, DHCP_OPTION_MAX_SIZE);
    if (told < DHCP_REPLY_DEFAULT + DHCP_REPLY_OVERHEAD)
        return DHCP_REPLY_DEFAULT;
    size_t payload = (size_t)told - DHCP_REPLY_OVERHEAD;
    return payload < DHCP_REPLY_MAX ? payload : DHCP_REPLY_MAX;
}

void dhcp_builder_init(struct dhcp_builder *ret, enum dhcp_operation operation)
{
    /* Field by field up to the tables, which present guards and zeroing would cost more than all else. */
    memset(ret, 0, offsetof(struct dhcp_builder, places));
    ret->operation = (uint8_t)operation;
    ret->size_max = DHCP_REPLY_MAX;
}

static bool option_ends_in_nul(const struct dhcp_packet *packet, uint8_t code)
{
    return dhcp_option_text(packet, code).size < dhcp_option(packet, code).size;
}

void dhcp_builder_init_reply(struct dhcp_builder *ret, const struct dhcp_packet *request, uint8_t message_type)
{
    dhcp_builder_init(ret, DHCP_BOOTREPLY);
    ret->htype = request->htype;
    ret->xid = request->xid;
    ret->flags = request->flags;
    ret->giaddr = request->giaddr;
    ret->chaddr = request->chaddr;
    ret->size_max = dhcp_builder_reply_max(request);
    ret->terminate_texts =
        option_ends_in_nul(request, DHCP_OPTION_HOSTNAME) || option_ends_in_nul(request, DHCP_OPTION_VENDOR_CLASS);
    if (message_type != DHCP_BOOTP)
        dhcp_builder_put_u8(ret, DHCP_OPTION_MESSAGE_TYPE, message_type);
}

static void builder_drop(struct dhcp_builder *builder, uint8_t code)
{
    dhcp_codes_remove(&builder->present, code);
    if (builder->dropped_count < LENGTH(builder->dropped))
        builder->dropped[builder->dropped_count++] = code;
}

/* Room for a value, or NULL, with the option dropped, when there is none: then a configuration holds more options than
 * any reply could. */
static uint8_t *builder_reserve(struct dhcp_builder *builder, uint8_t code, size_t size)
{
    if (size > DHCP_BUILDER_VALUES_MAX - builder->values_size) {
        builder_drop(builder, code);
        return NULL;
    }
    builder->places[code] = (struct dhcp_option_place){
        .offset = (uint16_t)builder->values_size,
        .size = (uint16_t)size,
    };
    dhcp_codes_add(&builder->present, code);
    builder->values_size += size;
    return builder->values + builder->values_size - size;
}

static void builder_put(struct dhcp_builder *builder, uint8_t code, struct bytes value)
{
    uint8_t *room = builder_reserve(builder, code, value.size);
    if (room && value.size > 0)
        memcpy(room, value.data, value.size);
}

void dhcp_builder_put(struct dhcp_builder *builder, uint8_t code, struct bytes value)
{
    assert(dhcp_option_size_is_valid(code, value.size));
    builder_put(builder, code, value);
}

void dhcp_builder_put_configured(struct dhcp_builder *builder, uint8_t code, struct bytes value)
{
    const struct dhcp_option_info *info = dhcp_option_info(code);
    bool is_text = info && info->type == DHCP_TYPE_TEXT;
    bool needs_nul = is_text && builder->terminate_texts && value.size > 0 && value.data[value.size - 1] != '\0';
    uint8_t *room = needs_nul ? builder_reserve(builder, code, value.size + 1) : NULL;
    if (!needs_nul)
        dhcp_builder_put(builder, code, value);
    else if (room)
        memcpy(mempcpy(room, value.data, value.size), "", 1);
}

void dhcp_builder_put_u8(struct dhcp_builder *builder, uint8_t code, uint8_t number)
{
    dhcp_builder_put(builder, code, bytes_of(&number, 1));
}

void dhcp_builder_put_u16(struct dhcp_builder *builder, uint8_t code, uint16_t number)
{
    uint8_t octets[2];
    struct writer w = writer_over(octets, sizeof octets);
    write_u16be(&w, number);
    dhcp_builder_put(builder, code, writer_bytes(&w));
}

void dhcp_builder_put_u32(struct dhcp_builder *builder, uint8_t code, uint32_t number)
{
    uint8_t octets[4];
    struct writer w = writer_over(octets, sizeof octets);
    write_u32be(&w, number);
    dhcp_builder_put(builder, code, writer_bytes(&w));
}

void dhcp_builder_put_ipv4(struct dhcp_builder *builder, uint8_t code, struct ipv4 address)
{
    dhcp_builder_put_u32(builder, code, address.number);
}

void dhcp_builder_put_ipv4_list(struct dhcp_builder *builder, uint8_t code, const struct ipv4 *addresses, size_t count)
{
    assert(dhcp_option_size_is_valid(code, count * 4));
    uint8_t *room = builder_reserve(builder, code, count * 4);
    struct writer w = writer_over(room, room ? count * 4 : 0);
    for (size_t i = 0; room && i < count; i++)
        write_u32be(&w, addresses[i].number);
}

void dhcp_builder_put_text(struct dhcp_builder *builder, uint8_t code, const char *text)
{
    if (!text || *text == '\0')
        return;
    const struct dhcp_option_info *info = dhcp_option_info(code);
    bool is_terminated = builder->terminate_texts || (info && info->type == DHCP_TYPE_TEXT_NUL);
    dhcp_builder_put(builder, code, bytes_of(text, strlen(text) + is_terminated));
}

void dhcp_builder_echo(struct dhcp_builder *builder, const struct dhcp_packet *request, uint8_t code)
{
    struct bytes value = dhcp_option(request, code);
    if (value.size > 0)
        builder_put(builder, code, value);
}

void dhcp_builder_remove(struct dhcp_builder *builder, uint8_t code)
{
    dhcp_codes_remove(&builder->present, code);
}

bool dhcp_builder_set_sname(struct dhcp_builder *builder, const char *name)
{
    size_t length = strlen(name);
    if (length >= DHCP_SNAME_SIZE)
        return false;
    memset(builder->sname, 0, sizeof builder->sname);
    memcpy(builder->sname, name, length);
    return true;
}

bool dhcp_builder_set_file(struct dhcp_builder *builder, const char *name)
{
    size_t length = strlen(name);
    if (length > DHCP_BOOT_FILE_MAX)
        return false;
    memset(builder->file, 0, sizeof builder->file);
    if (length < DHCP_FILE_SIZE)
        memcpy(builder->file, name, length);
    else
        dhcp_builder_put_text(builder, DHCP_OPTION_BOOT_FILE, name);
    return true;
}

/* Fills ret with the codes present, in the order they are written; returns how many. */
static size_t builder_order(uint8_t ret[256], const struct dhcp_builder *builder)
{
    size_t count = 0;
    struct dhcp_codes others = builder->present;
    for (size_t i = 0; i < LENGTH(sequence); i++) {
        uint8_t code = sequence[i].code;
        dhcp_codes_remove(&others, code);
        if (dhcp_codes_have(&builder->present, code) && code != DHCP_OPTION_RELAY)
            ret[count++] = code;
    }
    for (int code = dhcp_codes_next(&others, -1); code >= 0; code = dhcp_codes_next(&others, code))
        ret[count++] = (uint8_t)code;
    if (dhcp_codes_have(&builder->present, DHCP_OPTION_RELAY))
        ret[count++] = DHCP_OPTION_RELAY;
    return count;
}

/* Octets of an option as it is written: a head of two for each part of at most 255 octets. */
static size_t encoded_size(size_t size)
{
    return size + 2 * (size <= UINT8_MAX ? 1 : (size + UINT8_MAX - 1) / UINT8_MAX);
}

/* Where options stand, in the order that they are read in: RFC 3396 §5. */
enum area {
    AREA_OPTIONS,
    AREA_FILE,
    AREA_SNAME,
    AREA_NONE,
};

struct layout {
    uint8_t codes[256]; /* in the order they are written */
    uint8_t areas[256]; /* the area of each; AREA_NONE: there is no room for it */
    size_t count;
    size_t left_out;
    size_t room[AREA_NONE];
    uint8_t overload; /* option 52: 1 for file, 2 for sname; 0: it is not needed */
};

/* RFC 3046 §2.1: relays look for theirs in one place; and the times can be found again when a lease is shortened. */
static bool stays_in_options(uint8_t code)
{
    return code == DHCP_OPTION_RELAY || code == DHCP_OPTION_RENEWAL_TIME || code == DHCP_OPTION_REBINDING_TIME ||
           importance_of(code) == IMPORTANCE_MOST;
}

static enum area layout_find_room(const struct layout *layout, uint8_t code, size_t size)
{
    enum area end = stays_in_options(code) ? AREA_FILE : AREA_NONE;
    for (enum area area = AREA_OPTIONS; area < end; area++)
        if (size <= layout->room[area])
            return area;
    return AREA_NONE;
}

static void layout_place(struct layout *layout, size_t i, size_t size)
{
    enum area area = layout_find_room(layout, layout->codes[i], size);
    layout->areas[i] = (uint8_t)area;
    if (area == AREA_NONE)
        layout->left_out++;
    else
        layout->room[area] -= size;
    if (area == AREA_FILE || area == AREA_SNAME)
        layout->overload |= (uint8_t)area;
}

/* The most important first. What has but one place comes before what may stand in others. */
static void layout_fill(struct layout *layout, const struct dhcp_builder *builder, bool has_other_areas)
{
    for (uint8_t rank = IMPORTANCE_MOST; rank > 0; rank--)
        for (size_t i = 0; i < layout->count; i++) {
            uint8_t code = layout->codes[i];
            bool is_bound = has_other_areas && stays_in_options(code);
            if ((is_bound ? IMPORTANCE_MOST : importance_of(code)) == rank)
                layout_place(layout, i, encoded_size(builder->places[code].size));
        }
}

/* Nearly always: then all stand where a zeroed layout has them. */
static bool builder_fits(const struct dhcp_builder *builder, const struct layout *layout)
{
    size_t total = 0;
    for (size_t i = 0; i < layout->count; i++)
        total += encoded_size(builder->places[layout->codes[i]].size);
    return total <= layout->room[AREA_OPTIONS];
}

/* Each area ends with an END. */
static void builder_lay_out(struct layout *ret, const struct dhcp_builder *builder)
{
    *ret = (struct layout){.room = {builder->size_max - DHCP_HEADER_SIZE - 1}};
    ret->count = builder_order(ret->codes, builder);
    if (builder_fits(builder, ret))
        return;
    layout_fill(ret, builder, false);
    if (ret->left_out == 0 || !builder->may_overload)
        return;
    struct layout overloaded = *ret;
    overloaded.left_out = 0;
    overloaded.room[AREA_OPTIONS] = builder->size_max - DHCP_HEADER_SIZE - 1 - encoded_size(1);
    overloaded.room[AREA_FILE] = builder->file[0] ? 0 : sizeof builder->file - 1;
    overloaded.room[AREA_SNAME] = builder->sname[0] ? 0 : sizeof builder->sname - 1;
    layout_fill(&overloaded, builder, true);
    if (overloaded.left_out < ret->left_out)
        *ret = overloaded;
}

/* The least important first, and of equals the last. */
static void builder_drop_left_out(struct dhcp_builder *builder, const struct layout *layout)
{
    for (uint8_t rank = IMPORTANCE_OTHER; layout->left_out > 0 && rank <= IMPORTANCE_MOST; rank++)
        for (size_t i = layout->count; i-- > 0;)
            if (layout->areas[i] == AREA_NONE && importance_of(layout->codes[i]) == rank)
                builder_drop(builder, layout->codes[i]);
}

/* Up to sname. */
static void write_fixed_fields(struct writer *w, const struct dhcp_builder *builder)
{
    write_u8(w, builder->operation);
    write_u8(w, builder->htype);
    write_u8(w, builder->chaddr.size);
    write_u8(w, builder->hops);
    write_u32be(w, builder->xid);
    write_u16be(w, builder->secs);
    write_u16be(w, builder->flags);
    write_u32be(w, builder->ciaddr.number);
    write_u32be(w, builder->yiaddr.number);
    write_u32be(w, builder->siaddr.number);
    write_u32be(w, builder->giaddr.number);
    write_bytes(w, bytes_of(builder->chaddr.octets, builder->chaddr.size));
    write_zeros(w, (size_t)DHCP_CHADDR_SIZE - builder->chaddr.size);
}

/* A value of more than 255 octets goes as several options of one code, RFC 3396 §6. */
static void write_option(struct writer *w, uint8_t code, struct bytes value)
{
    size_t written = 0;
    do {
        struct bytes part = bytes_slice(value, written, UINT8_MAX);
        write_u8(w, code);
        write_u8(w, (uint8_t)part.size);
        write_bytes(w, part);
        written += part.size;
    } while (written < value.size);
}

static void write_area(struct writer *w, const struct dhcp_builder *builder, const struct layout *layout,
                       enum area area)
{
    for (size_t i = 0; i < layout->count; i++) {
        struct dhcp_option_place place = builder->places[layout->codes[i]];
        if (layout->areas[i] == area)
            write_option(w, layout->codes[i], bytes_of(builder->values + place.offset, place.size));
        if (layout->codes[i] == DHCP_OPTION_MESSAGE_TYPE && area == AREA_OPTIONS && layout->overload)
            write_option(w, DHCP_OPTION_OVERLOAD, bytes_of(&layout->overload, 1));
    }
    write_u8(w, DHCP_OPTION_END);
}

/* A field of the header: its text, or options where it is overloaded. */
static void write_field(struct writer *w, const char *text, size_t size, const struct dhcp_builder *builder,
                        const struct layout *layout, enum area area)
{
    size_t end = writer_size(w) + size;
    if (layout->overload & area)
        write_area(w, builder, layout, area);
    else
        write_bytes(w, bytes_of(text, size));
    write_zeros(w, end - writer_size(w));
}

struct bytes dhcp_builder_finish(struct dhcp_builder *builder, uint8_t buffer[DHCP_REPLY_MAX])
{
    assert(builder->size_max >= DHCP_REPLY_MIN && builder->size_max <= DHCP_REPLY_MAX);
    assert(builder->chaddr.size <= DHCP_CHADDR_SIZE);
    struct layout layout;
    builder_lay_out(&layout, builder);
    builder_drop_left_out(builder, &layout);
    struct writer w = writer_over(buffer, DHCP_REPLY_MAX);
    write_fixed_fields(&w, builder);
    write_field(&w, builder->sname, sizeof builder->sname, builder, &layout, AREA_SNAME);
    write_field(&w, builder->file, sizeof builder->file, builder, &layout, AREA_FILE);
    write_u32be(&w, MAGIC_COOKIE);
    write_area(&w, builder, &layout, AREA_OPTIONS);
    if (writer_size(&w) < DHCP_REPLY_MIN)
        write_zeros(&w, DHCP_REPLY_MIN - writer_size(&w));
    assert(!w.failed);
    return writer_bytes(&w);
}

void dhcp_builder_show_dropped(struct text *ret, const struct dhcp_builder *builder)
{
    for (size_t i = 0; i < builder->dropped_count; i++)
        text_print(ret, "%s%s (%u)", i > 0 ? ", " : "", dhcp_option_name(builder->dropped[i]), builder->dropped[i]);
}
