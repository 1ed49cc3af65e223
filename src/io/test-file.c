/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "test.h"

static char folder[] = "/tmp/muster-test-file-XXXXXX";

static char *path_of(const char *name)
{
    return memory_print("%s/%s", folder, name);
}

static void write_file(const char *name, const char *content)
{
    AUTO(free) char *path = path_of(name);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static bool reads_as(struct file *file, const char *content)
{
    char buffer[64];
    int64_t got;
    do
        got = file_read(file, 0, buffer, sizeof buffer);
    while (got == -EAGAIN);
    return got >= 0 && bytes_equal_text(bytes_of(buffer, (size_t)got), content);
}

static void a_file_is_opened_once_for_all(void)
{
    struct files *files = files_create();
    struct file *all[1000];
    write_file("kernel", "content");
    for (size_t i = 0; i < LENGTH(all); i++)
        CHECK_NUMBER(file_open(&all[i], files, folder, i % 2 ? "kernel" : "./kernel", NULL), 0);
    CHECK_NUMBER(files_count(files), 1);
    CHECK_NUMBER(file_size(all[999]), 7);
    CHECK(reads_as(all[500], "content"));
    for (size_t i = 0; i < LENGTH(all); i++)
        file_close(all[i]);
    CHECK_NUMBER(files_count(files), 0);
    files_destroy(files);
}

static void parts_are_read_where_they_are(void)
{
    struct files *files = files_create();
    struct file *file;
    char buffer[4];
    write_file("kernel", "0123456789");
    CHECK_NUMBER(file_open(&file, files, folder, "kernel", NULL), 0);
    CHECK_NUMBER(file_read(file, 8, buffer, sizeof buffer), 2);
    CHECK(memcmp(buffer, "89", 2) == 0);
    CHECK_NUMBER(file_read(file, 10, buffer, sizeof buffer), 0);
    CHECK_NUMBER(file_read(file, 1000, buffer, sizeof buffer), 0);
    file_close(file);
    files_destroy(files);
}

static void every_octet_of_a_long_file_is_read_in_its_place(void)
{
    enum { PIECE = 1468, SIZE = 70 * 1000 * 1000 }; /* more than is kept in memory */
    AUTO(free) char *path = path_of("kernel");
    FILE *out = fopen(path, "w");
    for (uint32_t i = 0; i < SIZE / sizeof i; i++)
        fwrite(&i, sizeof i, 1, out);
    CHECK(fclose(out) == 0);
    struct files *files = files_create();
    struct file *file;
    CHECK_NUMBER(file_open(&file, files, folder, "kernel", NULL), 0);
    uint64_t wrong = 0;
    for (uint64_t at = 0; at < SIZE; at += PIECE) {
        uint32_t numbers[PIECE / sizeof(uint32_t)];
        int64_t got = file_read(file, at, numbers, sizeof numbers);
        for (int64_t i = 0; i < got / (int64_t)sizeof numbers[0]; i++)
            wrong += numbers[i] != at / sizeof numbers[0] + (uint64_t)i;
        wrong += got != (int64_t)(SIZE - at < PIECE ? SIZE - at : PIECE) && got != -EAGAIN;
        at -= got == -EAGAIN ? PIECE : 0;
    }
    CHECK_NUMBER(wrong, 0);
    file_close(file);
    files_destroy(files);
}

static void a_replaced_file_keeps_its_content_for_who_has_it(void)
{
    struct files *files = files_create();
    struct file *before;
    struct file *after;
    AUTO(free) char *from = path_of("new");
    AUTO(free) char *to = path_of("kernel");
    write_file("kernel", "before");
    CHECK_NUMBER(file_open(&before, files, folder, "kernel", NULL), 0);
    write_file("new", "after!");
    CHECK(rename(from, to) == 0);
    CHECK_NUMBER(file_open(&after, files, folder, "kernel", NULL), 0);
    CHECK_NUMBER(files_count(files), 2);
    CHECK(reads_as(before, "before") && reads_as(after, "after!"));
    file_close(before);
    file_close(after);
    files_destroy(files);
}

static void a_file_written_to_is_stale(void)
{
    struct files *files = files_create();
    struct file *file;
    char buffer[64];
    AUTO(free) char *path = path_of("kernel");
    write_file("kernel", "a longer content");
    CHECK_NUMBER(file_open(&file, files, folder, "kernel", NULL), 0);
    CHECK(truncate(path, 5) == 0);
    CHECK_NUMBER(file_read(file, 0, buffer, sizeof buffer), -ESTALE);
    CHECK_NUMBER(file_read(file, 8, buffer, 4), -ESTALE);
    file_close(file);
    write_file("kernel", "one content");
    struct timespec then[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    CHECK(utimensat(AT_FDCWD, path, then, 0) == 0);
    CHECK_NUMBER(file_open(&file, files, folder, "kernel", NULL), 0);
    CHECK_NUMBER(file_read(file, 0, buffer, 4), 4);
    write_file("kernel", "two content");
    CHECK_NUMBER(file_read(file, 4, buffer, sizeof buffer), -ESTALE);
    file_close(file);
    files_destroy(files);
}

static void only_regular_files_below_the_folder_are_opened(void)
{
    AUTO(free) char *fifo = path_of("fifo");
    AUTO(free) char *device = path_of("device");
    AUTO(free) char *inside = path_of("inside");
    CHECK(mkfifo(fifo, 0600) == 0 && symlink("/dev/zero", device) == 0 && mkdir(inside, 0700) == 0);
    static const struct {
        const char *name;
        int result;
    } rows[] = {
        {"fifo", -EINVAL},
        {"device", -EINVAL},
        {"inside", -EISDIR},
        {"nothing", -ENOENT},
        {"kernel/more", -ENOTDIR},
        {"../etc/passwd", -EACCES},
        {"/etc/passwd", -EACCES},
        {"inside/../kernel", -EACCES},
        {"inside/..", -EACCES},
        {"..", -EACCES},
        {"..kernel", -ENOENT},
        {"kernel..", -ENOENT},
        {"", -EISDIR},
    };
    struct files *files = files_create();
    write_file("kernel", "x");
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct file *file = NULL;
        struct diag why = {0};
        CHECK_ROW(rows[i].name, file_open(&file, files, folder, rows[i].name, &why) == rows[i].result);
        CHECK_ROW(rows[i].name, !file && why.text[0] != '\0');
    }
    files_destroy(files);
}

static void links_are_followed(void)
{
    struct files *files = files_create();
    struct file *through;
    struct file *direct;
    AUTO(free) char *link = path_of("link");
    AUTO(free) char *target = path_of("kernel");
    write_file("kernel", "linked");
    CHECK(symlink(target, link) == 0);
    CHECK_NUMBER(file_open(&through, files, folder, "link", NULL), 0);
    CHECK_NUMBER(file_open(&direct, files, NULL, target, NULL), 0);
    CHECK(through == direct);
    file_close(through);
    file_close(direct);
    files_destroy(files);
}

static void remove_folder(void)
{
    static const char *const names[] = {"kernel", "new", "fifo", "device", "link"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        AUTO(free) char *path = path_of(names[i]);
        unlink(path);
    }
    AUTO(free) char *inside = path_of("inside");
    rmdir(inside);
    rmdir(folder);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    RUN(a_file_is_opened_once_for_all);
    RUN(parts_are_read_where_they_are);
    RUN(every_octet_of_a_long_file_is_read_in_its_place);
    RUN(a_replaced_file_keeps_its_content_for_who_has_it);
    RUN(a_file_written_to_is_stale);
    RUN(only_regular_files_below_the_folder_are_opened);
    RUN(links_are_followed);
    remove_folder();
    return test_result();
}
