/* SPDX-License-Identifier: Apache-2.0 */
/* The image cache on the disk. */
#include "store/image-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/memory.h"

/* Largest record: a URL and two validators at their longest. */
#define RECORD_MAX 16384
/* Longest name of a file here, with its NUL. */
#define NAME_MAX_OCTETS 64

static const char *ending(bool is_part)
{
    return is_part ? ".part" : "";
}

static void name_of(char ret[NAME_MAX_OCTETS], const char *id, bool is_part, const char *more)
{
    snprintf(ret, NAME_MAX_OCTETS, "%s%s%s", id, ending(is_part), more);
}

/* The folder, and those it lies in. */
static int make_folders(const char *path)
{
    AUTO(free) char *whole = memory_text(path);
    for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(whole, 0755) < 0 && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return mkdir(whole, 0750) < 0 && errno != EEXIST ? -1 : 0;
}

int image_folder_open(struct image_folder *ret, const char *path, struct diag *why)
{
    if (make_folders(path) < 0)
        return fail(why, -errno, "make the folder '%s' of the image cache: %s", path, strerror(errno));
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(why, -errno, "open the folder '%s' of the image cache: %s", path, strerror(errno));
    AUTO(fd_close) int lock_fd = openat(fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (lock_fd < 0)
        return fail(why, -errno, "write into the folder '%s' of the image cache: %s", path, strerror(errno));
    if (flock(lock_fd, LOCK_EX | LOCK_NB) < 0)
        return fail(why, -EBUSY,
                    "the image cache '%s' is used by another muster: give this one its own with 'cache.path'", path);
    *ret = (struct image_folder){.fd = take_fd(&fd), .lock_fd = take_fd(&lock_fd)};
    return 0;
}

void image_folder_close(struct image_folder *folder)
{
    folder->fd = fd_close(folder->fd);
    folder->lock_fd = fd_close(folder->lock_fd);
}

static int fail_with(struct diag *why, const char *what, const char *name)
{
    return fail(why, -errno, "%s '%s' of the image cache: %s", what, name, strerror(errno));
}

static bool read_record(struct image_record *ret, struct image_folder *folder, const char *id, bool is_part)
{
    char name[NAME_MAX_OCTETS];
    name_of(name, id, is_part, ".info");
    AUTO(fd_close) int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    AUTO(free) char *octets = memory_new(1, RECORD_MAX);
    ssize_t size = fd < 0 ? -1 : read(fd, octets, RECORD_MAX);
    return size >= 0 && image_record_read(ret, bytes_of(octets, (size_t)size), NULL) == 0;
}

/* Whether the record is of this content; notes how much of it there is. */
static bool record_fits(struct image_record *record, const char *id, bool is_part, uint64_t size)
{
    char own[IMAGE_ID_MAX];
    image_id(own, record->url);
    record->download.have = size;
    if (strcmp(own, id) != 0)
        return false;
    return is_part ? size <= record->download.size : size == record->download.size;
}

/* "ID" or "ID.part"; false for all else. */
static bool read_name(char ret_id[IMAGE_ID_MAX], bool *ret_is_part, const char *name)
{
    size_t length = strlen(name);
    *ret_is_part = text_ends_with(name, ".part");
    if (length != IMAGE_ID_MAX - 1 + strlen(ending(*ret_is_part)))
        return false;
    snprintf(ret_id, IMAGE_ID_MAX, "%s", name);
    return image_id_is_valid(ret_id);
}

void image_folder_scan(struct image_folder *folder,
                       void (*visit)(void *context, const char *id, bool is_part, struct image_record *take_record),
                       void *context)
{
    int fd = fcntl(folder->fd, F_DUPFD_CLOEXEC, 0);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (!listing) {
        fd_close(fd);
        return;
    }
    rewinddir(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        char id[IMAGE_ID_MAX];
        bool is_part;
        struct stat file;
        struct image_record record = {0};
        if (!read_name(id, &is_part, entry->d_name))
            continue;
        bool right = fstatat(folder->fd, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(file.st_mode) &&
                     read_record(&record, folder, id, is_part) &&
                     record_fits(&record, id, is_part, (uint64_t)file.st_size);
        if (right) {
            visit(context, id, is_part, &record);
        } else {
            image_record_finish(&record);
            image_folder_remove(folder, id, is_part);
        }
    }
    closedir(listing);
}

static int open_file(struct image_folder *folder, const char *id, bool is_part, int flags, struct diag *why)
{
    char name[NAME_MAX_OCTETS];
    name_of(name, id, is_part, "");
    int fd = openat(folder->fd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
    return fd < 0 ? fail_with(why, "open", name) : fd;
}

int image_folder_open_whole(struct image_folder *folder, const char *id, struct diag *why)
{
    return open_file(folder, id, false, O_RDONLY, why);
}

int image_folder_open_part(struct image_folder *folder, const char *id, struct diag *why)
{
    return open_file(folder, id, true, O_RDWR, why);
}

/* Another file than before: who still reads the old one keeps its content. */
int image_folder_create_part(struct image_folder *folder, const char *id, struct diag *why)
{
    image_folder_remove(folder, id, true);
    return open_file(folder, id, true, O_RDWR | O_CREAT | O_EXCL, why);
}

int image_folder_write_record(struct image_folder *folder, const char *id, bool is_part,
                              const struct image_record *record, struct diag *why)
{
    char name[NAME_MAX_OCTETS], new_name[NAME_MAX_OCTETS];
    AUTO(text_finish) struct text text = {0};
    name_of(name, id, is_part, ".info");
    name_of(new_name, id, is_part, ".info.new");
    image_record_write(&text, record);
    AUTO(fd_close) int fd = openat(folder->fd, new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return fail_with(why, "write", new_name);
    ssize_t written = write(fd, text_characters(&text), text.length);
    if (written >= 0 && (size_t)written < text.length)
        errno = ENOSPC;
    if (written < 0 || (size_t)written < text.length || renameat(folder->fd, new_name, folder->fd, name) < 0)
        return fail_with(why, "write", name);
    return 0;
}

int image_folder_complete(struct image_folder *folder, const char *id, int fd, const struct image_record *record,
                          struct diag *why)
{
    char name[NAME_MAX_OCTETS], record_name[NAME_MAX_OCTETS];
    name_of(name, id, true, "");
    if (fdatasync(fd) < 0)
        return fail_with(why, "write", name);
    /* A content without its record is removed at a start: never is one taken for the other's. */
    name_of(record_name, id, false, ".info");
    unlinkat(folder->fd, record_name, 0);
    if (renameat(folder->fd, name, folder->fd, id) < 0)
        return fail_with(why, "rename", name);
    name_of(record_name, id, true, ".info");
    unlinkat(folder->fd, record_name, 0);
    return image_folder_write_record(folder, id, false, record, why);
}

void image_folder_remove(struct image_folder *folder, const char *id, bool is_part)
{
    char name[NAME_MAX_OCTETS];
    name_of(name, id, is_part, "");
    unlinkat(folder->fd, name, 0);
    name_of(name, id, is_part, ".info");
    unlinkat(folder->fd, name, 0);
}
