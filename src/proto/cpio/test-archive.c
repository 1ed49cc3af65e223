/* SPDX-License-Identifier: Apache-2.0 */
/* Archives, octet for octet as Linux unpacks them, and what is not taken into one. */
#include "proto/cpio/archive.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

static struct cpio_entry file(const char *path, const char *content)
{
    return (struct cpio_entry){.path = path, .mode = 0644, .content = bytes_of_text(content)};
}

static void an_archive_is_octet_for_octet_what_the_format_says(void)
{
    static const char expected[] =
        /* etc: inode 1, a directory of mode 755 with two links, no content, a path of 4 octets, padded from 114 to 116
         */
        "070701000000010000"
        "41ED"
        "00000000000000000000000200000000000000000000000000000000000000000000000000000004"
        "00000000etc\0\0\0"
        /* etc/x: inode 2, mode 4755, owner 1, group 2, 3 octets; the path of 6 octets ends at 116 */
        "070701000000020000"
        "89ED"
        "00000001000000020000000100000000000000030000000000000000000000000000000000000006"
        "00000000etc/x\0abc\0"
        /* l: inode 3, a link to the 5 octets "etc/x"; the path of 2 octets ends at 112 */
        "070701000000030000"
        "A1FF"
        "00000000000000000000000100000000000000050000000000000000000000000000000000000002"
        "00000000l\0etc/x\0\0\0"
        "07070100000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000B"
        "00000000TRAILER!!!";
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    AUTO(text_finish) struct text text = {0};
    struct cpio_entry program = file("/etc//./x/", "abc");
    program.mode = 04755;
    program.uid = 1;
    program.gid = 2;
    CHECK_NUMBER(cpio_archive_add(&archive, &program, NULL), 0);
    CHECK_NUMBER(
        cpio_archive_add(&archive, &(struct cpio_entry){"l", CPIO_LINK, 0777, 0, 0, bytes_of_text("etc/x")}, NULL), 0);
    cpio_archive_close(&text, &archive);
    CHECK_NUMBER(text.length, CPIO_BLOCK_SIZE);
    CHECK(memcmp(text.characters, expected, sizeof expected) == 0);
    for (size_t i = sizeof expected; i < text.length; i++)
        CHECK(text.characters[i] == '\0');
}

static void an_archive_of_nothing_is_its_trailer(void)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    AUTO(text_finish) struct text text = {0};
    struct cpio_entry entry;
    cpio_archive_close(&text, &archive);
    struct bytes rest = text_bytes(&text);
    CHECK_NUMBER(text.length, CPIO_BLOCK_SIZE);
    CHECK_NUMBER(cpio_entry_next(&entry, &rest), CPIO_E_END);
}

/* "d755 etc, f644 etc/x=abc" */
static void list(struct text *ret, struct bytes archive)
{
    struct cpio_entry entry;
    while (cpio_entry_next(&entry, &archive) == 0) {
        text_print(ret, "%s%c%o %s", ret->length > 0 ? ", " : "", "fdl"[entry.kind], entry.mode, entry.path);
        if (entry.uid > 0 || entry.gid > 0)
            text_print(ret, " %u:%u", entry.uid, entry.gid);
        if (entry.kind != CPIO_DIRECTORY)
            text_print(ret, "=%.*s", (int)entry.content.size, (const char *)entry.content.data);
    }
}

static void directories_come_once_and_before_what_is_in_them(void)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    AUTO(text_finish) struct text text = {0};
    AUTO(text_finish) struct text listed = {0};
    struct cpio_entry entries[] = {
        file("usr/share/oem/cloud-config.yml", "a"),
        file("usr/share/x", "b"),
        file("/root/.profile", "c"),
        file("var/tmp/t", ""),
        file("tmp/t", ""),
        {"usr/share/oem", CPIO_DIRECTORY, 02750, 5, 6, {0}},
        {"empty", CPIO_DIRECTORY, 0700, 0, 0, {0}},
        file("empty/no", "d"),
    };
    for (size_t i = 0; i < LENGTH(entries); i++)
        CHECK_ROW(entries[i].path, cpio_archive_add(&archive, &entries[i], NULL) == 0);
    cpio_archive_close(&text, &archive);
    list(&listed, text_bytes(&text));
    CHECK_TEXT(text_characters(&listed),
               "d755 usr, d755 usr/share, d2750 usr/share/oem 5:6, f644 usr/share/oem/cloud-config.yml=a, "
               "f644 usr/share/x=b, d700 root, f644 root/.profile=c, d755 var, d1777 var/tmp, f644 var/tmp/t=, "
               "d1777 tmp, f644 tmp/t=, d700 empty, f644 empty/no=d");
}

static void inodes_are_numbered_from_one(void)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    struct cpio_entry entries[] = {file("a/b", ""), file("c", "")};
    for (size_t i = 0; i < LENGTH(entries); i++)
        cpio_archive_add(&archive, &entries[i], NULL);
    CHECK_NUMBER(archive.count, 3);
    CHECK(memcmp(archive.octets.characters + 112 + 116, "07070100000003", 14) == 0);
}

static void paths_that_cannot_be_are_refused(void)
{
    AUTO(free) char *long_part = memory_print("a/%0256d", 1);
    AUTO(free) char *long_path = memory_new(5000, 1);
    for (size_t i = 0; i < 4999; i++)
        long_path[i] = i % 100 == 99 ? '/' : 'x';
    const struct {
        const char *path, *reason;
    } rows[] = {
        {"", "names nothing"},
        {"/", "names nothing"},
        {"./.", "names nothing"},
        {"..", "leads out"},
        {"../etc/passwd", "leads out"},
        {"/etc/../../x", "leads out"},
        {"a/b/..", "leads out"},
        {"a\nb", "control character"},
        {"a\x7f", "control character"},
        {"TRAILER!!!", "an archive ends"},
        {"./TRAILER!!!", "an archive ends"},
        {long_part, "longer than 255"},
        {long_path, "longer than 4095"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
        struct cpio_entry entry = file(rows[i].path, "");
        struct diag why = {0};
        CHECK_ROW(rows[i].path, cpio_archive_add(&archive, &entry, &why) == -1);
        CHECK_ROW(rows[i].path, strstr(why.text, rows[i].reason) != NULL);
        CHECK_ROW(rows[i].path, archive.octets.length == 0);
    }
}

static void paths_that_only_look_odd_are_taken(void)
{
    static const char *const rows[] = {"...", "a/..b", "a/b..", "etc/TRAILER!!!", "\xc3\xa4 b", ".hidden"};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text clean = {0};
        CHECK_ROW(rows[i], cpio_path_clean(&clean, rows[i], NULL) == 0);
        CHECK_TEXT(text_characters(&clean), rows[i]);
    }
}

static void what_contradicts_an_earlier_entry_is_refused_and_leaves_no_trace(void)
{
    struct diag why;
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    struct cpio_entry before[] = {
        file("a/file", ""),
        {"a/link", CPIO_LINK, 0777, 0, 0, bytes_of_text("file")},
        {"a/directory", CPIO_DIRECTORY, 0755, 0, 0, {0}},
    };
    for (size_t i = 0; i < LENGTH(before); i++)
        CHECK_NUMBER(cpio_archive_add(&archive, &before[i], NULL), 0);
    const struct {
        struct cpio_entry entry;
        const char *reason;
    } rows[] = {
        {file("/a//file", ""), "path 'a/file' is there twice"},
        {file("a", ""), "path 'a' is a directory, since other files lie below it"},
        {file("a/directory", ""), "path 'a/directory' is there twice"},
        {{"a/directory", CPIO_DIRECTORY, 0, 0, 0, {0}}, "path 'a/directory' is there twice"},
        {{"a/file", CPIO_DIRECTORY, 0, 0, 0, {0}}, "path 'a/file' is there twice"},
        {file("a/file/b", ""), "path 'a/file/b' lies below 'a/file', which is a file already"},
        {file("a/link/b/c", ""), "path 'a/link/b/c' lies below 'a/link', which is a link already"},
        {{"l", CPIO_LINK, 0777, 0, 0, {0}}, "link 'l' points to nothing that can be named"},
        {{"l", CPIO_LINK, 0777, 0, 0, bytes_of("a\0b", 3)}, "link 'l' points to nothing that can be named"},
    };
    size_t length = archive.octets.length;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        CHECK_ROW(rows[i].reason, cpio_archive_add(&archive, &rows[i].entry, &why) == -1);
        CHECK_TEXT(why.text, rows[i].reason);
        CHECK_ROW(rows[i].reason, archive.octets.length == length);
    }
}

static void an_archive_has_a_largest_size(void)
{
    struct diag why;
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    AUTO(text_finish) struct text text = {0};
    AUTO(free) char *zeros = memory_new(CPIO_ARCHIVE_MAX, 1);
    struct cpio_entry entry = {"a", CPIO_FILE, 0644, 0, 0, bytes_of(zeros, CPIO_ARCHIVE_MAX)};
    CHECK_NUMBER(cpio_archive_add(&archive, &entry, &why), -1);
    CHECK_TEXT(why.text, "with 'a' the files are more than 16 MiB");
    entry.content.size = CPIO_ARCHIVE_MAX - 2048;
    CHECK_NUMBER(cpio_archive_add(&archive, &entry, NULL), 0);
    entry.path = "b";
    entry.content.size = 2048;
    CHECK_NUMBER(cpio_archive_add(&archive, &entry, NULL), -1);
    cpio_archive_close(&text, &archive);
    CHECK(text.length <= CPIO_ARCHIVE_MAX);
}

static void each_prefix_of_an_archive_is_no_archive(void)
{
    AUTO(cpio_archive_finish) struct cpio_archive archive = {0};
    AUTO(text_finish) struct text text = {0};
    struct cpio_entry entry = file("a/b", "content");
    cpio_archive_add(&archive, &entry, NULL);
    size_t length = archive.octets.length;
    cpio_archive_close(&text, &archive);
    for (size_t size = 0; size < length; size++) {
        AUTO(free) char *cut = size > 0 ? memory_new(size, 1) : NULL;
        if (size > 0)
            memcpy(cut, text.characters, size);
        struct bytes rest = bytes_of(cut, size);
        int result = cpio_entry_next(&entry, &rest);
        if (result == 0)
            result = cpio_entry_next(&entry, &rest);
        CHECK(result == CPIO_E_MALFORMED);
    }
}

int main(void)
{
    RUN(an_archive_is_octet_for_octet_what_the_format_says);
    RUN(an_archive_of_nothing_is_its_trailer);
    RUN(directories_come_once_and_before_what_is_in_them);
    RUN(inodes_are_numbered_from_one);
    RUN(paths_that_cannot_be_are_refused);
    RUN(paths_that_only_look_odd_are_taken);
    RUN(what_contradicts_an_earlier_entry_is_refused_and_leaves_no_trace);
    RUN(an_archive_has_a_largest_size);
    RUN(each_prefix_of_an_archive_is_no_archive);
    return test_result();
}
