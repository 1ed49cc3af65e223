/* SPDX-License-Identifier: Apache-2.0 */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/array.h"
#include "test.h"

static char folder[] = "/tmp/muster-files-XXXXXX";

static char *path_of(const char *name)
{
    return memory_print("%s/%s", folder, name);
}

static void write_file(const char *name, const char *content)
{
    AUTO(free) char *path = path_of(name);
    FILE *file = fopen(path, "we");
    if (!file || fputs(content, file) < 0 || fclose(file) != 0)
        abort();
}

static void link_to(const char *target, const char *name)
{
    AUTO(free) char *path = path_of(name);
    if (symlink(target, path) < 0)
        abort();
}

/* As if it had last changed long before now: what changed just now has no stamp. */
static void settle(void)
{
    usleep(150000);
}

static void make_folders(void)
{
    if (!mkdtemp(folder))
        abort();
    static const char *const names[] = {"files", "files/sub", "files/sub/deep"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(free) char *path = path_of(names[i]);
        if (mkdir(path, 0755) < 0)
            abort();
    }
    write_file("secret", "secret");
    write_file("files/a", "A");
    write_file("files/sub/b", "B");
    link_to("../a", "files/sub/inside");
    link_to("sub", "files/sub-link");
    link_to("../secret", "files/out");
    link_to("/etc/passwd", "files/absolute");
    link_to("..", "files/up");
    link_to("loop", "files/loop");
    AUTO(free) char *fifo = path_of("files/fifo");
    if (mkfifo(fifo, 0600) < 0)
        abort();
}

static struct store_files *files_new(void)
{
    AUTO(free) char *path = store_files_folder(folder);
    return store_files_create(path);
}

static void nothing_outside_of_the_folder_is_read(void)
{
    static const struct {
        const char *path, *content;
        int result;
    } rows[] = {
        {"a", "A", 0},
        {"sub/b", "B", 0},
        {"sub/inside", "A", 0},
        {"sub-link/b", "B", 0},
        {"out", "", -EXDEV},
        {"absolute", "", -EXDEV},
        {"up/secret", "", -EXDEV},
        {"up/files/a", "", -EXDEV},
        {"../secret", "", -EXDEV},
        {"sub/../../secret", "", -EXDEV},
        {"/etc/passwd", "", -EXDEV},
        {"loop", "", -ELOOP},
        {"none", "", -ENOENT},
        {"a/b", "", -ENOTDIR},
        {"sub", "", -EINVAL},
        {"fifo", "", -EINVAL},
        {"", "", -EINVAL},
    };
    AUTO(store_files_destroy) struct store_files *files = files_new();
    const struct file_source *source = store_files_source(files);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text content = {0};
        uint64_t stamp;
        struct diag why = {0};
        CHECK_ROW(rows[i].path, source->read(source->context, &content, &stamp, rows[i].path, &why) == rows[i].result);
        CHECK_TEXT(text_characters(&content), rows[i].content);
        CHECK_ROW(rows[i].path, (why.text[0] != '\0') == (rows[i].result < 0));
    }
}

static void a_file_beyond_the_limit_is_refused_with_it(void)
{
    AUTO(store_files_destroy) struct store_files *files = files_new();
    const struct file_source *source = store_files_source(files);
    AUTO(text_finish) struct text content = {0};
    AUTO(free) char *path = path_of("files/huge");
    uint64_t stamp;
    struct diag why;
    write_file("files/huge", "");
    CHECK_NUMBER(truncate(path, (off_t)FILE_OCTETS_MAX + 1), 0);
    CHECK_NUMBER(source->read(source->context, &content, &stamp, "huge", &why), -EFBIG);
    CHECK(strstr(why.text, "has more than 16777216 octets") != NULL && content.length == 0);
    CHECK_NUMBER(truncate(path, (off_t)FILE_OCTETS_MAX), 0);
    CHECK_NUMBER(source->read(source->context, &content, &stamp, "huge", &why), 0);
    CHECK_NUMBER(unlink(path), 0);
}

/* A name that changes all the time, until it is told to stop. */
struct renaming {
    const char *name, *other;
    bool is_over;
    pthread_t thread;
};

static void *rename_until_told(void *context)
{
    struct renaming *renaming = context;
    AUTO(free) char *name = path_of(renaming->name);
    AUTO(free) char *other = path_of(renaming->other);
    write_file(renaming->name, "");
    while (!__atomic_load_n(&renaming->is_over, __ATOMIC_RELAXED))
        if (rename(name, other) < 0 || rename(other, name) < 0)
            abort();
    return NULL;
}

static void renames_elsewhere_make_no_link_fail(void)
{
    AUTO(store_files_destroy) struct store_files *files = files_new();
    const struct file_source *source = store_files_source(files);
    struct renaming renamings[] = {{.name = "one", .other = "uno"}, {.name = "two", .other = "due"}};
    int failed = 0;
    for (size_t i = 0; i < LENGTH(renamings); i++)
        if (pthread_create(&renamings[i].thread, NULL, rename_until_told, &renamings[i]) != 0)
            abort();
    for (int i = 0; i < 5000; i++) {
        AUTO(text_finish) struct text content = {0};
        uint64_t stamp;
        struct diag why;
        failed += source->read(source->context, &content, &stamp, "sub/inside", &why) != 0;
    }
    for (size_t i = 0; i < LENGTH(renamings); i++) {
        __atomic_store_n(&renamings[i].is_over, true, __ATOMIC_RELAXED);
        pthread_join(renamings[i].thread, NULL);
    }
    CHECK_NUMBER(failed, 0);
}

static void a_folder_is_listed_with_what_its_entries_are(void)
{
    AUTO(store_files_destroy) struct store_files *files = files_new();
    const struct file_source *source = store_files_source(files);
    AUTO(file_entries_finish) struct file_entries entries = {0};
    uint64_t stamp;
    struct diag why;
    CHECK_NUMBER(source->list(source->context, &entries, &stamp, "sub", &why), 0);
    file_entries_sort(&entries);
    CHECK_NUMBER((long long)entries.count, 3);
    CHECK_TEXT(entries.at[0].name, "b");
    CHECK(entries.at[0].kind == FILE_REGULAR && !entries.at[0].is_executable);
    CHECK(entries.at[1].kind == FILE_FOLDER);
    CHECK(entries.at[2].kind == FILE_LINK);
    CHECK_TEXT(entries.at[2].target, "../a");
    CHECK_NUMBER(source->list(source->context, &entries, &stamp, "a", &why), -ENOTDIR);
    CHECK_NUMBER(source->list(source->context, &entries, &stamp, "up", &why), -EXDEV);
}

static uint64_t stamp_of(const struct file_source *source, const char *path)
{
    return source->stamp(source->context, path);
}

static void a_stamp_changes_with_what_it_is_of(void)
{
    AUTO(store_files_destroy) struct store_files *files = files_new();
    const struct file_source *source = store_files_source(files);
    AUTO(text_finish) struct text content = {0};
    struct diag why;
    uint64_t read;
    settle();
    uint64_t file = stamp_of(source, "a");
    uint64_t sub = stamp_of(source, "sub");
    source->read(source->context, &content, &read, "a", &why);
    CHECK(file != 0 && file == read && file == stamp_of(source, "sub/inside"));
    CHECK(sub != 0 && stamp_of(source, "none") == 0);
    write_file("files/a", "B");
    CHECK(stamp_of(source, "a") == 0);
    settle();
    CHECK(stamp_of(source, "a") != 0 && stamp_of(source, "a") != file);
    CHECK(stamp_of(source, "sub") == sub);
    write_file("files/sub/new", "");
    settle();
    CHECK(stamp_of(source, "sub") != sub);
}

static void a_folder_may_come_later_and_be_another(void)
{
    AUTO(store_files_destroy) struct store_files *files = store_files_create("/nowhere/files");
    const struct file_source *source = store_files_source(files);
    AUTO(text_finish) struct text content = {0};
    struct diag why;
    uint64_t stamp;
    CHECK_NUMBER(source->read(source->context, &content, &stamp, "sub/b", &why), -ENOENT);
    CHECK(strstr(why.text, "the folder /nowhere/files that files are taken from") != NULL);
    AUTO(free) char *path = store_files_folder(folder);
    store_files_move(files, path);
    CHECK_NUMBER(source->read(source->context, &content, &stamp, "sub/b", &why), 0);
}

/* As on a kernel before 5.6: false where filters cannot be set. */
static bool take_openat2_away(void)
{
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = LENGTH(instructions), .filter = instructions};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* The last of all: it cannot be undone. */
static void where_the_kernel_cannot_resolve_beneath_no_link_is_followed(void)
{
    static const struct {
        const char *path;
        int result;
    } rows[] = {
        {"a", 0},
        {"sub/b", 0},
        {"sub/inside", -ELOOP},
        {"sub-link/b", -ENOTDIR},
        {"out", -ELOOP},
        {"up/a", -ENOTDIR},
        {"../secret", -EXDEV},
        {"sub/..", -EXDEV},
        {"/etc/passwd", -EXDEV},
        {"none/a", -ENOENT},
    };
    if (!take_openat2_away())
        return;
    AUTO(store_files_destroy) struct store_files *files = files_new();
    const struct file_source *source = store_files_source(files);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text content = {0};
        struct diag why;
        uint64_t stamp;
        int result = source->read(source->context, &content, &stamp, rows[i].path, &why);
        CHECK_ROW(rows[i].path, result == rows[i].result);
    }
}

static void remove_folders(void)
{
    AUTO(free) char *command = memory_print("rm -rf %s", folder);
    if (system(command) != 0)
        abort();
}

int main(void)
{
    make_folders();
    RUN(nothing_outside_of_the_folder_is_read);
    RUN(a_file_beyond_the_limit_is_refused_with_it);
    RUN(renames_elsewhere_make_no_link_fail);
    RUN(a_folder_is_listed_with_what_its_entries_are);
    RUN(a_stamp_changes_with_what_it_is_of);
    RUN(a_folder_may_come_later_and_be_another);
    RUN(where_the_kernel_cannot_resolve_beneath_no_link_is_followed);
    remove_folders();
    return test_result();
}
