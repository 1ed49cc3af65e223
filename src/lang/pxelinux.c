/* SPDX-License-Identifier: Apache-2.0 */
/* PXELINUX' configurations. */
#include "lang/pxelinux.h"

#include <string.h>

/* Columns of a line of a refusal: a text console has 80. */
#define LINE_LENGTH_MAX 72
/* How long a refusal stays on the screen, in tenths of a second. */
#define REFUSAL_TENTHS 150

/* Begins what is booted without a word from anybody. */
static void append_head(struct text *ret)
{
    text_append(ret, "DEFAULT muster\nPROMPT 0\n");
}

/* What ends a line, and a word in it, has no place in a value of a line. */
static void append_value(struct text *ret, const char *value)
{
    for (; *value; value++)
        text_append_char(ret, (unsigned char)*value < ' ' ? ' ' : *value);
}

/* The value of SAY, which is shown by the firmware in whatever it has for characters. */
static void append_shown(struct text *ret, const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)value[i];
        bool continues = (octet & 0xc0) == 0x80;
        if (octet >= 0x80)
            text_append(ret, continues ? "" : "?");
        else
            text_append_char(ret, octet < ' ' || octet == 0x7f ? '?' : (char)octet);
    }
}

static void append_says(struct text *ret, const char *reason)
{
    while (*reason) {
        size_t length = strlen(reason);
        size_t cut = length < LINE_LENGTH_MAX ? length : LINE_LENGTH_MAX;
        while (cut < length && cut > 0 && reason[cut] != ' ')
            cut--;
        if (cut == 0)
            cut = LINE_LENGTH_MAX;
        text_append(ret, "SAY ");
        append_shown(ret, reason, cut);
        text_append(ret, "\n");
        reason += cut;
        reason += strspn(reason, " ");
    }
}

/* A name stands in a list with commas between, and ends with its line. */
static int check_name(const char *name, struct diag *why)
{
    if (strlen(name) > PXELINUX_FILE_NAME_MAX)
        return fail(why, 1, "PXELINUX takes names of %d characters, and '%.80s...' has %zu", PXELINUX_FILE_NAME_MAX,
                    name, strlen(name));
    if (strpbrk(name, " ,\t\r\n"))
        return fail(why, 1, "PXELINUX takes no space and no comma in the name of a file: '%.80s'", name);
    return 0;
}

static int check_names(const struct pxelinux_boot *boot, struct diag *why)
{
    int result = check_name(boot->kernel, why);
    for (size_t i = 0; i < boot->initrd_count && result == 0; i++)
        result = check_name(boot->initrd[i], why);
    return result;
}

static void append_initrds(struct text *ret, const struct pxelinux_boot *boot)
{
    for (size_t i = 0; i < boot->initrd_count; i++)
        text_print(ret, "%s%s", i > 0 ? "," : "", boot->initrd[i]);
}

/* PXELINUX puts "BOOT_IMAGE=KERNEL " before and " initrd=NAMES" behind the arguments. */
static int check_length(const struct text *initrds, const struct text *args, const struct pxelinux_boot *boot,
                        struct diag *why)
{
    size_t length = args->length + strlen("BOOT_IMAGE= ") + strlen(boot->kernel);
    if (initrds->length > 0)
        length += strlen(" initrd=") + initrds->length;
    if (length <= PXELINUX_COMMAND_LINE_MAX)
        return 0;
    return fail(why, 1, "the kernel's command line has %zu octets with the names of its files, and PXELINUX takes %d",
                length, PXELINUX_COMMAND_LINE_MAX);
}

int pxelinux_write_boot(struct text *ret, const struct pxelinux_boot *boot, struct diag *why)
{
    AUTO(text_finish) struct text initrds = {0};
    AUTO(text_finish) struct text args = {0};
    append_initrds(&initrds, boot);
    for (size_t i = 0; i < boot->args_count; i++) {
        text_append(&args, i > 0 ? " " : "");
        append_value(&args, boot->args[i]);
    }
    int result = check_names(boot, why);
    if (result == 0)
        result = check_length(&initrds, &args, boot, why);
    if (result != 0)
        return result;
    if (boot->note)
        append_says(ret, boot->note);
    append_head(ret);
    text_print(ret, "LABEL muster\n  LINUX %s\n", boot->kernel);
    if (initrds.length > 0)
        text_print(ret, "  INITRD %s\n", initrds.characters);
    /* A hyphen alone would be read as nothing. */
    if (args.length > 0)
        text_print(ret, "  APPEND %s\n", text_is(args.characters, "-") ? "- " : args.characters);
    return 0;
}

void pxelinux_write_local(struct text *ret)
{
    append_head(ret);
    text_append(ret, "LABEL muster\n  LOCALBOOT 0\n");
}

void pxelinux_write_refusal(struct text *ret, const char *reason)
{
    append_says(ret, "muster has nothing to boot for this machine:");
    append_says(ret, reason);
    text_print(ret,
               "SAY going on to the next boot device in %d seconds\n"
               "DEFAULT muster\nPROMPT 1\nTIMEOUT %d\nLABEL muster\n  LOCALBOOT 0\n",
               REFUSAL_TENTHS / 10, REFUSAL_TENTHS);
}

static void append_shown_text(struct text *ret, const char *value)
{
    append_shown(ret, value, strlen(value));
    text_append_char(ret, '\n');
}

/* A caret in a title would make a key of what is behind it. */
static void append_title(struct text *ret, const char *title)
{
    size_t start = ret->length;
    append_shown_text(ret, title);
    for (size_t i = start; i < ret->length; i++)
        if (ret->characters[i] == '^')
            ret->characters[i] = '\'';
}

static void append_item(struct text *ret, const struct menu_item *item, size_t number, bool has_module)
{
    text_print(ret, "LABEL %zu\n", number);
    if (has_module) {
        text_append(ret, "  MENU LABEL ");
        append_title(ret, item->title);
        if (item->password)
            text_print(ret, "  MENU PASSWD %s\n", item->password);
    }
    if (item->place)
        text_print(ret, "  CONFIG %s\n", item->place);
    else
        text_append(ret, "  LOCALBOOT 0\n");
}

static void append_items(struct text *ret, const struct menu_page *page)
{
    for (size_t i = 0; i < page->item_count; i++)
        if (page->module || !page->items[i].password)
            append_item(ret, &page->items[i], i + 1, page->module);
}

/* What is typed is a number, nothing else. */
static void append_prompt(struct text *ret, const struct menu_page *page)
{
    text_append(ret, "SAY ");
    append_shown_text(ret, page->title);
    for (size_t i = 0; i < page->item_count; i++) {
        if (page->items[i].password)
            continue;
        text_print(ret, "SAY %3zu  ", i + 1);
        append_shown_text(ret, page->items[i].title);
    }
    if (menu_page_has_password(page))
        text_append(ret, "SAY Entries with a password need menu.c32, which the server does not have.\n");
    text_append(ret, "SAY Type a number and press Enter.\nPROMPT 1\nIMPLICIT 0\nALLOWOPTIONS 0\n");
}

static void append_page(struct text *ret, const struct menu_page *page)
{
    text_print(ret, "UI %s\nPROMPT 0\nMENU TITLE ", page->module);
    append_title(ret, page->title);
    if (page->password)
        text_print(ret, "MENU MASTER PASSWD %s\n", page->password);
    if (menu_page_has_password(page))
        text_append(ret, "NOESCAPE 1\nALLOWOPTIONS 0\n");
}

void pxelinux_write_menu(struct text *ret, const struct menu_page *page)
{
    if (page->module)
        append_page(ret, page);
    else
        append_prompt(ret, page);
    text_print(ret, "DEFAULT %zu\nTIMEOUT %u\n", page->fallback + 1, page->timeout * 10);
    append_items(ret, page);
}
