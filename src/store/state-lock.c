/* SPDX-License-Identifier: Apache-2.0 */
/* Where the state file lies in truth, and that only one has it. */
#include "store/state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* As many links one after the other as the kernel follows. */
#define LINKS_MAX 40
/* The octet of the file that is locked: behind those that the database locks, and no matter whether it is there. */
#define LOCKED_OCTET ((off_t)1 << 40)

/* Where the link at path leads to; NULL when there is none. On the heap. */
static char *target_of(const char *path)
{
    char target[PATH_MAX];
    ssize_t size = readlink(path, target, sizeof target);
    if (size <= 0 || (size_t)size == sizeof target)
        return NULL;
    const char *slash = strrchr(path, '/');
    int folder_size = target[0] == '/' || !slash ? 0 : (int)(slash + 1 - path);
    return memory_print("%.*s%.*s", folder_size, path, (int)size, target);
}

static bool has_folder(const char *path)
{
    AUTO(free) char *copy = memory_text(path);
    return access(dirname(copy), F_OK) == 0;
}

/* The database follows links before it names its journal. A link to a disk that is not there stays as it is, so that
 * opening says so. */
char *state_follow_links(const char *given)
{
    char *target, *path = memory_text(given);
    for (int i = 0; i < LINKS_MAX && (target = target_of(path)); i++) {
        free(path);
        path = target;
    }
    if (has_folder(path))
        return path;
    free(path);
    return memory_text(given);
}

void state_file_init(struct state_file *ret, const char *path)
{
    *ret = (struct state_file){.path = path ? state_follow_links(path) : NULL, .lock_fd = -1, .database_fd = -1};
}

void state_file_finish(struct state_file *file)
{
    state_file_close(file);
    file->database_fd = fd_close(file->database_fd);
    file->lock_fd = fd_close(file->lock_fd);
    free(file->path);
    file->path = NULL;
}

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

/* Root, who commands before the server ran for the first time, leaves it to the user that the server runs as, or keeps
 * it where that cannot be. */
static void hand_over(int fd, const char *path)
{
    AUTO(free) char *copy = memory_text(path);
    struct stat folder;
    if (geteuid() != 0 || stat(dirname(copy), &folder) < 0)
        return;
    int ignored = fchown(fd, folder.st_uid, folder.st_gid);
    (void)ignored;
}

/* Opens a file of the state, and makes it where there is none. -1 with errno. */
static int open_or_make(const char *path, bool *ret_made)
{
    static const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY;
    int fd = open(path, flags | O_EXCL, 0640);
    *ret_made = fd >= 0;
    if (fd >= 0)
        hand_over(fd, path);
    return fd >= 0 || errno != EEXIST ? fd : open(path, flags, 0640);
}

static int fail_in_use(const struct state_file *file, struct diag *why)
{
    return fail(why, -EBUSY, "state file '%s' is in use by another muster: stop that one first", file->path);
}

/* Whether the path still stands for the file that was opened. */
static bool is_at_path(const struct state_file *file)
{
    struct stat opened, found;
    return fstat(file->database_fd, &opened) == 0 && stat(file->path, &found) == 0 && opened.st_dev == found.st_dev &&
           opened.st_ino == found.st_ino;
}

/* Locks the database itself: it is the same file by whatever path, and whatever is removed beside it. The lock belongs
 * to the open file, so that the database, whose locks belong to the process, neither meets nor loses it. A file system
 * that has no such locks leaves it to the lock beside the file. */
static int lock_database(struct state_file *file, short type, struct diag *why)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = LOCKED_OCTET, .l_len = 1};
    bool is_taken = fcntl(file->database_fd, F_OFD_SETLK, &lock) < 0 && (errno == EAGAIN || errno == EACCES);
    if (!is_taken && is_at_path(file))
        return 0;
    file->database_fd = fd_close(file->database_fd);
    return fail_in_use(file, why);
}

int state_file_lock_alone(struct state_file *file, struct diag *why)
{
    /* The system says better than the database why it can't be written. */
    file->database_fd = open_or_make(file->path, &file->is_made);
    if (file->database_fd < 0)
        return fail(why, -errno, "open state file '%s' for writing: %s", file->path, strerror(errno));
    return lock_database(file, F_WRLCK, why);
}

/* Holds off a server whose file was removed, or set aside by hand, while it runs. */
static int lock_beside(struct state_file *file, struct diag *why)
{
    AUTO(free) char *path = memory_print("%s.lock", file->path);
    bool is_made;
    AUTO(fd_close) int fd = open_or_make(path, &is_made);
    if (fd < 0)
        return fail(why, -errno, "open '%s': %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return fail_in_use(file, why);
    file->lock_fd = take_fd(&fd);
    return 0;
}

int state_file_lock(struct state_file *file, struct diag *why)
{
    file->database_fd = fd_close(file->database_fd);
    int result = make_folder(file->path, why);
    if (result == 0)
        result = state_file_lock_alone(file, why);
    return result == 0 ? lock_beside(file, why) : result;
}

int state_file_lock_to_read(struct state_file *file, struct diag *why)
{
    file->database_fd = fd_close(file->database_fd);
    file->database_fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return file->database_fd < 0 ? 0 : lock_database(file, F_RDLCK, why);
}

void state_file_unlock(struct state_file *file)
{
    AUTO(free) char *path = memory_print("%s.lock", file->path);
    if (file->is_made && file->database_fd >= 0)
        unlink(file->path);
    file->is_made = false;
    if (file->lock_fd >= 0)
        unlink(path);
    file->lock_fd = fd_close(file->lock_fd);
    file->database_fd = fd_close(file->database_fd);
}
