/* SPDX-License-Identifier: Apache-2.0 */
/* What each firmware is told to boot, by the loader that its group names. */
#include "answer/test-dhcp.h"

#include "boot/catalog.h"

enum sender {
    BIOS,
    UEFI,
    UEFI_32,
    UEFI_ARM,
    HTTP,
    HTTP_ARM,
    IPXE,
    IPXE_EFI,
    UBOOT,
    UBOOT_EFI,
};

static void as(enum sender sender)
{
    static const struct {
        const char *class;
        uint16_t arch;
    } classes[] = {
        [BIOS] = {"PXEClient:Arch:00000:UNDI:002001", 0},       [UEFI] = {"PXEClient:Arch:00007:UNDI:003016", 7},
        [UEFI_32] = {"PXEClient:Arch:00006:UNDI:003016", 6},    [UEFI_ARM] = {"PXEClient:Arch:00011:UNDI:003016", 11},
        [HTTP] = {"HTTPClient:Arch:00016:UNDI:003016", 16},     [IPXE] = {"PXEClient:Arch:00000:UNDI:002001", 0},
        [IPXE_EFI] = {"PXEClient:Arch:00007:UNDI:003010", 7},   [UBOOT] = {"U-Boot.armv8", 0x16},
        [HTTP_ARM] = {"HTTPClient:Arch:00019:UNDI:003016", 19}, [UBOOT_EFI] = {"PXEClient:Arch:0000b:UNDI:003000", 11},
    };
    static const uint8_t wanted[] = {1, 3, 6, 43, 60, 66, 67, 209};
    as_firmware(classes[sender].class, classes[sender].arch);
    if (sender == UBOOT || sender == UBOOT_EFI)
        dhcp_builder_put(&asked, DHCP_OPTION_PARAMETERS, bytes_of(wanted, sizeof wanted));
    if (sender != IPXE && sender != IPXE_EFI)
        return;
    dhcp_builder_put(&asked, DHCP_OPTION_USER_CLASS, bytes_of_text("iPXE"));
    dhcp_builder_put(&asked, DHCP_OPTION_IPXE, bytes_of(IPXE_WITH_HTTP));
}

static struct catalog *a_catalog(enum loader_choice of_group, enum loader_choice of_profile, const char *kernel)
{
    struct catalog *catalog = catalog_create();
    struct group *group = group_create("all", "p");
    struct profile *profile = profile_create("p");
    group->loader = of_group;
    profile->loader = of_profile;
    profile->boot.present = true;
    free(profile->boot.kernel);
    profile->boot.kernel = memory_text(kernel);
    catalog_take_group(catalog, group);
    catalog_take_profile(catalog, profile);
    catalog_seal(catalog);
    return catalog;
}

/* The DISCOVER of a machine whose profile names the loader. */
static void discover_with(enum sender sender, enum loader_choice loader, const char *kernel)
{
    AUTO(catalog_unref) struct catalog *catalog = a_catalog(LOADER_CHOICE_UNSET, loader, kernel);
    ask(DHCP_DISCOVER);
    as(sender);
    request.catalog = catalog;
    send();
}

static void discover(enum sender sender, enum loader_choice loader)
{
    discover_with(sender, loader, "/assets/uki.efi");
}

#define SCRIPT "http://10.77.0.1:8080/boot.ipxe"
#define PROGRAM "http://10.77.0.1:8080/loader/"

static void each_firmware_is_given_the_program_of_its_groups_loader(void)
{
    const struct {
        enum loader_choice loader;
        enum sender sender;
        const char *file, *said;
    } rows[] = {
        {LOADER_CHOICE_UNSET, BIOS, "undionly.kpxe", ""},
        {LOADER_CHOICE_AUTO, UEFI, "ipxe.efi", ""},
        {LOADER_CHOICE_AUTO, UEFI_ARM, "grubaa64.efi", ""},
        {LOADER_CHOICE_IPXE, BIOS, "undionly.kpxe", ""},
        {LOADER_CHOICE_IPXE, IPXE, SCRIPT, ""},
        {LOADER_CHOICE_SNPONLY, BIOS, "undionly.kpxe", ""},
        {LOADER_CHOICE_SNPONLY, UEFI, "snponly.efi", ""},
        {LOADER_CHOICE_SNPONLY, HTTP, PROGRAM "snponly.efi", ""},
        {LOADER_CHOICE_SNPONLY, IPXE, "undionly.kpxe", ""},
        {LOADER_CHOICE_SNPONLY, IPXE_EFI, "snponly.efi", ""},
        {LOADER_CHOICE_PXELINUX, BIOS, "pxelinux.0", ""},
        {LOADER_CHOICE_PXELINUX, IPXE, "pxelinux.0", ""},
        {LOADER_CHOICE_PXELINUX, UEFI, "efi64/syslinux.efi", ""},
        {LOADER_CHOICE_PXELINUX, UEFI_32, "efi32/syslinux.efi", ""},
        {LOADER_CHOICE_PXELINUX, HTTP, PROGRAM "ipxe.efi", "loader 'pxelinux' is none for x64 UEFI HTTP"},
        {LOADER_CHOICE_PXELINUX, UEFI_ARM, "grubaa64.efi", "loader 'pxelinux' is none for ARM 64-bit UEFI"},
        {LOADER_CHOICE_LPXELINUX, BIOS, "lpxelinux.0", ""},
        {LOADER_CHOICE_LPXELINUX, IPXE, "lpxelinux.0", ""},
        {LOADER_CHOICE_GRUB, BIOS, "core.0", ""},
        {LOADER_CHOICE_GRUB, IPXE, "core.0", ""},
        {LOADER_CHOICE_GRUB, UEFI, "grubx64.efi", ""},
        {LOADER_CHOICE_GRUB, IPXE_EFI, "grubx64.efi", ""},
        {LOADER_CHOICE_GRUB, HTTP, PROGRAM "ipxe.efi", "loader 'grub' is none for x64 UEFI HTTP"},
        {LOADER_CHOICE_SHIM, UEFI, "shimx64.efi", ""},
        {LOADER_CHOICE_SHIM, UEFI_ARM, "shimaa64.efi", ""},
        {LOADER_CHOICE_SHIM, HTTP, PROGRAM "ipxe.efi", "loader 'shim' is none for x64 UEFI HTTP"},
        {LOADER_CHOICE_SHIM, BIOS, "undionly.kpxe", "loader 'shim' is none for x86 BIOS"},
        {LOADER_CHOICE_SHIM, IPXE_EFI, SCRIPT, "shim cannot start below iPXE"},
        {LOADER_CHOICE_UKI, HTTP, "http://10.77.0.1:8080/assets/uki.efi", ""},
        {LOADER_CHOICE_UKI, UEFI, "assets/uki.efi", ""},
        {LOADER_CHOICE_UKI, IPXE_EFI, SCRIPT, ""},
        {LOADER_CHOICE_UKI, BIOS, "undionly.kpxe", "loader 'uki' is none for x86 BIOS"},
        {LOADER_CHOICE_NONE, IPXE, SCRIPT, "its own disk"},
        {LOADER_CHOICE_NONE, HTTP, PROGRAM "none", "its own disk"},
    };
    const enum answer_dhcp_mode modes[] = {ANSWER_DHCP_PROXY, ANSWER_DHCP_SERVER};
    for (size_t i = 0; i < LENGTH(rows) * LENGTH(modes); i++) {
        const size_t row = i / LENGTH(modes);
        start(modes[i % LENGTH(modes)]);
        discover(rows[row].sender, rows[row].loader);
        CHECK_TEXT(shown(reply.file), rows[row].file);
        CHECK_ROW(rows[row].said, strstr(answer.text, rows[row].said) != NULL);
        CHECK_NUMBER(answer.weight, ANSWER_FACT);
        stop();
    }
}

static void lpxelinux_is_told_to_load_by_http(void)
{
    const enum answer_dhcp_mode modes[] = {ANSWER_DHCP_PROXY, ANSWER_DHCP_SERVER};
    for (size_t i = 0; i < LENGTH(modes); i++) {
        start(modes[i]);
        discover(BIOS, LOADER_CHOICE_LPXELINUX);
        CHECK_TEXT(shown(dhcp_option(&reply, DHCP_OPTION_PATH_PREFIX)), PROGRAM);
        discover(BIOS, LOADER_CHOICE_PXELINUX);
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_PATH_PREFIX));
        stop();
    }
}

static void grub_beside_a_dhcp_server_depends_on_its_next_server(void)
{
    const enum loader_choice choices[] = {LOADER_CHOICE_GRUB, LOADER_CHOICE_SHIM};
    for (size_t i = 0; i < LENGTH(choices); i++) {
        start(ANSWER_DHCP_PROXY);
        discover(UEFI, choices[i]);
        CHECK(strstr(answer.text, "next server that the DHCP server names: is that 10.77.0.1?") != NULL);
        stop();
        start(ANSWER_DHCP_SERVER);
        discover(UEFI, choices[i]);
        CHECK(strstr(answer.text, "next server") == NULL);
        stop();
    }
}

static void the_boot_server_says_the_same(void)
{
    AUTO(catalog_unref) struct catalog *catalog = a_catalog(LOADER_CHOICE_GRUB, LOADER_CHOICE_SHIM, "");
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_REQUEST);
    as(UEFI);
    request.catalog = catalog;
    request.port = DHCP_PORT_PXE;
    request.source.number = 0x0a4d0040;
    send();
    CHECK_TEXT(shown(reply.file), "grubx64.efi");
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    stop();
}

static void the_configurations_loader_is_for_machines_without_another(void)
{
    start(ANSWER_DHCP_PROXY);
    settings.loader = LOADER_CHOICE_GRUB;
    discover(UEFI, LOADER_CHOICE_UNSET);
    CHECK_TEXT(shown(reply.file), "grubx64.efi");
    discover(UEFI, LOADER_CHOICE_AUTO);
    CHECK_TEXT(shown(reply.file), "ipxe.efi");
    ask(DHCP_DISCOVER);
    as(UEFI);
    send();
    CHECK_TEXT(shown(reply.file), "grubx64.efi");
    stop();
}

static void a_missing_program_is_trouble_that_names_its_package(void)
{
    const struct {
        enum loader_choice loader;
        const char *missing, *said;
    } rows[] = {
        {LOADER_CHOICE_SHIM, "shimx64.efi", "install the package 'shim-signed'"},
        {LOADER_CHOICE_SHIM, "grubx64.efi", "install the package 'grub-efi-amd64-signed'"},
        {LOADER_CHOICE_PXELINUX, "efi64/syslinux.efi", "install the package 'syslinux-efi'"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        start(ANSWER_DHCP_PROXY);
        missing_loader = rows[i].missing;
        discover(UEFI, rows[i].loader);
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
        CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
        CHECK_ROW(rows[i].said, strstr(answer.text, rows[i].said) != NULL);
        stop();
    }
}

/* GRUB, which auto gives to such a machine by PXE, would stop at its prompt. */
static void http_boot_is_given_ipxe_or_nothing(void)
{
    const enum loader_choice choices[] = {LOADER_CHOICE_UNSET, LOADER_CHOICE_AUTO, LOADER_CHOICE_GRUB};
    for (size_t i = 0; i < LENGTH(choices); i++) {
        start(ANSWER_DHCP_PROXY);
        discover(HTTP_ARM, choices[i]);
        CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
        CHECK(strstr(answer.text, "'ipxe-arm64.efi' is not on this host") != NULL);
        stop();
    }
}

static const char *file_of(enum dhcp_message_type type, enum loader_choice loader)
{
    AUTO(catalog_unref) struct catalog *catalog = a_catalog(LOADER_CHOICE_UNSET, loader, "/assets/uki.efi");
    ask(type);
    as(IPXE);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0032});
    request.catalog = catalog;
    send();
    return shown(reply.file);
}

/* The program that was loaded is an iPXE too, and must not be given itself again: whether or not it is known who loaded
 * it, which beside another DHCP server it is not. */
static void an_ipxe_is_given_another_one_only_once(void)
{
    struct moment now = {.steady = SECOND, .wall_seconds = 1000000};
    start(ANSWER_DHCP_SERVER);
    for (int boot = 0; boot < 2; boot++) {
        CHECK_TEXT(file_of(DHCP_DISCOVER, LOADER_CHOICE_SNPONLY), "undionly.kpxe");
        CHECK_TEXT(file_of(DHCP_DISCOVER, LOADER_CHOICE_SNPONLY), "undionly.kpxe");
        CHECK_TEXT(file_of(DHCP_REQUEST, LOADER_CHOICE_SNPONLY), "undionly.kpxe");
        CHECK_TEXT(file_of(DHCP_DISCOVER, LOADER_CHOICE_SNPONLY), SCRIPT);
        CHECK_TEXT(file_of(DHCP_REQUEST, LOADER_CHOICE_SNPONLY), SCRIPT);
        fleet_record(settings.fleet, &CLIENT_MAC, STAGE_SCRIPT, now, "GET /ipxe 200");
    }
    stop();
    start(ANSWER_DHCP_PROXY);
    for (int boot = 0; boot < 2; boot++) {
        CHECK_TEXT(file_of(DHCP_DISCOVER, LOADER_CHOICE_SNPONLY), "undionly.kpxe");
        CHECK_TEXT(file_of(DHCP_DISCOVER, LOADER_CHOICE_SNPONLY), SCRIPT);
        fleet_record(settings.fleet, &CLIENT_MAC, STAGE_SCRIPT, now, "GET /ipxe 200");
    }
    stop();
}

static void the_ipxe_that_firmware_was_given_is_given_no_other(void)
{
    start(ANSWER_DHCP_PROXY);
    discover(BIOS, LOADER_CHOICE_SNPONLY);
    CHECK_TEXT(shown(reply.file), "undionly.kpxe");
    discover(IPXE, LOADER_CHOICE_SNPONLY);
    CHECK_TEXT(shown(reply.file), SCRIPT);
    stop();
}

static void an_ipxe_of_ours_that_cannot_load_is_not_loaded_for_ever(void)
{
    start(ANSWER_DHCP_PROXY);
    size_t offers = 0;
    for (int i = 0; i < 20; i++) {
        ask(DHCP_DISCOVER);
        as_ipxe(IPXE_WITHOUT_HTTP);
        send();
        offers += answer.way != ANSWER_DHCP_SILENT;
    }
    CHECK(offers > 1 && offers < 10);
    CHECK(strstr(answer.text, "cannot load by HTTP") != NULL);
    CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    stop();
}

static void an_ipxe_that_cannot_start_a_kernel_is_given_one_that_can(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_DISCOVER);
    as_ipxe("\x13\x01\x01\xeb\x03\x01\x00\x00", 8);
    send();
    CHECK_TEXT(shown(reply.file), "ipxe.pxe");
    ask(DHCP_DISCOVER);
    as_ipxe("\x13\x01\x01\x18\x01\x01\xeb\x03\x01\x00\x00", 11);
    send();
    CHECK_TEXT(shown(reply.file), SCRIPT);
    stop();
}

/* PXE 2.1 §2.2.4: item 0 of the menu is the local disk, and a prompt of 0 seconds takes it at once. */
static void firmware_is_told_to_boot_its_disk(void)
{
    const enum answer_dhcp_mode modes[] = {ANSWER_DHCP_PROXY, ANSWER_DHCP_SERVER};
    const enum sender senders[] = {BIOS, UEFI};
    for (size_t i = 0; i < LENGTH(modes) * LENGTH(senders); i++) {
        start(modes[i / 2]);
        discover(senders[i % 2], LOADER_CHOICE_NONE);
        CHECK_NUMBER(reply.file.size, 0);
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_BOOT_FILE));
        CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_VENDOR_CLASS), "PXEClient"));
        struct bytes menu = dhcp_suboption(dhcp_option(&reply, DHCP_OPTION_VENDOR), DHCP_PXE_MENU);
        struct bytes prompt = dhcp_suboption(dhcp_option(&reply, DHCP_OPTION_VENDOR), DHCP_PXE_PROMPT);
        CHECK(menu.size == 13 && menu.data[0] == 0 && menu.data[1] == 0 && menu.data[2] == 10);
        CHECK(prompt.size == 11 && prompt.data[0] == 0);
        stop();
    }
}

static void u_boot_learns_where_its_configuration_is(void)
{
    start(ANSWER_DHCP_SERVER);
    discover(UBOOT, LOADER_CHOICE_UNSET);
    CHECK_NUMBER(reply.siaddr.number, OUR_ADDRESS);
    CHECK_NUMBER(reply.file.size, 0);
    CHECK(bytes_equal_text(dhcp_option_text(&reply, 209), "pxelinux.cfg/01-52-54-00-12-34-56"));
    discover(UBOOT_EFI, LOADER_CHOICE_UNSET);
    CHECK_TEXT(shown(reply.file), "grubaa64.efi");
    stop();
    start(ANSWER_DHCP_PROXY);
    discover(UBOOT, LOADER_CHOICE_UNSET);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK(strstr(answer.text, "name 10.77.0.1 as next server") != NULL);
    stop();
}

static void what_firmware_cannot_load_itself_is_left_to_ipxe(void)
{
    const struct {
        enum sender sender;
        const char *kernel, *file, *said;
    } rows[] = {
        {HTTP, "http://images/uki.efi", "http://images/uki.efi", ""},
        {UEFI, "http://images/uki.efi", "ipxe.efi", "its firmware cannot load 'http://images/uki.efi' itself"},
        {HTTP, "/assets/${mac}.efi", PROGRAM "ipxe.efi", "cannot load"},
        {HTTP, "", "", "profile 'p' names none"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        start(ANSWER_DHCP_PROXY);
        discover_with(rows[i].sender, LOADER_CHOICE_UKI, rows[i].kernel);
        CHECK_TEXT(shown(reply.file), rows[i].file);
        CHECK_ROW(rows[i].kernel, strstr(answer.text, rows[i].said) != NULL);
        stop();
    }
}

static void firmware_itself_boots_the_efi_program_and_by_http_the_image_of_a_profile(void)
{
    const struct {
        enum sender sender;
        const char *efi, *iso, *file;
    } rows[] = {
        {HTTP, "/assets/a.efi", "", "http://10.77.0.1:8080/assets/a.efi"},
        {UEFI, "/assets/a.efi", "", "assets/a.efi"},
        {HTTP, "/assets/a.efi", "/assets/a.iso", "http://10.77.0.1:8080/assets/a.efi"},
        {HTTP, "", "/assets/a.iso", "http://10.77.0.1:8080/assets/a.iso"},
        {HTTP, "", "http://images/a.iso", "http://images/a.iso"},
        {UEFI, "", "/assets/a.iso", "ipxe.efi"},
        {IPXE_EFI, "", "/assets/a.iso", SCRIPT},
        {BIOS, "", "/assets/a.iso", "undionly.kpxe"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(catalog_unref) struct catalog *catalog = a_catalog(LOADER_CHOICE_UNSET, LOADER_CHOICE_UKI, "");
        struct profile *profile = (struct profile *)catalog_profile(catalog, "p");
        free(profile->boot.efi);
        free(profile->boot.iso);
        profile->boot.efi = memory_text(rows[i].efi);
        profile->boot.iso = memory_text(rows[i].iso);
        start(ANSWER_DHCP_PROXY);
        ask(DHCP_DISCOVER);
        as(rows[i].sender);
        request.catalog = catalog;
        send();
        CHECK_TEXT(shown(reply.file), rows[i].file);
        stop();
    }
}

int main(void)
{
    RUN(firmware_itself_boots_the_efi_program_and_by_http_the_image_of_a_profile);
    RUN(each_firmware_is_given_the_program_of_its_groups_loader);
    RUN(lpxelinux_is_told_to_load_by_http);
    RUN(grub_beside_a_dhcp_server_depends_on_its_next_server);
    RUN(the_boot_server_says_the_same);
    RUN(the_configurations_loader_is_for_machines_without_another);
    RUN(http_boot_is_given_ipxe_or_nothing);
    RUN(a_missing_program_is_trouble_that_names_its_package);
    RUN(an_ipxe_is_given_another_one_only_once);
    RUN(the_ipxe_that_firmware_was_given_is_given_no_other);
    RUN(an_ipxe_of_ours_that_cannot_load_is_not_loaded_for_ever);
    RUN(an_ipxe_that_cannot_start_a_kernel_is_given_one_that_can);
    RUN(firmware_is_told_to_boot_its_disk);
    RUN(u_boot_learns_where_its_configuration_is);
    RUN(what_firmware_cannot_load_itself_is_left_to_ipxe);
    return test_result();
}
