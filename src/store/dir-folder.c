/* SPDX-License-Identifier: Apache-2.0 */
/* Remembered folders. */
#include "store/dir-folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "base/instant.h"
#include "base/text.h"
#include "store/dir-names.h"

/* What makes a file a document. */
static const char *const endings[] = {".json", ".yaml", ".yml"};

/* File systems tell the time of a change by a clock that ticks a hundred times a second or more. */
#define TICK_MAX (100 * MILLISECOND)

struct listing {
    struct dir_folder *folder;
    int data_fd;
    const char *data_path;
    const struct dir_observer *observer;
    struct names names;
    char *link_folder; /* where the last symbolic link led to */
};

const char *dir_name_ending(const char *name)
{
    for (size_t i = 0; i < LENGTH(endings); i++)
        if (text_ends_with(name, endings[i]))
            return endings[i];
    return NULL;
}

/* Whether a file was likely meant as a document: x.jsn, x.JSON, x.yam. */
static bool name_is_likely_slip(const char *name)
{
    const char *ending = strrchr(name, '.');
    if (!ending || text_ends_with(name, "~"))
        return false;
    for (size_t i = 0; i < LENGTH(endings); i++)
        if (text_is_ignoring_case(ending, endings[i]))
            return true;
    return text_nearest(ending, endings, LENGTH(endings)) != NULL;
}

static void file_free(struct dir_file *file)
{
    free(file->name);
    free(file->source);
    faults_finish(&file->faults);
    group_unref(file->group);
    profile_unref(file->profile);
    catalog_document_unref(file->document);
    free(file);
}

static struct dir_file *file_new(const struct dir_folder *folder, const char *name)
{
    struct dir_file *file = MEMORY_NEW(struct dir_file);
    file->name = memory_text(name);
    file->source = memory_print("%s/%s", folder->name, name);
    file->must_look = file->must_read = true;
    return file;
}

void dir_folder_finish(struct dir_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        file_free(folder->files[i]);
    free(folder->files);
    faults_finish(&folder->faults);
    *folder = (struct dir_folder){0};
}

/* The index of the first file whose name is not less than name. */
static size_t folder_position(const struct dir_folder *folder, const char *name)
{
    size_t low = 0;
    size_t high = folder->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(folder->files[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct dir_file *dir_folder_find(const struct dir_folder *folder, const char *name)
{
    size_t at = folder_position(folder, name);
    return at < folder->count && strcmp(folder->files[at]->name, name) == 0 ? folder->files[at] : NULL;
}

void dir_folder_touch(struct dir_folder *folder, const char *name)
{
    struct dir_file *file = name ? dir_folder_find(folder, name) : NULL;
    if (file) {
        file->must_look = file->must_read = true;
        return;
    }
    folder->must_list = true;
    for (size_t i = 0; !name && i < folder->count; i++)
        folder->files[i]->must_look = true;
}

static void listing_fault(struct listing *listing, enum fault_severity severity, const char *name, const char *text)
{
    struct dir_folder *folder = listing->folder;
    AUTO(free) char *path = memory_print("%s/%s%s%s", listing->data_path, folder->name, *name ? "/" : "", name);
    faults_add(&folder->faults, severity, path, 0, 0, "%s", text);
}

static void listing_enter(struct listing *listing, const char *path, bool is_below)
{
    if (listing->observer)
        listing->observer->enters(listing->observer->context, path, is_below);
}

/* A file may be a link to one elsewhere, whose folder then has to be observed as well. Most lead to the same one. */
static void listing_follow_link(struct listing *listing, const char *folder, const char *name)
{
    char target[4096];
    AUTO(free) char *path = memory_print("%s/%s", folder, name);
    ssize_t size = listing->observer ? readlink(path, target, sizeof target - 1) : -1;
    if (size < 0)
        return;
    target[size] = '\0';
    char *slash = strrchr(target, '/');
    if (slash)
        slash[slash == target] = '\0';
    else
        strcpy(target, ".");
    AUTO(free) char *led = target[0] == '/' ? memory_text(target) : memory_print("%s/%s", folder, target);
    if (text_is(led, listing->link_folder))
        return;
    listing_enter(listing, led, true);
    free(listing->link_folder);
    listing->link_folder = take_pointer(led);
}

static void listing_walk(struct listing *listing, const char *below, unsigned depth);

/* A file of a folder of config documents, or a sub-folder of it. */
static void listing_add_deep(struct listing *listing, int fd, const char *below, const char *name, unsigned depth)
{
    struct stat status;
    AUTO(free) char *path = memory_print("%s%s%s", below, *below ? "/" : "", name);
    if (text_ends_with(name, "~"))
        return;
    if (fstatat(fd, name, &status, 0) == 0 && S_ISDIR(status.st_mode))
        listing_walk(listing, path, depth + 1);
    else
        names_add(&listing->names, path);
}

static void listing_add(struct listing *listing, int fd, const char *below, const char *name, unsigned depth)
{
    if (listing->folder->is_deep)
        listing_add_deep(listing, fd, below, name, depth);
    else if (dir_name_ending(name))
        names_add(&listing->names, name);
    else if (name_is_likely_slip(name))
        listing_fault(listing, FAULT_WARNING, name, "ignored: only .json, .yaml and .yml are read");
}

/* Adds what is in the folder, or below it: hidden files, editors' backups and notes are passed over. */
static void listing_walk(struct listing *listing, const char *below, unsigned depth)
{
    AUTO(free) char *name = memory_print("%s%s%s", listing->folder->name, *below ? "/" : "", below);
    AUTO(free) char *path = memory_print("%s/%s", listing->data_path, name);
    if (depth > DIR_DEPTH_MAX)
        return;
    listing_enter(listing, path, depth > 0);
    int fd = openat(listing->data_fd, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        if (errno != ENOENT)
            listing_fault(listing, FAULT_ERROR, below, strerror(errno));
        fd_close(fd);
        return;
    }
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.')
            continue;
        if (entry->d_type == DT_LNK)
            listing_follow_link(listing, path, entry->d_name);
        listing_add(listing, fd, below, entry->d_name, depth);
    }
    closedir(directory);
}

/* Brings the files in line with the names there are. Returns whether there were others. */
static bool folder_take_names(struct dir_folder *folder, const struct names *names)
{
    struct dir_file **before = folder->files;
    size_t before_count = folder->count;
    size_t next = 0;
    bool changed = false;
    folder->files = NULL;
    folder->count = folder->capacity = 0;
    for (size_t i = 0; i < names->count; i++) {
        while (next < before_count && strcmp(before[next]->name, names->at[i]) < 0) {
            file_free(before[next++]);
            changed = true;
        }
        bool is_known = next < before_count && strcmp(before[next]->name, names->at[i]) == 0;
        changed = changed || !is_known;
        *ARRAY_ADD(folder->files, folder->count, folder->capacity) =
            is_known ? before[next++] : file_new(folder, names->at[i]);
    }
    changed = changed || next < before_count;
    while (next < before_count)
        file_free(before[next++]);
    free(before);
    return changed;
}

/* A folder that cannot be read keeps what was read of it. */
static bool folder_list(struct dir_folder *folder, int data_fd, const char *data_path,
                        const struct dir_observer *observer)
{
    struct listing listing = {.folder = folder, .data_fd = data_fd, .data_path = data_path, .observer = observer};
    size_t faults_before = folder->faults.count;
    faults_finish(&folder->faults);
    listing_walk(&listing, "", 0);
    names_sort(&listing.names);
    bool changed = folder->faults.count != faults_before;
    if (folder->faults.errors == 0)
        changed = folder_take_names(folder, &listing.names) || changed;
    folder->must_list = folder->faults.errors > 0;
    names_finish(&listing.names);
    free(listing.link_folder);
    return changed;
}

static int64_t nanoseconds_of(struct timespec time)
{
    return time.tv_sec * SECOND + time.tv_nsec;
}

static struct dir_identity identity_of(const struct stat *status)
{
    return (struct dir_identity){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = status->st_size,
        .modified = nanoseconds_of(status->st_mtim),
        .changed = nanoseconds_of(status->st_ctim),
    };
}

static bool identity_equal(const struct dir_identity *a, const struct dir_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size && a->modified == b->modified &&
           a->changed == b->changed;
}

/* Looks at the file as it is now. True when it has to be read; *ret_gone when there is no such name any more. */
static bool file_look(bool *ret_gone, struct dir_file *file, int data_fd)
{
    struct stat status = {0};
    struct timespec now;
    *ret_gone = false;
    file->must_look = false;
    if (fstatat(data_fd, file->source, &status, 0) < 0 &&
        fstatat(data_fd, file->source, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
        *ret_gone = true;
        return false;
    }
    struct dir_identity identity = identity_of(&status);
    bool must_read = file->must_read || !identity_equal(&identity, &file->identity);
    clock_gettime(CLOCK_REALTIME, &now);
    file->identity = identity;
    file->must_read = nanoseconds_of(now) - identity.changed < TICK_MAX;
    return must_read;
}

static void folder_remove(struct dir_folder *folder, size_t index)
{
    file_free(folder->files[index]);
    folder->count--;
    memmove(&folder->files[index], &folder->files[index + 1], (folder->count - index) * sizeof folder->files[0]);
}

/* A listing follows all links; without one, a file may have become a link. */
static void folder_follow_link(struct dir_folder *folder, const struct dir_file *file, const char *data_path,
                               const struct dir_observer *observer)
{
    struct listing listing = {.folder = folder, .data_path = data_path, .observer = observer};
    AUTO(free) char *path = memory_print("%s/%s", data_path, folder->name);
    listing_follow_link(&listing, path, file->name);
    free(listing.link_folder);
}

bool dir_folder_look(struct dir_folder *folder, int data_fd, const char *data_path, const struct dir_observer *observer,
                     void (*read)(void *context, struct dir_folder *folder, struct dir_file *file), void *context)
{
    bool lists = folder->must_list;
    bool changed = lists && folder_list(folder, data_fd, data_path, observer);
    for (size_t i = 0; i < folder->count; i++) {
        struct dir_file *file = folder->files[i];
        bool gone;
        if (!file->must_look)
            continue;
        if (!lists)
            folder_follow_link(folder, file, data_path, observer);
        bool must_read = file_look(&gone, file, data_fd);
        changed = changed || must_read || gone;
        if (gone)
            folder_remove(folder, i--);
        else if (must_read)
            read(context, folder, file);
    }
    return changed;
}
