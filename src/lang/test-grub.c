/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/grub.h"

#include "base/array.h"
#include "test.h"

static void a_plain_profile_is_written_as_matchbox_does(void)
{
    const char *const initrd[] = {"/assets/a.gz", "/assets/b.gz"};
    const char *const args[] = {"console=ttyS0,115200n8", "url=http://10.0.0.1:8080/ignition?x=1", "---"};
    AUTO(text_finish) struct text text = {0};
    grub_write_boot(&text, &(struct grub_boot){.kernel = "/assets/vmlinuz",
                                               .initrd = initrd,
                                               .initrd_count = LENGTH(initrd),
                                               .args = args,
                                               .args_count = LENGTH(args)});
    CHECK_TEXT(text_characters(&text),
               "default=0\nfallback=1\ntimeout=1\n"
               "menuentry \"CoreOS (EFI)\" {\necho \"Loading kernel\"\n"
               "linuxefi \"/assets/vmlinuz\" console=ttyS0,115200n8 url=http://10.0.0.1:8080/ignition?x=1 ---\n"
               "echo \"Loading initrd\"\ninitrdefi  \"/assets/a.gz\" \"/assets/b.gz\"\n}\n"
               "menuentry \"CoreOS (BIOS)\" {\necho \"Loading kernel\"\n"
               "linux \"/assets/vmlinuz\" console=ttyS0,115200n8 url=http://10.0.0.1:8080/ignition?x=1 ---\n"
               "echo \"Loading initrd\"\ninitrd  \"/assets/a.gz\" \"/assets/b.gz\"\n}\n");
}

static void what_means_something_to_grub_is_quoted(void)
{
    const struct {
        const char *arg, *written;
    } rows[] = {
        {"url=http://h/i?a=1&b=2", " \"url=http://h/i?a=1&b=2\"\n"},
        {"a b  c", " a b c\n"},
        {"  ", "\n"},
        {"", "\n"},
        {"dyndbg=\"file a.c +p\" quiet", " \"dyndbg=file a.c +p\" quiet\n"},
        {"x=\"\"", " x=\n"},
        {"a=\"open b", " \"a=open b\"\n"},
        {"p=$6$salt$x;y|z", " \"p=\\$6\\$salt\\$x;y|z\"\n"},
        {"p=${uuid}", " \"p=\\${uuid}\"\n"},
        {"mac=${net_default_mac}", " \"mac=${net_default_mac}\"\n"},
        {"mac=${net_default_mac", " \"mac=\\${net_default_mac\"\n"},
        {"q=it's", " \"q=it's\"\n"},
        {"b=\\x20", " \"b=\\\\x20\"\n"},
        {"g=[ab]*{x}#<>", " \"g=[ab]*{x}#<>\"\n"},
        {"a\nreboot", " a reboot\n"},
        {"\"a\nreboot\"", " \"a reboot\"\n"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        grub_write_boot(&text, &(struct grub_boot){.kernel = "k", .args = &rows[i].arg, .args_count = 1});
        AUTO(text_finish) struct text line = {0};
        text_print(&line, "linuxefi \"k\"%s", rows[i].written);
        CHECK_ROW(rows[i].arg, strstr(text_characters(&text), text_characters(&line)) != NULL);
    }
}

static void a_path_ends_only_where_it_should(void)
{
    const char *const initrd[] = {"/a\"; reboot; \"$x\\\n"};
    AUTO(text_finish) struct text text = {0};
    grub_write_boot(&text, &(struct grub_boot){.kernel = "k", .initrd = initrd, .initrd_count = 1});
    CHECK(strstr(text_characters(&text), "initrd  \"/a\\\"; reboot; \\\"\\$x\\\\ \"\n") != NULL);
}

static void a_url_becomes_a_path_of_grubs(void)
{
    const struct {
        const char *url, *path;
    } rows[] = {
        {"http://10.0.0.1:8080/a/b?c", "(http,10.0.0.1:8080)/a/b?c"},
        {"tftp://h/x", "(tftp,h)/x"},
        {"http://h", "(http,h)"},
        {"/assets/x", "/assets/x"},
        {"(http;h:8080)/x", "(http;h:8080)/x"},
        {"https://h/x", "https://h/x"},
        {"", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text path = {0};
        grub_append_path(&path, bytes_of_text(rows[i].url));
        CHECK_TEXT(text_characters(&path), rows[i].path);
    }
}

static void a_refusal_is_shown_and_nothing_in_it_is_run(void)
{
    AUTO(text_finish) struct text text = {0};
    grub_write_refusal(&text, "group 'a' $(reboot) ${x} \\ \"q\" ends\nhere and this is a line that is longer than a "
                              "screen is wide, so it is broken");
    CHECK_TEXT(text_characters(&text),
               "echo 'muster has nothing to boot for this machine:'\n"
               "echo \"group 'a' \\$(reboot) \\${x} \\\\ \\\"q\\\" ends?here and this is a line that is \"\n"
               "echo \"longer than a screen is wide, so it is broken\"\n"
               "echo 'going on to the next boot device in 15 seconds'\nsleep 15\nexit\n");
}

static void a_script_boots_at_once_and_gives_up_where_it_cannot(void)
{
    const char *const initrd[] = {"(tftp,10.0.0.1)/assets/a.gz"};
    const char *const args[] = {"p=$6$x", "quiet"};
    AUTO(text_finish) struct text text = {0};
    struct grub_boot boot = {.kernel = "(tftp,10.0.0.1)/assets/vmlinuz", .args = args, .args_count = LENGTH(args)};
    grub_write_script(&text, "muster: profile 'p'", &boot);
    CHECK_TEXT(text_characters(&text),
               "echo \"muster: profile 'p'\"\n"
               "if linux \"(tftp,10.0.0.1)/assets/vmlinuz\" \"p=\\$6\\$x\" quiet; then\nboot\nfi\n"
               "echo 'muster: this could not be booted'\n"
               "echo 'going on to the next boot device in 15 seconds'\nsleep 15\nexit\n");
    text_clear(&text);
    boot.initrd = initrd;
    boot.initrd_count = LENGTH(initrd);
    grub_write_script(&text, "muster", &boot);
    CHECK(strstr(text_characters(&text),
                 "quiet; then\nif initrd \"(tftp,10.0.0.1)/assets/a.gz\"; then\nboot\nfi\nfi\necho ") != NULL);
}

static void what_is_no_linux_has_commands_of_its_own(void)
{
    const char *const initrd[] = {"/assets/a.iso"};
    const char *const args[] = {"iso raw"};
    AUTO(text_finish) struct text text = {0};
    grub_write_script(
        &text, "m", &(struct grub_boot){GRUB_REAL_MODE, "/loader/memdisk", initrd, LENGTH(initrd), args, LENGTH(args)});
    CHECK(text_starts_with(text_characters(&text), "echo \"m\"\nif linux16 \"/loader/memdisk\" iso raw; then\n"
                                                   "if initrd16 \"/assets/a.iso\"; then\nboot\nfi\nfi\n"));
    text_clear(&text);
    grub_write_script(&text, "m",
                      &(struct grub_boot){.method = GRUB_CHAIN, .kernel = "/a.efi", .args = args, .args_count = 1});
    CHECK(text_starts_with(text_characters(&text), "echo \"m\"\nif chainloader \"/a.efi\" iso raw; then\nboot\nfi\n"));
}

static void grub_is_sent_to_the_name_with_its_mac(void)
{
    AUTO(text_finish) struct text text = {0};
    grub_write_referral(&text, "(http,h:8080)/grub");
    CHECK(text_starts_with(text_characters(&text),
                           "configfile \"(http,h:8080)/grub/grub.cfg-01-${net_default_mac}\"\necho '"));
}

int main(void)
{
    RUN(a_script_boots_at_once_and_gives_up_where_it_cannot);
    RUN(what_is_no_linux_has_commands_of_its_own);
    RUN(grub_is_sent_to_the_name_with_its_mac);
    RUN(a_plain_profile_is_written_as_matchbox_does);
    RUN(what_means_something_to_grub_is_quoted);
    RUN(a_path_ends_only_where_it_should);
    RUN(a_url_becomes_a_path_of_grubs);
    RUN(a_refusal_is_shown_and_nothing_in_it_is_run);
    return test_result();
}
