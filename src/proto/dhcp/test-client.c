/* SPDX-License-Identifier: Apache-2.0 */
/* Telling clients apart. */
#include "proto/dhcp/client.h"

#include "proto/dhcp/test-packets.h"
#include "test.h"

static struct message message;
static struct dhcp_packet packet;
static struct dhcp_client client;

/* One client: option 60, option 93, and others as they stand on the wire. NULL: not sent. */
struct row {
    const char *what;
    const char *vendor_class;
    int arch; /* -1: no option 93 */
    struct bytes others;
    enum dhcp_client_kind kind;
    const char *buildarch; /* NULL: arch unknown */
    enum dhcp_pxe_class_kind answered;
};

#define NONE                                                                                                           \
    {                                                                                                                  \
        NULL, 0                                                                                                        \
    }
#define OTHERS(octets)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)(octets), sizeof(octets) - 1                                                                  \
    }
#define PI_PARAMETERS "\x37\x0e\x2b\x3c\x43\x80\x81\x82\x83\x84\x85\x86\x87\x42\x01\x03"

static const struct row rows[] = {
    {"an operating system", NULL, -1, NONE, DHCP_CLIENT_PLAIN, NULL, DHCP_PXE_CLASS_NONE},
    {"udhcpc", "udhcp 1.35.0", -1, NONE, DHCP_CLIENT_PLAIN, NULL, DHCP_PXE_CLASS_NONE},
    {"BIOS ROM", "PXEClient:Arch:00000:UNDI:002001", 0, NONE, DHCP_CLIENT_PXE, "i386", DHCP_PXE_CLASS_PXE},
    {"BIOS without 93", "PXEClient:Arch:00000:UNDI:002001", -1, NONE, DHCP_CLIENT_PXE, "i386", DHCP_PXE_CLASS_PXE},
    {"EDK2 x64", "PXEClient:Arch:00007:UNDI:003000", 7, NONE, DHCP_CLIENT_PXE, "x86_64", DHCP_PXE_CLASS_PXE},
    {"EDK2 riscv64", "PXEClient:Arch:00027:UNDI:003000", 27, NONE, DHCP_CLIENT_PXE, "riscv64", DHCP_PXE_CLASS_PXE},
    {"EDK2 HTTP x64", "HTTPClient:Arch:00016:UNDI:003016", 16, NONE, DHCP_CLIENT_HTTP, "x86_64", DHCP_PXE_CLASS_HTTP},
    {"HTTP without 93", "HTTPClient:Arch:00019:UNDI:003016", -1, NONE, DHCP_CLIENT_HTTP, "arm64", DHCP_PXE_CLASS_HTTP},
    {"93 and a bare 60", "PXEClient", 7, NONE, DHCP_CLIENT_PXE, "x86_64", DHCP_PXE_CLASS_PXE},
    {"an unknown code", "PXEClient:Arch:00999:UNDI:003000", 999, NONE, DHCP_CLIENT_PXE, NULL, DHCP_PXE_CLASS_PXE},
    {"iPXE BIOS", "PXEClient:Arch:00000:UNDI:002001", 0, OTHERS("\x4d\x04iPXE"), DHCP_CLIENT_IPXE, "i386",
     DHCP_PXE_CLASS_PXE},
    {"iPXE, RFC 3004", "PXEClient:Arch:00007:UNDI:003010", 7, OTHERS("\x4d\x05\x04iPXE"), DHCP_CLIENT_IPXE, "x86_64",
     DHCP_PXE_CLASS_PXE},
    {"iPXE with another user class", "PXEClient:Arch:00007:UNDI:003010", 7,
     OTHERS("\x4d\x06muster\xaf\x03\x13\x01\x01"), DHCP_CLIENT_IPXE, "x86_64", DHCP_PXE_CLASS_PXE},
    {"iPXE without 60", NULL, -1, OTHERS("\x4d\x04iPXE"), DHCP_CLIENT_IPXE, NULL, DHCP_PXE_CLASS_NONE},
    {"iPXE on a Raspberry Pi", "PXEClient:Arch:00000:UNDI:002001", 0, OTHERS(PI_PARAMETERS "\x4d\x04iPXE"),
     DHCP_CLIENT_IPXE, "i386", DHCP_PXE_CLASS_PXE},
    {"another user class", "PXEClient:Arch:00007:UNDI:003010", 7, OTHERS("\x4d\x05other"), DHCP_CLIENT_PXE, "x86_64",
     DHCP_PXE_CLASS_PXE},
    {"U-Boot", "U-Boot.armv8", 0x16, NONE, DHCP_CLIENT_UBOOT, "arm64", DHCP_PXE_CLASS_UBOOT},
    {"U-Boot without 93", "U-Boot.armv7", -1, NONE, DHCP_CLIENT_UBOOT, NULL, DHCP_PXE_CLASS_UBOOT},
    {"U-Boot without 60", NULL, 0x15, NONE, DHCP_CLIENT_UBOOT, "arm32", DHCP_PXE_CLASS_NONE},
    {"U-Boot as EFI", "PXEClient:Arch:0001b:UNDI:003000", 0x1b, NONE, DHCP_CLIENT_UBOOT, "riscv64", DHCP_PXE_CLASS_PXE},
    {"U-Boot as EFI, digits only", "PXEClient:Arch:00027:UNDI:003000", 0x27, NONE, DHCP_CLIENT_UBOOT, "loong64",
     DHCP_PXE_CLASS_PXE},
    {"Raspberry Pi by parameters", "PXEClient:Arch:00000:UNDI:002001", 0, OTHERS(PI_PARAMETERS), DHCP_CLIENT_RASPBERRY,
     "i386", DHCP_PXE_CLASS_PXE},
    {"Raspberry Pi by code", "PXEClient:Arch:00041:UNDI:002001", 41, NONE, DHCP_CLIENT_RASPBERRY, "arm64",
     DHCP_PXE_CLASS_PXE},
    {"UEFI on a Raspberry Pi", "PXEClient:Arch:00011:UNDI:003000", 11, OTHERS(PI_PARAMETERS), DHCP_CLIENT_PXE, "arm64",
     DHCP_PXE_CLASS_PXE},
    {"Cisco IOS-XR", "PXEClient:Arch:00009:UNDI:003010:PID:NCS-5508", -1, NONE, DHCP_CLIENT_PLAIN, NULL,
     DHCP_PXE_CLASS_NONE},
    {"a bare 60", "PXEClient", -1, NONE, DHCP_CLIENT_PLAIN, NULL, DHCP_PXE_CLASS_NONE},
    {"another vendor with 93", "HW-Client", 0, NONE, DHCP_CLIENT_PLAIN, "i386", DHCP_PXE_CLASS_NONE},
};

static void classify(const struct row *row)
{
    struct writer *w = discover_begin(&message);
    if (row->vendor_class)
        write_option_of(w, DHCP_OPTION_VENDOR_CLASS, row->vendor_class, strlen(row->vendor_class));
    const uint8_t arch[] = {(uint8_t)(row->arch >> 8), (uint8_t)row->arch};
    if (row->arch >= 0)
        write_option_of(w, DHCP_OPTION_ARCHITECTURE, arch, sizeof arch);
    write_bytes(w, row->others);
    CHECK_ROW(row->what, dhcp_packet_parse(&packet, message_end(&message), NULL) == DHCP_OK);
    dhcp_client_classify(&client, &packet);
}

static void clients_are_told_apart(void)
{
    for (size_t i = 0; i < LENGTH(rows); i++) {
        classify(&rows[i]);
        CHECK_ROW(rows[i].what, client.kind == rows[i].kind);
        CHECK_ROW(rows[i].what, client.vendor_class == rows[i].answered);
        CHECK_ROW(rows[i].what, !client.arch == !rows[i].buildarch);
        CHECK_ROW(rows[i].what, !client.arch || strcmp(client.arch->buildarch, rows[i].buildarch) == 0);
        CHECK_ROW(rows[i].what, rows[i].arch < 0 || (client.has_arch && client.arch_code == rows[i].arch));
    }
}

static void a_plain_client_that_looks_bootable_is_noted(void)
{
    for (size_t i = 0; i < LENGTH(rows); i++) {
        classify(&rows[i]);
        bool looks_bootable = rows[i].arch >= 0 || (rows[i].vendor_class && strstr(rows[i].vendor_class, "Client"));
        CHECK_ROW(rows[i].what, (client.note != NULL) == (client.kind == DHCP_CLIENT_PLAIN && looks_bootable));
    }
}

static void a_raspberry_pi_is_known_by_its_maker(void)
{
    const struct {
        const char *octets;
        enum dhcp_client_kind kind;
    } makers[] = {
        {"\xb8\x27\xeb", DHCP_CLIENT_RASPBERRY}, {"\xdc\xa6\x32", DHCP_CLIENT_RASPBERRY},
        {"\xe4\x5f\x01", DHCP_CLIENT_RASPBERRY}, {"\x2c\xcf\x67", DHCP_CLIENT_RASPBERRY},
        {"\xb8\x27\xec", DHCP_CLIENT_PXE},
    };
    for (size_t i = 0; i < LENGTH(makers); i++) {
        struct writer *w = discover_begin(&message);
        memcpy(message.octets + 28, makers[i].octets, 3);
        WRITE_OPTION(w, DHCP_OPTION_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001");
        CHECK_NUMBER(dhcp_packet_parse(&packet, message_end(&message), NULL), DHCP_OK);
        dhcp_client_classify(&client, &packet);
        CHECK_NUMBER(client.kind, makers[i].kind);
    }
}

static void of_several_architectures_the_first_known_one_counts(void)
{
    const struct {
        struct bytes option;
        uint16_t code;
        bool is_known;
    } lists[] = {
        {OTHERS("\x5d\x04\x00\x07\x00\x00"), 7, true},
        {OTHERS("\x5d\x06\x03\xe7\x00\x0b\x00\x07"), 11, true},
        {OTHERS("\x5d\x04\x03\xe7\x03\xe8"), 999, false},
    };
    for (size_t i = 0; i < LENGTH(lists); i++) {
        classify(&(struct row){.what = "list", .vendor_class = "PXEClient", .arch = -1, .others = lists[i].option});
        CHECK(client.kind == DHCP_CLIENT_PXE && client.has_arch && client.arch_code == lists[i].code);
        CHECK((client.arch != NULL) == lists[i].is_known);
    }
}

static void all_that_a_client_tells_is_kept(void)
{
    struct writer *w = discover_begin(&message);
    WRITE_OPTION(w, DHCP_OPTION_VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003010");
    WRITE_OPTION(w, DHCP_OPTION_IPXE, "\x13\x01\x01\xeb\x03\x01\x15\x01");
    WRITE_OPTION(w, DHCP_OPTION_MACHINE_ID,
                 "\x00"
                 "0123456789abcdef");
    WRITE_OPTION(w, DHCP_OPTION_VENDOR, "\x47\x04\x80\x00\x00\x00\xff");
    WRITE_OPTION(w, DHCP_OPTION_MAX_SIZE, "\x05\xc0");
    CHECK_NUMBER(dhcp_packet_parse(&packet, message_end(&message), NULL), DHCP_OK);
    dhcp_client_classify(&client, &packet);
    CHECK(client.kind == DHCP_CLIENT_IPXE && client.arch->platform == ARCH_EFI && !client.note);
    CHECK(dhcp_ipxe_has(&client.ipxe, DHCP_IPXE_HTTP) && !dhcp_ipxe_has(&client.ipxe, DHCP_IPXE_BZIMAGE));
    CHECK(client.ipxe.has_version && client.ipxe.version[1] == 0x15);
    CHECK(client.has_uuid && memcmp(&client.uuid, "0123456789abcdef", 16) == 0);
    CHECK(client.has_boot_item && client.boot_item.type == 0x8000);
    CHECK_NUMBER(client.reply_max, 1444);
}

/* Reads a message of a real client from test/data/packets; the build sets TEST_DATA. */
static struct bytes captured(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/packets/%s", getenv("TEST_DATA") ?: "test/data", name);
    FILE *file = fopen(path, "rb");
    CHECK_ROW(path, file != NULL);
    size_t size = file ? fread(message.octets, 1, sizeof message.octets, file) : 0;
    if (file)
        fclose(file);
    return bytes_of(message.octets, size);
}

static void captured_clients_are_told_apart(void)
{
    const struct {
        const char *file;
        enum dhcp_client_kind kind;
        int arch;
        size_t reply_max;
        bool has_uuid;
    } captures[] = {
        {"dhclient-discover", DHCP_CLIENT_PLAIN, -1, 548, false},
        {"udhcpc-discover", DHCP_CLIENT_PLAIN, -1, 548, false},
        {"ipxe-bios-discover", DHCP_CLIENT_IPXE, 0x00, 1444, true},
        {"ovmf-pxe-discover", DHCP_CLIENT_PXE, 0x07, 1444, true},
        {"ovmf-http-discover", DHCP_CLIENT_HTTP, 0x10, 1444, true},
    };
    for (size_t i = 0; i < LENGTH(captures); i++) {
        CHECK_ROW(captures[i].file, dhcp_packet_parse(&packet, captured(captures[i].file), NULL) == DHCP_OK);
        dhcp_client_classify(&client, &packet);
        CHECK_ROW(captures[i].file, packet.message_type == DHCP_DISCOVER && !client.note);
        CHECK_ROW(captures[i].file, client.kind == captures[i].kind);
        CHECK_ROW(captures[i].file, client.has_arch ? client.arch_code == captures[i].arch : captures[i].arch == -1);
        CHECK_ROW(captures[i].file, client.reply_max == captures[i].reply_max);
        CHECK_ROW(captures[i].file, client.has_uuid == captures[i].has_uuid);
    }
}

static void the_ipxe_rom_lists_what_it_can_do(void)
{
    CHECK_NUMBER(dhcp_packet_parse(&packet, captured("ipxe-bios-discover"), NULL), DHCP_OK);
    dhcp_client_classify(&client, &packet);
    CHECK(client.ipxe.has_bus && client.ipxe.bus_vendor == 0x1af4 && client.ipxe.has_version);
    CHECK(dhcp_ipxe_has(&client.ipxe, DHCP_IPXE_HTTP) && dhcp_ipxe_has(&client.ipxe, DHCP_IPXE_BZIMAGE));
    CHECK(dhcp_ipxe_has(&client.ipxe, DHCP_IPXE_TFTP) && !dhcp_ipxe_has(&client.ipxe, DHCP_IPXE_EFI));
}

static void kinds_have_names(void)
{
    CHECK_TEXT(dhcp_client_kind_to_text(DHCP_CLIENT_PLAIN), "plain");
    CHECK_TEXT(dhcp_client_kind_to_text(DHCP_CLIENT_RASPBERRY), "Raspberry Pi");
}

int main(void)
{
    RUN(clients_are_told_apart);
    RUN(a_plain_client_that_looks_bootable_is_noted);
    RUN(a_raspberry_pi_is_known_by_its_maker);
    RUN(of_several_architectures_the_first_known_one_counts);
    RUN(all_that_a_client_tells_is_kept);
    RUN(captured_clients_are_told_apart);
    RUN(the_ipxe_rom_lists_what_it_can_do);
    RUN(kinds_have_names);
    return test_result();
}
