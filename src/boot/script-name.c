/* SPDX-License-Identifier: Apache-2.0 */
/* Names of boot programs' configurations. */
#include "boot/script-name.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"

/* Longest last part of a path that is one of these names: a hardware type and an address of 20 octets. */
#define PART_MAX 80

static bool is_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return length > 0;
}

/* Two digits of a hardware type, a hyphen, the address with hyphens: "01-52-54-00-12-34-56". RFC 1700 has the types. */
static bool read_mac(struct script_name *ret, const char *text)
{
    struct mac mac;
    if (!is_hex(text, 2) || text[2] != '-' || !mac_from_text(&mac, text + 3))
        return false;
    ret->key = SCRIPT_OF_MAC;
    ret->mac = mac;
    return true;
}

/* 32 digits in groups of 8, 4, 4, 4 and 12. */
static bool read_uuid(struct script_name *ret, const char *text)
{
    struct uuid uuid;
    size_t octets = 0;
    for (const char *c = text; *c; octets++) {
        bool hyphen = octets == 4 || octets == 6 || octets == 8 || octets == 10;
        unsigned octet;
        if (hyphen && *c++ != '-')
            return false;
        if (octets == sizeof uuid.octets || !is_hex(c, 1) || !is_hex(c + 1, 1) || sscanf(c, "%2x", &octet) != 1)
            return false;
        uuid.octets[octets] = (uint8_t)octet;
        c += 2;
    }
    if (octets != sizeof uuid.octets)
        return false;
    ret->key = SCRIPT_OF_UUID;
    ret->uuid = uuid;
    return true;
}

static bool read_address(struct script_name *ret, const char *text)
{
    size_t length = strlen(text);
    unsigned number;
    if (length > 8 || !is_hex(text, length) || sscanf(text, "%x", &number) != 1)
        return false;
    ret->key = SCRIPT_OF_ADDRESS;
    ret->address = (struct ipv4){length == 8 ? number : 0};
    return true;
}

static bool read_key(struct script_name *ret, const char *text)
{
    return read_mac(ret, text) || read_uuid(ret, text) || read_address(ret, text);
}

/* U-Boot asks for default-ARCH-SOC-BOARD, default-ARCH-SOC and default-ARCH before "default". */
static bool read_pxelinux(struct script_name *ret, const char *part)
{
    ret->language = SCRIPT_PXELINUX;
    if (strncasecmp(part, "default", strlen("default")) == 0) {
        char behind = part[strlen("default")];
        return behind == '\0' || behind == '-';
    }
    return read_key(ret, part);
}

static bool read_grub(struct script_name *ret, const char *part)
{
    ret->language = SCRIPT_GRUB;
    if (strncasecmp(part, "grub.cfg", strlen("grub.cfg")) != 0)
        return false;
    part += strlen("grub.cfg");
    return *part == '\0' || (*part == '-' && read_key(ret, part + 1));
}

static bool read_ipxe(struct script_name *ret, const char *part)
{
    ret->language = SCRIPT_IPXE;
    return strcasecmp(part, "autoexec.ipxe") == 0;
}

/* Whether the folder that the part at that place stands in is called so. */
static bool stands_in(const char *path, size_t part, const char *folder)
{
    size_t length = strlen(folder);
    if (part < length + 1 || strncasecmp(path + part - 1 - length, folder, length) != 0)
        return false;
    return part == length + 1 || path[part - length - 2] == '/';
}

/* Reads the first length octets of the path. */
static bool read_name(struct script_name *ret, const char *path, size_t length)
{
    struct script_name name = {.name_length = length};
    char part[PART_MAX];
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (length - start >= sizeof part)
        return false;
    memcpy(part, path + start, length - start);
    part[length - start] = '\0';
    bool known = stands_in(path, start, "pxelinux.cfg") ? read_pxelinux(&name, part)
                                                        : read_grub(&name, part) || read_ipxe(&name, part);
    if (known)
        *ret = name;
    return known;
}

bool script_name_parse(struct script_name *ret, const char *path)
{
    size_t behind = strlen(SCRIPT_NAME_CHOICE);
    if (read_name(ret, path, strlen(path)))
        return true;
    for (const char *c = strcasestr(path, SCRIPT_NAME_CHOICE); c; c = strcasestr(c + 1, SCRIPT_NAME_CHOICE)) {
        if (c[behind] == '\0' || !read_name(ret, path, (size_t)(c - path)))
            continue;
        ret->choice = c + behind;
        return true;
    }
    return false;
}

const char *script_language_to_text(enum script_language language)
{
    static const char *const names[] = {[SCRIPT_PXELINUX] = "PXELINUX", [SCRIPT_GRUB] = "GRUB", [SCRIPT_IPXE] = "iPXE"};
    return names[language];
}
