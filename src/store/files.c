/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of files. */
#include "store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/array.h"
#include "base/hash.h"

/* What changed so short a time before it was read may change again within the same tick of the file system's clock:
 * that of the kernel, or of file systems that count whole seconds (two of them, FAT). */
#define SETTLED_NANOSECONDS 100000000LL
#define SETTLED_NANOSECONDS_COARSE 2100000000LL
/* Calls for one path while names change. Where they never cease to, one in twenty failed. */
#define RESOLVE_TRIES_MAX 100
/* Entries of one folder. */
#define FOLDER_ENTRIES_MAX 20000

struct store_files {
    pthread_mutex_t lock; /* over folder */
    char *folder;
    struct file_source source;
};

/* The folder now, on the heap. */
static char *folder_of(struct store_files *files)
{
    pthread_mutex_lock(&files->lock);
    char *folder = memory_text(files->folder);
    pthread_mutex_unlock(&files->lock);
    return folder;
}

static bool path_climbs(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strcspn(part, "/") == 2 && strncmp(part, "..", 2) == 0)
            return true;
    }
    return path[0] == '/';
}

/* Opens the path part by part, and no link. */
static int open_without_links(int folder_fd, const char *path, int flags)
{
    if (path_climbs(path)) {
        errno = EXDEV;
        return -1;
    }
    AUTO(fd_close) int at = fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);
    while (at >= 0 && strchr(path, '/')) {
        AUTO(free) char *part = memory_text_of(path, strcspn(path, "/"));
        int next = openat(at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        fd_close(at);
        at = next;
        path += strlen(part) + 1;
    }
    return at < 0 ? -1 : openat(at, *path ? path : ".", flags | O_NOFOLLOW);
}

/* Opens what is beneath the folder; -1 with errno. */
static int open_beneath(int folder_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    errno = EAGAIN;
    /* A rename anywhere on the host while a link goes through "..": openat2(2) asks to be called again. */
    for (int tries = 0; tries < RESOLVE_TRIES_MAX && fd < 0 && errno == EAGAIN; tries++)
        fd = syscall(SYS_openat2, folder_fd, *path ? path : ".", &how, sizeof how);
    /* Kernels before 5.6, and filters of system calls that do not know it. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_without_links(folder_fd, path, flags);
    return (int)fd;
}

static int fail_path(struct diag *why, struct store_files *files, const char *path, int error)
{
    AUTO(text_finish) struct text shown = {0};
    AUTO(free) char *folder = folder_of(files);
    text_append_shown(&shown, bytes_of_text(path), 200);
    if (error == EXDEV)
        return fail(why, -error, "'%s' leads out of %s, and nothing outside of it is read", text_characters(&shown),
                    folder);
    if (error == ELOOP)
        return fail(why, -error, "'%s' in %s is a symbolic link that is not followed", text_characters(&shown), folder);
    if (error == EFBIG)
        return fail(why, -error, "'%s' in %s has more than %zu octets", text_characters(&shown), folder,
                    FILE_OCTETS_MAX);
    return fail(why, -error, "cannot read '%s' in %s: %s", text_characters(&shown), folder, strerror(error));
}

/* Opens something in the folder to be read. Without O_NONBLOCK the open of a FIFO would wait for somebody to write. */
static int open_in(struct store_files *files, const char *path, struct diag *why)
{
    AUTO(free) char *folder = folder_of(files);
    AUTO(fd_close) int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0) {
        int error = errno;
        return fail(why, -error, "cannot read '%.200s': the folder %s that files are taken from: %s", path, folder,
                    strerror(error));
    }
    int fd = open_beneath(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd < 0 ? fail_path(why, files, path, errno) : fd;
}

static int64_t nanoseconds_of(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000LL + time.tv_nsec;
}

static uint64_t stamp_of(const struct stat *status)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t changed = nanoseconds_of(status->st_ctim);
    bool is_coarse = status->st_ctim.tv_nsec == 0;
    if (nanoseconds_of(now) - changed < (is_coarse ? SETTLED_NANOSECONDS_COARSE : SETTLED_NANOSECONDS))
        return 0;
    const uint64_t facts[] = {
        (uint64_t)status->st_dev,  (uint64_t)status->st_ino, (uint64_t)status->st_size,
        (uint64_t)status->st_mode, (uint64_t)changed,        (uint64_t)nanoseconds_of(status->st_mtim),
    };
    return hash_with_key(bytes_of(facts, sizeof facts), 1, 2) | 1;
}

static int read_all(struct text *ret, int fd)
{
    char piece[16384];
    size_t start = ret->length;
    for (;;) {
        ssize_t size = read(fd, piece, sizeof piece);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        if (size == 0)
            return 0;
        text_append_bytes(ret, bytes_of(piece, (size_t)size));
        if (ret->length - start > FILE_OCTETS_MAX)
            return -EFBIG;
    }
}

static int files_read(void *context, struct text *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    struct store_files *files = context;
    struct stat status;
    AUTO(fd_close) int fd = open_in(files, path, why);
    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0)
        return fail_path(why, files, path, errno);
    if (!S_ISREG(status.st_mode))
        return fail(why, -EINVAL, "'%.200s' is no file", path);
    if (status.st_size > (off_t)FILE_OCTETS_MAX)
        return fail_path(why, files, path, EFBIG);
    *ret_stamp = stamp_of(&status);
    size_t start = ret->length;
    int result = read_all(ret, fd);
    if (result < 0)
        text_truncate(ret, start);
    return result < 0 ? fail_path(why, files, path, -result) : 0;
}

static enum file_kind kind_of(mode_t mode)
{
    return S_ISREG(mode) ? FILE_REGULAR : S_ISDIR(mode) ? FILE_FOLDER : S_ISLNK(mode) ? FILE_LINK : FILE_OTHER;
}

static int add_entry(struct file_entries *ret, int folder_fd, const char *name)
{
    struct stat status;
    char target[PATH_MAX];
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    ssize_t size = S_ISLNK(status.st_mode) ? readlinkat(folder_fd, name, target, sizeof target) : 0;
    if (size < 0)
        return -errno;
    *ARRAY_ADD(ret->at, ret->count, ret->capacity) = (struct file_entry){
        .name = memory_text(name),
        .kind = kind_of(status.st_mode),
        .is_executable = (status.st_mode & 0111) != 0,
        .target = S_ISLNK(status.st_mode) ? memory_text_of(target, (size_t)size) : NULL,
    };
    return 0;
}

static int list_all(struct file_entries *ret, DIR *folder)
{
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int result = ret->count < FOLDER_ENTRIES_MAX ? add_entry(ret, dirfd(folder), entry->d_name) : -E2BIG;
        if (result < 0)
            return result;
    }
    return 0;
}

static int files_list(void *context, struct file_entries *ret, uint64_t *ret_stamp, const char *path, struct diag *why)
{
    struct store_files *files = context;
    struct stat status;
    AUTO(fd_close) int fd = open_in(files, path, why);
    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0)
        return fail_path(why, files, path, errno);
    if (!S_ISDIR(status.st_mode))
        return fail(why, -ENOTDIR, "root of tree must be a directory: '%.200s' is none", path);
    *ret_stamp = stamp_of(&status);
    DIR *folder = fdopendir(fd);
    if (!folder)
        return fail_path(why, files, path, errno);
    take_fd(&fd);
    int result = list_all(ret, folder);
    closedir(folder);
    return result < 0 ? fail_path(why, files, path, -result) : 0;
}

static uint64_t files_stamp(void *context, const char *path)
{
    struct stat status;
    AUTO(fd_close) int fd = open_in(context, path, NULL);
    return fd >= 0 && fstat(fd, &status) == 0 ? stamp_of(&status) : 0;
}

char *store_files_folder(const char *data_path)
{
    return memory_print("%s/files", data_path);
}

struct store_files *store_files_create(const char *folder_path)
{
    struct store_files *files = MEMORY_NEW(struct store_files);
    pthread_mutex_init(&files->lock, NULL);
    files->folder = memory_text(folder_path);
    files->source = (struct file_source){
        .read = files_read,
        .list = files_list,
        .stamp = files_stamp,
        .context = files,
    };
    return files;
}

void store_files_destroy(struct store_files *files)
{
    if (!files)
        return;
    pthread_mutex_destroy(&files->lock);
    free(files->folder);
    free(files);
}

void store_files_move(struct store_files *files, const char *folder_path)
{
    pthread_mutex_lock(&files->lock);
    free(files->folder);
    files->folder = memory_text(folder_path);
    pthread_mutex_unlock(&files->lock);
}

const struct file_source *store_files_source(const struct store_files *files)
{
    return &files->source;
}
