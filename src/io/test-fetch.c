/* SPDX-License-Identifier: Apache-2.0 */
#include "io/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/auto.h"
#include "base/text.h"
#include "test.h"

static char folder[] = "/tmp/muster-test-XXXXXX";

static void a_file_is_opened_by_path_and_by_file_url(void)
{
    AUTO(free) char *path = memory_print("%s/kernel", folder);
    AUTO(free) char *url = memory_print("file://%s", path);
    FILE *file = fopen(path, "w");
    fputs("kernel", file);
    fclose(file);
    const char *places[] = {path, url};
    for (size_t i = 0; i < LENGTH(places); i++) {
        AUTO(fd_close) int fd = -1;
        char content[16] = "";
        CHECK_ROW(places[i], fetch_open(&fd, places[i], NULL, NULL, NULL) == 0);
        CHECK_ROW(places[i], read(fd, content, sizeof content) == 6 && text_is(content, "kernel"));
    }
}

static void what_is_no_file_is_refused_by_its_kind(void)
{
    AUTO(free) char *pipe = memory_print("%s/pipe", folder);
    CHECK(mkfifo(pipe, 0600) == 0);
    const struct {
        const char *place, *reason;
    } rows[] = {
        {"/nonexistent/vmlinuz", "cannot read '/nonexistent/vmlinuz': No such file or directory"},
        {folder, "it is a folder, not a file"},
        {pipe, "it is a device or pipe, not a file"},
        {"ftp://host/vmlinuz", "only files and http:// or https:// URLs can be served"},
        {"http://127.0.0.1:1/vmlinuz", "download 'http://127.0.0.1:1/vmlinuz'"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        int fd = -1;
        struct diag why = {0};
        CHECK_ROW(rows[i].place, fetch_open(&fd, rows[i].place, NULL, NULL, &why) < 0 && fd == -1);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
    }
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    RUN(a_file_is_opened_by_path_and_by_file_url);
    RUN(what_is_no_file_is_refused_by_its_kind);
    AUTO(free) char *remove = memory_print("rm -r %s", folder);
    return test_result() || system(remove);
}
