/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged state file gives way to what could be read of it. A kill, a loss of power or a full disk in the middle
 * costs nothing:
 *
 *     FILE.salvage    is written with what could be read; cut off here it is begun anew,
 *     FILE.salvaged   is its name once it is whole; cut off here the next start goes on,
 *     FILE.corrupt-…  is one more name of the damaged file, and the new name of its journal,
 *     FILE            is the damaged file until FILE.salvaged is renamed over it.
 *
 * The journal alone would be worked into the new file by the database, were it still there then; and the damaged file
 * without its journal may look whole. So neither is looked at again once FILE.salvaged is there. */
#include "store/state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/memory.h"

static char *salvage_name(const struct state_file *file)
{
    return memory_print("%s.salvage", file->path);
}

static char *salvaged_name(const struct state_file *file)
{
    return memory_print("%s.salvaged", file->path);
}

/* What the names in the folder of the file stand for now survives a loss of power. */
static int sync_folder(const struct state_file *file, struct diag *why)
{
    AUTO(free) char *copy = memory_text(file->path);
    const char *folder = dirname(copy);
    AUTO(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems know no such thing, EINVAL. */
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
        return fail(why, -errno, "write folder '%s' to the disk: %s", folder, strerror(errno));
    return 0;
}

/* Writing what was salvaged. */

static int put_salvage(struct state_file *fresh, const struct state_salvage *salvage, const struct state_clock *clock)
{
    /* Nothing is undone here: what fails is begun anew. */
    int code = sqlite3_open_v2(fresh->path, &fresh->database, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK)
        code = state_file_execute(fresh, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
    if (code == SQLITE_OK)
        code = state_file_migrate(fresh, 0);
    if (code == SQLITE_OK)
        code = state_file_execute(fresh, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        code = state_file_put_leases(fresh, salvage->leases, salvage->count);
    for (size_t i = 0; code == SQLITE_OK && i < salvage->reservation_count; i++)
        code = state_file_put_reservation(fresh, salvage->reservations[i].address, &salvage->reservations[i].mac);
    if (code == SQLITE_OK)
        code = state_file_put_clock(fresh, clock);
    return code == SQLITE_OK ? state_file_execute(fresh, "COMMIT") : code;
}

static int write_salvage(struct state_file *fresh, const struct state_salvage *salvage, const struct state_clock *clock,
                         struct diag *why)
{
    int result = state_file_lock_alone(fresh, why);
    if (result < 0)
        return result;
    int code = put_salvage(fresh, salvage, clock);
    if (code != SQLITE_OK)
        return state_file_fail(fresh, code, "write what can be read of the damaged state file to", why);
    state_file_close(fresh);
    if (fsync(fresh->database_fd) < 0)
        return fail(why, -errno, "write '%s' to the disk: %s", fresh->path, strerror(errno));
    return 0;
}

static int make_salvaged(struct state_file *file, const struct state_salvage *salvage, struct diag *why)
{
    AUTO(free) char *name = salvaged_name(file);
    AUTO(state_file_finish) struct state_file fresh = {.path = salvage_name(file), .lock_fd = -1, .database_fd = -1};
    unlink(fresh.path);
    int result = write_salvage(&fresh, salvage, &file->clock, why);
    if (result == 0 && rename(fresh.path, name) < 0)
        result = fail(why, -errno, "name '%s' '%s': %s", fresh.path, name, strerror(errno));
    if (result < 0)
        unlink(fresh.path);
    return result == 0 ? sync_folder(file, why) : result;
}

/* Putting it in the place of the damaged file. */

static bool is_same_file(const char *a, const struct stat *b)
{
    struct stat status;
    return stat(a, &status) == 0 && status.st_dev == b->st_dev && status.st_ino == b->st_ino;
}

/* A name that nothing has yet, or the file itself from a start that was cut off; the caller frees it. */
static char *name_aside(const struct state_file *file, time_t when)
{
    char stamp[32];
    struct tm local;
    struct stat existing;
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&when, &local));
    char *aside = memory_print("%s.corrupt-%s", file->path, stamp);
    for (int i = 2; lstat(aside, &existing) == 0 && !is_same_file(file->path, &existing); i++) {
        free(aside);
        aside = memory_print("%s.corrupt-%s-%d", file->path, stamp, i);
    }
    return aside;
}

static int rename_beside(const char *path, const char *aside, const char *suffix, struct diag *why)
{
    AUTO(free) char *from = memory_print("%s%s", path, suffix);
    AUTO(free) char *to = memory_print("%s%s", aside, suffix);
    if (rename(from, to) < 0 && errno != ENOENT)
        return fail(why, -errno, "set the damaged state file '%s' aside as '%s': %s", from, to, strerror(errno));
    return 0;
}

/* Some file systems have no second names, and some files may have none. */
static bool has_no_links(int error)
{
    return error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK;
}

static int set_aside(const struct state_file *file, const char *aside, struct diag *why)
{
    bool is_linked = link(file->path, aside) == 0 || errno == EEXIST;
    if (!is_linked && !has_no_links(errno))
        return fail(why, -errno, "set the damaged state file '%s' aside as '%s': %s", file->path, aside,
                    strerror(errno));
    const char *suffixes[] = {"-wal", "-shm", ""};
    for (size_t i = 0; i < LENGTH(suffixes) - (is_linked ? 1 : 0); i++) {
        int result = rename_beside(file->path, aside, suffixes[i], why);
        if (result < 0)
            return result;
    }
    return sync_folder(file, why);
}

static int put_in_place(struct state_file *file, struct state_file *salvaged, const char *aside, struct diag *why)
{
    int result = set_aside(file, aside, why);
    if (result == 0 && rename(salvaged->path, file->path) < 0)
        result = fail(why, -errno, "name '%s' '%s': %s", salvaged->path, file->path, strerror(errno));
    if (result < 0)
        return result;
    fd_close(file->database_fd);
    file->database_fd = take_fd(&salvaged->database_fd);
    file->is_made = false;
    return sync_folder(file, why);
}

static long long count_salvaged(struct state_file *salvaged)
{
    int64_t count = 0;
    if (sqlite3_open_v2(salvaged->path, &salvaged->database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
        state_file_query_number(salvaged, "SELECT count(*) FROM lease", &count);
    state_file_close(salvaged);
    return count;
}

bool state_file_is_replaced(const struct state_file *file)
{
    AUTO(free) char *name = salvaged_name(file);
    return access(name, F_OK) == 0;
}

int state_file_go_on_replacing(struct state_file *file, struct faults *warnings, struct diag *why)
{
    struct stat status;
    AUTO(state_file_finish)
    struct state_file salvaged = {.path = salvaged_name(file), .lock_fd = -1, .database_fd = -1};
    int result = state_file_lock_alone(&salvaged, why);
    if (result < 0)
        return result;
    fstat(salvaged.database_fd, &status);
    AUTO(free) char *aside = name_aside(file, status.st_mtime);
    long long count = count_salvaged(&salvaged);
    result = put_in_place(file, &salvaged, aside, why);
    if (result < 0)
        return result;
    faults_add(warnings, FAULT_WARNING, file->path, 0, 0,
               "the file was damaged and is set aside as '%s'; %lld leases could be read from it and are kept", aside,
               count);
    result = state_file_open_database(file, why);
    return result == STATE_FILE_DAMAGED ? fail(why, -EUCLEAN, "the new state file '%s' is damaged at once", file->path)
                                        : result;
}

int state_file_replace(struct state_file *file, const struct state_salvage *salvage, struct faults *warnings,
                       struct diag *why)
{
    int result = make_salvaged(file, salvage, why);
    return result == 0 ? state_file_go_on_replacing(file, warnings, why) : result;
}
