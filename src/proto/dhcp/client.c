/* SPDX-License-Identifier: Apache-2.0 */
/* Tells clients apart. Each rule names the client it was seen with. */
#include "proto/dhcp/client.h"

#include <string.h>

#include "base/array.h"
#include "proto/dhcp/builder.h"

/* RFC 4578 §2.1 allows a list; firmware sends one, some few send two or three. */
#define ARCHITECTURES_MAX 16

/* The boot ROM of a Raspberry Pi 3 and 4 claims to be a PC's BIOS. It is known by who made its Ethernet port … */
static const uint8_t raspberry_makers[][3] = {
    {0xb8, 0x27, 0xeb}, {0xdc, 0xa6, 0x32}, {0xe4, 0x5f, 0x01},
    {0x28, 0xcd, 0xc1}, {0xd8, 0x3a, 0xdd}, {0x2c, 0xcf, 0x67},
};

/* … or by what it asks for, which no PC asks for in this order. */
static const uint8_t raspberry_parameters[] = {43, 60, 67, 128, 129, 130, 131, 132, 133, 134, 135, 66, 1, 3};

/* The first code that we know, else the first; where option 93 is missing the one that option 60 spells. */
static void client_set_arch(struct dhcp_client *client, const struct dhcp_packet *packet,
                            const struct dhcp_pxe_class *class)
{
    uint16_t codes[ARCHITECTURES_MAX];
    size_t count = dhcp_pxe_architectures(codes, LENGTH(codes), packet);
    if (count == 0 && class->is_complete)
        codes[count++] = class->arch;
    if (count == 0)
        return;
    client->has_arch = true;
    client->arch_code = codes[0];
    client->arch = NULL;
    for (size_t i = 0; i < count && !client->arch; i++) {
        client->arch = arch_from_option(codes[i]);
        if (client->arch)
            client->arch_code = codes[i];
    }
}

/* iPXE says so in its user class, unless its owner has set another; it always lists its features in option 175. */
static bool is_ipxe(const struct dhcp_packet *packet)
{
    return dhcp_option(packet, DHCP_OPTION_IPXE).size > 0 ||
           dhcp_pxe_user_class_is(dhcp_option(packet, DHCP_OPTION_USER_CLASS), "iPXE");
}

/* U-Boot names itself in option 60, has architectures of its own, or, where it starts EFI programs, calls itself a
 * PXEClient and spells the architecture in hexadecimal: "0001b" for 27. */
static bool is_uboot(const struct dhcp_client *client, const struct dhcp_pxe_class *class)
{
    if (class->kind == DHCP_PXE_CLASS_UBOOT || (client->arch && client->arch->platform == ARCH_UBOOT))
        return true;
    if (!class->is_complete)
        return false;
    return class->is_hexadecimal ||
           (class->arch != client->arch_code && class->arch_as_hexadecimal == client->arch_code);
}

static bool is_raspberry_maker(const struct mac *mac)
{
    for (size_t i = 0; mac->size == 6 && i < LENGTH(raspberry_makers); i++)
        if (memcmp(mac->octets, raspberry_makers[i], sizeof raspberry_makers[i]) == 0)
            return true;
    return false;
}

static bool is_raspberry(const struct dhcp_client *client, const struct dhcp_packet *packet)
{
    if (client->arch && client->arch->platform == ARCH_RASPBERRY)
        return true;
    if (client->arch_code != ARCH_X86_BIOS)
        return false;
    return is_raspberry_maker(&packet->chaddr) ||
           bytes_equal(dhcp_option(packet, DHCP_OPTION_PARAMETERS),
                       bytes_of(raspberry_parameters, sizeof raspberry_parameters));
}

static enum dhcp_client_kind client_kind(const struct dhcp_client *client, const struct dhcp_packet *packet,
                                         const struct dhcp_pxe_class *class)
{
    if (is_ipxe(packet))
        return DHCP_CLIENT_IPXE;
    if (is_uboot(client, class))
        return DHCP_CLIENT_UBOOT;
    /* Cisco IOS-XR says "PXEClient:Arch:00009:UNDI:003010:PID:…" without option 93 and is no PC: a prefix is not
     * enough. */
    if (class->kind == DHCP_PXE_CLASS_NONE || !client->has_arch)
        return DHCP_CLIENT_PLAIN;
    if (class->kind == DHCP_PXE_CLASS_HTTP)
        return DHCP_CLIENT_HTTP;
    return is_raspberry(client, packet) ? DHCP_CLIENT_RASPBERRY : DHCP_CLIENT_PXE;
}

static const char *client_note(const struct dhcp_client *client, const struct dhcp_pxe_class *class)
{
    if (client->kind != DHCP_CLIENT_PLAIN)
        return NULL;
    if (class->kind != DHCP_PXE_CLASS_NONE)
        return "its vendor class (60) looks like network boot, but neither that nor option 93 names an architecture";
    if (client->has_arch)
        return "it names an architecture (93), but its vendor class (60) is not PXEClient or HTTPClient";
    return NULL;
}

void dhcp_client_classify(struct dhcp_client *ret, const struct dhcp_packet *packet)
{
    struct dhcp_pxe_class class = dhcp_pxe_class_from_option(dhcp_option_text(packet, DHCP_OPTION_VENDOR_CLASS));
    *ret = (struct dhcp_client){
        .vendor_class = class.kind,
        .ipxe = dhcp_ipxe_from_option(dhcp_option(packet, DHCP_OPTION_IPXE)),
        .reply_max = dhcp_builder_reply_max(packet),
    };
    ret->has_uuid = dhcp_pxe_uuid(&ret->uuid, packet);
    ret->has_boot_item = dhcp_pxe_boot_item(&ret->boot_item, packet);
    client_set_arch(ret, packet, &class);
    ret->kind = client_kind(ret, packet, &class);
    ret->note = client_note(ret, &class);
    if (ret->kind == DHCP_CLIENT_PLAIN)
        ret->vendor_class = DHCP_PXE_CLASS_NONE;
    ret->class_to_reply = dhcp_pxe_class_to_reply(ret->vendor_class);
}

void dhcp_client_classify_as(struct dhcp_client *client, const struct dhcp_packet *packet, const char *class)
{
    struct bytes named = dhcp_option_text(packet, DHCP_OPTION_VENDOR_CLASS);
    if (client->kind != DHCP_CLIENT_PLAIN || !bytes_equal(bytes_slice(named, 0, strlen(class)), bytes_of_text(class)))
        return;
    client->kind = DHCP_CLIENT_PXE;
    client->note = NULL;
    client->vendor_class = DHCP_PXE_CLASS_PXE;
    client->class_to_reply = class;
    if (client->has_arch)
        return;
    client->has_arch = true;
    client->arch_code = ARCH_X86_BIOS;
    client->arch = arch_from_option(ARCH_X86_BIOS);
}

const char *dhcp_client_kind_to_text(enum dhcp_client_kind kind)
{
    static const char *const texts[] = {
        [DHCP_CLIENT_PLAIN] = "plain", [DHCP_CLIENT_PXE] = "PXE",      [DHCP_CLIENT_HTTP] = "HTTP boot",
        [DHCP_CLIENT_IPXE] = "iPXE",   [DHCP_CLIENT_UBOOT] = "U-Boot", [DHCP_CLIENT_RASPBERRY] = "Raspberry Pi",
    };
    return texts[kind];
}
