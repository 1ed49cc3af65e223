/* SPDX-License-Identifier: Apache-2.0 */
#include "io/watch.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static char folder[] = "/tmp/muster-test-watch-XXXXXX";

static char *path_of(const char *name)
{
    return memory_print("%s/%s", folder, name);
}

static void make_folder(const char *name)
{
    AUTO(free) char *path = path_of(name);
    CHECK_ROW(name, mkdir(path, 0700) == 0);
}

static void make_link(const char *target, const char *name)
{
    AUTO(free) char *path = path_of(name);
    CHECK_ROW(name, symlink(target, path) == 0);
}

static void write_file(const char *name)
{
    AUTO(free) char *path = path_of(name);
    FILE *file = fopen(path, "w");
    CHECK_ROW(name, file && fputs("x", file) >= 0 && fclose(file) == 0);
}

static void move(const char *from, const char *to)
{
    AUTO(free) char *from_path = path_of(from);
    AUTO(free) char *to_path = path_of(to);
    CHECK_ROW(from, rename(from_path, to_path) == 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void empty_folder(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    mkdir(folder, 0700);
}

static void add(struct watch *watch, const char *name, unsigned tag)
{
    AUTO(free) char *path = path_of(name);
    struct diag why = {0};
    CHECK_NUMBER(watch_add(watch, path, tag, &why), 0);
    CHECK_TEXT(why.text, "");
}

/* The events there are, each once, as "1:node.json" and "1:" for one without a name. */
static char *events_take(struct watch *watch)
{
    struct text text = {0};
    struct watch_event event;
    while (watch_next(&event, watch)) {
        AUTO(free) char *said = memory_print("%u:%s ", event.tag, event.name ? event.name : "");
        if (!strstr(text_characters(&text), said))
            text_append(&text, said);
    }
    return text_take(&text);
}

static void check_events(struct watch *watch, const char *expected)
{
    AUTO(free) char *events = events_take(watch);
    CHECK_TEXT(events, expected);
}

static void edits_are_told_by_name(void)
{
    empty_folder();
    make_folder("groups");
    AUTO(watch_destroy) struct watch *watch = watch_create(NULL);
    add(watch, "groups", 1);
    watch_end_round(watch);
    check_events(watch, "");
    write_file("groups/a");
    check_events(watch, "1:a ");
    move("groups/a", "groups/b");
    check_events(watch, "1:a 1:b ");
    write_file("other");
    check_events(watch, "");
}

static void a_folder_made_later_is_noticed(void)
{
    empty_folder();
    AUTO(watch_destroy) struct watch *watch = watch_create(NULL);
    add(watch, "data/groups", 1);
    watch_end_round(watch);
    make_folder("data");
    check_events(watch, "1: ");
    add(watch, "data/groups", 1);
    watch_end_round(watch);
    make_folder("data/groups");
    check_events(watch, "1: ");
}

static void links_are_followed_and_their_swap_is_noticed(void)
{
    empty_folder();
    make_folder("v1");
    make_folder("v2");
    make_folder("v1/groups");
    make_folder("v2/groups");
    make_link("v1", "..data");
    make_link("..data/groups", "groups");
    AUTO(watch_destroy) struct watch *watch = watch_create(NULL);
    add(watch, "groups", 1);
    watch_end_round(watch);
    write_file("v1/groups/a");
    check_events(watch, "1:a ");
    write_file("v2/groups/b");
    check_events(watch, "");
    make_link("v2", "..data_tmp");
    move("..data_tmp", "..data");
    check_events(watch, "1: ");
    add(watch, "groups", 1);
    watch_end_round(watch);
    write_file("v1/groups/c");
    check_events(watch, "");
    write_file("v2/groups/d");
    check_events(watch, "1:d ");
}

static void a_folder_watched_twice_tells_both(void)
{
    empty_folder();
    make_folder("cloud");
    make_link("cloud", "generic");
    AUTO(watch_destroy) struct watch *watch = watch_create(NULL);
    add(watch, "cloud", 1);
    add(watch, "generic", 2);
    watch_end_round(watch);
    write_file("cloud/a");
    check_events(watch, "1:a 2:a ");
    add(watch, "cloud", 1);
    watch_end_round(watch);
    write_file("cloud/b");
    check_events(watch, "1:b ");
}

static void links_in_a_circle_end(void)
{
    empty_folder();
    make_link("b", "a");
    make_link("a", "b");
    AUTO(watch_destroy) struct watch *watch = watch_create(NULL);
    AUTO(free) char *path = path_of("a/groups");
    watch_add(watch, path, 1, NULL);
    check_events(watch, "");
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    RUN(edits_are_told_by_name);
    RUN(a_folder_made_later_is_noticed);
    RUN(links_are_followed_and_their_swap_is_noticed);
    RUN(a_folder_watched_twice_tells_both);
    RUN(links_in_a_circle_end);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return test_result();
}
