/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/script-name.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static void each_name_says_for_whom_it_is(void)
{
    static const struct {
        const char *path;
        enum script_language language;
        enum script_key key;
        const char *says; /* the MAC, the UUID in the order sent, the address */
    } rows[] = {
        {"pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d", SCRIPT_PXELINUX, SCRIPT_OF_UUID,
         "b8945908-d6a6-41a9-611d-74a6ab80b83d"},
        {"pxelinux.cfg/01-88-99-aa-bb-cc-dd", SCRIPT_PXELINUX, SCRIPT_OF_MAC, "88:99:aa:bb:cc:dd"},
        {"PXELINUX.CFG/01-88-99-AA-BB-CC-DD", SCRIPT_PXELINUX, SCRIPT_OF_MAC, "88:99:aa:bb:cc:dd"},
        {"bios/6.04/pxelinux.cfg/C0A8025B", SCRIPT_PXELINUX, SCRIPT_OF_ADDRESS, "192.168.2.91"},
        {"pxelinux.cfg/C0A8025", SCRIPT_PXELINUX, SCRIPT_OF_ADDRESS, "0.0.0.0"},
        {"pxelinux.cfg/C", SCRIPT_PXELINUX, SCRIPT_OF_ADDRESS, "0.0.0.0"},
        {"pxelinux.cfg/default", SCRIPT_PXELINUX, SCRIPT_OF_ANY, ""},
        {"pxelinux.cfg/default-arm-sunxi-lichee", SCRIPT_PXELINUX, SCRIPT_OF_ANY, ""},
        {"pxelinux.cfg/default-arm", SCRIPT_PXELINUX, SCRIPT_OF_ANY, ""},
        {"grub/grub.cfg", SCRIPT_GRUB, SCRIPT_OF_ANY, ""},
        {"grub.cfg", SCRIPT_GRUB, SCRIPT_OF_ANY, ""},
        {"EFI/debian/grub.cfg", SCRIPT_GRUB, SCRIPT_OF_ANY, ""},
        {"grub/x86_64-efi/grub.cfg", SCRIPT_GRUB, SCRIPT_OF_ANY, ""},
        {"grub/grub.cfg-01-52-54-00-00-00-01", SCRIPT_GRUB, SCRIPT_OF_MAC, "52:54:00:00:00:01"},
        {"grub/grub.cfg-0A4D0001", SCRIPT_GRUB, SCRIPT_OF_ADDRESS, "10.77.0.1"},
        {"grub/grub.cfg-0A", SCRIPT_GRUB, SCRIPT_OF_ADDRESS, "0.0.0.0"},
        {"grub/grub.cfg-b8945908-d6a6-41a9-611d-74a6ab80b83d", SCRIPT_GRUB, SCRIPT_OF_UUID,
         "b8945908-d6a6-41a9-611d-74a6ab80b83d"},
        {"autoexec.ipxe", SCRIPT_IPXE, SCRIPT_OF_ANY, ""},
        {"efi/AUTOEXEC.IPXE", SCRIPT_IPXE, SCRIPT_OF_ANY, ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct script_name name;
        char text[MAC_TEXT_MAX] = "";
        CHECK_ROW(rows[i].path, script_name_parse(&name, rows[i].path));
        CHECK_ROW(rows[i].path, name.language == rows[i].language && name.key == rows[i].key && !name.choice);
        if (name.key == SCRIPT_OF_MAC)
            mac_to_text(text, &name.mac, ':');
        else if (name.key == SCRIPT_OF_UUID)
            uuid_to_wire_text(text, &name.uuid);
        else if (name.key == SCRIPT_OF_ADDRESS)
            ipv4_to_text(text, name.address);
        CHECK_TEXT(text, rows[i].says);
    }
}

static void a_choice_from_a_menu_is_told_from_the_name(void)
{
    struct script_name name;
    CHECK(script_name_parse(&name, "a/pxelinux.cfg/01-88-99-aa-bb-cc-dd/profile/debian 12/x"));
    CHECK_TEXT(name.choice, "debian 12/x");
    CHECK_NUMBER(name.key, SCRIPT_OF_MAC);
    CHECK_NUMBER((long long)name.name_length, (long long)strlen("a/pxelinux.cfg/01-88-99-aa-bb-cc-dd"));
    CHECK(script_name_parse(&name, "grub/grub.cfg/profile/p"));
    CHECK_TEXT(name.choice, "p");
    CHECK(script_name_parse(&name, "srv/profile/pxelinux.cfg/default"));
    CHECK(!name.choice);
    CHECK(script_name_parse(&name, "srv/profile/pxelinux.cfg/default/profile/p"));
    CHECK_TEXT(name.choice, "p");
}

static void other_names_are_none(void)
{
    static const char *const paths[] = {
        "",
        "/",
        "pxelinux.cfg",
        "pxelinux.cfg/",
        "pxelinux.cfg/defaults",
        "pxelinux.cfg/C0A8025B0",
        "pxelinux.cfg/1-88-99-aa-bb-cc-dd",
        "pxelinux.cfg/01-88-99-aa-bb-cc",
        "pxelinux.cfg/01-88-99-aa-bb-cc-dd-",
        "pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83",
        "pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d0",
        "pxelinux.cfg/b8945908d6a6-41a9-611d-74a6ab80b83d",
        "pxelinux.cfg/b8945908-d6a6-41a9-611d-74a6ab80b83d-",
        "pxelinux.cfg/+1",
        "pxelinux.cfg/0x1",
        "pxelinux.cfg/-1",
        "pxelinux.cfg/x/default",
        "notpxelinux.cfg/default",
        "default",
        "grub.cfg.d",
        "grub.cfg-",
        "grub.cfg-host",
        "grub/grub.cfg/profile/",
        "ldlinux.c32",
        "grub/x86_64-efi/normal.mod",
        "autoexec.ipxe/x",
    };
    for (size_t i = 0; i < LENGTH(paths); i++) {
        struct script_name name;
        CHECK_ROW(paths[i], !script_name_parse(&name, paths[i]));
    }
}

int main(void)
{
    RUN(each_name_says_for_whom_it_is);
    RUN(a_choice_from_a_menu_is_told_from_the_name);
    RUN(other_names_are_none);
    return test_result();
}
