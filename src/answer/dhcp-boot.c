/* SPDX-License-Identifier: Apache-2.0 */
/* What a reply tells a client to boot. */
#include "answer/dhcp-boot.h"

#include <stdio.h>

#include "base/array.h"
#include "base/text.h"

/* From a boot program's transfer to the DHCP of that program: longer than firmware takes to start it. */
#define CHAIN_TIME (60 * SECOND)
/* What an iPXE may load in that time, its own programs among them, before it is taken for one that will never do. */
#define CHAIN_LOADS_MAX 6
/* RFC 1700, hardware type of Ethernet. */
#define HTYPE_ETHERNET 1
/* Longest path or URL of an EFI program: with scheme and host it must fit DHCP_BOOT_FILE_MAX. */
#define EFI_PROGRAM_MAX 200

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

/* What the machine's group wants it to boot by. */
static enum loader_choice choice_of(const struct dhcp_exchange *exchange)
{
    enum loader_choice fallback = exchange->settings->loader;
    return decision_loader(&exchange->decision, fallback == LOADER_CHOICE_UNSET ? LOADER_CHOICE_AUTO : fallback);
}

static bool is_there(const struct dhcp_exchange *exchange, const char *name)
{
    const struct loader *loader = loader_named(name);
    return loader && exchange->settings->loader_is_there(exchange->settings->context, loader);
}

static int fail_missing(const struct arch *arch, const struct loader *missing, struct diag *why)
{
    if (!missing)
        return fail(why, DHCP_BOOT_E_UNKNOWN, "there is no boot program for %s", arch->name);
    AUTO(text_finish) struct text words = {0};
    loader_append_missing(&words, missing);
    return fail(why, DHCP_BOOT_E_MISSING, "%s", text_characters(&words));
}

/* Whether the program can go on after the firmware loaded it: PXELINUX needs PXE, which HTTP Boot is not, and GRUB 2.06
 * as Debian signs it stops at its prompt when it was not PXE that loaded it. */
static bool choice_works_over_http(enum loader_choice choice)
{
    return choice == LOADER_CHOICE_IPXE || choice == LOADER_CHOICE_SNPONLY;
}

/* The choice, or auto where no such program is made for this firmware. */
static enum loader_choice choice_that_suits(struct dhcp_boot *ret, const struct dhcp_exchange *exchange,
                                            enum loader_choice choice)
{
    const struct dhcp_client *client = &exchange->client;
    enum loader_choice automatic = client->arch->is_http ? LOADER_CHOICE_IPXE : LOADER_CHOICE_AUTO;
    if (choice == LOADER_CHOICE_AUTO)
        return automatic;
    if (loader_choice_suits(choice, machine_platform(client->arch), client->arch->buildarch) &&
        (!client->arch->is_http || choice_works_over_http(choice)))
        return choice;
    snprintf(ret->note, sizeof ret->note, "loader '%s' is none for %s", loader_choice_to_text(choice),
             client->arch->name);
    return automatic;
}

/* GRUB 2.06 takes the address it loads from out of the DHCP server's own reply, whoever named the program. */
static void note_next_server(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, const struct loader *loader)
{
    char server[IPV4_TEXT_MAX];
    if (exchange->settings->mode == ANSWER_DHCP_PROXY && loader_ends_in_grub(loader) && !ret->note[0])
        snprintf(ret->note, sizeof ret->note, "GRUB goes on at the next server that the DHCP server names: is that %s?",
                 ipv4_to_text(server, exchange->server));
}

/* The program for its firmware that this host has. */
static int choose_program(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, enum loader_choice choice,
                          struct diag *why)
{
    const struct dhcp_client *client = &exchange->client;
    if (!client->arch && !client->has_arch)
        return fail(why, DHCP_BOOT_E_UNKNOWN, "it does not say what architecture it is (option 93)");
    if (!client->arch)
        return fail(why, DHCP_BOOT_E_UNKNOWN, "its architecture, code %u in option 93, is none that is known",
                    client->arch_code);
    const struct loader *missing = NULL;
    const struct loader *loader =
        loader_for(choice_that_suits(ret, exchange, choice), machine_platform(client->arch), client->arch->buildarch,
                   exchange->settings->loader_is_there, exchange->settings->context, &missing);
    if (!loader)
        return fail_missing(client->arch, missing, why);
    note_next_server(ret, exchange, loader);
    ret->is_chain = choice == LOADER_CHOICE_SNPONLY;
    if (client->kind == DHCP_CLIENT_HTTP)
        url(ret, exchange, ANSWER_DHCP_LOADER_PATH, loader->name);
    else
        snprintf(ret->name, sizeof ret->name, "%s", loader->name);
    return DHCP_BOOT_OK;
}

/* The firmware boots the profile's own program: by HTTP Boot from its URL, by PXE over TFTP, which is of our files
 * only. */
static int choose_efi_program(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, struct diag *why)
{
    const struct profile *profile = exchange->decision.profile;
    bool is_http = exchange->client.kind == DHCP_CLIENT_HTTP;
    const char *program = profile ? profile_firmware_program(profile) : NULL;
    if (!program)
        return fail(why, DHCP_BOOT_E_MISSING, "loader 'uki' boots an EFI program, and profile '%s' names none",
                    profile ? profile->id : "");
    bool is_ours = program[0] == '/';
    bool is_loadable = is_http || (is_ours && program != profile->boot.iso);
    if (strstr(program, "{{") || strstr(program, "${") || !is_loadable || strlen(program) > EFI_PROGRAM_MAX) {
        snprintf(ret->note, sizeof ret->note, "its firmware cannot load '%.60s' itself", program);
        return choose_program(ret, exchange, LOADER_CHOICE_AUTO, why);
    }
    if (is_ours && is_http)
        url(ret, exchange, "", program + 1);
    else
        snprintf(ret->name, sizeof ret->name, "%s", is_ours ? program + 1 : program);
    ret->is_url = is_http;
    return DHCP_BOOT_OK;
}

/* Whether this iPXE can fetch our script, and start a kernel on this platform. What lacks option 175 is too old to list
 * its features and is taken to have them; what names no version may not list them all. */
static bool ipxe_suffices(const struct dhcp_exchange *exchange)
{
    const struct dhcp_client *client = &exchange->client;
    if (!dhcp_option_is_present(&exchange->packet, DHCP_OPTION_IPXE))
        return true;
    bool needs_bzimage = client->ipxe.has_version && client->arch && client->arch->platform == ARCH_BIOS;
    return dhcp_ipxe_has(&client->ipxe, DHCP_IPXE_HTTP) &&
           (!needs_bzimage || dhcp_ipxe_has(&client->ipxe, DHCP_IPXE_BZIMAGE));
}

/* How often of late it was given a program of ours, or loaded one, and no script since: if at all, the iPXE that asks
 * is that program. */
static size_t count_loads(const struct dhcp_exchange *exchange)
{
    struct fleet_event events[FLEET_EVENTS_MAX];
    instant now = exchange->request->now.steady;
    size_t loads = 0;
    size_t count = fleet_events(events, LENGTH(events), exchange->settings->fleet, &exchange->packet.chaddr);
    while (count-- > 0 && now - events[count].when.steady < CHAIN_TIME && events[count].stage <= STAGE_LOADER)
        loads += events[count].stage == STAGE_LOADER;
    return loads;
}

/* One of ours for an iPXE that must give way, and that once: what came of it gets the script. On BIOS the one that
 * brings drivers of its own, where the firmware's iPXE is not trusted to be a good one. */
static int chain_ipxe(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, enum loader_choice choice,
                      struct diag *why)
{
    size_t loads = count_loads(exchange);
    if (loads > 0 && ipxe_suffices(exchange)) {
        script_url(ret, exchange);
        return DHCP_BOOT_OK;
    }
    if (loads >= CHAIN_LOADS_MAX)
        return fail(why, DHCP_BOOT_E_MISSING,
                    "the iPXE it was given cannot load by HTTP: take another build, or set another loader for it");
    bool is_bios = !exchange->client.arch || exchange->client.arch->platform == ARCH_BIOS;
    ret->is_chain = true;
    if (choice != LOADER_CHOICE_SNPONLY && is_bios && is_there(exchange, "ipxe.pxe")) {
        snprintf(ret->name, sizeof ret->name, "ipxe.pxe");
        return DHCP_BOOT_OK;
    }
    return choose_program(ret, exchange, choice == LOADER_CHOICE_SNPONLY ? choice : LOADER_CHOICE_IPXE, why);
}

/* What runs iPXE already, ours or the firmware's, needs no other program unless its group wants one that is no iPXE. */
static int choose_for_ipxe(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, enum loader_choice choice,
                           struct diag *why)
{
    const struct arch *arch = exchange->client.arch;
    bool is_other =
        choice == LOADER_CHOICE_PXELINUX || choice == LOADER_CHOICE_LPXELINUX || choice == LOADER_CHOICE_GRUB;
    if (is_other && arch && loader_choice_suits(choice, machine_platform(arch), arch->buildarch))
        return choose_program(ret, exchange, choice, why);
    if (choice == LOADER_CHOICE_SHIM)
        snprintf(ret->note, sizeof ret->note, "shim cannot start below iPXE, so that loader 'shim' is not used");
    if (choice == LOADER_CHOICE_SNPONLY || !ipxe_suffices(exchange))
        return chain_ipxe(ret, exchange, choice, why);
    script_url(ret, exchange);
    return DHCP_BOOT_OK;
}

/* U-Boot looks for pxelinux.cfg by TFTP itself, at the address that the DHCP server names; as EFI firmware it also
 * starts a program. It takes the first offer that comes, so that one without an address would leave it without. */
static int choose_for_uboot(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, enum loader_choice choice,
                            struct diag *why)
{
    const struct arch *arch = exchange->client.arch;
    char server[IPV4_TEXT_MAX];
    if (exchange->settings->mode == ANSWER_DHCP_PROXY)
        return fail(why, DHCP_BOOT_E_NOT_ASKED,
                    "U-Boot looks for pxelinux.cfg by TFTP at the server that the DHCP server names: let that name %s "
                    "as next server",
                    ipv4_to_text(server, exchange->server));
    ret->has_pxelinux_cfg = true;
    if (arch && arch->platform == ARCH_EFI && !arch->is_http)
        choose_program(ret, exchange, choice, NULL);
    return DHCP_BOOT_OK;
}

/* Firmware that boots nothing from here. PXE goes on at once when it is told so (PXE 2.1 §2.2.4: item 0 of the menu),
 * EDK2's HTTP Boot when the program it is given is not there, where it runs into its timeouts when nothing is offered
 * for it; to iPXE our script says it, and the rest is left alone. */
static int choose_local(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, struct diag *why)
{
    ret->is_local = true;
    if (exchange->client.kind == DHCP_CLIENT_PXE)
        return DHCP_BOOT_OK;
    if (exchange->client.kind == DHCP_CLIENT_HTTP) {
        url(ret, exchange, ANSWER_DHCP_LOADER_PATH, ANSWER_DHCP_NO_LOADER);
        return DHCP_BOOT_OK;
    }
    if (exchange->client.kind != DHCP_CLIENT_IPXE || !ipxe_suffices(exchange))
        return fail(why, DHCP_BOOT_E_NOT_ASKED, "it is to boot from its disk (loader 'none')");
    script_url(ret, exchange);
    return DHCP_BOOT_OK;
}

int dhcp_boot_choose(struct dhcp_boot *ret, const struct dhcp_exchange *exchange, struct diag *why)
{
    const struct dhcp_client *client = &exchange->client;
    enum loader_choice choice = choice_of(exchange);
    *ret = (struct dhcp_boot){0};
    if (client->kind == DHCP_CLIENT_PLAIN && exchange->packet.message_type != DHCP_BOOTP)
        return fail(why, DHCP_BOOT_E_NOT_ASKED, "%s", client->note ? client->note : "it does not ask to boot");
    if (choice == LOADER_CHOICE_NONE)
        return choose_local(ret, exchange, why);
    switch (client->kind) {
    case DHCP_CLIENT_UBOOT:
        return choose_for_uboot(ret, exchange, choice, why);
    case DHCP_CLIENT_IPXE:
        return choose_for_ipxe(ret, exchange, choice, why);
    case DHCP_CLIENT_RASPBERRY: /* it asks TFTP for files by names of its own */
        return DHCP_BOOT_OK;
    case DHCP_CLIENT_PLAIN: /* of BOOTP */
    case DHCP_CLIENT_PXE:
    case DHCP_CLIENT_HTTP:
        break;
    }
    if (choice == LOADER_CHOICE_UKI && client->arch && client->arch->platform == ARCH_EFI)
        return choose_efi_program(ret, exchange, why);
    return choose_program(ret, exchange, choice, why);
}

void dhcp_boot_append_words(struct text *text, const struct dhcp_boot *boot)
{
    if (boot->is_local)
        text_append(text, "boot its own disk (loader 'none')");
    else if (boot->name[0] || boot->is_url)
        text_print(text, "boot '%s'", boot->name);
    else
        text_append(text, "boot by names of its own");
    if (boot->note[0])
        text_print(text, " (%s)", boot->note);
}

/* RFC 5071 §5: the first name that PXELINUX would look for is the machine's own, and is there. */
static void put_pxelinux_cfg(struct dhcp_exchange *exchange)
{
    char name[sizeof "pxelinux.cfg/01-" + MAC_TEXT_MAX], mac[MAC_TEXT_MAX];
    if (exchange->packet.htype != HTYPE_ETHERNET || exchange->packet.chaddr.size != 6 ||
        !dhcp_packet_asks_for(&exchange->packet, DHCP_OPTION_CONFIG_FILE))
        return;
    snprintf(name, sizeof name, "pxelinux.cfg/01-%s", mac_to_text(mac, &exchange->packet.chaddr, '-'));
    dhcp_builder_put_text(&exchange->builder, DHCP_OPTION_CONFIG_FILE, name);
}

/* lpxelinux.0 then loads by HTTP whatever it loads: its modules and its configuration are found beside the programs.
 * Firmware does not ask for the option on its behalf. RFC 5071 §4 */
static void put_path_prefix(struct dhcp_exchange *exchange)
{
    struct dhcp_boot prefix;
    url(&prefix, exchange, ANSWER_DHCP_LOADER_PATH, "");
    dhcp_builder_put_text(&exchange->builder, DHCP_OPTION_PATH_PREFIX, prefix.name);
}

/* siaddr, sname and file, and options 66 and 67 for whoever asks: iPXE reads the header first, EDK2 the options, shim
 * the header only. So nothing else that is configured may stand in those. */
static void put_file(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    struct dhcp_builder *builder = &exchange->builder;
    char server[IPV4_TEXT_MAX];
    ipv4_to_text(server, exchange->server);
    builder->siaddr = exchange->server;
    if (boot->has_pxelinux_cfg)
        put_pxelinux_cfg(exchange);
    if (boot->name[0] == '\0')
        return;
    dhcp_builder_remove(builder, DHCP_OPTION_TFTP_SERVER);
    dhcp_builder_remove(builder, DHCP_OPTION_BOOT_FILE);
    dhcp_builder_set_file(builder, boot->name);
    if (text_is(boot->name, "lpxelinux.0"))
        put_path_prefix(exchange);
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
    dhcp_builder_put_text(&exchange->builder, DHCP_OPTION_VENDOR_CLASS, exchange->client.class_to_reply);
}

static void put_raspberry_pi(struct dhcp_exchange *exchange)
{
    put_class(exchange);
    dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, dhcp_pxe_raspberry_pi());
}

/* PXE firmware goes on to its disk at once. */
static void put_local(struct dhcp_exchange *exchange)
{
    put_class(exchange);
    dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, dhcp_pxe_local_disk());
}

static bool is_told_of_its_disk(const struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    return boot->is_local && exchange->client.kind == DHCP_CLIENT_PXE;
}

void dhcp_boot_put_with_address(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    if (is_told_of_its_disk(exchange, boot)) {
        put_local(exchange);
        return;
    }
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

/* What the proxy and the boot server say alike; false where that is all. */
static bool put_without_address(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    if (is_told_of_its_disk(exchange, boot)) {
        put_local(exchange);
        return false;
    }
    put_file(exchange, boot);
    put_class(exchange);
    if (exchange->client.kind == DHCP_CLIENT_RASPBERRY)
        put_raspberry_pi(exchange);
    return true;
}

void dhcp_boot_put_as_proxy(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    if (!put_without_address(exchange, boot))
        return;
    /* A BIOS ROM boots the file named here when told to; many UEFI firmwares get that wrong, and ask port 4011 when
     * there is no option 43. PXE 2.1 §2.2.4 */
    if (exchange->client.kind == DHCP_CLIENT_PXE && exchange->client.arch->platform == ARCH_BIOS)
        dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, dhcp_pxe_bypass());
}

void dhcp_boot_put_as_boot_server(struct dhcp_exchange *exchange, const struct dhcp_boot *boot)
{
    if (!put_without_address(exchange, boot) || !exchange->client.has_boot_item)
        return;
    /* PXE 2.1 §2.2.4: the item that was asked for is named first in the acknowledgement. */
    uint8_t memory[DHCP_PXE_OPTIONS_MAX];
    struct writer w = writer_over(memory, sizeof memory);
    if (dhcp_pxe_options_write(&w, &(struct dhcp_pxe_options){.boot_item = &exchange->client.boot_item}))
        dhcp_builder_put(&exchange->builder, DHCP_OPTION_VENDOR, writer_bytes(&w));
}
