/* SPDX-License-Identifier: Apache-2.0 */
/* The state file: what was acknowledged is there again, whatever happened in between. */
#include "store/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "test.h"

static char folder[] = "/tmp/muster-state-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool says(const struct diag *why, const char *words)
{
    return strstr(why->text, words) != NULL;
}

static struct lease lease_of(uint32_t number, int64_t expires)
{
    return (struct lease){
        .address = {0x0a000000 + number},
        .state = LEASE_BOUND,
        .mac = {.size = 6, .octets = {2, 0, 0, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}},
        .client_id = {1, 2, 3},
        .client_id_size = 3,
        .hostname = "node",
        .expires = expires,
    };
}

static bool is_same(const struct lease *a, const struct lease *b)
{
    return ipv4_equal(a->address, b->address) && a->state == b->state && mac_equal(&a->mac, &b->mac) &&
           bytes_equal(bytes_of(a->client_id, a->client_id_size), bytes_of(b->client_id, b->client_id_size)) &&
           text_is(a->hostname, b->hostname) && a->expires == b->expires;
}

static struct state *state_at(const char *name)
{
    struct state *state = NULL;
    struct faults warnings = {0};
    struct diag why = {0};
    CHECK_NUMBER(state_open(&state, in_folder(name), &warnings, &why), 0);
    CHECK_TEXT(why.text, "");
    CHECK_NUMBER(warnings.count, 0);
    faults_finish(&warnings);
    return state;
}

struct waiting {
    sem_t done;
    int result;
};

static void note_done(void *context, int result)
{
    struct waiting *waiting = context;
    waiting->result = result;
    sem_post(&waiting->done);
}

static int commit(struct state *state, const struct lease *leases, size_t count)
{
    struct waiting waiting;
    sem_init(&waiting.done, 0, 0);
    state_commit(state, leases, count, note_done, &waiting);
    sem_wait(&waiting.done);
    sem_destroy(&waiting.done);
    return waiting.result;
}

struct collection {
    struct lease at[8192];
    size_t count;
};

static struct collection collection;

static void collect(const struct lease *lease, void *context)
{
    (void)context;
    collection.at[collection.count++] = *lease;
}

static void collect_all(struct state *state)
{
    struct faults warnings = {0};
    collection.count = 0;
    CHECK_NUMBER(state_leases(state, collect, NULL, &warnings, NULL), 0);
    CHECK_NUMBER(warnings.count, 0);
    faults_finish(&warnings);
}

/* What a person does with sqlite3. */
static int edit(const char *name, const char *statements)
{
    sqlite3 *database;
    sqlite3_open(in_folder(name), &database);
    int code = sqlite3_exec(database, statements, NULL, NULL, NULL);
    sqlite3_close(database);
    return code;
}

static void write_file(const char *name, const char *content, size_t size)
{
    FILE *file = fopen(in_folder(name), "wb");
    fwrite(content, 1, size, file);
    fclose(file);
}

/* How many files of the folder begin with the prefix. */
static int count_files(const char *prefix)
{
    int count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing))
        count += text_starts_with(entry->d_name, prefix);
    closedir(listing);
    return count;
}

static void committed_leases_are_there_after_reopening(void)
{
    struct lease leases[3] = {lease_of(1, 100), lease_of(2, 200), {.address = {3}, .state = LEASE_DECLINED}};
    {
        AUTO(state_close) struct state *state = state_at("reopen.db");
        CHECK_NUMBER(commit(state, leases, 3), 0);
        leases[1].state = LEASE_FREE;
        leases[1].expires = 300;
        CHECK_NUMBER(commit(state, &leases[1], 1), 0);
        CHECK_NUMBER(commit(state, NULL, 0), 0);
        CHECK_NUMBER(state_failure(state, NULL), 0);
    }
    AUTO(state_close) struct state *state = state_at("reopen.db");
    collect_all(state);
    CHECK_NUMBER(collection.count, 3);
    for (size_t i = 0; i < collection.count; i++) {
        size_t at = collection.at[i].address.number == 3 ? 2 : collection.at[i].address.number - 0x0a000001;
        CHECK(is_same(&collection.at[i], &leases[at]));
    }
}

static void the_file_reads_as_texts_and_numbers(void)
{
    struct lease lease = lease_of(7, 1700000000);
    AUTO(state_close) struct state *state = state_at("texts.db");
    CHECK_NUMBER(commit(state, &lease, 1), 0);
    CHECK_NUMBER(edit("texts.db", "DELETE FROM lease WHERE address = '10.0.0.7' AND state = 'bound' AND"
                                  " mac = '02:00:00:00:00:07' AND client_id = '010203' AND hostname = 'node' AND"
                                  " expires = 1700000000"),
                 SQLITE_OK);
    collect_all(state);
    CHECK_NUMBER(collection.count, 0);
    CHECK_NUMBER(edit("texts.db", "INSERT INTO lease VALUES ('10.0.0.8', 'bound', '', '', '', 'soon')"),
                 SQLITE_CONSTRAINT);
}

static void without_a_path_nothing_is_kept(void)
{
    struct lease lease = lease_of(1, 100);
    AUTO(state_close) struct state *state = NULL;
    CHECK_NUMBER(state_open(&state, NULL, NULL, NULL), 0);
    CHECK_NUMBER(commit(state, &lease, 1), 0);
    collect_all(state);
    CHECK_NUMBER(collection.count, 0);
}

static int order[100];
static int order_count;

static void note_order(void *context, int result)
{
    CHECK_NUMBER(result, 0);
    order[order_count++] = (int)(intptr_t)context;
}

static void closing_writes_what_is_queued_in_its_order(void)
{
    struct state *state = state_at("queue.db");
    for (int i = 0; i < 100; i++) {
        struct lease lease = lease_of((uint32_t)i % 10, i);
        state_commit(state, &lease, 1, note_order, (void *)(intptr_t)i);
    }
    state_close(state);
    CHECK_NUMBER(order_count, 100);
    for (int i = 0; i < 100; i++)
        CHECK_NUMBER(order[i], i);
    AUTO(state_close) struct state *again = state_at("queue.db");
    collect_all(again);
    CHECK_NUMBER(collection.count, 10);
    for (size_t i = 0; i < collection.count; i++)
        CHECK_NUMBER(collection.at[i].expires, 90 + (int64_t)(collection.at[i].address.number & 0xff));
}

static void the_folder_is_made(void)
{
    struct stat made;
    struct state *state = NULL;
    struct diag why = {0};
    mode_t before = umask(0);
    state_close(state_at("made/state.db"));
    umask(before);
    CHECK(stat(in_folder("made"), &made) == 0 && (made.st_mode & 07777) == 0750);
    CHECK_NUMBER(state_open(&state, in_folder("a/b/state.db"), NULL, &why), -ENOENT);
    CHECK(says(&why, "make folder") && says(&why, "/a/b'") && says(&why, "No such file"));
}

static void a_damaged_file_is_set_aside_and_named(void)
{
    char garbage[4096];
    memset(garbage, 0xa5, sizeof garbage);
    for (int round = 0; round < 2; round++) {
        write_file("garbage.db", garbage, sizeof garbage);
        struct faults warnings = {0};
        struct diag why = {0};
        struct lease lease = lease_of(1, 100);
        struct state *state = NULL;
        CHECK_NUMBER(state_open(&state, in_folder("garbage.db"), &warnings, &why), 0);
        CHECK_NUMBER(warnings.count, 1);
        CHECK(strstr(warnings.at[0].text, "garbage.db.corrupt-2") && strstr(warnings.at[0].text, "0 leases"));
        CHECK_NUMBER(count_files("garbage.db.corrupt-2"), round + 1);
        CHECK_NUMBER(commit(state, &lease, 1), 0);
        faults_finish(&warnings);
        state_close(state);
    }
}

static void an_empty_file_is_named_once(void)
{
    write_file("empty.db", "", 0);
    struct faults warnings = {0};
    struct diag why = {0};
    struct state *state = NULL;
    CHECK_NUMBER(state_open(&state, in_folder("empty.db"), &warnings, &why), 0);
    CHECK_NUMBER(warnings.count, 1);
    CHECK(warnings.count == 1 && text_is(warnings.at[0].file, in_folder("empty.db")) &&
          strstr(warnings.at[0].text, "was there but empty: no lease is known"));
    faults_finish(&warnings);
    state_close(state);
    CHECK_NUMBER(count_files("empty.db.corrupt"), 0);
    state_close(state_at("empty.db"));
}

/* What a killed server leaves, its file emptied or removed by somebody: what was given last is in the journal. */
static void a_journal_without_its_file_is_set_aside_and_named(void)
{
    struct lease lease = lease_of(1, 100);
    for (int round = 0; round < 2; round++) {
        pid_t child = fork();
        if (child == 0) {
            commit(state_at("emptied.db"), &lease, 1);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        CHECK_NUMBER(round == 0 ? truncate(in_folder("emptied.db"), 0) : unlink(in_folder("emptied.db")), 0);
        struct faults warnings = {0};
        struct diag why = {0};
        struct state *state = NULL;
        CHECK_NUMBER(state_open(&state, in_folder("emptied.db"), &warnings, &why), 0);
        CHECK_NUMBER(warnings.count, 1);
        CHECK(warnings.count == 1 && strstr(warnings.at[0].text, "emptied.db.corrupt-2"));
        CHECK_NUMBER(count_files("emptied.db.corrupt-2"), 3 * (round + 1));
        faults_finish(&warnings);
        state_close(state);
    }
}

static void what_can_be_read_of_a_damaged_file_is_kept(void)
{
    struct lease *leases = memory_new(4000, sizeof *leases);
    struct state *state = state_at("torn.db");
    for (uint32_t i = 0; i < 4000; i++)
        leases[i] = lease_of(i, i);
    CHECK_NUMBER(commit(state, leases, 4000), 0);
    state_close(state);
    free(leases);
    char page[4096];
    memset(page, 0xff, sizeof page);
    int fd = open(in_folder("torn.db"), O_WRONLY | O_CLOEXEC);
    off_t size = lseek(fd, 0, SEEK_END);
    CHECK_NUMBER(pwrite(fd, page, sizeof page, size / 4096 / 2 * 4096), sizeof page);
    close(fd);
    struct faults warnings = {0};
    struct diag why = {0};
    CHECK_NUMBER(state_open(&state, in_folder("torn.db"), &warnings, &why), 0);
    CHECK_TEXT(why.text, "");
    CHECK_NUMBER(warnings.count, 1);
    /* The file as it was found, its journal with it. */
    CHECK_NUMBER(count_files("torn.db.corrupt-2"), 3);
    faults_finish(&warnings);
    collect_all(state);
    CHECK(collection.count > 100 && collection.count < 4000);
    state_close(state);
}

static void a_file_of_somebody_else_is_left_alone(void)
{
    struct state *state = NULL;
    struct diag why = {0};
    const char text[] = "data: /var/lib/muster\nhttp:\n  port: 80\n";
    write_file("muster.yaml", text, sizeof text - 1);
    CHECK(state_open(&state, in_folder("muster.yaml"), NULL, &why) < 0);
    CHECK(says(&why, "is a text and no state file"));
    CHECK_NUMBER(edit("other.db", "CREATE TABLE songs (name TEXT)"), SQLITE_OK);
    CHECK(state_open(&state, in_folder("other.db"), NULL, &why) < 0);
    CHECK(says(&why, "is the database of another program"));
    state_close(state_at("newer.db"));
    CHECK_NUMBER(edit("newer.db", "PRAGMA user_version = 99"), SQLITE_OK);
    CHECK(state_open(&state, in_folder("newer.db"), NULL, &why) < 0);
    CHECK(says(&why, "was written by a newer muster (version 99"));
    CHECK_NUMBER(count_files("muster.yaml"), 1);
    CHECK_NUMBER(count_files("other.db"), 1);
}

static void a_row_that_is_no_lease_is_named_and_left(void)
{
    struct lease lease = lease_of(1, 100);
    struct faults warnings = {0};
    {
        AUTO(state_close) struct state *state = state_at("edited.db");
        CHECK_NUMBER(commit(state, &lease, 1), 0);
    }
    CHECK_NUMBER(edit("edited.db", "INSERT INTO lease VALUES ('10.0.0.300', 'bound', '', '01', '', 1),"
                                   " ('10.0.0.30', 'bund', '', '01', '', 1)"),
                 SQLITE_OK);
    for (int round = 0; round < 2; round++) {
        AUTO(state_close) struct state *state = state_at("edited.db");
        collection.count = 0;
        CHECK_NUMBER(state_leases(state, collect, NULL, &warnings, NULL), 0);
        CHECK_NUMBER(collection.count, 1);
        CHECK_NUMBER(warnings.count, 2);
        CHECK_TEXT(warnings.at[0].text, "lease '10.0.0.30' is ignored: state 'bund' is not bound, free or declined");
        CHECK_TEXT(warnings.at[1].text,
                   "lease '10.0.0.300' is ignored: address '10.0.0.300' is not an address such as 10.0.0.7");
        faults_finish(&warnings);
    }
}

static void a_batch_is_written_whole_or_not_at_all(void)
{
    struct lease leases[] = {lease_of(1, 100), lease_of(2, 200)};
    struct diag why;
    AUTO(state_close) struct state *state = state_at("whole.db");
    CHECK_NUMBER(edit("whole.db", "CREATE TRIGGER refuse BEFORE INSERT ON lease WHEN new.address = '10.0.0.2'"
                                  " BEGIN SELECT RAISE(FAIL, 'not this one'); END"),
                 SQLITE_OK);
    CHECK(commit(state, leases, 2) < 0);
    CHECK(state_failure(state, &why) < 0 && says(&why, "not this one"));
    collect_all(state);
    CHECK_NUMBER(collection.count, 0);
    CHECK_NUMBER(edit("whole.db", "DROP TRIGGER refuse"), SQLITE_OK);
    CHECK_NUMBER(commit(state, leases, 2), 0);
    collect_all(state);
    CHECK_NUMBER(collection.count, 2);
}

/* Stands in for a full disk: no file may grow beyond this size. */
static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_write_that_fails_says_so_and_a_later_one_is_tried(void)
{
    signal(SIGXFSZ, SIG_IGN);
    struct lease lease = lease_of(1, 100);
    struct diag why = {0};
    AUTO(state_close) struct state *state = state_at("full.db");
    limit_files(1024);
    CHECK_NUMBER(commit(state, &lease, 1), -EIO);
    limit_files(RLIM_INFINITY);
    CHECK_NUMBER(state_failure(state, &why), -EIO);
    CHECK(says(&why, "write state file '") && says(&why, "full.db': disk I/O error"));
    CHECK_NUMBER(commit(state, &lease, 1), 0);
    CHECK_NUMBER(state_failure(state, &why), 0);
    limit_files(1024);
    struct state *other = NULL;
    CHECK(state_open(&other, in_folder("never.db"), NULL, &why) < 0);
    limit_files(RLIM_INFINITY);
    CHECK(says(&why, "open state file '"));
    /* An empty one would be taken at the next start for one that somebody emptied. */
    CHECK_NUMBER(count_files("never.db"), 0);
}

static void a_file_that_may_not_be_written_is_refused(void)
{
    struct state *state = NULL;
    struct diag why = {0};
    state_close(state_at("readonly.db"));
    chmod(in_folder("readonly.db"), 0444);
    chmod(folder, 0755);
    bool is_root = geteuid() == 0;
    if (is_root && seteuid(65534) < 0)
        return;
    CHECK_NUMBER(state_open(&state, in_folder("readonly.db"), NULL, &why), -EACCES);
    CHECK(says(&why, "open state file '/tmp/muster-state-") && says(&why, "for writing: Permission denied"));
    if (is_root)
        CHECK_NUMBER(seteuid(0), 0);
    CHECK_NUMBER(state_open(&state, "/dev/null/state.db", NULL, &why), -ENOTDIR);
    CHECK_NUMBER(state_open(&state, folder, NULL, &why), -EISDIR);
}

/* As a user who may read the file and no more. */
static bool become_nobody(void)
{
    return geteuid() != 0 || seteuid(65534) == 0;
}

static void become_root_again(void)
{
    if (getuid() == 0)
        CHECK_NUMBER(seteuid(0), 0);
}

/* Opens it to serve while it cannot be written, with as many leases as given, and gives it back for writing. */
static void check_frozen(const char *name, size_t lease_count)
{
    struct state *state = NULL;
    struct faults warnings = {0};
    struct diag why = {0};
    struct lease lease = lease_of(9, 900);
    if (!become_nobody())
        return;
    CHECK_NUMBER(state_open_to_serve(&state, in_folder(name), &warnings, &why), 0);
    CHECK_NUMBER(warnings.count, 1);
    CHECK(warnings.count == 1 &&
          strstr(warnings.at[0].text, "Permission denied: until it can be written no new lease"));
    CHECK_NUMBER(state_failure(state, NULL), -EACCES);
    collect_all(state);
    CHECK_NUMBER(collection.count, lease_count);
    CHECK_NUMBER(commit(state, &lease, 1), -EACCES);
    become_root_again();
    chmod(in_folder(name), 0644);
    CHECK_NUMBER(commit(state, &lease, 1), getuid() == 0 ? 0 : -EACCES);
    faults_finish(&warnings);
    state_close(state);
}

static void leases_of_a_file_that_may_not_be_written_are_honoured_until_it_may(void)
{
    struct lease leases[] = {lease_of(1, 100), lease_of(2, 200)};
    struct state *state = state_at("frozen.db");
    CHECK_NUMBER(commit(state, leases, 2), 0);
    state_close(state);
    chmod(in_folder("frozen.db"), 0444);
    chmod(folder, 0755);
    check_frozen("frozen.db", 2);
    state = state_at("frozen.db");
    collect_all(state);
    CHECK_NUMBER(collection.count, 3);
    state_close(state);
}

static void leases_in_the_journal_of_a_file_that_may_not_be_written_are_honoured_too(void)
{
    struct lease leases[] = {lease_of(1, 100), lease_of(2, 200)};
    pid_t child = fork();
    if (child == 0) {
        commit(state_at("killed.db"), leases, 2);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    const char *const names[] = {"killed.db", "killed.db-wal", "killed.db-shm"};
    for (size_t i = 0; i < LENGTH(names); i++)
        CHECK_NUMBER(chmod(in_folder(names[i]), 0444), 0);
    chmod(folder, 0755);
    check_frozen("killed.db", 2);
}

static void a_file_that_is_not_there_and_cannot_be_made_is_refused(void)
{
    struct state *state = NULL;
    struct diag why = {0};
    chmod(folder, 0755);
    if (!become_nobody())
        return;
    CHECK_NUMBER(state_open_to_serve(&state, in_folder("nothing.db"), NULL, &why), -EACCES);
    CHECK(says(&why, "open state file '") && says(&why, "Permission denied"));
    become_root_again();
}

/* What the child acknowledged: an address and the version of its lease. */
struct receipt {
    uint32_t number;
    uint32_t version;
};

enum { CRASH_ROUNDS = 20, CRASH_ADDRESSES = 200 };

static int receipts_fd;
static uint32_t acknowledged[CRASH_ADDRESSES];

static void send_receipt(void *context, int result)
{
    struct receipt *receipt = context;
    if (result == 0 && write(receipts_fd, receipt, sizeof *receipt) != sizeof *receipt)
        _exit(1);
    free(receipt);
}

static _Noreturn void commit_until_killed(uint32_t version)
{
    struct state *state = state_at("crash.db");
    for (;; version++) {
        struct receipt *receipt = MEMORY_NEW(struct receipt);
        *receipt = (struct receipt){.number = version % CRASH_ADDRESSES, .version = version};
        struct lease lease = lease_of(receipt->number, version);
        state_commit(state, &lease, 1, send_receipt, receipt);
        usleep(50);
    }
}

static void crash_once(uint32_t version, useconds_t after)
{
    int ends[2];
    struct receipt receipt;
    CHECK_NUMBER(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        receipts_fd = ends[1];
        commit_until_killed(version);
    }
    close(ends[1]);
    for (bool first = true; read(ends[0], &receipt, sizeof receipt) == sizeof receipt; first = false) {
        acknowledged[receipt.number] = receipt.version;
        if (first) {
            usleep(after);
            kill(child, SIGKILL);
        }
    }
    close(ends[0]);
    waitpid(child, NULL, 0);
}

static void what_was_acknowledged_survives_a_kill(void)
{
    uint64_t random_state = 0x9e3779b97f4a7c15u;
    uint32_t version = 1;
    for (int round = 0; round < CRASH_ROUNDS; round++) {
        random_state = random_state * 6364136223846793005u + 1442695040888963407u;
        crash_once(version, (useconds_t)(random_state >> 32) % 50000);
        AUTO(state_close) struct state *state = state_at("crash.db");
        collect_all(state);
        uint32_t found[CRASH_ADDRESSES] = {0};
        for (size_t i = 0; i < collection.count; i++) {
            uint32_t number = collection.at[i].address.number & 0xffff;
            found[number] = (uint32_t)collection.at[i].expires;
            version = found[number] > version ? found[number] : version;
        }
        for (size_t i = 0; i < CRASH_ADDRESSES; i++)
            CHECK(found[i] >= acknowledged[i] && (found[i] == 0 || found[i] % CRASH_ADDRESSES == i));
        version++;
    }
    CHECK(version > CRASH_ROUNDS);
}

static void check_ends(const char *name, size_t warning_count, int64_t first, int64_t second)
{
    struct state *state = NULL;
    struct faults warnings = {0};
    CHECK_NUMBER(state_open(&state, in_folder(name), &warnings, NULL), 0);
    CHECK_NUMBER(warnings.count, warning_count);
    CHECK(warning_count == 0 || strstr(warnings.at[0].text, "the clock was set back"));
    collect_all(state);
    CHECK_NUMBER(collection.count, 2);
    /* Both clocks are read as whole seconds, of which one may begin between. */
    CHECK(llabs(collection.at[0].expires - first) <= 1);
    CHECK(llabs(collection.at[1].expires - second) <= 1);
    CHECK_NUMBER(collection.at[1].expires - collection.at[0].expires, second - first);
    faults_finish(&warnings);
    state_close(state);
}

static void leases_move_with_a_clock_that_is_set_while_they_are_kept(void)
{
    struct lease leases[] = {lease_of(1, 10000), lease_of(2, 20000)};
    struct state *state = state_at("step.db");
    CHECK_NUMBER(commit(state, leases, 1), 0);
    state_move(state, 5000);
    CHECK_NUMBER(commit(state, &leases[1], 1), 0);
    collect_all(state);
    CHECK_NUMBER(collection.at[0].expires, 15000);
    CHECK_NUMBER(collection.at[1].expires, 20000);
    state_close(state);
    /* The clock of this test was not set in truth, so that the next opening takes it as set back. */
    check_ends("step.db", 1, 10000, 15000);
}

static void leases_move_with_a_clock_that_was_set_in_between(void)
{
    struct lease leases[] = {lease_of(1, 10000), lease_of(2, 20000)};
    struct state *state = state_at("between.db");
    CHECK_NUMBER(commit(state, leases, 2), 0);
    state_close(state);
    check_ends("between.db", 0, 10000, 20000);
    CHECK_NUMBER(edit("between.db", "UPDATE clock SET epoch = epoch + 3600, seen = seen + 3600"), SQLITE_OK);
    check_ends("between.db", 1, 6400, 16400);
    /* What was not written yet moves at each opening anew. */
    check_ends("between.db", 1, 6400, 16400);
    CHECK_NUMBER(edit("between.db", "UPDATE clock SET boot = 'another'"), SQLITE_OK);
    check_ends("between.db", 1, 6400, 16400);
    CHECK_NUMBER(edit("between.db", "UPDATE clock SET seen = seen - 7200"), SQLITE_OK);
    check_ends("between.db", 0, 10000, 20000);
}

static void ignore_reservation(struct ipv4 address, const struct mac *mac, void *context)
{
    (void)address;
    (void)mac;
    (void)context;
}

/* As the server would have them that starts now. */
static void a_list_follows_a_clock_that_was_set_in_between(void)
{
    struct lease lease = lease_of(1, 10000);
    struct faults warnings = {0};
    struct state *state = state_at("listed.db");
    CHECK_NUMBER(commit(state, &lease, 1), 0);
    state_close(state);
    CHECK_NUMBER(edit("listed.db", "UPDATE clock SET epoch = epoch - 7200, seen = seen - 7200"), SQLITE_OK);
    collection.count = 0;
    CHECK_NUMBER(state_list(in_folder("listed.db"), collect, ignore_reservation, NULL, &warnings, NULL), 0);
    CHECK_NUMBER(collection.count, 1);
    CHECK(llabs(collection.at[0].expires - 17200) <= 1);
    CHECK(warnings.count == 1 && strstr(warnings.at[0].text, "the clock was set forward"));
    faults_finish(&warnings);
}

static void a_step_that_cannot_be_written_is_owed_to_the_next_write(void)
{
    struct lease leases[] = {lease_of(1, 10000), lease_of(2, 20000)};
    AUTO(state_close) struct state *state = state_at("owed.db");
    CHECK_NUMBER(commit(state, leases, 1), 0);
    CHECK_NUMBER(edit("owed.db", "CREATE TRIGGER no BEFORE UPDATE ON lease BEGIN SELECT RAISE(ABORT, 'no'); END"),
                 SQLITE_OK);
    state_move(state, 5000);
    CHECK(commit(state, &leases[0], 1) < 0);
    CHECK_NUMBER(edit("owed.db", "DROP TRIGGER no"), SQLITE_OK);
    CHECK_NUMBER(commit(state, &leases[1], 1), 0);
    collect_all(state);
    CHECK_NUMBER(collection.at[0].expires, 15000);
    CHECK_NUMBER(collection.at[1].expires, 20000);
}

static void remove_folder(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "left behind: %s\n", folder);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    RUN(committed_leases_are_there_after_reopening);
    RUN(the_file_reads_as_texts_and_numbers);
    RUN(without_a_path_nothing_is_kept);
    RUN(closing_writes_what_is_queued_in_its_order);
    RUN(the_folder_is_made);
    RUN(a_damaged_file_is_set_aside_and_named);
    RUN(an_empty_file_is_named_once);
    RUN(a_journal_without_its_file_is_set_aside_and_named);
    RUN(what_can_be_read_of_a_damaged_file_is_kept);
    RUN(a_file_of_somebody_else_is_left_alone);
    RUN(a_row_that_is_no_lease_is_named_and_left);
    RUN(a_batch_is_written_whole_or_not_at_all);
    RUN(a_write_that_fails_says_so_and_a_later_one_is_tried);
    RUN(a_file_that_may_not_be_written_is_refused);
    RUN(leases_of_a_file_that_may_not_be_written_are_honoured_until_it_may);
    RUN(leases_in_the_journal_of_a_file_that_may_not_be_written_are_honoured_too);
    RUN(a_file_that_is_not_there_and_cannot_be_made_is_refused);
    RUN(leases_move_with_a_clock_that_is_set_while_they_are_kept);
    RUN(leases_move_with_a_clock_that_was_set_in_between);
    RUN(a_list_follows_a_clock_that_was_set_in_between);
    RUN(a_step_that_cannot_be_written_is_owed_to_the_next_write);
    RUN(what_was_acknowledged_survives_a_kill);
    remove_folder();
    return test_result();
}
