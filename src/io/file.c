/* SPDX-License-Identifier: Apache-2.0 */
/* Shared open files. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

/* What is fetched from the disk at once when octets are missing: enough that a reader seldom waits twice. */
#define READ_AHEAD_BYTES (1 << 20)

/* What a file is. The members leave no gaps, since it is compared and hashed as memory. */
struct file_identity {
    uint64_t device;
    uint64_t inode;
    int64_t changed_seconds;
    int64_t changed_nanoseconds;
    uint64_t size;
};

struct file {
    struct files *files;
    struct file_identity identity;
    int fd;
    unsigned users;
    bool must_wait;    /* the file system cannot say that it would have to */
    UT_hash_handle hh; /* files::open */
};

struct files {
    struct file *open;
};

struct files *files_create(void)
{
    return MEMORY_NEW(struct files);
}

void files_destroy(struct files *files)
{
    free(files);
}

size_t files_count(const struct files *files)
{
    return HASH_COUNT(files->open);
}

static struct file_identity identity_of(const struct stat *status)
{
    return (struct file_identity){
        .device = status->st_dev,
        .inode = status->st_ino,
        .changed_seconds = status->st_mtim.tv_sec,
        .changed_nanoseconds = status->st_mtim.tv_nsec,
        .size = (uint64_t)status->st_size,
    };
}

/* "..", as a whole part of the name, leads out of the folder. */
static bool name_leaves_folder(const char *name)
{
    if (name[0] == '/')
        return true;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == '\0'))
            return true;
    }
    return false;
}

static int refuse_irregular(mode_t mode, const char *path, struct diag *why)
{
    if (S_ISREG(mode))
        return 0;
    if (S_ISDIR(mode))
        return fail(why, -EISDIR, "'%s' is a folder", path);
    return fail(why, -EINVAL, "'%s' is no regular file", path);
}

static struct file *file_share(struct files *files, const struct stat *status)
{
    struct file_identity identity = identity_of(status);
    struct file *file = NULL;
    HASH_FIND(hh, files->open, &identity, sizeof identity, file);
    if (file)
        file->users++;
    return file;
}

static struct file *file_add(struct files *files, const struct stat *status, int take_fd)
{
    struct file *file = MEMORY_NEW(struct file);
    *file = (struct file){.files = files, .identity = identity_of(status), .fd = take_fd, .users = 1};
    HASH_ADD(hh, files->open, identity, sizeof file->identity, file);
    return file;
}

/* Opens what nobody has open. Looked at before and after: opening a FIFO or a device has effects of its own, and what
 * the name stands for may change in between. */
static int open_path(struct file **ret, struct files *files, const char *path, struct diag *why)
{
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(why, -errno, "open '%s': %s", path, strerror(errno));
    int result = refuse_irregular(status.st_mode, path, why);
    if (result < 0)
        return result;
    *ret = file_share(files, &status);
    if (!*ret)
        *ret = file_add(files, &status, take_fd(&fd));
    return 0;
}

int file_open(struct file **ret, struct files *files, const char *folder, const char *name, struct diag *why)
{
    if (folder && name_leaves_folder(name))
        return fail(why, -EACCES, "'%s' leads out of '%s'", name, folder);
    AUTO(free) char *path = folder ? memory_print("%s/%s", folder, name) : memory_text(name);
    struct stat status;
    if (stat(path, &status) < 0)
        return fail(why, -errno, "open '%s': %s", path, strerror(errno));
    int result = refuse_irregular(status.st_mode, path, why);
    if (result < 0)
        return result;
    *ret = file_share(files, &status);
    return *ret ? 0 : open_path(ret, files, path, why);
}

void file_close(struct file *file)
{
    if (!file || --file->users > 0)
        return;
    HASH_DEL(file->files->open, file);
    fd_close(file->fd);
    free(file);
}

uint64_t file_size(const struct file *file)
{
    return file->identity.size;
}

static bool is_unchanged(const struct file *file)
{
    struct stat status;
    if (fstat(file->fd, &status) < 0)
        return false;
    struct file_identity identity = identity_of(&status);
    return memcmp(&identity, &file->identity, sizeof identity) == 0;
}

/* Like pread(), but does not wait for a disk: what is missing is sent for. */
static int64_t read_at_hand(struct file *file, uint64_t offset, void *buffer, size_t size)
{
    struct iovec vector = {.iov_base = buffer, .iov_len = size};
    ssize_t got = preadv2(file->fd, &vector, 1, (off_t)offset, file->must_wait ? 0 : RWF_NOWAIT);
    if (got >= 0)
        return got;
    if (errno == EAGAIN && !file->must_wait)
        posix_fadvise(file->fd, (off_t)offset, READ_AHEAD_BYTES, POSIX_FADV_WILLNEED);
    if ((errno != EOPNOTSUPP && errno != ENOSYS) || file->must_wait)
        return -errno;
    file->must_wait = true;
    return read_at_hand(file, offset, buffer, size);
}

int64_t file_read(struct file *file, uint64_t offset, void *buffer, size_t size)
{
    size_t done = 0;
    uint64_t left = offset < file->identity.size ? file->identity.size - offset : 0;
    size_t wanted = left < size ? (size_t)left : size;
    while (done < wanted) {
        int64_t got = read_at_hand(file, offset + done, (uint8_t *)buffer + done, wanted - done);
        if (got < 0)
            return got;
        if (got == 0)
            return -ESTALE;
        done += (size_t)got;
    }
    return wanted == left && !is_unchanged(file) ? -ESTALE : (int64_t)done;
}
