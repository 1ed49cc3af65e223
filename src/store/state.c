/* SPDX-License-Identifier: Apache-2.0 */
/* Leases in a SQLite file, written in group commits by one thread. */
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "base/array.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/loop.h"
#include "store/row.h"
#include "store/state-clock.h"

/* Marks the file as ours: "mstr". */
#define APPLICATION_ID 0x6d737472
/* How long a write waits for somebody who works on the file with sqlite3. */
#define BUSY_MILLISECONDS 2000

/* Pages of the database, and of its journal. */
#define PAGE_BYTES 4096
#define JOURNAL_PAGES_MIN 16
#define JOURNAL_PAGES_MAX 1000

/* Each brings a file of the version before to its own: the first an empty file to version 1. */
static const char *const migrations[] = {
    "PRAGMA application_id = 1836282994;"
    "CREATE TABLE lease ("
    "  address TEXT NOT NULL PRIMARY KEY,"
    "  state TEXT NOT NULL,"
    "  mac TEXT NOT NULL,"
    "  client_id TEXT NOT NULL,"
    "  hostname TEXT NOT NULL,"
    "  expires INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 1;",
    "CREATE TABLE clock ("
    "  only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),"
    "  boot TEXT NOT NULL,"
    "  epoch INTEGER NOT NULL,"
    "  seen INTEGER NOT NULL"
    ") STRICT;"
    "PRAGMA user_version = 2;",
    "CREATE TABLE reservation ("
    "  address TEXT NOT NULL PRIMARY KEY,"
    "  mac TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 3;",
};

static const char put_lease[] = "INSERT INTO lease (address, state, mac, client_id, hostname, expires)"
                                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                                " ON CONFLICT (address) DO UPDATE SET state = ?2, mac = ?3, client_id = ?4,"
                                " hostname = ?5, expires = ?6";
static const char get_leases[] = "SELECT address, state, mac, client_id, hostname, expires FROM lease";
static const char put_clock[] = "INSERT OR REPLACE INTO clock (only, boot, epoch, seen) VALUES (1, ?1, ?2, ?3)";
static const char get_clock[] = "SELECT boot, epoch, seen FROM clock";
static const char put_reservation[] = "INSERT OR REPLACE INTO reservation (address, mac) VALUES (?1, ?2)";
static const char remove_reservation[] = "DELETE FROM reservation WHERE address = ?1";
static const char get_reservations[] = "SELECT address, mac FROM reservation";
static const char move_leases[] = "UPDATE lease SET expires = expires + ?1";

/* How often it is noted what time it is, while leases are written. */
#define SEEN_EVERY_SECONDS 60

/* The version whose files have reservations. */
#define RESERVATIONS_SINCE 3

/* The file is no database any more, or not a whole one. */
#define STATE_DAMAGED 1

/* What one call queued. */
struct batch {
    struct list link; /* state::queue */
    int64_t step;     /* all leases move by so many seconds before these are put */
    struct ipv4
        reserved; /* this address is reserved for mac, or for nobody any more when there is none; unset: none is */
    struct mac mac;
    void (*done)(void *context, int result);
    void *context;
    size_t count;
    struct lease leases[];
};

/* What was read. */
struct salvage {
    struct lease *leases;
    size_t count;
    size_t capacity;
    struct batch *reservations;
    size_t reservation_count;
    size_t reservation_capacity;
};

struct state {
    sqlite3 *database;     /* NULL: nothing is kept, or not yet */
    bool is_frozen;        /* the file could only be read so far; */
    struct salvage frozen; /* and this was in it */
    sqlite3_stmt *put;
    struct state_clock clock; /* by which leases are written; the writer's, like the next two */
    struct state_clock kept;  /* as the file has it */
    int64_t owed;             /* seconds that the leases in the file have still to move by */
    char *path;
    int lock_fd; /* -1: nothing is kept */
    pthread_t writer;
    bool has_writer;
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t changed;
    struct list queue;
    bool closing;
    int failure;
    struct diag failure_reason;
};

static int errno_of(sqlite3 *database, int code)
{
    int system = sqlite3_system_errno(database);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    default:
        return system > 0 ? -system : -EIO;
    }
}

/* Fails with the words of the database, and of the system where it had some. */
static int fail_database(sqlite3 *database, int code, const char *doing, const char *path, struct diag *why)
{
    int result = errno_of(database, code);
    int system = sqlite3_system_errno(database);
    return fail(why, result, "%s '%s': %s%s%s", doing, path, sqlite3_errmsg(database), system > 0 ? ": " : "",
                system > 0 ? strerror(system) : "");
}

static int execute(struct state *state, const char *statements)
{
    return sqlite3_exec(state->database, statements, NULL, NULL, NULL);
}

/* The integer that a one-row query gives, into *ret. Returns the database's code. */
static int query_number(struct state *state, const char *query, int64_t *ret)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(state->database, query, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Opening. */

static int make_folder(const char *path, struct diag *why)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    AUTO(free) char *folder = memory_text_of(path, (size_t)(slash - path));
    if (mkdir(folder, 0750) < 0 && errno != EEXIST)
        return fail(why, -errno, "make folder '%s' for the state file: %s", folder, strerror(errno));
    return 0;
}

/* Opens the file once for writing: the system says better than the database why that can't be. */
static int make_file(const char *path, struct diag *why)
{
    AUTO(fd_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return fail(why, -errno, "open state file '%s' for writing: %s", path, strerror(errno));
    return 0;
}

/* Two servers with one file would give one address twice. The lock ends with the process, however that ends. */
static int lock_file(struct state *state, struct diag *why)
{
    AUTO(free) char *path = memory_print("%s.lock", state->path);
    AUTO(fd_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return fail(why, -errno, "open '%s': %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return fail(why, -EBUSY, "state file '%s' is in use by another muster: stop that one first", state->path);
    state->lock_fd = take_fd(&fd);
    return 0;
}

/* Nothing is left beside a file that turned out not to be ours. */
static void remove_lock(struct state *state)
{
    AUTO(free) char *path = memory_print("%s.lock", state->path);
    unlink(path);
    state->lock_fd = fd_close(state->lock_fd);
}

static bool is_corrupt(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

static void close_database(struct state *state)
{
    sqlite3_finalize(state->put);
    sqlite3_close(state->database);
    state->put = NULL;
    state->database = NULL;
}

/* Looks at every page and index of the file, so that damage shows now and not in the middle of a night. */
static int check_pages(struct state *state)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(state->database, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        code = text_is((const char *)sqlite3_column_text(statement, 0), "ok") ? SQLITE_OK : SQLITE_CORRUPT;
    sqlite3_finalize(statement);
    return code;
}

/* A file is ours, or empty; *ret_version is then what it was written by. */
static int check_owner(struct state *state, int64_t *ret_version, struct diag *why)
{
    int64_t application = 0, tables = 0;
    int code = query_number(state, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = query_number(state, "PRAGMA user_version", ret_version);
    if (code == SQLITE_OK)
        code = query_number(state, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code != SQLITE_OK)
        return code;
    if (tables > 0 && application != APPLICATION_ID) {
        fail(why, 0, "state file '%s' is the database of another program; name another file", state->path);
        return SQLITE_AUTH;
    }
    if (*ret_version > (int64_t)LENGTH(migrations)) {
        fail(why, 0, "state file '%s' was written by a newer muster (version %lld of it, this one knows %zu)",
             state->path, (long long)*ret_version, LENGTH(migrations));
        return SQLITE_AUTH;
    }
    return SQLITE_OK;
}

static int migrate(struct state *state, int64_t version)
{
    int code = SQLITE_OK;
    for (; code == SQLITE_OK && version < (int64_t)LENGTH(migrations); version++) {
        code = execute(state, "BEGIN IMMEDIATE");
        if (code == SQLITE_OK)
            code = execute(state, migrations[version]);
        if (code == SQLITE_OK)
            code = execute(state, "COMMIT");
    }
    return code;
}

/* The journal is worked into the file when it has so many pages: seldom, but before it fills a small disk, on which
 * there would be no room left to work it in. */
static void limit_journal(struct state *state)
{
    struct statvfs disk;
    uint64_t pages = JOURNAL_PAGES_MAX;
    if (statvfs(state->path, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize / PAGE_BYTES / 4 < pages)
        pages = (uint64_t)disk.f_bavail * disk.f_frsize / PAGE_BYTES / 4;
    sqlite3_wal_autocheckpoint(state->database, pages < JOURNAL_PAGES_MIN ? JOURNAL_PAGES_MIN : (int)pages);
}

/* The steps of opening, as the database's code; *why says what the database does not know. */
static int open_steps(struct state *state, struct diag *why)
{
    int64_t version = 0;
    int code = sqlite3_open_v2(state->path, &state->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_extended_result_codes(state->database, 1);
    sqlite3_busy_timeout(state->database, BUSY_MILLISECONDS);
    code = check_owner(state, &version, why);
    if (code == SQLITE_OK)
        code = execute(state, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;");
    limit_journal(state);
    if (code == SQLITE_OK)
        code = check_pages(state);
    if (code == SQLITE_OK)
        code = migrate(state, version);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v3(state->database, put_lease, -1, SQLITE_PREPARE_PERSISTENT, &state->put, NULL);
    return code;
}

/* Whether the file begins as a text does: a path was mistaken, and the file is not ours to move. */
static bool is_text_file(const char *path)
{
    char beginning[16];
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(beginning, 1, sizeof beginning, file) : 0;
    if (file)
        fclose(file);
    for (size_t i = 0; i < size; i++)
        if ((beginning[i] < ' ' || beginning[i] > '~') && !strchr("\t\r\n", beginning[i]))
            return false;
    return size > 0 && !memchr(beginning, '\0', size);
}

/* 0; STATE_DAMAGED; or a negative errno with the reason. */
static int open_database(struct state *state, struct diag *why)
{
    struct diag reason = {0};
    int code = open_steps(state, &reason);
    if (code == SQLITE_OK)
        return 0;
    if (is_corrupt(code) && is_text_file(state->path))
        return fail(why, -EUCLEAN, "'%s' is a text and no state file; name another file", state->path);
    if (is_corrupt(code))
        return STATE_DAMAGED;
    if (*reason.text)
        return fail(why, errno_of(state->database, code), "%s", reason.text);
    return fail_database(state->database, code, "open state file", state->path, why);
}

/* Rows. */

static int put_one(struct state *state, const struct lease *lease)
{
    struct row row;
    struct row_texts texts;
    row_from_lease(&row, &texts, lease);
    const char *const columns[] = {row.address, row.state, row.mac, row.client_id, row.hostname};
    for (size_t i = 0; i < LENGTH(columns); i++)
        sqlite3_bind_text(state->put, (int)i + 1, columns[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(state->put, (int)LENGTH(columns) + 1, row.expires);
    int code = sqlite3_step(state->put);
    sqlite3_reset(state->put);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int put_leases(struct state *state, const struct lease *leases, size_t count)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = put_one(state, &leases[i]);
    return code;
}

static int store_clock(struct state *state, const struct state_clock *clock)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(state->database, put_clock, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, clock->boot, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, clock->epoch);
        sqlite3_bind_int64(statement, 3, clock->seen);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* False where none is kept: the file is new, or of a version that kept none. */
static bool load_clock(struct state *state, struct state_clock *ret)
{
    sqlite3_stmt *statement = NULL;
    bool is_there = sqlite3_prepare_v2(state->database, get_clock, -1, &statement, NULL) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;
    if (is_there) {
        snprintf(ret->boot, sizeof ret->boot, "%s", (const char *)sqlite3_column_text(statement, 0) ?: "");
        ret->epoch = sqlite3_column_int64(statement, 1);
        ret->seen = sqlite3_column_int64(statement, 2);
    }
    sqlite3_finalize(statement);
    return is_there;
}

static int move_all(struct state *state, int64_t seconds)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(state->database, move_leases, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, seconds);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Commits what came to code SQLITE_OK, else rolls it back. Returns 0 or a negative errno with the reason. */
static int end_transaction(struct state *state, int code, struct diag *why)
{
    if (code == SQLITE_OK)
        code = execute(state, "COMMIT");
    if (code == SQLITE_OK)
        return 0;
    int result = fail_database(state->database, code, "write state file", state->path, why);
    if (!sqlite3_get_autocommit(state->database))
        execute(state, "ROLLBACK");
    return result;
}

/* Lets the leases end as long from now as they would have by the clock they were written by; the file follows with the
 * first that is written. */
static void follow_clock(struct state *state, struct faults *warnings)
{
    struct state_clock kept, now = state_clock_read();
    int64_t step = load_clock(state, &kept) ? state_clock_step(&kept, &now) : 0;
    if (step != 0)
        faults_add(warnings, FAULT_WARNING, state->path, 0, 0,
                   "the clock was set %s by %lld s since the leases were written: they end that much %s",
                   step < 0 ? "back" : "forward", (long long)llabs(step), step < 0 ? "earlier" : "later");
    state->owed = step;
    state->clock = now;
}

static struct row row_of_statement(sqlite3_stmt *statement)
{
    return (struct row){
        .address = (const char *)sqlite3_column_text(statement, 0),
        .state = (const char *)sqlite3_column_text(statement, 1),
        .mac = (const char *)sqlite3_column_text(statement, 2),
        .client_id = (const char *)sqlite3_column_text(statement, 3),
        .hostname = (const char *)sqlite3_column_text(statement, 4),
        .expires = sqlite3_column_int64(statement, 5),
    };
}

static void visit_row(struct state *state, sqlite3_stmt *statement,
                      void (*visit)(const struct lease *lease, void *context), void *context, struct faults *warnings)
{
    struct lease lease;
    struct diag reason;
    struct row row = row_of_statement(statement);
    if (row_to_lease(&lease, &row, &reason) == 0) {
        lease.expires += state->owed;
        lease.stored += lease.stored ? state->owed : 0;
        visit(&lease, context);
        return;
    }
    AUTO(text_finish) struct text address = {0};
    text_append_shown(&address, bytes_of_text(row.address), IPV4_TEXT_MAX);
    faults_add(warnings, FAULT_WARNING, state->path, 0, 0, "lease '%s' is ignored: %s", text_characters(&address),
               reason.text);
}

int state_leases(struct state *state, void (*visit)(const struct lease *lease, void *context), void *context,
                 struct faults *warnings, struct diag *why)
{
    sqlite3_stmt *statement = NULL;
    for (size_t i = 0; i < state->frozen.count; i++)
        visit(&state->frozen.leases[i], context);
    if (!state->database)
        return 0;
    int code = sqlite3_prepare_v2(state->database, get_leases, -1, &statement, NULL);
    if (code == SQLITE_OK)
        for (code = sqlite3_step(statement); code == SQLITE_ROW; code = sqlite3_step(statement))
            visit_row(state, statement, visit, context, warnings);
    int result = code == SQLITE_DONE ? 0 : fail_database(state->database, code, "read state file", state->path, why);
    sqlite3_finalize(statement);
    return result;
}

static int put_reserved(struct state *state, const struct batch *batch)
{
    sqlite3_stmt *statement = NULL;
    char address[IPV4_TEXT_MAX], mac[MAC_TEXT_MAX];
    const char *query = batch->mac.size > 0 ? put_reservation : remove_reservation;
    int code = sqlite3_prepare_v2(state->database, query, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, ipv4_to_text(address, batch->reserved), -1, SQLITE_STATIC);
        if (batch->mac.size > 0)
            sqlite3_bind_text(statement, 2, mac_to_text(mac, &batch->mac, ':'), -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static void visit_reservation(struct state *state, sqlite3_stmt *statement, state_reservation_visit *visit,
                              void *context, struct faults *warnings)
{
    const char *texts[] = {(const char *)sqlite3_column_text(statement, 0),
                           (const char *)sqlite3_column_text(statement, 1)};
    struct ipv4 address;
    struct mac mac;
    if (texts[0] && texts[1] && ipv4_from_text(&address, texts[0]) && mac_from_text(&mac, texts[1])) {
        visit(address, &mac, context);
        return;
    }
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(texts[0] ?: ""), IPV4_TEXT_MAX);
    faults_add(warnings, FAULT_WARNING, state->path, 0, 0,
               "reservation '%s' is ignored: it is not an address and a MAC", text_characters(&shown));
}

int state_reservations(struct state *state, state_reservation_visit *visit, void *context, struct faults *warnings,
                       struct diag *why)
{
    sqlite3_stmt *statement = NULL;
    int64_t version = 0;
    for (size_t i = 0; i < state->frozen.reservation_count; i++)
        visit(state->frozen.reservations[i].reserved, &state->frozen.reservations[i].mac, context);
    if (!state->database)
        return 0;
    /* A file that is only listed may be of a version before. */
    int code = query_number(state, "PRAGMA user_version", &version);
    if (code == SQLITE_OK && version < RESERVATIONS_SINCE)
        return 0;
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(state->database, get_reservations, -1, &statement, NULL);
    if (code == SQLITE_OK)
        for (code = sqlite3_step(statement); code == SQLITE_ROW; code = sqlite3_step(statement))
            visit_reservation(state, statement, visit, context, warnings);
    int result = code == SQLITE_DONE ? 0 : fail_database(state->database, code, "read state file", state->path, why);
    sqlite3_finalize(statement);
    return result;
}

int state_list(const char *path, void (*visit)(const struct lease *lease, void *context),
               state_reservation_visit *visit_reserved, void *context, struct faults *warnings, struct diag *why)
{
    struct state state = {.path = (char *)path};
    int code = sqlite3_open_v2(path, &state.database, SQLITE_OPEN_READONLY, NULL);
    sqlite3_busy_timeout(state.database, BUSY_MILLISECONDS);
    int result = code == SQLITE_OK ? state_leases(&state, visit, context, warnings, why)
                                   : fail_database(state.database, code, "open state file", path, why);
    if (result == 0)
        result = state_reservations(&state, visit_reserved, context, warnings, why);
    close_database(&state);
    return result;
}

/* Salvage. */

static void salvage_row(const struct lease *lease, void *context)
{
    struct salvage *salvage = context;
    *ARRAY_ADD(salvage->leases, salvage->count, salvage->capacity) = *lease;
}

static void salvage_reservation(struct ipv4 address, const struct mac *mac, void *context)
{
    struct salvage *salvage = context;
    *ARRAY_ADD(salvage->reservations, salvage->reservation_count, salvage->reservation_capacity) =
        (struct batch){.reserved = address, .mac = *mac};
}

/* Reads what can still be read of a damaged file. */
static void salvage_read(struct salvage *salvage, struct state *state)
{
    struct faults ignored = {0};
    if (state->database)
        state_leases(state, salvage_row, salvage, &ignored, NULL);
    if (state->database)
        state_reservations(state, salvage_reservation, salvage, &ignored, NULL);
    faults_finish(&ignored);
}

static int rename_beside(const char *path, const char *aside, const char *suffix, struct diag *why)
{
    AUTO(free) char *from = memory_print("%s%s", path, suffix);
    AUTO(free) char *to = memory_print("%s%s", aside, suffix);
    if (rename(from, to) < 0 && (errno != ENOENT || !*suffix))
        return fail(why, -errno, "set the damaged state file '%s' aside as '%s': %s", from, to, strerror(errno));
    return 0;
}

/* Moves the file and its journal, the journal first: a new file must not meet the old one's. */
static int set_aside(const char *path, const char *aside, struct diag *why)
{
    const char *suffixes[] = {"-wal", "-shm", ""};
    for (size_t i = 0; i < LENGTH(suffixes); i++) {
        int result = rename_beside(path, aside, suffixes[i], why);
        if (result < 0)
            return result;
    }
    return 0;
}

/* A name that nothing has yet; the caller frees it. */
static char *name_aside(const char *path)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    struct stat existing;
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
    char *aside = memory_print("%s.corrupt-%s", path, stamp);
    for (int i = 2; stat(aside, &existing) == 0; i++) {
        free(aside);
        aside = memory_print("%s.corrupt-%s-%d", path, stamp, i);
    }
    return aside;
}

static int begin_anew(struct state *state, const struct salvage *salvage, struct diag *why)
{
    int result = open_database(state, why);
    if (result == STATE_DAMAGED)
        return fail(why, -EUCLEAN, "the new state file '%s' is damaged at once", state->path);
    if (result < 0)
        return result;
    int code = execute(state, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        code = put_leases(state, salvage->leases, salvage->count);
    for (size_t i = 0; code == SQLITE_OK && i < salvage->reservation_count; i++)
        code = put_reserved(state, &salvage->reservations[i]);
    return end_transaction(state, code, why);
}

/* Sets the damaged file aside and begins a new one with what can still be read of it. */
static int replace_damaged(struct state *state, struct faults *warnings, struct diag *why)
{
    struct salvage salvage = {0};
    salvage_read(&salvage, state);
    /* The file stays as it was found: closing is not to work its journal in. */
    if (state->database)
        sqlite3_db_config(state->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    close_database(state);
    AUTO(free) char *aside = name_aside(state->path);
    int result = set_aside(state->path, aside, why);
    if (result == 0)
        result = begin_anew(state, &salvage, why);
    if (result == 0)
        faults_add(warnings, FAULT_WARNING, state->path, 0, 0,
                   "the file was damaged and is set aside as '%s'; %zu leases could be read from it and are kept",
                   aside, salvage.count);
    free(salvage.leases);
    free(salvage.reservations);
    return result;
}

static int open_file(struct state *state, struct faults *warnings, struct diag *why)
{
    int result = make_folder(state->path, why);
    if (result == 0)
        result = make_file(state->path, why);
    if (result == 0)
        result = lock_file(state, why);
    if (result == 0)
        result = open_database(state, why);
    if (result == STATE_DAMAGED)
        result = replace_damaged(state, warnings, why);
    if (result < 0)
        close_database(state);
    if (result < 0 && state->lock_fd >= 0)
        remove_lock(state);
    return result;
}

/* A file that cannot be written. */

static bool is_unwritable(int result)
{
    return result == -EROFS || result == -EACCES || result == -EPERM || result == -ENOSPC || result == -EDQUOT;
}

static void append_escaped(struct text *ret, const char *path)
{
    for (; *path; path++)
        if (strchr("%?#", *path))
            text_print(ret, "%%%02x", (unsigned char)*path);
        else
            text_append_char(ret, *path);
}

/* Where nothing beside the file can be made, it is read as one that nobody writes; only when no journal beside it has
 * something newer. */
static int open_immutable(struct state *state)
{
    struct stat journal;
    AUTO(free) char *path = memory_print("%s-wal", state->path);
    AUTO(text_finish) struct text name = {0};
    if (stat(path, &journal) == 0 && journal.st_size > 0)
        return SQLITE_CANTOPEN;
    text_append(&name, "file:");
    append_escaped(&name, state->path);
    text_append(&name, "?immutable=1");
    sqlite3_close(state->database);
    return sqlite3_open_v2(text_characters(&name), &state->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
}

static int open_to_read(struct state *state)
{
    int64_t version = 0;
    int code = sqlite3_open_v2(state->path, &state->database, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK)
        code = check_owner(state, &version, NULL);
    if (code != SQLITE_OK && open_immutable(state) == SQLITE_OK)
        code = check_owner(state, &version, NULL);
    return code;
}

/* Reads the leases of the file, as the writer will find them once it can be written. 0 or a negative errno. */
static int freeze(struct state *state, struct faults *warnings)
{
    int result = open_to_read(state) == SQLITE_OK ? 0 : -EIO;
    if (result == 0) {
        follow_clock(state, warnings);
        result = state_leases(state, salvage_row, &state->frozen, warnings, NULL);
    }
    if (result == 0)
        result = state_reservations(state, salvage_reservation, &state->frozen, warnings, NULL);
    close_database(state);
    state->is_frozen = true;
    return result;
}

/* On the writer's thread: opens the file for writing, if that can be by now. */
static int thaw(struct state *state, struct diag *why)
{
    struct faults ignored = {0};
    int result = open_file(state, &ignored, why);
    faults_finish(&ignored);
    state->is_frozen = result < 0;
    return result;
}

/* The writer thread. */

static int put_batches(struct state *state, struct list *queue)
{
    int code = SQLITE_OK;
    LIST_FOR_EACH (link, queue) {
        const struct batch *batch = list_owner(link, struct batch, link);
        if (code == SQLITE_OK && batch->step != 0)
            code = move_all(state, batch->step);
        if (code == SQLITE_OK && ipv4_is_set(batch->reserved))
            code = put_reserved(state, batch);
        if (code == SQLITE_OK)
            code = put_leases(state, batch->leases, batch->count);
    }
    return code;
}

static int64_t steps_of(const struct list *queue)
{
    int64_t steps = 0;
    LIST_FOR_EACH (link, queue)
        steps += list_owner(link, struct batch, link)->step;
    return steps;
}

/* The clock that goes with what is written now. A clock that was just set, of which nobody told yet, does not count. */
static struct state_clock clock_to_put(const struct state *state)
{
    struct state_clock clock = state->clock;
    struct moment now = clock_now();
    if (epoch_step(clock.epoch, now) == 0 && now.wall_seconds >= clock.seen + SEEN_EVERY_SECONDS)
        clock.seen = now.wall_seconds;
    return clock;
}

/* Writes everything in one transaction. Returns 0 or a negative errno with the reason. */
static int write_once(struct state *state, struct list *queue, struct diag *why)
{
    struct state_clock clock = clock_to_put(state);
    int code = execute(state, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK && state->owed != 0)
        code = move_all(state, state->owed);
    if (code == SQLITE_OK)
        code = put_batches(state, queue);
    /* After a failure something is written in any case, so that success says that it can be again. */
    if (code == SQLITE_OK && (state->failure < 0 || !state_clock_equal(&clock, &state->kept)))
        code = store_clock(state, &clock);
    int result = end_transaction(state, code, why);
    if (result == 0)
        state->clock = state->kept = clock;
    return result;
}

/* The journal, which is cut only now and then, may be what fills the disk. */
static bool cut_journal(struct state *state)
{
    return sqlite3_wal_checkpoint_v2(state->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK;
}

static int write_queue(struct state *state, struct list *queue, struct diag *why)
{
    int64_t steps = steps_of(queue);
    state->clock.epoch += steps;
    state->clock.seen += steps;
    int result = state->is_frozen ? thaw(state, why) : 0;
    if (result == 0 && state->database)
        result = write_once(state, queue, why);
    if (result == -ENOSPC && state->database && cut_journal(state))
        result = write_once(state, queue, why);
    state->owed = result == 0 ? 0 : state->owed + steps;
    return result;
}

/* Takes all that is queued into *ret, waiting for it; false when the state closes and nothing is left. */
static bool take_queue(struct state *state, struct list *ret)
{
    list_init(ret);
    pthread_mutex_lock(&state->lock);
    while (list_is_empty(&state->queue) && !state->closing)
        pthread_cond_wait(&state->changed, &state->lock);
    LIST_FOR_EACH (link, &state->queue) {
        list_remove(link);
        list_append(ret, link);
    }
    pthread_mutex_unlock(&state->lock);
    return !list_is_empty(ret);
}

static void keep_result(struct state *state, int result, const struct diag *reason)
{
    pthread_mutex_lock(&state->lock);
    state->failure = result;
    if (result < 0)
        state->failure_reason = *reason;
    pthread_mutex_unlock(&state->lock);
}

static void *write_until_closed(void *context)
{
    struct state *state = context;
    struct list queue;
    while (take_queue(state, &queue)) {
        struct diag reason = {0};
        int result = write_queue(state, &queue, &reason);
        keep_result(state, result, &reason);
        LIST_FOR_EACH (link, &queue) {
            struct batch *batch = list_owner(link, struct batch, link);
            if (batch->done)
                batch->done(batch->context, result);
            free(batch);
        }
    }
    return NULL;
}

/* Signals are for the thread of the event loop. */
static int start_writer(struct state *state, struct diag *why)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&state->writer, NULL, write_until_closed, state);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        return fail(why, -error, "start the writer of the state file: %s", strerror(error));
    state->has_writer = true;
    return 0;
}

/* What others call. */

static struct state *state_create(const char *path)
{
    struct state *state = MEMORY_NEW(struct state);
    state->path = memory_text(path);
    state->lock_fd = -1;
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->changed, NULL);
    list_init(&state->queue);
    state->clock = state_clock_read();
    return state;
}

int state_open(struct state **ret, const char *path, struct faults *warnings, struct diag *why)
{
    AUTO(state_close) struct state *state = state_create(path);
    int result = path ? open_file(state, warnings, why) : 0;
    if (result == 0 && path)
        follow_clock(state, warnings);
    if (result == 0)
        result = start_writer(state, why);
    if (result == 0)
        *ret = take_pointer(state);
    return result;
}

int state_open_to_serve(struct state **ret, const char *path, struct faults *warnings, struct diag *why)
{
    struct diag reason = {0};
    int result = state_open(ret, path, warnings, &reason);
    if (!is_unwritable(result))
        return result < 0 ? fail(why, result, "%s", reason.text) : result;
    AUTO(state_close) struct state *state = state_create(path);
    if (freeze(state, warnings) < 0)
        return fail(why, result, "%s", reason.text);
    faults_add(
        warnings, FAULT_WARNING, NULL, 0, 0,
        "%s: until it can be written no new lease is given, and the %zu leases in it are honoured until they end",
        reason.text, state->frozen.count);
    keep_result(state, result, &reason);
    result = start_writer(state, why);
    if (result == 0)
        *ret = take_pointer(state);
    return result;
}

static void stop_writer(struct state *state)
{
    pthread_mutex_lock(&state->lock);
    state->closing = true;
    pthread_cond_signal(&state->changed);
    pthread_mutex_unlock(&state->lock);
    pthread_join(state->writer, NULL);
}

void state_close(struct state *state)
{
    if (!state)
        return;
    if (state->has_writer)
        stop_writer(state);
    close_database(state);
    fd_close(state->lock_fd);
    pthread_cond_destroy(&state->changed);
    pthread_mutex_destroy(&state->lock);
    free(state->frozen.leases);
    free(state->frozen.reservations);
    free(state->path);
    free(state);
}

static void queue_batch(struct state *state, struct batch *take_batch)
{
    pthread_mutex_lock(&state->lock);
    list_append(&state->queue, &take_batch->link);
    pthread_cond_signal(&state->changed);
    pthread_mutex_unlock(&state->lock);
}

void state_commit(struct state *state, const struct lease *leases, size_t count,
                  void (*done)(void *context, int result), void *context)
{
    struct batch *batch = memory_new(1, sizeof *batch + count * sizeof leases[0]);
    batch->done = done;
    batch->context = context;
    batch->count = count;
    if (count > 0)
        memcpy(batch->leases, leases, count * sizeof leases[0]);
    queue_batch(state, batch);
}

void state_reserve(struct state *state, struct ipv4 address, const struct mac *mac,
                   void (*done)(void *context, int result), void *context)
{
    struct batch *batch = MEMORY_NEW(struct batch);
    batch->done = done;
    batch->context = context;
    batch->reserved = address;
    batch->mac = mac ? *mac : (struct mac){0};
    queue_batch(state, batch);
}

int64_t state_epoch(const struct state *state)
{
    return state->clock.epoch;
}

void state_move(struct state *state, int64_t seconds)
{
    struct batch *batch = MEMORY_NEW(struct batch);
    batch->step = seconds;
    queue_batch(state, batch);
}

int state_failure(struct state *state, struct diag *why)
{
    pthread_mutex_lock(&state->lock);
    int result = state->failure;
    if (result < 0)
        fail(why, result, "%s", state->failure_reason.text);
    pthread_mutex_unlock(&state->lock);
    return result;
}
