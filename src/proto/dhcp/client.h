/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of client sent a packet, from the packet alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "proto/dhcp/arch.h"
#include "proto/dhcp/packet.h"
#include "proto/dhcp/pxe.h"

enum dhcp_client_kind {
    DHCP_CLIENT_PLAIN, /* an operating system, or a device that boots its own way: no boot options for it */
    DHCP_CLIENT_PXE,   /* PXE firmware, BIOS or UEFI */
    DHCP_CLIENT_HTTP,  /* UEFI HTTP Boot firmware */
    DHCP_CLIENT_IPXE,  /* iPXE, started by us or by the firmware */
    DHCP_CLIENT_UBOOT,
    DHCP_CLIENT_RASPBERRY, /* the boot ROM of a Raspberry Pi, which claims to be a PC's BIOS */
};

struct dhcp_client {
    enum dhcp_client_kind kind;
    /* Why a client that looks bootable at first sight is plain, for the log; NULL otherwise. Static text. */
    const char *note;
    /* What its option 60 begins with. Option 43 is for
     * clients only that get an option 60. */
    enum dhcp_pxe_class_kind vendor_class;
    const char *class_to_reply; /* what option 60 of the reply must be; NULL: it gets none */
    bool has_arch;
    uint16_t arch_code; /* with has_arch: the first code of option 93 that we know, else its first */
    /* NULL: none was told, or a code that we do not know, of whatever kind the client is. What the client claims: a
     * Raspberry Pi's boot ROM says x86 BIOS. */
    const struct arch *arch;
    struct dhcp_ipxe ipxe; /* all zero unless it sent option 175 */
    bool has_uuid;
    struct uuid uuid;
    bool has_boot_item; /* it asks for an item of the boot menu (43.71) */
    struct dhcp_pxe_boot_item boot_item;
    size_t reply_max; /* dhcp_builder_reply_max() */
};

void dhcp_client_classify(struct dhcp_client *ret, const struct dhcp_packet *packet);
/* Takes a plain client for PXE firmware when its option 60 begins with class, which is borrowed and what it is told in
 * return; for that of a BIOS when it does not say what it is. */
void dhcp_client_classify_as(struct dhcp_client *client, const struct dhcp_packet *packet, const char *class);
/* "plain", "PXE", "HTTP boot", "iPXE", "U-Boot", "Raspberry Pi". Static text. */
const char *dhcp_client_kind_to_text(enum dhcp_client_kind kind);
