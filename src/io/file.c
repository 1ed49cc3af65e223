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
#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"

/* What is fetched from the disk at once when octets are missing: enough that a reader seldom waits twice. */
#define READ_AHEAD_BYTES (1 << 20)

/* Content is read from the kernel in pieces of this size, and kept as long as it is likely to be asked for: two pieces
 * for each who has a file open, but not fewer nor more than this. Reading a block is then copying it from memory that
 * the processor still has at hand, and a thousand readers of one boot program share one copy. */
#define CHUNK_BYTES (64 << 10)
#define CHUNKS_KEPT_MIN 16
#define CHUNKS_KEPT_MAX 1024

/* What a file is. The members leave no gaps, since it is compared and hashed as memory. */
struct file_identity {
    uint64_t device;
    uint64_t inode;
    int64_t changed_seconds;
    int64_t changed_nanoseconds;
    uint64_t size;
};

struct chunk {
    struct list link; /* files::chunks */
    struct file *file;
    size_t number;
    size_t filled; /* octets */
    uint8_t octets[CHUNK_BYTES];
};

struct file {
    struct files *files;
    struct file_identity identity;
    int fd;
    unsigned users;
    struct chunk **chunks; /* those that are kept, by number */
    bool must_wait;        /* the file system cannot say that it would have to */
    UT_hash_handle hh;     /* files::open */
};

struct files {
    struct file *open;
    size_t users;       /* of all files */
    struct list chunks; /* the one not used for longest first */
    size_t chunk_count;
};

struct files *files_create(void)
{
    struct files *files = MEMORY_NEW(struct files);
    list_init(&files->chunks);
    return files;
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
    if (file) {
        file->users++;
        files->users++;
    }
    return file;
}

/* The number of pieces a file has; an empty one has one too. */
static size_t chunks_of(const struct file *file)
{
    return (size_t)(file->identity.size / CHUNK_BYTES) + 1;
}

static struct file *file_add(struct files *files, const struct stat *status, int take_fd)
{
    struct file *file = MEMORY_NEW(struct file);
    *file = (struct file){.files = files, .identity = identity_of(status), .fd = take_fd, .users = 1};
    file->chunks = memory_new(chunks_of(file), sizeof *file->chunks);
    files->users++;
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

static void forget_chunks(struct file *file)
{
    for (size_t i = 0; i < chunks_of(file); i++) {
        if (!file->chunks[i])
            continue;
        list_remove(&file->chunks[i]->link);
        file->files->chunk_count--;
        free(file->chunks[i]);
    }
    free(file->chunks);
}

void file_close(struct file *file)
{
    if (!file)
        return;
    file->files->users--;
    if (--file->users > 0)
        return;
    forget_chunks(file);
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

/* Fills a piece with the size octets it has unless the file was cut: 0 or a negative errno. What was read before an
 * error stays. */
static int chunk_fill(struct file *file, uint64_t start, struct chunk *chunk, size_t size)
{
    while (chunk->filled < size) {
        int64_t got = read_at_hand(file, start + chunk->filled, chunk->octets + chunk->filled, size - chunk->filled);
        if (got <= 0)
            return got < 0 ? (int)got : -ESTALE;
        chunk->filled += (size_t)got;
    }
    return 0;
}

static bool may_keep_more(const struct files *files)
{
    size_t kept = 2 * files->users;
    kept = kept < CHUNKS_KEPT_MIN ? CHUNKS_KEPT_MIN : kept;
    return files->chunk_count < (kept < CHUNKS_KEPT_MAX ? kept : CHUNKS_KEPT_MAX);
}

/* Memory for one more piece: new, or that of the piece which was not used for longest. */
static struct chunk *chunk_room(struct files *files)
{
    if (may_keep_more(files)) {
        files->chunk_count++;
        return memory_resize(NULL, 1, sizeof(struct chunk));
    }
    struct chunk *oldest = list_owner(files->chunks.next, struct chunk, link);
    oldest->file->chunks[oldest->number] = NULL;
    list_remove(&oldest->link);
    return oldest;
}

/* The piece of that number, which may have to be filled. */
static struct chunk *chunk_at(struct file *file, size_t number)
{
    struct chunk *chunk = file->chunks[number];
    if (chunk)
        list_remove(&chunk->link);
    else {
        chunk = file->chunks[number] = chunk_room(file->files);
        chunk->file = file;
        chunk->number = number;
        chunk->filled = 0;
    }
    list_append(&file->files->chunks, &chunk->link);
    return chunk;
}

/* Reads octets of one piece. They may be there although the piece is not whole yet. */
static int read_in_chunk(struct file *file, uint64_t offset, void *buffer, size_t size)
{
    struct chunk *chunk = chunk_at(file, (size_t)(offset / CHUNK_BYTES));
    size_t within = (size_t)(offset % CHUNK_BYTES);
    uint64_t start = offset - within;
    uint64_t left = file->identity.size - start;
    if (chunk->filled < within + size) {
        int result = chunk_fill(file, start, chunk, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES);
        if (chunk->filled < within + size)
            return result;
    }
    memcpy(buffer, chunk->octets + within, size);
    return 0;
}

int64_t file_read(struct file *file, uint64_t offset, void *buffer, size_t size)
{
    uint64_t left = offset < file->identity.size ? file->identity.size - offset : 0;
    size_t wanted = left < size ? (size_t)left : size;
    for (size_t done = 0, part; done < wanted; done += part) {
        size_t in_chunk = CHUNK_BYTES - (size_t)((offset + done) % CHUNK_BYTES);
        part = wanted - done < in_chunk ? wanted - done : in_chunk;
        int result = read_in_chunk(file, offset + done, (uint8_t *)buffer + done, part);
        if (result < 0)
            return result;
    }
    return wanted == left && !is_unchanged(file) ? -ESTALE : (int64_t)wanted;
}
