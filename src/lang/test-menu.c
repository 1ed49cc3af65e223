/* SPDX-License-Identifier: Apache-2.0 */
/* One menu as each boot program is given it. */
#include "lang/menu.h"

#include "base/array.h"
#include "lang/grub.h"
#include "lang/ipxe.h"
#include "lang/pxelinux.h"
#include "test.h"

static const struct menu_item items[] = {
    {.title = "De^bian 12 ${x}", .place = "/one"},
    {.title = "-Rescue; 'it'", .place = "/two?a=$b", .password = "hash2", .user = "res cue"},
    {.title = "Memory test", .place = "/three", .password = "hash", .user = MENU_USER},
    {.title = "Local disk"},
};
static const struct menu_page page = {.title = "Choose\nSAY x",
                                      .timeout = 15,
                                      .fallback = 3,
                                      .password = "hash",
                                      .module = "menu.c32",
                                      .items = items,
                                      .item_count = LENGTH(items)};

static void pxelinux_shows_it_with_its_module(void)
{
    AUTO(text_finish) struct text text = {0};
    pxelinux_write_menu(&text, &page);
    CHECK_TEXT(text_characters(&text), "UI menu.c32\nPROMPT 0\nMENU TITLE Choose?SAY x\nMENU MASTER PASSWD hash\n"
                                       "NOESCAPE 1\nALLOWOPTIONS 0\nDEFAULT 4\nTIMEOUT 150\n"
                                       "LABEL 1\n  MENU LABEL De'bian 12 ${x}\n  CONFIG /one\n"
                                       "LABEL 2\n  MENU LABEL -Rescue; 'it'\n  MENU PASSWD hash2\n  CONFIG /two?a=$b\n"
                                       "LABEL 3\n  MENU LABEL Memory test\n  MENU PASSWD hash\n  CONFIG /three\n"
                                       "LABEL 4\n  MENU LABEL Local disk\n  LOCALBOOT 0\n");
}

static void without_the_module_numbers_are_typed_and_passwords_cannot_be(void)
{
    AUTO(text_finish) struct text text = {0};
    struct menu_page plain = page;
    plain.module = NULL;
    plain.timeout = 0;
    pxelinux_write_menu(&text, &plain);
    CHECK_TEXT(text_characters(&text), "SAY Choose?SAY x\nSAY   1  De^bian 12 ${x}\nSAY   4  Local disk\n"
                                       "SAY Entries with a password need menu.c32, which the server does not have.\n"
                                       "SAY Type a number and press Enter.\nPROMPT 1\nIMPLICIT 0\nALLOWOPTIONS 0\n"
                                       "DEFAULT 4\nTIMEOUT 0\nLABEL 1\n  CONFIG /one\nLABEL 4\n  LOCALBOOT 0\n");
}

static void grub_asks_for_the_user_of_a_password(void)
{
    AUTO(text_finish) struct text text = {0};
    grub_write_menu(&text, &page);
    CHECK(text_starts_with(text_characters(&text),
                           "set timeout=15\nset timeout_style=menu\nset default=3\nset superusers=muster\n"
                           "password_pbkdf2 muster hash\npassword_pbkdf2 res_cue hash2\nclear\necho \"Choose?SAY x\"\n"
                           "menuentry \"De^bian 12 \\${x}\" --unrestricted {\nconfigfile \"/one\"\n}\n"
                           "menuentry \"-Rescue; 'it'\" --users res_cue {\nconfigfile \"/two?a=\\$b\"\n}\n"
                           "menuentry \"Memory test\" --users muster {\nconfigfile \"/three\"\n}\n"
                           "menuentry \"Local disk\" --unrestricted {\nif [ "));
}

static void grub_without_passwords_restricts_nothing(void)
{
    AUTO(text_finish) struct text text = {0};
    grub_write_menu(&text, &(struct menu_page){.title = "t", .items = items, .item_count = 1});
    CHECK_TEXT(text_characters(&text), "set timeout=-1\nset timeout_style=menu\nset default=0\nclear\necho \"t\"\n"
                                       "menuentry \"De^bian 12 \\${x}\" {\nconfigfile \"/one\"\n}\n");
}

static void ipxe_asks_for_a_password_before_it_chains(void)
{
    AUTO(text_finish) struct text text = {0};
    ipxe_write_menu(&text, &page);
    CHECK_TEXT(text_characters(&text),
               "#!ipxe\n:menu\nmenu Choose%0ASAY x\nitem item1 De^bian 12 %24{x}\nitem item2 %2DRescue%3B 'it'\n"
               "item item3 Memory test\nitem item4 Local disk\n"
               "choose --timeout 15000 --default item4 chosen && goto ${chosen} || goto menu\n"
               "\n:item1\nchain --autofree /one || goto failed\n"
               "\n:item2\nset username muster\nclear password\nlogin || goto menu\n"
               "chain --autofree /two?a=$b || goto failed\n"
               "\n:item3\nset username muster\nclear password\nlogin || goto menu\n"
               "chain --autofree /three || goto failed\n"
               "\n:item4\niseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\nexit 1\n"
               "\n:failed\necho muster: this could not be booted; back to the menu in 5 seconds\nsleep 5\ngoto menu\n");
}

int main(void)
{
    RUN(pxelinux_shows_it_with_its_module);
    RUN(without_the_module_numbers_are_typed_and_passwords_cannot_be);
    RUN(grub_asks_for_the_user_of_a_password);
    RUN(grub_without_passwords_restricts_nothing);
    RUN(ipxe_asks_for_a_password_before_it_chains);
    return test_result();
}
