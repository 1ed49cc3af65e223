/* SPDX-License-Identifier: Apache-2.0 */
/* What a reply tells a client to boot. */
#include "answer/dhcp-boot.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

static enum platform machine_platform(const struct arch *arch)
{
    return arch->platform == ARCH_BIOS ? PLATFORM_BIOS : arch->platform == ARCH_EFI ? PLATFORM_EFI : PLATFORM_UNKNOWN;
}

static void url(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, const char *folder, const char *name)
{
    char host[IPV4_TEXT_MAX];
    snprintf(ret->name, sizeof ret->name, "http://%s:%u/%s%s", ipv4_to_text(host, exchange->server),
             exchange->settings->http_port, folder, name);
    ret->is_url = true;
}

static void script_url(struct dhcp_boot *ret, const struct dhcp_exchange *exchange)
{
    const char *ask = exchange->settings->ask;
    char name[128];
    snprintf(name, sizeof name, "%s%s%s", ANSWER_DHCP_SCRIPT_PATH, ask && *ask ? "?ask=" : "", ask ? ask : "");
    url(ret, exchange, "", name);
}

/* The program for its firmware that this host has. */
static int choose_program(const struct loader **ret, const struct dhcp_exchange *exchange, struct diag *why)
{
    const struct dhcp_client *client = &exchange->client;
    if (!client->arch && !client->has_arch)
        return fail(why, DHCP_BOOT_E_UNKNOWN, "it does not say what architecture it is (option 93)");
    if (!client->arch)
        return fail(why, DHCP_BOOT_E_UNKNOWN, "its architecture, code %u in option 93, is none that is known",
                    client->arch_code);
    const struct loader *missing = NULL;
    *ret = loader_for(machine_platform(client->arch), client->arch->buildarch, exchange->settings->loader_is_there,
                      exchange->settings->context, &missing);
    if (*ret)
        return DHCP_BOOT_OK;
    if (!missing)
        return fail(why, DHCP_BOOT_E_UNKNOWN, "there is no boot program for %s", client->arch->name);
    if (missing->package)
        return fail(why, DHCP_BOOT_E_MISSING,
                    "boot program '%s' is not on this host: install the package '%s', or name the file under "
                    "'loaders:' in muster.yaml",
                    missing->name, missing->package);
    return fail(why, DHCP_BOOT_E_MISSING,
                "boot program '%s' is not on this host: build it from iPXE and name the file under 'loaders:' in "
                "muster.yaml",
                missing->name);
}

/* An iPXE that cannot fetch our script by HTTP is given one of ours that can. It is not sent back what it runs: ours
 * has HTTP. What lacks option 175 is too old to list features and is taken to have it. */
static bool ipxe_has_http(const struct dhcp_exchange *exchange)
{
    return !dhcp_option_is_present(&exchange->packet, DHCP_OPTION_IPXE) ||
           dhcp_ipxe_has(&exchange->client.ipxe, DHCP_IPXE_HTTP);
}

int dhcp_boot_choose(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, struct diag *why)
{
    const struct dhcp_client *client = &exchange->client;
    *ret = (struct dhcp_boot){0};
    switch (client->kind) {
    case DHCP_CLIENT_PLAIN:
        return fail(why, DHCP_BOOT_E_NOT_ASKED, "%s", client->note ? client->note : "it does not ask to boot");
    case DHCP_CLIENT_UBOOT:
        return fail(why, DHCP_BOOT_E_NOT_ASKED, "U-Boot looks for pxelinux.cfg by TFTP itself");
    case DHCP_CLIENT_RASPBERRY:
        return DHCP_BOOT_OK; /* it asks TFTP for files by names of its own */
    case DHCP_CLIENT_IPXE:
        if (!ipxe_has_http(exchange))
            break;
        script_url(ret, exchange);
        return DHCP_BOOT_OK;
    case DHCP_CLIENT_PXE:
    case DHCP_CLIENT_HTTP:
        break;
    }
    const struct loader *loader;
    int result = choose_program(&loader, exchange, why);
    if (result != DHCP_BOOT_OK)
        return result;
    if (client->kind == DHCP_CLIENT_HTTP)
        url(ret, exchange, ANSWER_DHCP_LOADER_PATH, loader->name);
    else
        snprintf(ret->name, sizeof ret->name, "%s", loader->name);
    return DHCP_BOOT_OK;
}

/* siaddr, sname and file, and options 66 and 67 for whoever asks: iPXE reads the header first, EDK2 the options, shim
 * the header only. */
static void put_file(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    struct dhcp_builder *builder = &exchange->builder;
    char server[IPV4_TEXT_MAX];
    ipv4_to_text(server, exchange->server);
    builder->siaddr = exchange->server;
    if (boot->name[0] == '\0')
        return;
    dhcp_builder_set_file(builder, boot->name);
    if (dhcp_packet_asks_for(&exchange->packet, DHCP_OPTION_BOOT_FILE))
        dhcp_builder_put_text(builder, DHCP_OPTION_BOOT_FILE, boot->name);
    if (boot->is_url)
        return;
    dhcp_builder_set_sname(builder, server);
    if (dhcp_packet_asks_for(&exchange->packet, DHCP_OPTION_TFTP_SERVER))
        dhcp_builder_put_text(builder, DHCP_OPTION_TFTP_SERVER, server);
}

/* Option 60 goes only to a client that sent one: to others option 43 means something else. RFC 2132 §8.4 */
static void put_class(struct dhcp_exchange *exchange)
{
    dhcp_builder_put_text(&exchange->builder, DHCP_OPTION_VENDOR_CLASS,
                          dhcp_pxe_class_to_reply(exchange->client.vendor_class));
}

static void put_raspberry_pi(struct dhcp_exchange *exchange)
{
    put_class(exchange);
    dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, dhcp_pxe_raspberry_pi());
}

void dhcp_boot_put_with_address(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    put_file(exchange, boot);
    switch (exchange->client.kind) {
    case DHCP_CLIENT_HTTP:
        put_class(exchange);
        break;
    case DHCP_CLIENT_RASPBERRY:
        put_raspberry_pi(exchange);
        break;
    case DHCP_CLIENT_IPXE:
        /* There is no proxy to wait two seconds for. */
        dhcp_builder_put(&exchange->builder, DHCP_OPTION_IPXE, dhcp_ipxe_no_proxy());
        break;
    case DHCP_CLIENT_PXE:
    /* Without option 60 firmware takes the file from the address's own offer at once; with it, EDK2 would first ask
     * port 4011 (PxeBcSelectOffer: a DhcpBinl offer). */
    case DHCP_CLIENT_PLAIN:
    case DHCP_CLIENT_UBOOT:
        break;
    }
}

void dhcp_boot_put_as_proxy(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    put_file(exchange, boot);
    put_class(exchange);
    if (exchange->client.kind == DHCP_CLIENT_RASPBERRY)
        put_raspberry_pi(exchange);
    /* A BIOS ROM boots the file named here when told to; many UEFI firmwares get that wrong, and ask port 4011 when
     * there is no option 43. PXE 2.1 §2.2.4 */
    if (exchange->client.kind == DHCP_CLIENT_PXE && exchange->client.arch->platform == ARCH_BIOS)
        dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, dhcp_pxe_bypass());
}

void dhcp_boot_put_as_boot_server(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    put_file(exchange, boot);
    put_class(exchange);
    if (exchange->client.kind == DHCP_CLIENT_RASPBERRY)
        put_raspberry_pi(exchange);
    if (!exchange->client.has_boot_item)
        return;
    /* PXE 2.1 §2.2.4: the item that was asked for is named first in the acknowledgement. */
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    if (dhcp_pxe_options_write(&w, &(struct dhcp_pxe_options){.boot_item = &exchange->client.boot_item}))
        dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, writer_bytes(&w));
}
