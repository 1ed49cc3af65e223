/* SPDX-License-Identifier: Apache-2.0 */
/* What PXE firmware, UEFI HTTP Boot and iPXE say in DHCP options, and what they want to hear: 43 (PXE 2.1 §2.2.4), 60,
 * 77 (RFC 3004), 93, 94, 97 (RFC 4578) and iPXE's 175. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ipv4.h"
#include "base/uuid.h"
#include "base/writer.h"
#include "proto/dhcp/arch.h"
#include "proto/dhcp/packet.h"

/* Suboptions of option 43, PXE 2.1 §2.2.4. 1 to 5 (MTFTP) are never sent: EDK2 drops an offer that has them all. */
enum dhcp_pxe_code {
    DHCP_PXE_DISCOVERY_CONTROL = 6,
    DHCP_PXE_MULTICAST = 7,
    DHCP_PXE_SERVERS = 8,
    DHCP_PXE_MENU = 9,
    DHCP_PXE_PROMPT = 10,
    DHCP_PXE_BOOT_ITEM = 71,
};

/* Bits of DHCP_PXE_DISCOVERY_CONTROL. */
enum dhcp_pxe_discovery {
    DHCP_PXE_NO_BROADCAST = 1,
    DHCP_PXE_NO_MULTICAST = 2,
    DHCP_PXE_LISTED_ONLY = 4, /* only the servers of DHCP_PXE_SERVERS */
    DHCP_PXE_BYPASS = 8,      /* no menu, no discovery: load the file this offer names */
};

/* Longest value of option 43, its END included: some ROMs run over at 254. */
#define DHCP_PXE_OPTIONS_MAX 253
/* The layer of a boot item that asks for signing credentials (BIS), which nobody uses: not to be answered. */
#define DHCP_PXE_LAYER_CREDENTIALS 0x8000

/* Which item of the menu the client wants: the type as in the menu, the layer 0 for its boot program. */
struct dhcp_pxe_boot_item {
    uint16_t type;
    uint16_t layer;
};

/* Where the boot servers of one type are. */
struct dhcp_pxe_servers {
    uint16_t type;
    const struct ipv4 *addresses;
    size_t count; /* 0 to 255 */
};

struct dhcp_pxe_menu_item {
    uint16_t type; /* 0: boot from the local disk */
    const char *text;
};

/* What option 43 of a reply is to say; zero says nothing but its END. */
struct dhcp_pxe_options {
    const struct dhcp_pxe_boot_item *boot_item; /* NULL: none. Stands first, as clients expect it. */
    uint8_t discovery_control;                  /* enum dhcp_pxe_discovery; 0: not sent */
    const struct dhcp_pxe_servers *servers;
    size_t server_count;
    const struct dhcp_pxe_menu_item *menu;
    size_t menu_count;
    const char *prompt;     /* NULL: none */
    uint8_t prompt_seconds; /* 0: the first item at once; 255: show the menu at once */
};

/* Writes the value of option 43, with its END. False, and nothing is written, when that would be longer than
 * DHCP_PXE_OPTIONS_MAX or than what w has left. */
bool dhcp_pxe_options_write(struct writer *w, const struct dhcp_pxe_options *options);
/* Option 43 that says "load the file named here": 06 01 08 ff. Static. */
struct bytes dhcp_pxe_bypass(void);
/* Option 43 that a Raspberry Pi's boot ROM waits for: the menu item "Raspberry Pi Boot". Static. */
struct bytes dhcp_pxe_raspberry_pi(void);
/* Option 43 that lets firmware boot its own disk without asking anybody: a menu whose first item, chosen at once, is
 * that. Static. */
struct bytes dhcp_pxe_local_disk(void);
/* What the client's option 43 asks for; false when it asks for no boot item. */
bool dhcp_pxe_boot_item(struct dhcp_pxe_boot_item *ret, const struct dhcp_packet *packet);

/* Option 93 is a list: at most max codes, in the client's order. Returns how many; an odd octet is ignored. */
size_t dhcp_pxe_architectures(uint16_t *ret, size_t max, const struct dhcp_packet *packet);

/* Option 94. */
struct dhcp_pxe_undi {
    uint8_t type; /* 1: UNDI */
    uint8_t major;
    uint8_t minor;
};
bool dhcp_pxe_undi(struct dhcp_pxe_undi *ret, const struct dhcp_packet *packet);

/* Option 97 where it holds a UUID: 17 octets with type 0, or 16 without a type. It identifies nothing by itself: see
 * uuid_is_dummy(). */
bool dhcp_pxe_uuid(struct uuid *ret, const struct dhcp_packet *packet);

/* What option 60 begins with. */
enum dhcp_pxe_class_kind {
    DHCP_PXE_CLASS_NONE,  /* something else, or nothing */
    DHCP_PXE_CLASS_PXE,   /* "PXEClient" */
    DHCP_PXE_CLASS_HTTP,  /* "HTTPClient" */
    DHCP_PXE_CLASS_UBOOT, /* "U-Boot" */
};

/* Option 60 taken apart: "PXEClient:Arch:00007:UNDI:003016". */
struct dhcp_pxe_class {
    enum dhcp_pxe_class_kind kind;
    bool is_complete;             /* it names an architecture, and nothing follows but perhaps the UNDI */
    bool is_hexadecimal;          /* the architecture can only be hexadecimal, as U-Boot spells it: "0001b" */
    uint16_t arch;                /* read as is_hexadecimal says */
    uint32_t arch_as_hexadecimal; /* the same digits read as hexadecimal */
    bool has_undi;
    uint8_t undi_major;
    uint8_t undi_minor;
};
struct dhcp_pxe_class dhcp_pxe_class_from_option(struct bytes option60);
/* What option 60 of a reply must be, exactly: "PXEClient" or "HTTPClient"; NULL for the others, who get none. */
const char *dhcp_pxe_class_to_reply(enum dhcp_pxe_class_kind kind);

/* Option 77: a list of classes where lengths before each add up exactly (RFC 3004), else one class as it stands, which
 * is how iPXE sends it. At most max of them; returns how many. */
size_t dhcp_pxe_user_classes(struct bytes *ret, size_t max, struct bytes option77);
bool dhcp_pxe_user_class_is(struct bytes option77, const char *name);

/* Features that iPXE lists in option 175, by the codes it gives them. */
enum dhcp_ipxe_feature {
    DHCP_IPXE_PXE_EXTENSIONS = 0x10,
    DHCP_IPXE_ISCSI = 0x11,
    DHCP_IPXE_AOE = 0x12,
    DHCP_IPXE_HTTP = 0x13,
    DHCP_IPXE_HTTPS = 0x14,
    DHCP_IPXE_TFTP = 0x15,
    DHCP_IPXE_FTP = 0x16,
    DHCP_IPXE_DNS = 0x17,
    DHCP_IPXE_BZIMAGE = 0x18,
    DHCP_IPXE_MULTIBOOT = 0x19,
    DHCP_IPXE_SLAM = 0x1a,
    DHCP_IPXE_SRP = 0x1b,
    DHCP_IPXE_NBI = 0x20,
    DHCP_IPXE_PXE = 0x21,
    DHCP_IPXE_ELF = 0x22,
    DHCP_IPXE_COMBOOT = 0x23,
    DHCP_IPXE_EFI = 0x24,
    DHCP_IPXE_FCOE = 0x25,
    DHCP_IPXE_VLAN = 0x26,
    DHCP_IPXE_MENU = 0x27,
    DHCP_IPXE_SDI = 0x28,
    DHCP_IPXE_NFS = 0x29,
};

struct dhcp_ipxe {
    uint64_t features; /* for dhcp_ipxe_has() */
    bool has_version;
    uint8_t version[3]; /* 1, 0, 0 for "1.0.0" */
    bool has_bus;
    uint8_t bus_type; /* 1: PCI */
    uint16_t bus_vendor;
    uint16_t bus_device;
};

/* Reads option 175; what is cut off or unknown in it is left out. */
struct dhcp_ipxe dhcp_ipxe_from_option(struct bytes option175);
bool dhcp_ipxe_has(const struct dhcp_ipxe *ipxe, enum dhcp_ipxe_feature feature);
/* Option 175 of a reply that lets iPXE not wait two seconds for a proxyDHCP server: no-pxedhcp (0xb0) is 1. Static. */
struct bytes dhcp_ipxe_no_proxy(void);
