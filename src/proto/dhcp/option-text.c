/* SPDX-License-Identifier: Apache-2.0 */
/* Texts -> the octets of options, a function a type. */
#include "proto/dhcp/option-text.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ipv4.h"
#include "base/text.h"
#include "base/writer.h"

/* Longest label and name of DNS, RFC 1035 §2.3.4. */
#define LABEL_MAX 63
#define NAME_MAX_OCTETS 255

static const struct {
    const char *name;
    uint8_t code;
} short_names[] = {
    {"router", DHCP_OPTION_ROUTER},
    {"dns", DHCP_OPTION_DNS},
    {"hostname", DHCP_OPTION_HOSTNAME},
    {"domain", DHCP_OPTION_DOMAIN},
    {"mtu", DHCP_OPTION_MTU},
    {"broadcast", DHCP_OPTION_BROADCAST},
    {"ntp", DHCP_OPTION_NTP},
    {"tftp-server", DHCP_OPTION_TFTP_SERVER},
    {"boot-file", DHCP_OPTION_BOOT_FILE},
    {"captive-portal", DHCP_OPTION_CAPTIVE_PORTAL},
    {"search", DHCP_OPTION_DOMAIN_SEARCH},
    {"routes", DHCP_OPTION_ROUTES},
    {"tftp-servers", DHCP_OPTION_TFTP_ADDRESSES},
    {"config-file", DHCP_OPTION_CONFIG_FILE},
    {"path-prefix", DHCP_OPTION_PATH_PREFIX},
    {"reboot-time", DHCP_OPTION_REBOOT_TIME},
};

static const struct {
    const char *name;
    enum dhcp_option_type type;
} type_names[] = {
    {"text", DHCP_TYPE_TEXT},       {"address", DHCP_TYPE_IPV4},      {"addresses", DHCP_TYPE_IPV4_LIST},
    {"number8", DHCP_TYPE_U8_LIST}, {"number16", DHCP_TYPE_U16_LIST}, {"number32", DHCP_TYPE_U32},
    {"octets", DHCP_TYPE_OCTETS},   {"bool", DHCP_TYPE_BOOL},         {"names", DHCP_TYPE_DOMAIN_LIST},
    {"routes", DHCP_TYPE_ROUTES},
};

const char *dhcp_option_short_name_at(size_t index)
{
    return index < LENGTH(short_names) ? short_names[index].name : NULL;
}

bool dhcp_option_code_from_text(uint8_t *ret, const char *text)
{
    uint64_t number;
    if (text_to_number(&number, text, UINT8_MAX)) {
        *ret = (uint8_t)number;
        return number != DHCP_OPTION_PAD && number != DHCP_OPTION_END;
    }
    for (size_t i = 0; i < LENGTH(short_names); i++)
        if (text_is(text, short_names[i].name)) {
            *ret = short_names[i].code;
            return true;
        }
    const struct dhcp_option_info *info = dhcp_option_info_from_name(text);
    if (info)
        *ret = info->code;
    return info != NULL;
}

bool dhcp_option_type_from_text(enum dhcp_option_type *ret, const char *text)
{
    for (size_t i = 0; i < LENGTH(type_names); i++)
        if (text_is(text, type_names[i].name)) {
            *ret = type_names[i].type;
            return true;
        }
    return false;
}

enum dhcp_option_type dhcp_option_type(uint8_t code)
{
    const struct dhcp_option_info *info = dhcp_option_info(code);
    return info ? info->type : DHCP_TYPE_OCTETS;
}

uint32_t dhcp_option_least(uint8_t code)
{
    /* RFC 2132 §4.4, 4.5, 4.7, 5.1, 7.1 */
    static const struct {
        uint8_t code;
        uint32_t least;
    } rows[] = {{22, 576}, {23, 1}, {25, 68}, {DHCP_OPTION_MTU, 68}, {37, 1}};
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (rows[i].code == code)
            return rows[i].least;
    return 0;
}

static int digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit | 0x20) : NULL;
    return found ? (int)(found - digits) : -1;
}

bool dhcp_octets_from_text(uint8_t *ret, size_t *ret_size, size_t max, const char *text)
{
    size_t count = 0;
    if (text_starts_with(text, "0x"))
        text += 2;
    bool has_colons = strchr(text, ':') != NULL;
    while (*text) {
        if (count > 0 && has_colons && *text++ != ':')
            return false;
        int high = digit_value(text[0]);
        int low = high < 0 ? -1 : digit_value(text[1]);
        if (low < 0 || count == max)
            return false;
        ret[count++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    *ret_size = count;
    return count > 0;
}

/* Each writes one item and says whether the text was one. */
typedef bool write_item(struct writer *w, const char *text);

static bool write_octets(struct writer *w, const char *text)
{
    uint8_t octets[DHCP_OPTION_VALUE_MAX];
    size_t size;
    if (!dhcp_octets_from_text(octets, &size, sizeof octets, text))
        return false;
    write_bytes(w, bytes_of(octets, size));
    return true;
}

static bool write_bool(struct writer *w, const char *text)
{
    bool is_true = text_is(text, "true") || text_is(text, "1");
    write_u8(w, is_true);
    return is_true || text_is(text, "false") || text_is(text, "0");
}

static bool write_number8(struct writer *w, const char *text)
{
    uint64_t number = 0;
    bool valid = text_to_number(&number, text, UINT8_MAX);
    write_u8(w, (uint8_t)number);
    return valid;
}

static bool write_number16(struct writer *w, const char *text)
{
    uint64_t number = 0;
    bool valid = text_to_number(&number, text, UINT16_MAX);
    write_u16be(w, (uint16_t)number);
    return valid;
}

static bool write_number32(struct writer *w, const char *text)
{
    uint64_t number = 0;
    bool valid = text_to_number(&number, text, UINT32_MAX);
    write_u32be(w, (uint32_t)number);
    return valid;
}

static bool write_signed32(struct writer *w, const char *text)
{
    uint64_t number = 0;
    bool is_negative = text[0] == '-';
    bool valid = text_to_number(&number, text + is_negative, (uint64_t)INT32_MAX + is_negative);
    write_u32be(w, is_negative ? 0 - (uint32_t)number : (uint32_t)number);
    return valid;
}

static bool write_address(struct writer *w, const char *text)
{
    struct ipv4 address = {0};
    bool valid = ipv4_from_text(&address, text);
    write_u32be(w, address.number);
    return valid;
}

/* Cuts at the first space; what follows it and further ones, or NULL when there is none. */
static const char *cut_word(char *text)
{
    char *space = strchr(text, ' ');
    if (!space)
        return NULL;
    *space = '\0';
    return space + 1 + strspn(space + 1, " ");
}

static bool write_address_pair(struct writer *w, const char *text)
{
    AUTO(free) char *first = memory_text(text);
    const char *second = cut_word(first);
    return second && write_address(w, first) && write_address(w, second);
}

static bool write_characters(struct writer *w, const char *text)
{
    write_text(w, text);
    return *text != '\0';
}

static bool write_characters_nul(struct writer *w, const char *text)
{
    write_text_nul(w, text);
    return *text != '\0';
}

/* RFC 1035 §3.1: labels with their lengths, and the root. Never compressed, which RFC 3397 leaves to the writer. */
static bool write_name(struct writer *w, const char *text)
{
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '.')
        length--;
    if (length == 0 || length + 2 > NAME_MAX_OCTETS)
        return false;
    for (size_t at = 0; at <= length;) {
        const char *dot = memchr(text + at, '.', length - at);
        size_t label = dot ? (size_t)(dot - text) - at : length - at;
        if (label == 0 || label > LABEL_MAX)
            return false;
        write_u8(w, (uint8_t)label);
        write_bytes(w, bytes_of(text + at, label));
        at += label + 1;
    }
    write_u8(w, 0);
    return true;
}

/* "10.0.0.0/8 via 10.77.0.1", "default via 10.77.0.1"; RFC 3442: no more octets of the network than its prefix needs.
 */
static bool write_route(struct writer *w, const char *text)
{
    AUTO(free) char *network = memory_text(text);
    struct ipv4_subnet subnet = {0};
    const char *router = cut_word(network);
    if (router && text_starts_with(router, "via "))
        router += strlen("via ");
    if (!router || (!text_is(network, "default") && !ipv4_subnet_from_text(&subnet, network)))
        return false;
    write_u8(w, subnet.prefix);
    for (unsigned bit = 0; bit < subnet.prefix; bit += 8)
        write_u8(w, (uint8_t)(subnet.network.number >> (24 - bit)));
    return write_address(w, router + strspn(router, " "));
}

static const struct {
    write_item *write;
    bool is_list;
    const char *expected;
} forms[] = {
    [DHCP_TYPE_OCTETS] = {write_octets, false, "octets such as 01:a0:ff"},
    [DHCP_TYPE_BOOL] = {write_bool, false, "true or false"},
    [DHCP_TYPE_U8] = {write_number8, false, "a number from 0 to 255"},
    [DHCP_TYPE_U16] = {write_number16, false, "a number from 0 to 65535"},
    [DHCP_TYPE_U32] = {write_number32, false, "a number from 0 to 4294967295"},
    [DHCP_TYPE_I32] = {write_signed32, false, "a number from -2147483648 to 2147483647"},
    [DHCP_TYPE_U8_LIST] = {write_number8, true, "numbers from 0 to 255"},
    [DHCP_TYPE_U16_LIST] = {write_number16, true, "numbers from 0 to 65535"},
    [DHCP_TYPE_IPV4] = {write_address, false, "an address such as 10.77.0.1"},
    [DHCP_TYPE_IPV4_LIST] = {write_address, true, "addresses such as 10.77.0.1"},
    [DHCP_TYPE_IPV4_PAIRS] = {write_address_pair, true, "pairs of addresses such as '10.78.0.0 10.77.0.1'"},
    [DHCP_TYPE_TEXT] = {write_characters, false, "a text"},
    [DHCP_TYPE_TEXT_NUL] = {write_characters_nul, false, "a text"},
    [DHCP_TYPE_DOMAIN_LIST] = {write_name, true, "names such as lab.example"},
    [DHCP_TYPE_ROUTES] = {write_route, true, "routes such as '10.78.0.0/16 via 10.77.0.1'"},
};

int dhcp_option_value_from_texts(uint8_t ret[DHCP_OPTION_VALUE_MAX], size_t *ret_size, enum dhcp_option_type type,
                                 const char *const *texts, size_t count, struct diag *why)
{
    if (type == DHCP_TYPE_EMPTY)
        return fail(why, DHCP_OPTION_TEXT_E_INVALID, "it has no value that could be given");
    if (count == 0 || (count > 1 && !forms[type].is_list))
        return fail(why, DHCP_OPTION_TEXT_E_INVALID, "it must be %s, %s", forms[type].expected,
                    count == 0 ? "not an empty list" : "one of them");
    struct writer w = writer_over(ret, DHCP_OPTION_VALUE_MAX);
    for (size_t i = 0; i < count; i++) {
        bool valid = forms[type].write(&w, texts[i]);
        if (w.failed)
            return fail(why, DHCP_OPTION_TEXT_E_INVALID, "it is longer than %d octets", DHCP_OPTION_VALUE_MAX);
        if (!valid)
            return fail(why, DHCP_OPTION_TEXT_E_INVALID, "it must be %s, not '%s'", forms[type].expected, texts[i]);
    }
    *ret_size = writer_size(&w);
    return DHCP_OPTION_TEXT_OK;
}
