/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged state file is set aside: what can be read of it is there again, wherever that is cut off. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/state.h"
#include "test.h"

enum {
    PAGE = 4096,
    LEASES = 1200,
    NEWEST = 20, /* of them only in the journal */
    KILLED = 9,
};

static char folder[] = "/tmp/muster-salvage-XXXXXX";

/* What changes a file. The process ends before the call of this number; 0: never. */
static int kill_at;
static bool has_links = true;

static void count_call(void)
{
    if (kill_at > 0 && --kill_at == 0)
        _exit(KILLED);
}

#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

int rename(const char *from, const char *to)
{
    count_call();
    return NEXT(rename)(from, to);
}

int link(const char *from, const char *to)
{
    count_call();
    errno = EPERM;
    return has_links ? NEXT(link)(from, to) : -1;
}

int unlink(const char *path)
{
    count_call();
    return NEXT(unlink)(path);
}

int fsync(int fd)
{
    count_call();
    return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    count_call();
    return NEXT(fdatasync)(fd);
}

ssize_t pwrite64(int fd, const void *octets, size_t size, off64_t offset)
{
    count_call();
    return NEXT(pwrite64)(fd, octets, size, offset);
}

static char *in_folder(const char *suffix)
{
    return memory_print("%s/state.db%s", folder, suffix);
}

struct image {
    char *octets;
    size_t size;
};

static struct image read_image(const char *path)
{
    struct stat status = {0};
    struct image image = {0};
    FILE *file = fopen(path, "re");
    CHECK(file && fstat(fileno(file), &status) == 0);
    image.octets = memory_new((size_t)status.st_size + 1, 1);
    image.size = fread(image.octets, 1, (size_t)status.st_size, file);
    fclose(file);
    return image;
}

static void write_image(const char *suffix, const struct image *image)
{
    AUTO(free) char *path = in_folder(suffix);
    FILE *file = fopen(path, "we");
    CHECK(file && fwrite(image->octets, 1, image->size, file) == image->size);
    fclose(file);
}

static void remove_all(void)
{
    AUTO(free) char *command = memory_print("rm -rf '%s'/*", folder);
    CHECK_NUMBER(system(command), 0);
}

/* The damaged file with the journal of a server that was killed. */
static struct image database, journal;

static void post_done(void *context, int result)
{
    CHECK_NUMBER(result, 0);
    sem_post(context);
}

static void commit(struct state *state, uint32_t first, uint32_t end)
{
    sem_t done;
    sem_init(&done, 0, 0);
    for (uint32_t i = first; i < end; i++) {
        struct lease lease = {
            .address = {0x0a000000 + i},
            .state = LEASE_BOUND,
            .mac = {.size = 6, .octets = {2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}},
            .expires = 100,
        };
        state_commit(state, &lease, 1, i + 1 == end ? post_done : NULL, &done);
    }
    sem_wait(&done);
}

static int open_state(struct state **ret, size_t *ret_warnings)
{
    struct faults warnings = {0};
    struct diag why = {0};
    AUTO(free) char *path = in_folder("");
    int result = state_open(ret, path, &warnings, &why);
    for (size_t i = 0; i < warnings.count; i++)
        CHECK(strstr(warnings.at[i].text, "was damaged and is set aside as") != NULL);
    *ret_warnings = warnings.count;
    faults_finish(&warnings);
    return result;
}

static void make_damaged(void)
{
    struct state *state = NULL;
    size_t warnings;
    CHECK_NUMBER(open_state(&state, &warnings), 0);
    commit(state, NEWEST, LEASES);
    state_close(state);
    if (fork() == 0) {
        open_state(&state, &warnings);
        commit(state, 0, NEWEST);
        _exit(0);
    }
    wait(NULL);
    AUTO(free) char *path = in_folder("");
    AUTO(free) char *journal_path = in_folder("-wal");
    database = read_image(path);
    journal = read_image(journal_path);
    memset(database.octets + database.size / PAGE / 2 * PAGE, 0xa5, PAGE);
    CHECK(database.size > 10 * PAGE && journal.size > PAGE);
}

static void restore_damaged(void)
{
    remove_all();
    write_image("", &database);
    write_image("-wal", &journal);
}

static size_t seen, newest_seen;

static void look_at(const struct lease *lease, void *context)
{
    (void)context;
    seen++;
    newest_seen += lease->address.number < 0x0a000000 + NEWEST;
}

/* Opens the file once more, whatever was left there: how many leases there are. */
static size_t count_leases(size_t *ret_warnings)
{
    struct state *state = NULL;
    seen = newest_seen = 0;
    CHECK_NUMBER(open_state(&state, ret_warnings), 0);
    CHECK_NUMBER(state_leases(state, look_at, NULL, NULL, NULL), 0);
    state_close(state);
    return seen;
}

static bool is_image(const char *name, const struct image *image)
{
    AUTO(free) char *path = memory_print("%s/%s", folder, name);
    struct image found = read_image(path);
    bool is_same = found.size == image->size && memcmp(found.octets, image->octets, found.size) == 0;
    free(found.octets);
    return is_same;
}

/* The damaged file and its journal lie aside, as they were, and nothing else beside the file. */
static void check_aside(void)
{
    size_t databases = 0, journals = 0, others = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        const char *name = entry->d_name;
        if (!text_starts_with(name, "state.db.corrupt-"))
            others += !text_is(name, "state.db") && !text_is(name, "state.db.lock") && *name != '.';
        else if (text_ends_with(name, "-wal"))
            journals += is_image(name, &journal);
        else if (!text_ends_with(name, "-shm"))
            databases += is_image(name, &database);
    }
    closedir(listing);
    CHECK_NUMBER(databases, 1);
    CHECK_NUMBER(journals, 1);
    CHECK_NUMBER(others, 0);
}

/* Whether it was killed before it had opened the file. */
static bool open_and_be_killed(int at)
{
    int status = 0;
    struct state *state = NULL;
    size_t warnings;
    pid_t child = fork();
    if (child == 0) {
        kill_at = at;
        _exit(open_state(&state, &warnings) == 0 && warnings == 1 ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == KILLED || WEXITSTATUS(status) == 0));
    return WIFEXITED(status) && WEXITSTATUS(status) == KILLED;
}

static void cut_off_everywhere(void)
{
    size_t expected, warnings;
    restore_damaged();
    expected = count_leases(&warnings);
    CHECK(expected > LEASES / 10 && expected < LEASES && newest_seen > 0 && warnings == 1);
    check_aside();
    int at = 1;
    for (bool was_killed = true; was_killed && test_broken < 9; at++) {
        restore_damaged();
        was_killed = open_and_be_killed(at);
        CHECK_NUMBER(count_leases(&warnings), expected);
        check_aside();
    }
    CHECK(at > 20);
}

static void nothing_is_lost_wherever_it_is_cut_off(void)
{
    cut_off_everywhere();
}

static void nothing_is_lost_either_where_files_have_one_name(void)
{
    has_links = false;
    cut_off_everywhere();
    has_links = true;
}

/* Twice: what the first left must not stand in the way of the second. */
static void nothing_is_lost_when_it_is_cut_off_twice(void)
{
    size_t expected, warnings;
    restore_damaged();
    expected = count_leases(&warnings);
    for (int at = 20; at < 60; at += 3) {
        restore_damaged();
        if (open_and_be_killed(at))
            open_and_be_killed(at % 11 + 1);
        CHECK_NUMBER(count_leases(&warnings), expected);
        check_aside();
    }
}

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Stands in for a disk that is full: no file may grow beyond that. */
static void nothing_is_lost_where_there_is_no_room(void)
{
    size_t expected, warnings;
    struct state *state = NULL;
    restore_damaged();
    expected = count_leases(&warnings);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t size = 0; size < 40 * PAGE; size += 3000) {
        size_t warnings_before;
        restore_damaged();
        limit_files(size);
        state = NULL;
        open_state(&state, &warnings_before);
        state_close(state);
        limit_files(RLIM_INFINITY);
        CHECK_NUMBER(count_leases(&warnings), expected);
        /* Whether or not there was room to open it. */
        CHECK_NUMBER(warnings_before + warnings, 1);
        check_aside();
    }
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    make_damaged();
    RUN(nothing_is_lost_wherever_it_is_cut_off);
    RUN(nothing_is_lost_either_where_files_have_one_name);
    RUN(nothing_is_lost_when_it_is_cut_off_twice);
    RUN(nothing_is_lost_where_there_is_no_room);
    remove_all();
    rmdir(folder);
    free(database.octets);
    free(journal.octets);
    return test_result();
}
