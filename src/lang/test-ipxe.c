/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/ipxe.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

#define KERNEL "http://10.0.0.1:8080/assets/vmlinuz"

static char *script_of(const struct ipxe_boot *boot)
{
    struct text script = {0};
    ipxe_write_boot(&script, boot);
    return text_take(&script);
}

static void the_bootstrap_is_matchboxs(void)
{
    CHECK_NUMBER(strlen(ipxe_bootstrap), 132);
    CHECK(text_starts_with(ipxe_bootstrap, "#!ipxe\nchain ipxe?uuid=${uuid}&mac=${mac:hexhyp}&"));
    CHECK(text_ends_with(ipxe_bootstrap, "&serial=${serial}&arch=${buildarch:uristring}\n"));
}

static void without_efi_a_profile_is_written_as_it_is(void)
{
    const char *initrd[] = {"http://h/initrd", "--name main http://h/main.gz"};
    const char *args[] = {"initrd=main", "console=ttyS0  panic=-1", "x=${mac}&y"};
    AUTO(free)
    char *script = script_of(&(struct ipxe_boot){
        .kernel = "/assets/vmlinuz", .initrd = initrd, .initrd_count = 2, .args = args, .args_count = 3});
    CHECK_TEXT(script, "#!ipxe\n"
                       "kernel /assets/vmlinuz initrd=main console=ttyS0  panic=-1 x=${mac}&y\n"
                       "initrd http://h/initrd\n"
                       "initrd --name main http://h/main.gz\n"
                       "boot\n");
    AUTO(free) char *nothing = script_of(&(struct ipxe_boot){.kernel = ""});
    CHECK_TEXT(nothing, "#!ipxe\nkernel \nboot\n");
}

/* What the command line and the lines of one or two initrds are on UEFI. */
static void on_efi_every_initrd_has_a_name_the_kernel_is_told(void)
{
    const struct {
        const char *first, *second;
        const char *kernel_line, *first_line, *second_line;
    } rows[] = {
        {"http://h/initrd.gz?x=/y", NULL, "initrd=initrd.gz", "--name initrd.gz http://h/initrd.gz?x=/y", NULL},
        {"http://h/a/initrd.gz", "http://h/b/initrd.gz", "initrd=initrd.gz initrd=2-initrd.gz",
         "--name initrd.gz http://h/a/initrd.gz", "--name 2-initrd.gz http://h/b/initrd.gz"},
        {"http://h/2-A", "http://h/2-a", "initrd=2-A initrd=2-2-a", "--name 2-A http://h/2-A",
         "--name 2-2-a http://h/2-a"},
        {"--name main http://h/x", "http://h/y", "initrd=main initrd=y", "--name main http://h/x",
         "--name y http://h/y"},
        {"http://h/main", "--name Main http://h/y", "initrd=1-main initrd=Main", "--name 1-main http://h/main",
         "--name Main http://h/y"},
        {"-n main http://h/x", "--name=rest http://h/y", "initrd=main initrd=rest", "-n main http://h/x",
         "--name=rest http://h/y"},
        {"-t 5000 http://h/x", NULL, "initrd=x", "--name x -t 5000 http://h/x", NULL},
        {"http://h/vmlinuz", NULL, "initrd=1-vmlinuz", "--name 1-vmlinuz http://h/vmlinuz", NULL},
        {"http://h/${arch}/in${x}", NULL, "initrd=in--x-", "--name in--x- http://h/${arch}/in${x}", NULL},
        {"http://h/", NULL, "initrd=initrd", "--name initrd http://h/", NULL},
        {"initrd", NULL, "initrd=initrd", "--name initrd initrd", NULL},
        {"http://h/x /etc/y mode=755", NULL, "initrd=x", "--name x http://h/x /etc/y mode=755", NULL},
    };
    const char *args[] = {"quiet"};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *initrd[] = {rows[i].first, rows[i].second};
        AUTO(free)
        char *script = script_of(&(struct ipxe_boot){.kernel = KERNEL,
                                                     .initrd = initrd,
                                                     .initrd_count = rows[i].second ? 2 : 1,
                                                     .args = args,
                                                     .args_count = 1,
                                                     .efi = true});
        AUTO(text_finish) struct text expected = {0};
        text_print(&expected, "#!ipxe\nkernel %s %s quiet\ninitrd %s\n", KERNEL, rows[i].kernel_line,
                   rows[i].first_line);
        if (rows[i].second)
            text_print(&expected, "initrd %s\n", rows[i].second_line);
        text_append(&expected, "boot\n");
        CHECK_TEXT(script, text_characters(&expected));
    }
}

static void a_profile_that_names_its_initrds_is_left_alone(void)
{
    const char *initrd[] = {"http://h/initrd.gz"};
    const char *in_args[] = {"quiet initrd=initrd.gz"};
    AUTO(free)
    char *by_args = script_of(&(struct ipxe_boot){
        .kernel = "k", .initrd = initrd, .initrd_count = 1, .args = in_args, .args_count = 1, .efi = true});
    CHECK_TEXT(by_args, "#!ipxe\nkernel k quiet initrd=initrd.gz\ninitrd http://h/initrd.gz\nboot\n");
    AUTO(free)
    char *by_kernel = script_of(
        &(struct ipxe_boot){.kernel = "k initrd=initrd.gz", .initrd = initrd, .initrd_count = 1, .efi = true});
    CHECK_TEXT(by_kernel, "#!ipxe\nkernel k initrd=initrd.gz\ninitrd http://h/initrd.gz\nboot\n");
    const char *other[] = {"noinitrd=1", "root=/x?initrd=y"};
    AUTO(free)
    char *neither = script_of(&(struct ipxe_boot){
        .kernel = "k", .initrd = initrd, .initrd_count = 1, .args = other, .args_count = 2, .efi = true});
    CHECK(strstr(neither, "kernel k initrd=initrd.gz noinitrd=1") != NULL);
}

static void wimboot_is_given_its_files_as_they_are(void)
{
    static const char *const kernels[] = {"wimboot", "http://h/wimboot?x", "--name w /assets/wimboot.x86_64 gui"};
    const char *initrd[] = {"/assets/boot/bcd BCD", "/assets/boot.wim"};
    for (size_t i = 0; i < LENGTH(kernels); i++) {
        AUTO(free)
        char *script = script_of(&(struct ipxe_boot){
            .kernel = kernels[i], .initrd = initrd, .initrd_count = 2, .added = "overlay.cpio", .efi = true});
        AUTO(free)
        char *expected =
            memory_print("#!ipxe\nkernel %s\ninitrd /assets/boot/bcd BCD\ninitrd /assets/boot.wim\nboot\n", kernels[i]);
        CHECK_TEXT(script, expected);
    }
}

static void a_program_and_an_image_are_started(void)
{
    const char *args[] = {"console=ttyS0,115200", "x=${mac}"};
    AUTO(text_finish) struct text text = {0};
    ipxe_write_chain(&text, "http://h/memtest.efi", args, LENGTH(args));
    CHECK_TEXT(text_characters(&text), "#!ipxe\nchain http://h/memtest.efi console=ttyS0,115200 x=${mac}\n");
    text_clear(&text);
    ipxe_write_sanboot(&text, "/assets/a.iso");
    CHECK_TEXT(text_characters(&text), "#!ipxe\nsanboot --no-describe /assets/a.iso\n");
}

static void the_reason_is_shown_and_the_next_device_tried(void)
{
    AUTO(text_finish) struct text script = {0};
    ipxe_write_refusal(&script, "no group selects mac=52:54:00:12:34:56");
    CHECK_TEXT(text_characters(&script),
               "#!ipxe\n"
               "echo muster has nothing to boot for ${mac:hexhyp}:\n"
               "echo muster: no group selects mac=52:54:00:12:34:56\n"
               "echo muster: going on to the next boot device in 15 seconds\nsleep 15\nexit 1\n");
}

/* The lines of a refusal that show the reason. */
static char *reason_lines(const char *reason)
{
    AUTO(text_finish) struct text script = {0};
    ipxe_write_refusal(&script, reason);
    const char *start = strstr(text_characters(&script), "hexhyp}:\n") + strlen("hexhyp}:\n");
    const char *end = strstr(start, "echo muster: going on");
    return memory_text_of(start, (size_t)(end - start));
}

static void nothing_in_a_reason_is_for_ipxe(void)
{
    const struct {
        const char *reason, *lines;
    } rows[] = {
        {"", ""},
        {"a && shell", "echo muster: a %26%26 shell\n"},
        {"a || shell ; shell # x", "echo muster: a %7C%7C shell %3B shell %23 x\n"},
        {"${mac} $${x}", "echo muster: %24{mac} %24%24{x}\n"},
        {"a\nshell", "echo muster: a shell\n"},
        {"a\r\nshell\t b", "echo muster: a shell b\n"},
        {"a \\", "echo muster: a %5C\n"},
        {"a\x1b[2J\x7f", "echo muster: a%1B[2J%7F\n"},
        {"profile '\xe4\xb8\xad\xe6\x96\x87'", "echo muster: profile '?\?'\n"},
        {"\xff\x80", "echo muster: ?\n"},
        {"--help -n", "echo muster: --help -n\n"},
        {"100% sure: \"x\" < 'y'", "echo muster: 100% sure: \"x\" < 'y'\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *lines = reason_lines(rows[i].reason);
        CHECK_TEXT(lines, rows[i].lines);
    }
}

static void a_long_reason_fits_the_screen(void)
{
    char reason[700];
    for (size_t i = 0; i < sizeof reason - 1; i++)
        reason[i] = i < 300 ? (i % 7 == 6 ? ' ' : 'a') : 'b';
    reason[sizeof reason - 1] = '\0';
    AUTO(free) char *lines = reason_lines(reason);
    size_t letters = 0;
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n")) {
        CHECK_ROW(line, strlen(line) <= strlen("echo muster: ") + 72);
        CHECK_ROW(line, text_starts_with(line, "echo muster: "));
        for (const char *c = line + strlen("echo muster: "); *c; c++)
            letters += *c != ' ';
    }
    CHECK_NUMBER(letters, 699 - 42);
}

static void an_entry_is_taken_apart_at_its_url(void)
{
    const struct {
        const char *entry, *url, *rest;
    } rows[] = {
        {"http://h/k", "http://h/k", ""},
        {"--name main http://h/k a=b c", "http://h/k", " a=b c"},
        {"-n main --timeout 5 /k", "/k", ""},
        {"--name=main", "", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *rest;
        CHECK_ROW(rows[i].entry, bytes_equal_text(ipxe_entry_url(&rest, rows[i].entry), rows[i].url));
        CHECK_TEXT(rest, rows[i].rest);
    }
}

static const char *value_of(const void *context, const char *name)
{
    return text_is(name, "mac") ? "52:54:00:ab" : text_is(name, "serial") ? context : NULL;
}

static void settings_are_expanded_where_they_are_known(void)
{
    const struct {
        const char *line, *expanded;
    } rows[] = {
        {"a=${mac}&b=${net0/mac:hexhyp}", "a=52:54:00:ab&b=52-54-00-ab"},
        {"s=${serial:uristring}", "s=%C3%A4%20%26b"},
        {"s=${serial}", "s=\xc3\xa4 &b"},
        {"u=${uuid} $ {mac} $mac ${mac", "u=${uuid} $ {mac} $mac ${mac"},
        {"${}${:}${/}$", "${}${:}${/}$"},
        {"${a${mac}", "${a52:54:00:ab"},
        {"", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        ipxe_expand(&text, rows[i].line, value_of, "\xc3\xa4 &b");
        CHECK_TEXT(text_characters(&text), rows[i].expanded);
    }
}

static void the_first_script_asks_for_what_is_wanted_too(void)
{
    AUTO(text_finish) struct text plain = {0};
    ipxe_write_bootstrap(&plain, NULL, 0);
    CHECK_TEXT(text_characters(&plain), ipxe_bootstrap);
    AUTO(text_finish) struct text script = {0};
    ipxe_write_bootstrap(&script, (const char *const[]){"platform", "product"}, 2);
    CHECK(text_ends_with(text_characters(&script),
                         "&arch=${buildarch:uristring}&platform=${platform}&product=${product:uristring}\n"));
    CHECK(ipxe_label_is_known("asset") && !ipxe_label_is_known("password") && !ipxe_label_is_known(""));
}

static void an_ipxe_without_an_address_asks_for_one_first(void)
{
    AUTO(text_finish) struct text text = {0};
    ipxe_write_start(&text, "10.0.0.1:8080");
    CHECK_TEXT(text_characters(&text), "#!ipxe\nisset ${ip} || dhcp || exit 1\nchain http://10.0.0.1:8080/boot.ipxe\n");
    text_clear(&text);
    ipxe_write_start(&text, NULL);
    CHECK_TEXT(text_characters(&text), "#!ipxe\nisset ${ip} || dhcp || exit 1\nchain boot.ipxe\n");
}

int main(void)
{
    RUN(an_ipxe_without_an_address_asks_for_one_first);
    RUN(the_bootstrap_is_matchboxs);
    RUN(the_first_script_asks_for_what_is_wanted_too);
    RUN(without_efi_a_profile_is_written_as_it_is);
    RUN(on_efi_every_initrd_has_a_name_the_kernel_is_told);
    RUN(a_profile_that_names_its_initrds_is_left_alone);
    RUN(wimboot_is_given_its_files_as_they_are);
    RUN(a_program_and_an_image_are_started);
    RUN(the_reason_is_shown_and_the_next_device_tried);
    RUN(nothing_in_a_reason_is_for_ipxe);
    RUN(a_long_reason_fits_the_screen);
    RUN(an_entry_is_taken_apart_at_its_url);
    RUN(settings_are_expanded_where_they_are_known);
    return test_result();
}
