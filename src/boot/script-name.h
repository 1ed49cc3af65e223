/* SPDX-License-Identifier: Apache-2.0 */
/* The names of files by which boot programs ask for what to do, one after the other, the most exact first. Each name
 * may stand in any folder: programs look beside themselves. */
#pragma once

#include <stdbool.h>

#include "base/ipv4.h"
#include "base/mac.h"
#include "base/uuid.h"

enum script_language {
    SCRIPT_PXELINUX, /* pxelinux.cfg/...; U-Boot and others that read PXELINUX' configurations too */
    SCRIPT_GRUB,     /* grub.cfg... */
    SCRIPT_IPXE,     /* autoexec.ipxe, which iPXE of 2021 and later asks for beside itself */
};

enum script_key {
    SCRIPT_OF_ANY,     /* "default", "grub.cfg": the machine is not named */
    SCRIPT_OF_MAC,     /* "01-52-54-00-12-34-56" */
    SCRIPT_OF_UUID,    /* "b8945908-d6a6-41a9-611d-74a6ab80b83d", octets in the order of DHCP's option 97 */
    SCRIPT_OF_ADDRESS, /* "C0A8025B", or fewer of its digits */
};

/* What is behind a name when a profile is chosen from a menu: NAME/profile/ID. */
#define SCRIPT_NAME_CHOICE "/profile/"

struct script_name {
    enum script_language language;
    enum script_key key;
    struct mac mac;
    struct uuid uuid;
    struct ipv4 address; /* unset when not all digits are there */
    const char *choice;  /* the profile chosen from a menu, borrowed from the path; NULL: none */
    size_t name_length;  /* octets of the path up to the choice */
};

/* Reads a path with slashes between its parts, whatever the case of its letters; false when it is no such name. */
bool script_name_parse(struct script_name *ret, const char *path);
/* "PXELINUX", "GRUB", "iPXE" */
const char *script_language_to_text(enum script_language language);
