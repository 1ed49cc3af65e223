/* SPDX-License-Identifier: Apache-2.0 */
/* The options of DHCPv4: their codes, the names people and logs use, and what their values look like. One table,
 * which the builder checks its values against and the configuration reads names from. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/reader.h"

/* RFC 2132 where no other is named. Codes that nothing in muster names are in the table of options.c alone. */
enum dhcp_option_code {
    DHCP_OPTION_PAD = 0,
    DHCP_OPTION_SUBNET_MASK = 1,
    DHCP_OPTION_ROUTER = 3,
    DHCP_OPTION_DNS = 6,
    DHCP_OPTION_HOSTNAME = 12,
    DHCP_OPTION_DOMAIN = 15,
    DHCP_OPTION_MTU = 26,
    DHCP_OPTION_BROADCAST = 28,
    DHCP_OPTION_NTP = 42,
    DHCP_OPTION_VENDOR = 43, /* for PXE clients: PXE 2.1 §2.2.4 */
    DHCP_OPTION_REQUESTED_ADDRESS = 50,
    DHCP_OPTION_LEASE_TIME = 51,
    DHCP_OPTION_OVERLOAD = 52,
    DHCP_OPTION_MESSAGE_TYPE = 53,
    DHCP_OPTION_SERVER_ID = 54,
    DHCP_OPTION_PARAMETERS = 55,
    DHCP_OPTION_MESSAGE = 56,
    DHCP_OPTION_MAX_SIZE = 57,
    DHCP_OPTION_RENEWAL_TIME = 58,
    DHCP_OPTION_REBINDING_TIME = 59,
    DHCP_OPTION_VENDOR_CLASS = 60,
    DHCP_OPTION_CLIENT_ID = 61,
    DHCP_OPTION_TFTP_SERVER = 66,
    DHCP_OPTION_BOOT_FILE = 67,
    DHCP_OPTION_USER_CLASS = 77,        /* RFC 3004 */
    DHCP_OPTION_RAPID_COMMIT = 80,      /* RFC 4039 */
    DHCP_OPTION_FQDN = 81,              /* RFC 4702 */
    DHCP_OPTION_RELAY = 82,             /* RFC 3046 */
    DHCP_OPTION_ARCHITECTURE = 93,      /* RFC 4578 §2.1 */
    DHCP_OPTION_UNDI = 94,              /* RFC 4578 §2.2 */
    DHCP_OPTION_MACHINE_ID = 97,        /* RFC 4578 §2.3 */
    DHCP_OPTION_CAPTIVE_PORTAL = 114,   /* RFC 8910 */
    DHCP_OPTION_SUBNET_SELECTION = 118, /* RFC 3011 */
    DHCP_OPTION_DOMAIN_SEARCH = 119,    /* RFC 3397 */
    DHCP_OPTION_ROUTES = 121,           /* RFC 3442 */
    DHCP_OPTION_TFTP_ADDRESSES = 150,   /* RFC 5859 */
    DHCP_OPTION_IPXE = 175,
    DHCP_OPTION_PXELINUX_MAGIC = 208, /* RFC 5071, as the next three */
    DHCP_OPTION_CONFIG_FILE = 209,
    DHCP_OPTION_PATH_PREFIX = 210,
    DHCP_OPTION_REBOOT_TIME = 211,
    DHCP_OPTION_END = 255,
};

/* What a value is made of. The sizes of lists are multiples of their items'. */
enum dhcp_option_type {
    DHCP_TYPE_OCTETS, /* opaque, or with a structure of its own */
    DHCP_TYPE_EMPTY,  /* present or not */
    DHCP_TYPE_BOOL,   /* one octet, 0 or 1 */
    DHCP_TYPE_U8,
    DHCP_TYPE_U16,
    DHCP_TYPE_U32,
    DHCP_TYPE_I32,
    DHCP_TYPE_U8_LIST,
    DHCP_TYPE_U16_LIST,
    DHCP_TYPE_IPV4,
    DHCP_TYPE_IPV4_LIST,
    DHCP_TYPE_IPV4_PAIRS,  /* address and mask, destination and router */
    DHCP_TYPE_TEXT,        /* without a NUL, RFC 2132 §2 */
    DHCP_TYPE_TEXT_NUL,    /* with a NUL that counts: old ROMs read 66 and 67 as C strings */
    DHCP_TYPE_DOMAIN_LIST, /* names in the encoding of DNS, RFC 1035 §4.1.4 */
    DHCP_TYPE_ROUTES,      /* prefix length, its significant octets, router; RFC 3442 */
};

struct dhcp_option_info {
    uint8_t code;
    uint8_t size_min; /* least octets of a value of DHCP_TYPE_OCTETS */
    uint8_t size_max; /* most of them; 0 is no limit */
    enum dhcp_option_type type;
    const char *name; /* lower case, words joined by "-" */
};

/* What is known of a code; NULL for one that nobody assigned or that nobody uses. Static. */
const struct dhcp_option_info *dhcp_option_info(uint8_t code);
/* The same by name; NULL when there is none. */
const struct dhcp_option_info *dhcp_option_info_from_name(const char *name);
/* The name for a log line; "option" for a code that has none. Static text. */
const char *dhcp_option_name(uint8_t code);
/* Whether a value of that many octets is well formed for the code, as strict clients check it (EDK2 drops the whole
 * packet otherwise). Every size but 0 is, for a code that is not in the table; none is for PAD and END. */
bool dhcp_option_size_is_valid(uint8_t code, size_t size);

/* One option inside of another. */
struct dhcp_suboption {
    uint8_t code;
    struct bytes value;
};

/* Steps to the next suboption of an option that has PADs and an END of its own, as 43 and 175 do (RFC 2132 §8.4):
 * start with reader_over(value) and go on until it returns false. walk->failed then says that the last suboption ran
 * past the end; those before it are good. */
bool dhcp_suboption_next(struct dhcp_suboption *ret, struct reader *walk);
/* The value of the first suboption with that code; no data (NULL) when there is none. */
struct bytes dhcp_suboption(struct bytes option, uint8_t code);
