/* SPDX-License-Identifier: Apache-2.0 */
/* iPXE scripts. */
#include "lang/ipxe.h"

#include <string.h>

#include "base/array.h"
#include "base/memory.h"

/* Longest name we give an initrd; Linux' EFI stub takes paths of 256 characters. */
#define NAME_LENGTH_MAX 64
/* Columns of a line of a refusal: a text console has 80. */
#define LINE_LENGTH_MAX 72
/* How long a refusal stays on the screen. */
#define REFUSAL_SECONDS 15

const char ipxe_bootstrap[] =
    "#!ipxe\n"
    "chain ipxe?uuid=${uuid}&mac=${mac:hexhyp}&domain=${domain}&hostname=${hostname}&serial=${serial}"
    "&arch=${buildarch:uristring}\n";

/* By the names that SMBIOS and iPXE give them. Texts that may hold anything are escaped for a URL. */
static const struct {
    const char *name;
    const char *setting;
} labels_known[] = {
    {"platform", "${platform}"},
    {"manufacturer", "${manufacturer:uristring}"},
    {"product", "${product:uristring}"},
    {"asset", "${asset:uristring}"},
    {"ip", "${ip}"},
};

const char *ipxe_label_at(size_t index)
{
    return index < LENGTH(labels_known) ? labels_known[index].name : NULL;
}

static const char *setting_of(const char *label)
{
    for (size_t i = 0; i < LENGTH(labels_known); i++)
        if (text_is(labels_known[i].name, label))
            return labels_known[i].setting;
    return NULL;
}

bool ipxe_label_is_known(const char *name)
{
    return setting_of(name) != NULL;
}

void ipxe_write_bootstrap(struct text *ret, const char *const *labels, size_t count)
{
    text_append_bytes(ret, bytes_of(ipxe_bootstrap, strlen(ipxe_bootstrap) - 1));
    for (size_t i = 0; i < count; i++)
        text_print(ret, "&%s=%s", labels[i], setting_of(labels[i]));
    text_append(ret, "\n");
}

void ipxe_write_start(struct text *ret, const char *host)
{
    text_append(ret, "#!ipxe\nisset ${ip} || dhcp || exit 1\nchain ");
    if (host)
        text_print(ret, "http://%s/", host);
    text_append(ret, "boot.ipxe\n");
}

void ipxe_write_local(struct text *ret)
{
    text_append(ret, "#!ipxe\niseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\nexit 1\n");
}

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

/* The next word of a command line; the cursor moves past it. No bytes at the end. */
static struct bytes next_word(const char **cursor)
{
    while (is_space(**cursor))
        (*cursor)++;
    const char *start = *cursor;
    while (**cursor && !is_space(**cursor))
        (*cursor)++;
    return bytes_of(start, (size_t)(*cursor - start));
}

/* An entry of a profile's list of initrds, or its kernel, as iPXE takes it apart. Borrowed from the entry. */
struct image {
    struct bytes name; /* given with --name; none otherwise */
    struct bytes url;
};

static bool is_option_with_value(struct bytes word)
{
    return bytes_equal_text(word, "--timeout") || bytes_equal_text(word, "-t");
}

static struct image image_of(const char *entry)
{
    struct image image = {0};
    for (struct bytes word = next_word(&entry); word.size > 0; word = next_word(&entry)) {
        if (bytes_equal_text(word, "--name") || bytes_equal_text(word, "-n")) {
            image.name = next_word(&entry);
        } else if (bytes_start_with(word, "--name=")) {
            image.name = bytes_slice(word, strlen("--name="), word.size);
        } else if (is_option_with_value(word)) {
            next_word(&entry);
        } else if (!bytes_start_with(word, "-")) {
            image.url = word;
            break;
        }
    }
    return image;
}

struct bytes ipxe_entry_url(const char **ret_rest, const char *entry)
{
    struct bytes url = image_of(entry).url;
    if (ret_rest)
        *ret_rest = url.size > 0 ? (const char *)url.data + url.size : "";
    return url;
}

/* "mac:hexhyp" of "net0/mac:hexhyp", taken apart. */
static void append_setting(struct text *ret, const char *value, struct bytes type)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    bool hyphens = bytes_equal_text(type, "hexhyp");
    bool encoded = bytes_equal_text(type, "uristring");
    for (; *value; value++) {
        if (encoded && !strchr(unreserved, *value))
            text_print(ret, "%%%02X", (unsigned char)*value);
        else
            text_append_char(ret, hyphens && *value == ':' ? '-' : *value);
    }
}

/* Appends the setting that starts at text, "${...}"; the octets it takes, 0 when it stays. */
static size_t expand_one(struct text *ret, const char *text,
                         const char *(*value_of)(const void *context, const char *name), const void *context)
{
    size_t length = strcspn(text, "}");
    if (text[length] != '}')
        return 0;
    struct bytes inside = bytes_of(text + 2, length - 2);
    const uint8_t *colon = memchr(inside.data, ':', inside.size);
    size_t end = colon ? (size_t)(colon - inside.data) : inside.size;
    size_t start = end;
    while (start > 0 && inside.data[start - 1] != '/')
        start--;
    AUTO(free) char *name = memory_text_of((const char *)inside.data + start, end - start);
    const char *value = value_of(context, name);
    if (!value)
        return 0;
    append_setting(ret, value, bytes_slice(inside, end + 1, inside.size));
    return length + 1;
}

void ipxe_expand(struct text *ret, const char *line, const char *(*value_of)(const void *context, const char *name),
                 const void *context)
{
    while (*line) {
        size_t taken = text_starts_with(line, "${") ? expand_one(ret, line, value_of, context) : 0;
        if (taken == 0)
            text_append_char(ret, line[taken++]);
        line += taken;
    }
}

static bool is_plain_in_name(char character)
{
    bool letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    return letter || (character >= '0' && character <= '9') || (character != '\0' && strchr("._-", character));
}

/* The last segment of a URL's path in characters that mean nothing to iPXE, a kernel command line or EFI. */
static char *name_of_url(struct bytes url)
{
    size_t end = 0;
    size_t start = 0;
    for (; end < url.size && !strchr("?#", url.data[end]); end++)
        if (url.data[end] == '/')
            start = end + 1;
    size_t size = end - start < NAME_LENGTH_MAX ? end - start : NAME_LENGTH_MAX;
    char *name = size > 0 ? memory_text_of((const char *)url.data + start, size) : memory_text("initrd");
    for (char *c = name; *c; c++)
        if (!is_plain_in_name(*c))
            *c = '-';
    return name;
}

struct names {
    char **at;
    size_t count;
};

static void names_finish(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
}
AUTO_DEFINE_STRUCT(names_finish, struct names);

/* Whether some initrd is given the name with --name. EFI file names are compared without regard to case. */
static bool is_given(const struct ipxe_boot *boot, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < boot->initrd_count && !found; i++) {
        struct bytes given = image_of(boot->initrd[i]).name;
        found = given.size == strlen(name) && strncasecmp((const char *)given.data, name, given.size) == 0;
    }
    return found;
}

static bool names_have(const struct names *names, const char *name, const char *kernel)
{
    bool found = text_is_ignoring_case(name, kernel);
    for (size_t i = 0; i < names->count && !found; i++)
        found = text_is_ignoring_case(names->at[i], name);
    return found;
}

/* A name for the next initrd that neither the kernel nor another one has: "initrd.gz", "2-initrd.gz" … */
static void names_add(struct names *names, const struct image *image, const char *kernel, const struct ipxe_boot *boot)
{
    char *name = image->name.size > 0 ? memory_text_of((const char *)image->name.data, image->name.size)
                                      : name_of_url(image->url);
    if (image->name.size == 0 && (names_have(names, name, kernel) || is_given(boot, name))) {
        char *base = name;
        size_t number = names->count + 1;
        name = memory_print("%zu-%s", number, base);
        while (names_have(names, name, kernel) || is_given(boot, name)) {
            free(name);
            name = memory_print("%zu-%s", ++number, base);
        }
        free(base);
    }
    names->at[names->count++] = name;
}

static void names_choose(struct names *ret, const struct ipxe_boot *boot)
{
    struct image kernel = image_of(boot->kernel);
    AUTO(free)
    char *kernel_name = kernel.name.size > 0 ? memory_text_of((const char *)kernel.name.data, kernel.name.size)
                                             : name_of_url(kernel.url);
    ret->at = memory_new(boot->initrd_count + 1, sizeof *ret->at);
    for (size_t i = 0; i < boot->initrd_count; i++) {
        struct image image = image_of(boot->initrd[i]);
        names_add(ret, &image, kernel_name, boot);
    }
}

static bool names_an_initrd(const char *arguments)
{
    for (struct bytes word = next_word(&arguments); word.size > 0; word = next_word(&arguments))
        if (bytes_start_with(word, "initrd="))
            return true;
    return false;
}

/* The profile sees to the names itself. */
static bool boot_names_initrds(const struct ipxe_boot *boot)
{
    bool named = names_an_initrd(boot->kernel);
    for (size_t i = 0; i < boot->args_count && !named; i++)
        named = names_an_initrd(boot->args[i]);
    return named;
}

/* "wimboot", "wimboot.x86_64", "wimboot-2.7.5": the boot program of Windows PE. */
static bool is_wimboot(const char *kernel)
{
    AUTO(free) char *name = name_of_url(image_of(kernel).url);
    return text_starts_with(name, "wimboot");
}

void ipxe_write_boot(struct text *ret, const struct ipxe_boot *boot)
{
    AUTO(names_finish) struct names names = {0};
    if (boot->efi && !boot_names_initrds(boot) && !is_wimboot(boot->kernel))
        names_choose(&names, boot);
    text_append(ret, "#!ipxe\nkernel ");
    text_append(ret, boot->kernel);
    for (size_t i = 0; i < names.count; i++)
        text_print(ret, " initrd=%s", names.at[i]);
    for (size_t i = 0; i < boot->args_count; i++) {
        text_append_char(ret, ' ');
        text_append(ret, boot->args[i]);
    }
    if (boot->added && boot_names_initrds(boot) && !is_wimboot(boot->kernel))
        text_print(ret, " initrd=%s", boot->added);
    text_append_char(ret, '\n');
    for (size_t i = 0; i < boot->initrd_count; i++) {
        text_append(ret, "initrd ");
        if (names.count > 0 && image_of(boot->initrd[i]).name.size == 0)
            text_print(ret, "--name %s ", names.at[i]);
        text_append(ret, boot->initrd[i]);
        text_append_char(ret, '\n');
    }
    text_append(ret, "boot\n");
}

void ipxe_write_chain(struct text *ret, const char *program, const char *const *args, size_t args_count)
{
    text_print(ret, "#!ipxe\nchain %s", program);
    for (size_t i = 0; i < args_count; i++)
        text_print(ret, " %s", args[i]);
    text_append_char(ret, '\n');
}

/* A description of where the disk is (an iBFT) helps no system to find one that is a file on a web server. */
void ipxe_write_sanboot(struct text *ret, const char *image)
{
    text_print(ret, "#!ipxe\nsanboot --no-describe %s\n", image);
}

/* iPXE expands "${", takes "#", "&&", "||", ";" and a backslash at a line's end for its own, and consoles of firmware
 * know ASCII. What could be one of these is shown percent-encoded; what lies outside of ASCII as '?', once for each
 * character. */
static void append_echo_char(struct text *line, uint8_t octet)
{
    bool continues = (octet & 0xc0) == 0x80;
    if (octet >= 0x80)
        text_append(line, continues ? "" : "?");
    else if (octet < 0x20 || octet == 0x7f || strchr("$\\#&|;", octet))
        text_print(line, "%%%02X", octet);
    else
        text_append_char(line, (char)octet);
}

static void flush_line(struct text *ret, struct text *line)
{
    if (line->length > 0)
        text_print(ret, "echo muster: %s\n", text_characters(line));
    text_clear(line);
}

/* Adds a word to the line; one that does not fit begins a line, one that fits no line is broken. */
static void append_echo_word(struct text *ret, struct text *line, struct bytes word)
{
    AUTO(text_finish) struct text shown = {0};
    for (size_t i = 0; i < word.size; i++) {
        append_echo_char(&shown, word.data[i]);
        if (shown.length >= LINE_LENGTH_MAX) {
            flush_line(ret, line);
            flush_line(ret, &shown);
        }
    }
    if (line->length + 1 + shown.length > LINE_LENGTH_MAX)
        flush_line(ret, line);
    if (line->length > 0)
        text_append_char(line, ' ');
    text_append_bytes(line, text_bytes(&shown));
}

/* Words of a reason, as many in a line as fit. */
static void append_echo_lines(struct text *ret, const char *reason)
{
    AUTO(text_finish) struct text line = {0};
    for (struct bytes word = next_word(&reason); word.size > 0; word = next_word(&reason))
        append_echo_word(ret, &line, word);
    flush_line(ret, &line);
}

void ipxe_write_refusal(struct text *ret, const char *reason)
{
    text_append(ret, "#!ipxe\necho muster has nothing to boot for ${mac:hexhyp}:\n");
    append_echo_lines(ret, reason);
    text_print(ret, "echo muster: going on to the next boot device in %d seconds\nsleep %d\nexit 1\n", REFUSAL_SECONDS,
               REFUSAL_SECONDS);
}

static void append_menu_text(struct text *ret, const char *text)
{
    if (*text == '-') /* iPXE would take it for an option */
        text_append(ret, "%2D");
    for (text += *text == '-'; *text; text++)
        append_echo_char(ret, (uint8_t)*text);
    text_append_char(ret, '\n');
}

static void append_menu_item(struct text *ret, const struct menu_item *item, size_t number)
{
    text_print(ret, "\n:item%zu\n", number);
    if (!item->place) {
        text_append(ret, "iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\nexit 1\n");
        return;
    }
    if (item->password)
        text_append(ret, "set username " MENU_USER "\nclear password\nlogin || goto menu\n");
    text_print(ret, "chain --autofree %s || goto failed\n", item->place);
}

void ipxe_write_menu(struct text *ret, const struct menu_page *page)
{
    text_append(ret, "#!ipxe\n:menu\nmenu ");
    append_menu_text(ret, page->title);
    for (size_t i = 0; i < page->item_count; i++) {
        text_print(ret, "item item%zu ", i + 1);
        append_menu_text(ret, page->items[i].title);
    }
    text_append(ret, "choose");
    if (page->timeout > 0)
        text_print(ret, " --timeout %u", page->timeout * 1000);
    text_print(ret, " --default item%zu chosen && goto ${chosen} || goto menu\n", page->fallback + 1);
    for (size_t i = 0; i < page->item_count; i++)
        append_menu_item(ret, &page->items[i], i + 1);
    text_append(ret, "\n:failed\necho muster: this could not be booted; back to the menu in 5 seconds\nsleep 5\n"
                     "goto menu\n");
}
