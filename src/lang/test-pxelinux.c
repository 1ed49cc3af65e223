/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/pxelinux.h"

#include "base/array.h"
#include "test.h"

static void a_kernel_is_booted_at_once(void)
{
    const char *const initrd[] = {"/assets/a.gz", "http://10.0.0.1:8080/assets/b.gz"};
    const char *const args[] = {"console=ttyS0,115200n8", "a=\"b c\"", "---", "x=1\nAPPEND y"};
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    struct pxelinux_boot boot = {.note = "muster: profile 'p'",
                                 .kernel = "/assets/vmlinuz",
                                 .initrd = initrd,
                                 .initrd_count = LENGTH(initrd),
                                 .args = args,
                                 .args_count = LENGTH(args)};
    CHECK_NUMBER(pxelinux_write_boot(&text, &boot, &why), 0);
    CHECK_TEXT(text_characters(&text), "SAY muster: profile 'p'\n"
                                       "DEFAULT muster\nPROMPT 0\nLABEL muster\n  LINUX /assets/vmlinuz\n"
                                       "  INITRD /assets/a.gz,http://10.0.0.1:8080/assets/b.gz\n"
                                       "  APPEND console=ttyS0,115200n8 a=\"b c\" --- x=1 APPEND y\n");
}

static void what_is_not_there_is_not_written(void)
{
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    CHECK_NUMBER(pxelinux_write_boot(&text, &(struct pxelinux_boot){.kernel = "k"}, &why), 0);
    CHECK_TEXT(text_characters(&text), "DEFAULT muster\nPROMPT 0\nLABEL muster\n  LINUX k\n");
}

/* Of a command line of that many octets in all. */
static int write_long(struct text *ret, size_t length, struct diag *why)
{
    const char *const initrd[] = {"/i"};
    AUTO(text_finish) struct text arg = {0};
    for (size_t i = strlen("BOOT_IMAGE=/k  initrd=/i"); i < length; i++)
        text_append_char(&arg, 'x');
    const char *args[] = {text_characters(&arg)};
    return pxelinux_write_boot(
        ret,
        &(struct pxelinux_boot){.kernel = "/k", .initrd = initrd, .initrd_count = 1, .args = args, .args_count = 1},
        why);
}

static void what_pxelinux_cannot_take_is_refused_with_its_reason(void)
{
    static const struct {
        const char *kernel, *initrd, *reason;
    } rows[] = {
        {"/a b", "/i", "no space and no comma in the name of a file: '/a b'"},
        {"/k", "/a,b", "no space and no comma in the name of a file: '/a,b'"},
        {"/k\nLABEL x", "/i", "no space and no comma"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text text = {0};
        struct diag why = {0};
        struct pxelinux_boot boot = {.kernel = rows[i].kernel, .initrd = &rows[i].initrd, .initrd_count = 1};
        CHECK_ROW(rows[i].reason, pxelinux_write_boot(&text, &boot, &why) > 0);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
        CHECK_NUMBER((long long)text.length, 0);
    }
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    CHECK_NUMBER(write_long(&text, PXELINUX_COMMAND_LINE_MAX, &why), 0);
    text_clear(&text);
    CHECK(write_long(&text, PXELINUX_COMMAND_LINE_MAX + 1, &why) > 0);
    CHECK_TEXT(why.text,
               "the kernel's command line has 2047 octets with the names of its files, and PXELINUX takes 2046");
}

static void a_reason_is_shown_whatever_is_in_it(void)
{
    AUTO(text_finish) struct text text = {0};
    pxelinux_write_refusal(&text, "no group selects a\nKERNEL x \xc3\xa4; "
                                  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901");
    CHECK_TEXT(text_characters(&text), "SAY muster has nothing to boot for this machine:\n"
                                       "SAY no group selects a?KERNEL x ?;\n"
                                       "SAY 012345678901234567890123456789012345678901234567890123456789012345678901\n"
                                       "SAY 2345678901\n"
                                       "SAY going on to the next boot device in 15 seconds\n"
                                       "DEFAULT muster\nPROMPT 1\nTIMEOUT 150\nLABEL muster\n  LOCALBOOT 0\n");
}

static void the_disk_is_left_to_the_firmware(void)
{
    AUTO(text_finish) struct text text = {0};
    pxelinux_write_local(&text);
    CHECK_TEXT(text_characters(&text), "DEFAULT muster\nPROMPT 0\nLABEL muster\n  LOCALBOOT 0\n");
}

int main(void)
{
    RUN(a_kernel_is_booted_at_once);
    RUN(what_is_not_there_is_not_written);
    RUN(what_pxelinux_cannot_take_is_refused_with_its_reason);
    RUN(a_reason_is_shown_whatever_is_in_it);
    RUN(the_disk_is_left_to_the_firmware);
    return test_result();
}
