/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options, under the names that ISC dhcpd and Kea made known. */
#include "proto/dhcp/options.h"

#include <string.h>

#include "base/array.h"

#define OPTION(number, kind, text) [number] = {.code = number, .type = DHCP_TYPE_##kind, .name = text}
#define OCTETS(number, least, most, text)                                                                              \
    [number] = {.code = number, .size_min = least, .size_max = most, .type = DHCP_TYPE_OCTETS, .name = text}

/* RFC 2132 up to 76, then IANA's registry "BOOTP Vendor Extensions and DHCP Options". */
static const struct dhcp_option_info options[256] = {
    OPTION(1, IPV4, "subnet-mask"),
    OPTION(2, I32, "time-offset"),
    OPTION(3, IPV4_LIST, "routers"),
    OPTION(4, IPV4_LIST, "time-servers"),
    OPTION(5, IPV4_LIST, "name-servers"),
    OPTION(6, IPV4_LIST, "domain-name-servers"),
    OPTION(7, IPV4_LIST, "log-servers"),
    OPTION(8, IPV4_LIST, "cookie-servers"),
    OPTION(9, IPV4_LIST, "lpr-servers"),
    OPTION(10, IPV4_LIST, "impress-servers"),
    OPTION(11, IPV4_LIST, "resource-location-servers"),
    OPTION(12, TEXT, "host-name"),
    OPTION(13, U16, "boot-size"),
    OPTION(14, TEXT, "merit-dump"),
    OPTION(15, TEXT, "domain-name"),
    OPTION(16, IPV4, "swap-server"),
    OPTION(17, TEXT, "root-path"),
    OPTION(18, TEXT, "extensions-path"),
    OPTION(19, BOOL, "ip-forwarding"),
    OPTION(20, BOOL, "non-local-source-routing"),
    OPTION(21, IPV4_PAIRS, "policy-filter"),
    OPTION(22, U16, "max-dgram-reassembly"),
    OPTION(23, U8, "default-ip-ttl"),
    OPTION(24, U32, "path-mtu-aging-timeout"),
    OPTION(25, U16_LIST, "path-mtu-plateau-table"),
    OPTION(26, U16, "interface-mtu"),
    OPTION(27, BOOL, "all-subnets-local"),
    OPTION(28, IPV4, "broadcast-address"),
    OPTION(29, BOOL, "perform-mask-discovery"),
    OPTION(30, BOOL, "mask-supplier"),
    OPTION(31, BOOL, "router-discovery"),
    OPTION(32, IPV4, "router-solicitation-address"),
    OPTION(33, IPV4_PAIRS, "static-routes"),
    OPTION(34, BOOL, "trailer-encapsulation"),
    OPTION(35, U32, "arp-cache-timeout"),
    OPTION(36, BOOL, "ieee802-3-encapsulation"),
    OPTION(37, U8, "default-tcp-ttl"),
    OPTION(38, U32, "tcp-keepalive-interval"),
    OPTION(39, BOOL, "tcp-keepalive-garbage"),
    OPTION(40, TEXT, "nis-domain"),
    OPTION(41, IPV4_LIST, "nis-servers"),
    OPTION(42, IPV4_LIST, "ntp-servers"),
    OCTETS(43, 1, 0, "vendor-encapsulated-options"),
    OPTION(44, IPV4_LIST, "netbios-name-servers"),
    OPTION(45, IPV4_LIST, "netbios-dd-server"),
    OPTION(46, U8, "netbios-node-type"),
    OPTION(47, TEXT, "netbios-scope"),
    OPTION(48, IPV4_LIST, "font-servers"),
    OPTION(49, IPV4_LIST, "x-display-manager"),
    OPTION(50, IPV4, "dhcp-requested-address"),
    OPTION(51, U32, "dhcp-lease-time"),
    OPTION(52, U8, "dhcp-option-overload"),
    OPTION(53, U8, "dhcp-message-type"),
    OPTION(54, IPV4, "dhcp-server-identifier"),
    OPTION(55, U8_LIST, "dhcp-parameter-request-list"),
    OPTION(56, TEXT, "dhcp-message"),
    OPTION(57, U16, "dhcp-max-message-size"),
    OPTION(58, U32, "dhcp-renewal-time"),
    OPTION(59, U32, "dhcp-rebinding-time"),
    OPTION(60, TEXT, "vendor-class-identifier"),
    OCTETS(61, 2, 0, "dhcp-client-identifier"),
    OPTION(62, TEXT, "nwip-domain-name"),
    OCTETS(63, 1, 0, "nwip-suboptions"),
    OPTION(64, TEXT, "nisplus-domain-name"),
    OPTION(65, IPV4_LIST, "nisplus-servers"),
    OPTION(66, TEXT_NUL, "tftp-server-name"),
    OPTION(67, TEXT_NUL, "boot-file-name"),
    OPTION(68, IPV4_LIST, "mobile-ip-home-agent"),
    OPTION(69, IPV4_LIST, "smtp-server"),
    OPTION(70, IPV4_LIST, "pop-server"),
    OPTION(71, IPV4_LIST, "nntp-server"),
    OPTION(72, IPV4_LIST, "www-server"),
    OPTION(73, IPV4_LIST, "finger-server"),
    OPTION(74, IPV4_LIST, "irc-server"),
    OPTION(75, IPV4_LIST, "streettalk-server"),
    OPTION(76, IPV4_LIST, "streettalk-directory-assistance-server"),
    OCTETS(77, 1, 0, "user-class"),
    OCTETS(78, 1, 0, "slp-directory-agent"),
    OCTETS(79, 1, 0, "slp-service-scope"),
    OPTION(80, EMPTY, "rapid-commit"),
    OCTETS(81, 3, 0, "fqdn"),
    OCTETS(82, 2, 0, "dhcp-agent-options"),
    OPTION(85, IPV4_LIST, "nds-servers"),
    OPTION(86, TEXT, "nds-tree-name"),
    OPTION(87, TEXT, "nds-context"),
    OPTION(88, DOMAIN_LIST, "bcms-controller-names"),
    OPTION(89, IPV4_LIST, "bcms-controller-address"),
    OCTETS(90, 1, 0, "authenticate"),
    OPTION(91, U32, "client-last-transaction-time"),
    OPTION(92, IPV4_LIST, "associated-ip"),
    OPTION(93, U16_LIST, "client-system"),
    OCTETS(94, 3, 3, "client-ndi"),
    OPTION(95, TEXT, "ldap"),
    OCTETS(97, 17, 17, "uuid-guid"),
    OPTION(98, TEXT, "uap-servers"),
    OCTETS(99, 1, 0, "geoconf-civic"),
    OPTION(100, TEXT, "pcode"),
    OPTION(101, TEXT, "tcode"),
    OPTION(108, U32, "v6-only-preferred"),
    OPTION(112, IPV4_LIST, "netinfo-server-address"),
    OPTION(113, TEXT, "netinfo-server-tag"),
    OPTION(114, TEXT, "v4-captive-portal"),
    OPTION(116, U8, "auto-config"),
    OPTION(117, U16_LIST, "name-service-search"),
    OPTION(118, IPV4, "subnet-selection"),
    OPTION(119, DOMAIN_LIST, "domain-search"),
    OCTETS(120, 1, 0, "sip-servers"),
    OPTION(121, ROUTES, "classless-static-route"),
    OCTETS(122, 1, 0, "cablelabs-client-configuration"),
    OCTETS(123, 1, 0, "geoconf"),
    OCTETS(124, 5, 0, "vivco-suboptions"),
    OCTETS(125, 5, 0, "vivso-suboptions"),
    OPTION(136, IPV4_LIST, "pana-agent"),
    OPTION(137, DOMAIN_LIST, "v4-lost"),
    OPTION(138, IPV4_LIST, "capwap-ac-v4"),
    OPTION(141, DOMAIN_LIST, "sip-ua-cs-domains"),
    OCTETS(143, 1, 0, "v4-sztp-redirect"),
    OCTETS(145, 1, 0, "forcerenew-nonce-capable"),
    OCTETS(146, 1, 0, "rdnss-selection"),
    OPTION(150, IPV4_LIST, "tftp-server-address"),
    OCTETS(151, 1, 0, "status-code"),
    OPTION(152, U32, "base-time"),
    OPTION(153, U32, "start-time-of-state"),
    OPTION(154, U32, "query-start-time"),
    OPTION(155, U32, "query-end-time"),
    OPTION(156, U8, "dhcp-state"),
    OPTION(157, U8, "data-source"),
    OPTION(161, TEXT, "mud-url"),
    OCTETS(175, 1, 0, "ipxe"),
    OPTION(208, U32, "pxelinux-magic"),
    OPTION(209, TEXT, "pxelinux-config-file"),
    OPTION(210, TEXT, "pxelinux-path-prefix"),
    OPTION(211, U32, "pxelinux-reboot-time"),
    OPTION(249, ROUTES, "microsoft-classless-static-route"),
    OPTION(252, TEXT, "wpad-url"),
};

/* How many octets a value of each type has: a multiple of unit, from least to most (0: no limit). */
static const struct {
    uint8_t unit, least, most;
} sizes[] = {
    [DHCP_TYPE_OCTETS] = {1, 1, 0}, [DHCP_TYPE_EMPTY] = {1, 0, 0},     [DHCP_TYPE_BOOL] = {1, 1, 1},
    [DHCP_TYPE_U8] = {1, 1, 1},     [DHCP_TYPE_U16] = {2, 2, 2},       [DHCP_TYPE_U32] = {4, 4, 4},
    [DHCP_TYPE_I32] = {4, 4, 4},    [DHCP_TYPE_U8_LIST] = {1, 1, 0},   [DHCP_TYPE_U16_LIST] = {2, 2, 0},
    [DHCP_TYPE_IPV4] = {4, 4, 4},   [DHCP_TYPE_IPV4_LIST] = {4, 4, 0}, [DHCP_TYPE_IPV4_PAIRS] = {8, 8, 0},
    [DHCP_TYPE_TEXT] = {1, 1, 0},   [DHCP_TYPE_TEXT_NUL] = {1, 1, 0},  [DHCP_TYPE_DOMAIN_LIST] = {1, 1, 0},
    [DHCP_TYPE_ROUTES] = {1, 5, 0},
};

const struct dhcp_option_info *dhcp_option_info(uint8_t code)
{
    return options[code].name ? &options[code] : NULL;
}

const struct dhcp_option_info *dhcp_option_info_from_name(const char *name)
{
    for (size_t code = 0; code < LENGTH(options); code++)
        if (options[code].name && strcmp(options[code].name, name) == 0)
            return &options[code];
    return NULL;
}

const char *dhcp_option_name(uint8_t code)
{
    return options[code].name ?: "option";
}

bool dhcp_option_size_is_valid(uint8_t code, size_t size)
{
    if (code == DHCP_OPTION_PAD || code == DHCP_OPTION_END)
        return false;
    const struct dhcp_option_info *info = dhcp_option_info(code);
    enum dhcp_option_type type = info ? info->type : DHCP_TYPE_OCTETS;
    if (type == DHCP_TYPE_EMPTY)
        return size == 0;
    size_t least = info && type == DHCP_TYPE_OCTETS ? info->size_min : sizes[type].least;
    size_t most = info && type == DHCP_TYPE_OCTETS ? info->size_max : sizes[type].most;
    return size >= least && (most == 0 || size <= most) && size % sizes[type].unit == 0;
}

bool dhcp_suboption_next(struct dhcp_suboption *ret, struct reader *walk)
{
    while (reader_left(walk) > 0) {
        uint8_t code = read_u8(walk);
        if (code == DHCP_OPTION_PAD)
            continue;
        if (code == DHCP_OPTION_END)
            return false;
        *ret = (struct dhcp_suboption){.code = code};
        ret->value = read_bytes(walk, read_u8(walk));
        return !walk->failed;
    }
    return false;
}

struct bytes dhcp_suboption(struct bytes option, uint8_t code)
{
    struct dhcp_suboption suboption;
    struct reader walk = reader_over(option);
    while (dhcp_suboption_next(&suboption, &walk))
        if (suboption.code == code)
            return suboption.value;
    return (struct bytes){0};
}
