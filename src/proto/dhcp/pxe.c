/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes what PXE, UEFI HTTP Boot and iPXE say in DHCP options. */
#include "proto/dhcp/pxe.h"

#include <string.h>

#include "base/array.h"
#include "base/reader.h"

/* iPXE's suboptions of option 175, beside its features. */
#define IPXE_NO_PROXY 0xb0
#define IPXE_BUS_ID 0xb1
#define IPXE_VERSION 0xeb
#define IPXE_FEATURE_FIRST 0x10
#define IPXE_FEATURE_COUNT 64

/* Writes one suboption of the value that another writer holds; fails like it, or when the value is too long. */
static void write_suboption(struct writer *w, uint8_t code, const struct writer *value)
{
    if (value->failed) {
        w->failed = true;
        return;
    }
    write_u8(w, code);
    write_u8(w, (uint8_t)writer_size(value));
    write_bytes(w, writer_bytes(value));
}

static void write_boot_item(struct writer *w, const struct dhcp_pxe_boot_item *item)
{
    uint8_t memory[4];
    struct writer value = writer_over(memory, sizeof memory);
    write_u16be(&value, item->type);
    write_u16be(&value, item->layer);
    write_suboption(w, DHCP_PXE_BOOT_ITEM, &value);
}

static void write_discovery_control(struct writer *w, uint8_t bits)
{
    uint8_t memory[1];
    struct writer value = writer_over(memory, sizeof memory);
    write_u8(&value, bits);
    write_suboption(w, DHCP_PXE_DISCOVERY_CONTROL, &value);
}

static void write_servers(struct writer *w, const struct dhcp_pxe_servers *servers, size_t count)
{
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    struct writer value = writer_over(memory, sizeof memory);
    for (size_t i = 0; i < count; i++) {
        write_u16be(&value, servers[i].type);
        write_u8(&value, (uint8_t)servers[i].count);
        for (size_t j = 0; j < servers[i].count; j++)
            write_u32be(&value, servers[i].addresses[j].number);
    }
    write_suboption(w, DHCP_PXE_SERVERS, &value);
}

static void write_menu(struct writer *w, const struct dhcp_pxe_menu_item *menu, size_t count)
{
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    struct writer value = writer_over(memory, sizeof memory);
    for (size_t i = 0; i < count; i++) {
        write_u16be(&value, menu[i].type);
        write_u8(&value, (uint8_t)strlen(menu[i].text));
        write_text(&value, menu[i].text);
    }
    write_suboption(w, DHCP_PXE_MENU, &value);
}

static void write_prompt(struct writer *w, const char *prompt, uint8_t seconds)
{
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    struct writer value = writer_over(memory, sizeof memory);
    write_u8(&value, seconds);
    write_text(&value, prompt);
    write_suboption(w, DHCP_PXE_PROMPT, &value);
}

bool dhcp_pxe_options_write(struct writer *w, const struct dhcp_pxe_options *options)
{
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    struct writer all = writer_over(memory, sizeof memory);
    if (options->boot_item)
        write_boot_item(&all, options->boot_item);
    if (options->discovery_control != 0)
        write_discovery_control(&all, options->discovery_control);
    if (options->server_count > 0)
        write_servers(&all, options->servers, options->server_count);
    if (options->menu_count > 0)
        write_menu(&all, options->menu, options->menu_count);
    if (options->prompt)
        write_prompt(&all, options->prompt, options->prompt_seconds);
    write_u8(&all, DHCP_OPTION_END);
    if (all.failed || writer_left(w) < writer_size(&all))
        return false;
    write_bytes(w, writer_bytes(&all));
    return true;
}

struct bytes dhcp_pxe_bypass(void)
{
    static const uint8_t octets[] = {DHCP_PXE_DISCOVERY_CONTROL, 1, DHCP_PXE_BYPASS, DHCP_OPTION_END};
    return bytes_of(octets, sizeof octets);
}

struct bytes dhcp_pxe_raspberry_pi(void)
{
    /* Item 0 of the menu, a text of 17 octets; a prompt of "PXE" that waits 0 seconds. */
    static const char octets[] = "\x06\x01\x08"
                                 "\x09\x14\x00\x00\x11Raspberry Pi Boot"
                                 "\x0a\x04\x00PXE"
                                 "\xff";
    return bytes_of(octets, sizeof octets - 1);
}

struct bytes dhcp_pxe_local_disk(void)
{
    /* No discovery by broadcast or multicast; item 0 of the menu; a prompt that waits 0 seconds. PXE 2.1 §2.2.4 */
    static const char octets[] = "\x06\x01\x03"
                                 "\x09\x0d\x00\x00\x0aLocal disk"
                                 "\x0a\x0b\x00Local disk"
                                 "\xff";
    return bytes_of(octets, sizeof octets - 1);
}

bool dhcp_pxe_boot_item(struct dhcp_pxe_boot_item *ret, const struct dhcp_packet *packet)
{
    struct bytes value = dhcp_suboption(dhcp_option(packet, DHCP_OPTION_VENDOR), DHCP_PXE_BOOT_ITEM);
    struct reader r = reader_over(value);
    struct dhcp_pxe_boot_item item = {.type = read_u16be(&r)};
    item.layer = read_u16be(&r);
    if (r.failed)
        return false;
    *ret = item;
    return true;
}

size_t dhcp_pxe_architectures(uint16_t *ret, size_t max, const struct dhcp_packet *packet)
{
    size_t count = 0;
    struct reader r = reader_over(dhcp_option(packet, DHCP_OPTION_ARCHITECTURE));
    while (reader_left(&r) >= 2 && count < max)
        ret[count++] = read_u16be(&r);
    return count;
}

bool dhcp_pxe_undi(struct dhcp_pxe_undi *ret, const struct dhcp_packet *packet)
{
    struct bytes value = dhcp_option(packet, DHCP_OPTION_UNDI);
    if (value.size != 3)
        return false;
    struct reader r = reader_over(value);
    ret->type = read_u8(&r);
    ret->major = read_u8(&r);
    ret->minor = read_u8(&r);
    return true;
}

bool dhcp_pxe_uuid(struct uuid *ret, const struct dhcp_packet *packet)
{
    struct bytes value = dhcp_option(packet, DHCP_OPTION_MACHINE_ID);
    struct reader r = reader_over(value);
    if (value.size == 1 + sizeof ret->octets && read_u8(&r) != 0)
        return false;
    if (reader_left(&r) != sizeof ret->octets)
        return false;
    memcpy(ret->octets, read_rest(&r).data, sizeof ret->octets);
    return true;
}

/* The value of a hexadecimal digit; 16 for any other octet. */
static uint8_t digit_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return (uint8_t)(digit - '0');
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? (uint8_t)(digit - 'a' + 10) : 16;
}

/* A number of the given base from digits; false for anything else. */
static bool number_from_digits(uint32_t *ret, struct bytes digits, uint8_t base)
{
    uint32_t number = 0;
    for (size_t i = 0; i < digits.size; i++) {
        uint8_t digit = digit_value(digits.data[i]);
        if (digit >= base)
            return false;
        number = number * base + digit;
    }
    *ret = number;
    return digits.size > 0;
}

static bool read_literal(struct reader *r, const char *literal)
{
    return bytes_equal_text(read_bytes(r, strlen(literal)), literal);
}

/* ":Arch:NNNNN" with five digits, decimal by the book. */
static bool class_read_arch(struct dhcp_pxe_class *class, struct reader *r)
{
    if (!read_literal(r, ":Arch:"))
        return false;
    uint32_t number;
    struct bytes digits = read_bytes(r, 5);
    if (!number_from_digits(&class->arch_as_hexadecimal, digits, 16))
        return false;
    class->is_hexadecimal = !number_from_digits(&number, digits, 10);
    if (class->is_hexadecimal)
        number = class->arch_as_hexadecimal;
    class->arch = (uint16_t)number;
    return number <= UINT16_MAX;
}

/* ":UNDI:YYYZZZ", major and minor in three decimal digits each. */
static bool class_read_undi(struct dhcp_pxe_class *class, struct reader *r)
{
    if (!read_literal(r, ":UNDI:"))
        return false;
    uint32_t major, minor;
    if (!number_from_digits(&major, read_bytes(r, 3), 10) || !number_from_digits(&minor, read_bytes(r, 3), 10))
        return false;
    class->has_undi = major <= UINT8_MAX && minor <= UINT8_MAX;
    class->undi_major = (uint8_t)major;
    class->undi_minor = (uint8_t)minor;
    return class->has_undi;
}

static const struct {
    enum dhcp_pxe_class_kind kind;
    const char *prefix;
    const char *reply;
} classes[] = {
    {DHCP_PXE_CLASS_PXE, "PXEClient", "PXEClient"},
    {DHCP_PXE_CLASS_HTTP, "HTTPClient", "HTTPClient"},
    {DHCP_PXE_CLASS_UBOOT, "U-Boot", NULL},
};

struct dhcp_pxe_class dhcp_pxe_class_from_option(struct bytes option60)
{
    struct dhcp_pxe_class class = {0};
    struct reader r = reader_over(option60);
    for (size_t i = 0; i < LENGTH(classes); i++) {
        if (!bytes_start_with(option60, classes[i].prefix))
            continue;
        class.kind = classes[i].kind;
        read_bytes(&r, strlen(classes[i].prefix));
        class.is_complete = class_read_arch(&class, &r) && (reader_left(&r) == 0 || class_read_undi(&class, &r)) &&
                            reader_left(&r) == 0;
    }
    return class;
}

const char *dhcp_pxe_class_to_reply(enum dhcp_pxe_class_kind kind)
{
    for (size_t i = 0; i < LENGTH(classes); i++)
        if (classes[i].kind == kind)
            return classes[i].reply;
    return NULL;
}

/* RFC 3004 §4: each class has its length before it, and none is empty. */
static bool user_classes_split(struct bytes *ret, size_t max, size_t *ret_count, struct bytes option77)
{
    *ret_count = 0;
    struct reader r = reader_over(option77);
    while (reader_left(&r) > 0) {
        struct bytes class = read_bytes(&r, read_u8(&r));
        if (r.failed || class.size == 0)
            return false;
        if (*ret_count < max)
            ret[(*ret_count)++] = class;
    }
    return true;
}

size_t dhcp_pxe_user_classes(struct bytes *ret, size_t max, struct bytes option77)
{
    size_t count;
    if (option77.size == 0 || max == 0)
        return 0;
    if (user_classes_split(ret, max, &count, option77))
        return count;
    ret[0] = option77;
    return 1;
}

bool dhcp_pxe_user_class_is(struct bytes option77, const char *name)
{
    /* Sixteen are more than any client sends; one further down is not looked for. */
    struct bytes classes_sent[16];
    size_t count = dhcp_pxe_user_classes(classes_sent, LENGTH(classes_sent), option77);
    for (size_t i = 0; i < count; i++)
        if (bytes_equal_text(classes_sent[i], name))
            return true;
    return false;
}

static void ipxe_set(struct dhcp_ipxe *ipxe, uint8_t code, struct bytes value)
{
    struct reader r = reader_over(value);
    switch (code) {
    case IPXE_BUS_ID:
        ipxe->has_bus = value.size == 5;
        ipxe->bus_type = read_u8(&r);
        ipxe->bus_vendor = read_u16be(&r);
        ipxe->bus_device = read_u16be(&r);
        break;
    case IPXE_VERSION:
        ipxe->has_version = value.size == sizeof ipxe->version;
        for (size_t i = 0; i < sizeof ipxe->version; i++)
            ipxe->version[i] = read_u8(&r);
        break;
    default:
        if (code >= IPXE_FEATURE_FIRST && code < IPXE_FEATURE_FIRST + IPXE_FEATURE_COUNT && read_u8(&r) != 0)
            ipxe->features |= (uint64_t)1 << (code - IPXE_FEATURE_FIRST);
    }
}

struct dhcp_ipxe dhcp_ipxe_from_option(struct bytes option175)
{
    struct dhcp_ipxe ipxe = {0};
    struct dhcp_suboption suboption;
    struct reader walk = reader_over(option175);
    while (dhcp_suboption_next(&suboption, &walk))
        ipxe_set(&ipxe, suboption.code, suboption.value);
    return ipxe;
}

bool dhcp_ipxe_has(const struct dhcp_ipxe *ipxe, enum dhcp_ipxe_feature feature)
{
    return ipxe->features >> (feature - IPXE_FEATURE_FIRST) & 1;
}

struct bytes dhcp_ipxe_no_proxy(void)
{
    static const uint8_t octets[] = {IPXE_NO_PROXY, 1, 1};
    return bytes_of(octets, sizeof octets);
}
