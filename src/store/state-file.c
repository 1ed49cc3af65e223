/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the state file: whose it is, its version, its pages. */
#include "store/state-file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/array.h"
#include "base/text.h"

/* Marks the file as ours: "mstr". */
#define APPLICATION_ID 0x6d737472

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

int state_file_fail(const struct state_file *file, int code, const char *doing, struct diag *why)
{
    int result = errno_of(file->database, code);
    int system = sqlite3_system_errno(file->database);
    return fail(why, result, "%s '%s': %s%s%s", doing, file->path, sqlite3_errmsg(file->database),
                system > 0 ? ": " : "", system > 0 ? strerror(system) : "");
}

int state_file_execute(struct state_file *file, const char *statements)
{
    return sqlite3_exec(file->database, statements, NULL, NULL, NULL);
}

int state_file_query_number(struct state_file *file, const char *query, int64_t *ret)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(file->database, query, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

static bool is_corrupt(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

void state_file_close(struct state_file *file)
{
    sqlite3_finalize(file->put);
    sqlite3_close(file->database);
    file->put = NULL;
    file->database = NULL;
}

/* Looks at every page and index of the file, so that damage shows now and not in the middle of a night. */
static int check_pages(struct state_file *file)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(file->database, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        code = text_is((const char *)sqlite3_column_text(statement, 0), "ok") ? SQLITE_OK : SQLITE_CORRUPT;
    sqlite3_finalize(statement);
    return code;
}

int state_file_check_owner(struct state_file *file, int64_t *ret_version, struct diag *why)
{
    int64_t application = 0, tables = 0;
    int code = state_file_query_number(file, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = state_file_query_number(file, "PRAGMA user_version", ret_version);
    if (code == SQLITE_OK)
        code = state_file_query_number(file, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code != SQLITE_OK)
        return code;
    if (tables > 0 && application != APPLICATION_ID) {
        fail(why, 0, "state file '%s' is the database of another program; name another file", file->path);
        return SQLITE_AUTH;
    }
    if (*ret_version > (int64_t)LENGTH(migrations)) {
        fail(why, 0, "state file '%s' was written by a newer muster (version %lld of it, this one knows %zu)",
             file->path, (long long)*ret_version, LENGTH(migrations));
        return SQLITE_AUTH;
    }
    return SQLITE_OK;
}

int state_file_migrate(struct state_file *file, int64_t version)
{
    int code = SQLITE_OK;
    for (; code == SQLITE_OK && version < (int64_t)LENGTH(migrations); version++) {
        code = state_file_execute(file, "BEGIN IMMEDIATE");
        if (code == SQLITE_OK)
            code = state_file_execute(file, migrations[version]);
        if (code == SQLITE_OK)
            code = state_file_execute(file, "COMMIT");
    }
    return code;
}

/* The journal is worked into the file when it has so many pages: seldom, but before it fills a small disk, on which
 * there would be no room left to work it in. */
static void limit_journal(struct state_file *file)
{
    struct statvfs disk;
    uint64_t pages = JOURNAL_PAGES_MAX;
    if (statvfs(file->path, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize / PAGE_BYTES / 4 < pages)
        pages = (uint64_t)disk.f_bavail * disk.f_frsize / PAGE_BYTES / 4;
    sqlite3_wal_autocheckpoint(file->database, pages < JOURNAL_PAGES_MIN ? JOURNAL_PAGES_MIN : (int)pages);
}

/* The steps of opening, as the database's code; *why says what the database does not know. */
static int open_steps(struct state_file *file, struct diag *why)
{
    int64_t version = 0;
    int code = sqlite3_open_v2(file->path, &file->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_extended_result_codes(file->database, 1);
    sqlite3_busy_timeout(file->database, STATE_FILE_BUSY_MILLISECONDS);
    code = state_file_check_owner(file, &version, why);
    if (code == SQLITE_OK)
        code = state_file_execute(file,
                                  "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;");
    limit_journal(file);
    if (code == SQLITE_OK)
        code = check_pages(file);
    if (code == SQLITE_OK)
        code = state_file_migrate(file, version);
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

int state_file_open_database(struct state_file *file, struct diag *why)
{
    struct diag reason = {0};
    int code = open_steps(file, &reason);
    if (code == SQLITE_OK)
        return 0;
    if (is_corrupt(code) && is_text_file(file->path))
        return fail(why, -EUCLEAN, "'%s' is a text and no state file; name another file", file->path);
    if (is_corrupt(code))
        return STATE_FILE_DAMAGED;
    if (*reason.text)
        return fail(why, errno_of(file->database, code), "%s", reason.text);
    return state_file_fail(file, code, "open state file", why);
}
