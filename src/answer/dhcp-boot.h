/* SPDX-License-Identifier: Apache-2.0 */
/* What a reply tells a client to boot, by what the client is. Only for answer/dhcp*. */
#pragma once

#include "answer/dhcp-exchange.h"

enum {
    DHCP_BOOT_OK = 0,
    DHCP_BOOT_E_NOT_ASKED = 1, /* it boots in no way of ours: an operating system, a device with a way of its own */
    DHCP_BOOT_E_UNKNOWN = 2,   /* no boot program is known for it, or it does not say what it is */
    DHCP_BOOT_E_MISSING = 3,   /* the boot program it would get is not on this host */
};

/* Longest URL or file name we send with its NUL. */
#define DHCP_BOOT_NAME_MAX (DHCP_BOOT_FILE_MAX + 1)

struct dhcp_boot {
    char name[DHCP_BOOT_NAME_MAX]; /* a file for TFTP, or a URL; "": the server's address is all it needs */
    bool is_url;
    bool is_chain; /* an iPXE that comes next is this one: remembered as a load, so that it is not given again */
    bool is_local; /* it is told to go on to its disk */
    bool has_pxelinux_cfg; /* told where its own PXELINUX configuration is, if it asks */
    char note[128];        /* "" or why it is another program than was chosen, for the log */
};

/* Chooses what this client boots; the reason in *why when nothing. */
int dhcp_boot_choose(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, struct diag *why);

/* "boot 'ipxe.efi'", for the log. */
void dhcp_boot_append_words(struct text *text, const struct dhcp_boot *boot);

/* Puts it into the reply that was begun, in the form for a reply that also gives an address, for a proxy's offer on
 * port 67, or for a boot server's acknowledgement. */
void dhcp_boot_put_with_address(struct dhcp_exchange *exchange, const struct dhcp_boot *boot);
void dhcp_boot_put_as_proxy(struct dhcp_exchange *exchange, const struct dhcp_boot *boot);
void dhcp_boot_put_as_boot_server(struct dhcp_exchange *exchange, const struct dhcp_boot *boot);
