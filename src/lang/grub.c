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

/* Nothing of a reason is GRUB's to expand: what could be is shown as '?', and so is what its console cannot show. */
static void append_shown(struct text *ret, char character)
{
    bool odd = (unsigned char)character < ' ' || (unsigned char)character > '~' || strchr("\\\"'$", character);
    text_append_char(ret, odd ? '?' : character);
}

static void append_reason(struct text *ret, const char *reason)
{
    size_t column = 0;
    text_append(ret, "echo '");
    for (; *reason; reason++) {
        size_t word = strcspn(reason, " ");
        if (column > 0 && *reason != ' ' && reason[-1] == ' ' && column + word > LINE_LENGTH_MAX) {
            text_append(ret, "'\necho '");
            column = 0;
        }
        append_shown(ret, *reason);
        column++;
    }
    text_append(ret, "'\n");
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
