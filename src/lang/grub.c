/* SPDX-License-Identifier: Apache-2.0 */
/* GRUB scripts. */
#include "lang/grub.h"

#include <string.h>

/* Columns of a line of a refusal, and how long it stays on the screen. */
#define LINE_LENGTH_MAX 72
#define REFUSAL_SECONDS 15

/* The length of GRUB's "${net_...}" at the start of text; 0 when there is none. What GRUB knows of the network is the
 * one thing that nobody else can tell a kernel. */
static size_t setting_length(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (!text_starts_with(text, "${net_"))
        return 0;
    size_t length = strlen("${") + strspn(text + strlen("${"), letters);
    return text[length] == '}' ? length + 1 : 0;
}

/* Inside of double quotes, where a backslash takes the meaning from these three. A line cannot be ended by a text. */
static void append_quoted(struct text *ret, const char *text)
{
    while (*text) {
        size_t setting = setting_length(text);
        if (setting > 0) {
            text_append_bytes(ret, bytes_of(text, setting));
            text += setting;
            continue;
        }
        if (strchr("\\\"$", *text))
            text_append_char(ret, '\\');
        text_append_char(ret, (unsigned char)*text < ' ' ? ' ' : *text);
        text++;
    }
}

/* Whether a word means the same with quotes and without. */
static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/=+@%^~!?";
    return word[strspn(word, plain)] == '\0' && word[0] != '\0';
}

static void append_word(struct text *ret, const char *word)
{
    text_append_char(ret, ' ');
    if (is_plain(word)) {
        text_append(ret, word);
        return;
    }
    text_append_char(ret, '"');
    append_quoted(ret, word);
    text_append_char(ret, '"');
}

/* The words of an argument as Linux takes a command line apart (lib/cmdline.c): a space within double quotes is of the
 * word, the quotes are not. */
static void append_arg(struct text *ret, const char *arg)
{
    AUTO(text_finish) struct text word = {0};
    bool quoted = false;
    bool begun = false;
    for (; *arg; arg++) {
        bool space = (unsigned char)*arg <= ' ';
        if (space && !quoted) {
            if (begun)
                append_word(ret, text_characters(&word));
            text_clear(&word);
            begun = false;
            continue;
        }
        begun = true;
        if (*arg == '"')
            quoted = !quoted;
        else
            text_append_char(&word, *arg);
    }
    if (begun)
        append_word(ret, text_characters(&word));
}

static void append_kernel(struct text *ret, const struct grub_boot *boot)
{
    text_append(ret, " \"");
    append_quoted(ret, boot->kernel);
    text_append_char(ret, '"');
    for (size_t i = 0; i < boot->args_count; i++)
        append_arg(ret, boot->args[i]);
}

static void append_initrds(struct text *ret, const struct grub_boot *boot)
{
    for (size_t i = 0; i < boot->initrd_count; i++) {
        text_append(ret, " \"");
        append_quoted(ret, boot->initrd[i]);
        text_append_char(ret, '"');
    }
}

static void append_entry(struct text *ret, const struct grub_boot *boot, const char *firmware,
                         const char *linux_command, const char *initrd_command)
{
    text_print(ret, "menuentry \"CoreOS (%s)\" {\necho \"Loading kernel\"\n%s", firmware, linux_command);
    append_kernel(ret, boot);
    if (boot->initrd_count > 0)
        text_print(ret, "\necho \"Loading initrd\"\n%s ", initrd_command);
    append_initrds(ret, boot);
    text_append(ret, "\n}\n");
}

void grub_write_boot(struct text *ret, const struct grub_boot *boot)
{
    text_append(ret, "default=0\nfallback=1\ntimeout=1\n");
    append_entry(ret, boot, "EFI", "linuxefi", "initrdefi");
    append_entry(ret, boot, "BIOS", "linux", "initrd");
}

void grub_append_path(struct text *ret, struct bytes url)
{
    static const char *const protocols[] = {"http", "tftp"};
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        size_t length = strlen(protocols[i]);
        struct bytes behind = bytes_slice(url, length, url.size);
        if (!bytes_start_with(url, protocols[i]) || !bytes_start_with(behind, "://"))
            continue;
        struct bytes place = bytes_slice(behind, strlen("://"), behind.size);
        const uint8_t *slash = place.size > 0 ? memchr(place.data, '/', place.size) : NULL;
        size_t host = slash ? (size_t)(slash - place.data) : place.size;
        text_print(ret, "(%s,%.*s)", protocols[i], (int)host, (const char *)place.data);
        text_append_bytes(ret, bytes_slice(place, host, place.size));
        return;
    }
    text_append_bytes(ret, url);
}

/* Inside of double quotes, where nothing of a reason is GRUB's to expand. What its console cannot show is a '?'. */
static void append_shown(struct text *ret, char character)
{
    bool can_be_shown = character >= ' ' && character <= '~';
    if (can_be_shown && strchr("\\\"$", character))
        text_append_char(ret, '\\');
    text_append_char(ret, can_be_shown ? character : '?');
}

static void append_reason(struct text *ret, const char *reason)
{
    size_t column = 0;
    text_append(ret, "echo \"");
    for (; *reason; reason++) {
        size_t word = strcspn(reason, " ");
        if (column > 0 && *reason != ' ' && reason[-1] == ' ' && column + word > LINE_LENGTH_MAX) {
            text_append(ret, "\"\necho \"");
            column = 0;
        }
        append_shown(ret, *reason);
        column++;
    }
    text_append(ret, "\"\n");
}

static void append_end(struct text *ret)
{
    text_print(ret, "echo 'going on to the next boot device in %d seconds'\nsleep %d\nexit\n", REFUSAL_SECONDS,
               REFUSAL_SECONDS);
}

void grub_write_script(struct text *ret, const char *note, const struct grub_boot *boot)
{
    static const struct {
        const char *kernel, *initrd;
    } commands[] = {
        [GRUB_LINUX] = {"linux", "initrd"},
        [GRUB_REAL_MODE] = {"linux16", "initrd16"},
        [GRUB_CHAIN] = {"chainloader", "initrd"},
    };
    append_reason(ret, note);
    text_print(ret, "if %s", commands[boot->method].kernel);
    append_kernel(ret, boot);
    text_append(ret, "; then\n");
    if (boot->initrd_count > 0) {
        text_print(ret, "if %s", commands[boot->method].initrd);
        append_initrds(ret, boot);
        text_append(ret, "; then\nboot\nfi\n");
    } else {
        text_append(ret, "boot\n");
    }
    text_append(ret, "fi\necho 'muster: this could not be booted'\n");
    append_end(ret);
}

/* GRUB gives EFI firmware no failure back, at which that would go on with its boot order: what an installed system
 * would have been started by is started instead, first what firmware looks for on a disk. */
static const char grub_local[] =
    "if [ \"$grub_platform\" = pc ]; then\n"
    "  set root=(hd0)\n"
    "  if chainloader +1; then\n    boot\n  fi\n"
    "  exit\n"
    "fi\n"
    "set cpu=x64\n"
    "if [ \"$grub_cpu\" = arm64 ]; then\n  set cpu=aa64\nfi\n"
    "if [ \"$grub_cpu\" = i386 ]; then\n  set cpu=ia32\nfi\n"
    "for file in BOOT/BOOT debian/shim ubuntu/shim fedora/shim redhat/shim centos/shim rocky/shim almalinux/shim "
    "opensuse/shim sles/shim debian/grub ubuntu/grub arch/grub; do\n"
    "  if search --no-floppy --file --set=disk /EFI/$file$cpu.efi; then\n"
    "    if chainloader ($disk)/EFI/$file$cpu.efi; then\n      boot\n    fi\n"
    "  fi\n"
    "done\n"
    "if search --no-floppy --file --set=disk /EFI/Microsoft/Boot/bootmgfw.efi; then\n"
    "  if chainloader ($disk)/EFI/Microsoft/Boot/bootmgfw.efi; then\n    boot\n  fi\n"
    "fi\n"
    "exit\n";

void grub_write_local(struct text *ret)
{
    text_append(ret, grub_local);
}

void grub_write_referral(struct text *ret, const char *folder)
{
    text_append(ret, "configfile \"");
    append_quoted(ret, folder);
    text_append(ret, "/grub.cfg-01-${net_default_mac}\"\necho 'muster: GRUB found nothing for its MAC address'\n");
    append_end(ret);
}

void grub_write_refusal(struct text *ret, const char *reason)
{
    text_append(ret, "echo 'muster has nothing to boot for this machine:'\n");
    append_reason(ret, reason);
    append_end(ret);
}

static void append_shown_text(struct text *ret, const char *text)
{
    text_append_char(ret, '"');
    for (; *text; text++)
        append_shown(ret, *text);
    text_append_char(ret, '"');
}

/* A name in a list of names, to be typed by a person. */
static void append_user(struct text *ret, const char *user)
{
    for (; *user; user++) {
        bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", *user);
        text_append_char(ret, plain ? *user : '_');
    }
}

static void append_password(struct text *ret, const char *user, const char *password)
{
    text_append(ret, "password_pbkdf2 ");
    append_user(ret, user);
    text_print(ret, " %s\n", password);
}

/* With a superuser nobody else edits entries or gets to the command line, and only entries that say so are for all. */
static void append_passwords(struct text *ret, const struct menu_page *page)
{
    text_append(ret, "set superusers=" MENU_USER "\n");
    if (page->password)
        append_password(ret, MENU_USER, page->password);
    for (size_t i = 0; i < page->item_count; i++)
        if (page->items[i].password && !text_is(page->items[i].user, MENU_USER))
            append_password(ret, page->items[i].user, page->items[i].password);
}

static void append_menu_item(struct text *ret, const struct menu_item *item, bool has_password)
{
    text_append(ret, "menuentry ");
    append_shown_text(ret, item->title);
    if (item->password) {
        text_append(ret, " --users ");
        append_user(ret, item->user);
    } else if (has_password) {
        text_append(ret, " --unrestricted");
    }
    text_append(ret, " {\n");
    if (item->place) {
        text_append(ret, "configfile \"");
        append_quoted(ret, item->place);
        text_append(ret, "\"\n");
    } else {
        grub_write_local(ret);
    }
    text_append(ret, "}\n");
}

void grub_write_menu(struct text *ret, const struct menu_page *page)
{
    bool has_password = menu_page_has_password(page);
    if (page->timeout > 0)
        text_print(ret, "set timeout=%u\n", page->timeout);
    else
        text_append(ret, "set timeout=-1\n");
    text_print(ret, "set timeout_style=menu\nset default=%zu\n", page->fallback);
    if (has_password)
        append_passwords(ret, page);
    text_append(ret, "clear\necho ");
    append_shown_text(ret, page->title);
    text_append_char(ret, '\n');
    for (size_t i = 0; i < page->item_count; i++)
        append_menu_item(ret, &page->items[i], has_password);
}
