/* SPDX-License-Identifier: Apache-2.0 */
/* A state file that is damaged, or cannot be written: what can be read of it is kept. */
#include "store/state-file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"

void state_salvage_finish(struct state_salvage *salvage)
{
    free(salvage->leases);
    free(salvage->reservations);
    *salvage = (struct state_salvage){0};
}

static void salvage_row(const struct lease *lease, void *context)
{
    struct state_salvage *salvage = context;
    *ARRAY_ADD(salvage->leases, salvage->count, salvage->capacity) = *lease;
}

static void salvage_reservation(struct ipv4 address, const struct mac *mac, void *context)
{
    struct state_salvage *salvage = context;
    *ARRAY_ADD(salvage->reservations, salvage->reservation_count, salvage->reservation_capacity) =
        (struct state_reservation){.address = address, .mac = *mac};
}

/* Reads what can still be read of a damaged file. */
static void salvage_read(struct state_salvage *salvage, struct state_file *file)
{
    struct faults ignored = {0};
    if (file->database)
        state_file_leases(file, salvage_row, salvage, &ignored, NULL);
    if (file->database)
        state_file_reservations(file, salvage_reservation, salvage, &ignored, NULL);
    faults_finish(&ignored);
}

/* Sets the damaged file aside and begins a new one with what can still be read of it. */
static int replace_damaged(struct state_file *file, bool is_first, struct faults *warnings, struct diag *why)
{
    struct state_salvage salvage = {0};
    if (is_first && file->database)
        state_file_follow_clock(file, warnings);
    salvage_read(&salvage, file);
    /* They are written by the clock as it is now. */
    file->owed = 0;
    /* The file stays as it was found: closing is not to work its journal in. */
    if (file->database)
        sqlite3_db_config(file->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    state_file_close(file);
    int result = state_file_replace(file, &salvage, warnings, why);
    state_salvage_finish(&salvage);
    return result;
}

/* The octets of the file, or of what is beside it; negative when it is not there. */
static off_t size_of(const char *path, const char *suffix)
{
    struct stat status;
    AUTO(free) char *name = memory_print("%s%s", path, suffix);
    return stat(name, &status) == 0 ? status.st_size : -1;
}

static void remove_beside(const char *path, const char *suffix)
{
    AUTO(free) char *name = memory_print("%s%s", path, suffix);
    unlink(name);
}

/* Leaves nothing of a file that could be made but not opened: the next start would take it for an emptied one. */
static void give_up(struct state_file *file, bool had_journal)
{
    bool is_ours = file->is_made && file->database_fd >= 0 && !had_journal;
    state_file_close(file);
    if (is_ours)
        remove_beside(file->path, "-wal");
    if (is_ours)
        remove_beside(file->path, "-shm");
    state_file_unlock(file);
}

/* is_first: its rows are read for the first time. */
static int open_locked(struct state_file *file, bool is_first, struct faults *warnings, struct diag *why)
{
    /* As nobody leaves it who gave a lease, but a full disk does, a repair of the file system or a slip of the hand. */
    bool is_empty = size_of(file->path, "") == 0;
    /* The database would remove a journal that it finds beside an empty file. */
    bool is_damaged = is_empty && size_of(file->path, "-wal") > 0;
    if (state_file_is_replaced(file))
        return state_file_go_on_replacing(file, warnings, why);
    bool is_cut = state_journal_is_damaged(file->path);
    int result = is_damaged ? STATE_FILE_DAMAGED : state_file_open_database(file, why);
    if (result == 0 && is_cut)
        result = STATE_FILE_DAMAGED;
    if (result == 0 && is_empty && !file->is_made)
        faults_add(warnings, FAULT_WARNING, file->path, 0, 0,
                   "the file was there but empty: no lease is known, and addresses in use may be given to others");
    return result == STATE_FILE_DAMAGED ? replace_damaged(file, is_first, warnings, why) : result;
}

int state_file_open(struct state_file *file, struct faults *warnings, struct diag *why)
{
    bool was_read = file->database_fd >= 0;
    bool had_journal = size_of(file->path, "-wal") > 0;
    int result = state_file_lock(file, why);
    if (result == 0)
        result = open_locked(file, !was_read, warnings, why);
    if (result < 0)
        give_up(file, had_journal);
    if (result < 0 && was_read)
        state_file_lock_to_read(file, NULL);
    return result;
}

/* A file that cannot be written. */

bool state_file_is_unwritable(int result)
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

/* Where nothing beside the file can be made, and nobody writes: without the file that the database shares with others.
 * The journal, where there is one, is read on its own; where there is none the database would miss it. */
static int open_alone(struct state_file *file)
{
    AUTO(text_finish) struct text name = {0};
    bool has_journal = size_of(file->path, "-wal") > 0;
    sqlite3_close(file->database);
    text_append(&name, "file:");
    append_escaped(&name, file->path);
    text_append(&name, has_journal ? "?vfs=unix-none" : "?immutable=1");
    int code = sqlite3_open_v2(text_characters(&name), &file->database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(file->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return code == SQLITE_OK ? state_file_execute(file, "PRAGMA locking_mode = EXCLUSIVE") : code;
}

/* As the database's code; *why says what the database does not know. */
static int open_to_read(struct state_file *file, struct diag *why)
{
    int64_t version = 0;
    int code = sqlite3_open_v2(file->path, &file->database, SQLITE_OPEN_READONLY, NULL);
    sqlite3_busy_timeout(file->database, STATE_FILE_BUSY_MILLISECONDS);
    if (code == SQLITE_OK)
        code = state_file_check_owner(file, &version, why);
    bool lacks_neighbours = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    if (!lacks_neighbours || size_of(file->path, "") < 0)
        return code;
    if (file->database_fd < 0 && state_file_lock_to_read(file, NULL) < 0)
        return code;
    code = open_alone(file);
    return code == SQLITE_OK ? state_file_check_owner(file, &version, why) : code;
}

int state_file_open_beside(struct state_file *file, struct diag *why)
{
    struct diag reason = {0};
    int code = open_to_read(file, &reason);
    if (code == SQLITE_OK)
        return 0;
    int result = state_file_fail(file, code, "open state file", why);
    return *reason.text ? fail(why, result, "%s", reason.text) : result;
}

int state_file_read(struct state_salvage *ret, struct state_file *file, struct faults *warnings)
{
    int result = state_file_lock_to_read(file, NULL);
    if (result == 0)
        result = open_to_read(file, NULL) == SQLITE_OK ? 0 : -EIO;
    if (result == 0) {
        state_file_follow_clock(file, warnings);
        result = state_file_leases(file, salvage_row, ret, warnings, NULL);
    }
    if (result == 0)
        result = state_file_reservations(file, salvage_reservation, ret, warnings, NULL);
    state_file_close(file);
    return result;
}
