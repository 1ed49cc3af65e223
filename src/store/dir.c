/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogs out of data directories: a version of each file, and a catalog of the versions. */
#include "store/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/document.h"
#include "config/document-check.h"
#include "config/group.h"
#include "config/profile.h"
#include "store/dir-folder.h"

/* Among more profiles than these the one that was meant is not looked for: each look compares with all of them. */
#define NEAREST_PROFILES_MAX 256

enum {
    FOLDER_PROFILES,
    FOLDER_GROUPS,
    FOLDER_DOCUMENTS, /* and the kinds of them behind it */
    FOLDER_COUNT = FOLDER_DOCUMENTS + CATALOG_DOCUMENT_KINDS,
};

struct store_dir {
    char *path;
    struct dir_folder folders[FOLDER_COUNT];
    struct store_dir_observer observer;
    bool was_read;
};

/* One reading of files. */
struct reading {
    struct store_dir *dir;
    int data_fd;
    unsigned number; /* of the folder at hand */
};

/* The making of one catalog. */
struct making {
    const struct store_dir *dir;
    struct catalog *catalog;
    struct faults *faults;
    const char **profiles; /* the ids of those that are in the catalog, sorted */
    size_t profile_count;
};

struct store_dir *store_dir_create(const char *data_path)
{
    struct store_dir *dir = MEMORY_NEW(struct store_dir);
    dir->path = memory_text(data_path);
    dir->folders[FOLDER_PROFILES].name = "profiles";
    dir->folders[FOLDER_GROUPS].name = "groups";
    for (unsigned kind = 0; kind < CATALOG_DOCUMENT_KINDS; kind++)
        dir->folders[FOLDER_DOCUMENTS + kind] =
            (struct dir_folder){.name = catalog_document_folder(kind), .is_deep = true};
    store_dir_touch_all(dir);
    return dir;
}

void store_dir_destroy(struct store_dir *dir)
{
    if (!dir)
        return;
    for (size_t i = 0; i < LENGTH(dir->folders); i++)
        dir_folder_finish(&dir->folders[i]);
    free(dir->path);
    free(dir);
}

const char *store_dir_path(const struct store_dir *dir)
{
    return dir->path;
}

void store_dir_observe(struct store_dir *dir, const struct store_dir_observer *observer)
{
    dir->observer = *observer;
}

void store_dir_touch_all(struct store_dir *dir)
{
    for (size_t i = 0; i < LENGTH(dir->folders); i++)
        dir_folder_touch(&dir->folders[i], NULL);
}

void store_dir_touch(struct store_dir *dir, unsigned number, const char *name)
{
    if (number < LENGTH(dir->folders))
        dir_folder_touch(&dir->folders[number], name);
}

static char *path_of(const struct store_dir *dir, const char *source)
{
    return memory_print("%s/%s", dir->path, source);
}

static void text_replace(char **text, const char *replacement)
{
    free(*text);
    *text = memory_text(replacement);
}

/* The file's name without its ending. */
static char *id_of(const struct dir_file *file)
{
    return memory_text_of(file->name, strlen(file->name) - strlen(dir_name_ending(file->name)));
}

static const struct node *member_of(const struct document *document, const char *name)
{
    const struct node *root = document_root(document);
    for (size_t i = 0; i < root->count; i++)
        if (text_is_ignoring_case(root->members[i].key->text, name))
            return root->members[i].value;
    return root;
}

static struct dir_place place_of(const struct document *document, const char *name)
{
    const struct node *node = member_of(document, name);
    return (struct dir_place){.line = node->line, .column = node->column};
}

static struct document *read_document(const struct reading *reading, struct dir_file *file)
{
    struct document *document = NULL;
    AUTO(free) char *path = path_of(reading->dir, file->source);
    document_load(&document, reading->data_fd, file->source, path, &file->faults);
    return document;
}

/* Matchbox opens profiles/ID.json for the ID that a group gives, so the file's name is what counts. */
static void profile_take_file_name(struct profile *profile, const struct document *document, struct dir_file *file)
{
    AUTO(free) char *id = id_of(file);
    if (!text_is(profile->id, id))
        document_fault(document, member_of(document, "id"), &file->faults, FAULT_WARNING,
                       "its id is '%s', but groups find a profile by its file's name: this one is '%s'", profile->id,
                       id);
    text_replace(&profile->id, id);
    text_replace(&profile->source, file->source);
}

static void read_profile(const struct reading *reading, struct dir_file *file)
{
    AUTO(document_destroy) struct document *document = read_document(reading, file);
    struct profile *profile = document ? profile_from_document(document, &file->faults) : NULL;
    if (!profile)
        return;
    profile_take_file_name(profile, document, file);
    file->id = place_of(document, "");
    profile_unref(file->profile);
    file->profile = profile;
}

static void read_group(const struct reading *reading, struct dir_file *file)
{
    AUTO(document_destroy) struct document *document = read_document(reading, file);
    AUTO(free) char *id = id_of(file);
    struct group *group = document ? group_from_document(document, id, &file->faults) : NULL;
    if (!group)
        return;
    text_replace(&group->source, file->source);
    file->id = place_of(document, "id");
    file->profile_id = place_of(document, "profile");
    group_unref(file->group);
    file->group = group;
}

/* Reads a whole file: one octet more than it may have is enough to see that it is too large. */
static int read_content(struct text *ret, int data_fd, const char *source)
{
    char piece[16384];
    /* Without O_NONBLOCK the open of a FIFO would wait for somebody to write. */
    AUTO(fd_close) int fd = openat(data_fd, source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    while (ret->length <= STORE_DIR_DOCUMENT_MAX) {
        ssize_t size = read(fd, piece, sizeof piece);
        if (size < 0 && errno != EINTR)
            return -errno;
        if (size == 0)
            return 0;
        text_append_bytes(ret, bytes_of(piece, size > 0 ? (size_t)size : 0));
    }
    return -EFBIG;
}

static void read_config(const struct reading *reading, struct dir_file *file)
{
    AUTO(text_finish) struct text content = {0};
    AUTO(free) char *path = path_of(reading->dir, file->source);
    int result = read_content(&content, reading->data_fd, file->source);
    if (result < 0) {
        faults_add(&file->faults, FAULT_ERROR, path, 0, 0, "cannot read it: %s", strerror(-result));
        return;
    }
    struct catalog_document *document =
        catalog_document_create(reading->number - FOLDER_DOCUMENTS, file->name, text_bytes(&content));
    if (!document_is_usable(document, path, &file->faults)) {
        catalog_document_unref(document);
        return;
    }
    catalog_document_unref(file->document);
    file->document = document;
}

/* Makes a new version of a file; one that is broken keeps the version of before. */
static void read_file(void *context, struct dir_folder *folder, struct dir_file *file)
{
    const struct reading *reading = context;
    (void)folder;
    faults_finish(&file->faults);
    if (reading->number == FOLDER_PROFILES)
        read_profile(reading, file);
    else if (reading->number == FOLDER_GROUPS)
        read_group(reading, file);
    else
        read_config(reading, file);
}

static void enters_folder(void *context, const char *path, bool is_below)
{
    const struct reading *reading = context;
    const struct store_dir_observer *observer = &reading->dir->observer;
    observer->enters(observer->context, path, reading->number, is_below);
}

/* A directory that is missing may come. */
static void enter_nothing(struct store_dir *dir)
{
    for (unsigned i = 0; i < LENGTH(dir->folders) && dir->observer.enters; i++) {
        AUTO(free) char *path = path_of(dir, dir->folders[i].name);
        dir->observer.enters(dir->observer.context, path, i, false);
    }
}

/* Reads the files that changed; false when none did. */
static bool read_files(struct store_dir *dir, int data_fd)
{
    struct reading reading = {.dir = dir, .data_fd = data_fd};
    struct dir_observer observer = {.enters = enters_folder, .context = &reading};
    bool changed = false;
    for (; reading.number < LENGTH(dir->folders); reading.number++) {
        struct dir_folder *folder = &dir->folders[reading.number];
        changed =
            dir_folder_look(folder, data_fd, dir->path, dir->observer.enters ? &observer : NULL, read_file, &reading) ||
            changed;
    }
    return changed;
}

static bool has_version(const struct dir_file *file)
{
    return file->group || file->profile || file->document;
}

static void fault_at(struct making *making, const struct dir_file *file, struct dir_place place,
                     enum fault_severity severity, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void fault_at(struct making *making, const struct dir_file *file, struct dir_place place,
                     enum fault_severity severity, const char *format, ...)
{
    AUTO(free) char *path = path_of(making->dir, file->source);
    AUTO(text_finish) struct text text = {0};
    AUTO(text_finish) struct text shown = {0};
    va_list arguments;
    va_start(arguments, format);
    text_append_list(&text, format, arguments);
    va_end(arguments);
    text_append_shown(&shown, text_bytes(&text), DIAG_TEXT_MAX);
    faults_add(making->faults, severity, path, place.line, place.column, "%s", text_characters(&shown));
}

/* Says what is wrong with a file: to the operator, and in the catalog for whom it concerns. */
static void add_faults_of(struct making *making, const struct dir_file *file)
{
    bool noted = false;
    for (size_t i = 0; i < file->faults.count; i++) {
        const struct fault *fault = &file->faults.at[i];
        bool is_first_error = fault->severity == FAULT_ERROR && !noted;
        faults_add(making->faults, fault->severity, fault->file, fault->line, fault->column, "%s%s", fault->text,
                   is_first_error && has_version(file) ? "; its last good version stays in use" : "");
        if (!is_first_error)
            continue;
        AUTO(free)
        char *text = fault->line > 0
                         ? memory_print("%s:%u:%u: %s", file->source, fault->line, fault->column, fault->text)
                         : memory_print("%s: %s", file->source, fault->text);
        catalog_note_fault(making->catalog, file->source, text);
        noted = true;
    }
}

static void add_profile(struct making *making, const struct dir_file *file)
{
    if (!file->profile)
        return;
    struct profile *profile = profile_ref(file->profile);
    if (catalog_take_profile(making->catalog, profile)) {
        making->profiles[making->profile_count++] = profile->id;
        return;
    }
    fault_at(making, file, file->id, FAULT_ERROR,
             "there is a profile '%s' already, in a file of the same name and another ending", profile->id);
    profile_unref(profile);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The file that was to be the profile but is broken; NULL when there is none. */
static const struct dir_file *broken_profile(const struct store_dir *dir, const char *id)
{
    static const char *const endings[] = {".json", ".yaml", ".yml"};
    for (size_t i = 0; i < LENGTH(endings); i++) {
        AUTO(free) char *name = memory_print("%s%s", id, endings[i]);
        const struct dir_file *file = dir_folder_find(&dir->folders[FOLDER_PROFILES], name);
        if (file && file->faults.errors > 0)
            return file;
    }
    return NULL;
}

/* Tells what a group's profile is instead of there. */
static void check_profile_of(struct making *making, const struct dir_file *file, const char *id)
{
    if (making->profile_count > 0 &&
        bsearch(&id, making->profiles, making->profile_count, sizeof *making->profiles, compare_texts))
        return;
    const struct dir_file *broken = broken_profile(making->dir, id);
    const char *nearest =
        making->profile_count > NEAREST_PROFILES_MAX ? NULL : text_nearest(id, making->profiles, making->profile_count);
    if (broken)
        fault_at(making, file, file->profile_id, FAULT_ERROR, "%s has errors, so this group gives nothing",
                 broken->source);
    else if (nearest)
        fault_at(making, file, file->profile_id, FAULT_ERROR, "there is no profile '%s'; is '%s' meant?", id, nearest);
    else
        fault_at(making, file, file->profile_id, FAULT_ERROR, "there is no profile '%s': profiles/%s.json is not there",
                 id, id);
}

/* Puts a copy of the group into the catalog that goes by another id. */
static bool add_group_as(struct making *making, const struct group *group, const char *id)
{
    struct group *copy = group_copy_as(group, id);
    bool taken = catalog_take_group(making->catalog, copy);
    if (!taken)
        group_unref(copy);
    return taken;
}

/* Matchbox tells groups apart by their files and lets two have one id; so that such data goes on to work, the second is
 * called by its file's name. */
static void add_group_of_same_id(struct making *making, const struct dir_file *file)
{
    AUTO(free) char *id = id_of(file);
    const char *names[] = {id, file->name};
    for (size_t i = 0; i < LENGTH(names); i++)
        if (add_group_as(making, file->group, names[i])) {
            fault_at(making, file, file->id, FAULT_WARNING,
                     "another group has the id '%s' already; this one is called '%s'", file->group->id, names[i]);
            return;
        }
    fault_at(making, file, file->id, FAULT_ERROR, "another group has the id '%s' already", file->group->id);
}

static void check_profiles_of(struct making *making, const struct dir_file *file)
{
    const struct group *group = file->group;
    check_profile_of(making, file, group->profile);
    for (size_t i = 0; group->menu && i < group->menu->entry_count; i++) {
        const char *id = group->menu->entries[i].profile;
        if (id && !text_is(id, group->profile))
            check_profile_of(making, file, id);
    }
}

static void add_group(struct making *making, const struct dir_file *file)
{
    if (!file->group)
        return;
    check_profiles_of(making, file);
    struct group *group = group_ref(file->group);
    if (catalog_take_group(making->catalog, group))
        return;
    group_unref(group);
    add_group_of_same_id(making, file);
}

static void add_document(struct making *making, const struct dir_file *file)
{
    if (file->document)
        catalog_add_document(making->catalog, file->document);
}

static void add_folder(struct making *making, const struct dir_folder *folder,
                       void (*add)(struct making *making, const struct dir_file *file))
{
    for (size_t i = 0; i < folder->faults.count; i++) {
        const struct fault *fault = &folder->faults.at[i];
        faults_add(making->faults, fault->severity, fault->file, 0, 0, "%s", fault->text);
    }
    for (size_t i = 0; i < folder->count; i++) {
        add_faults_of(making, folder->files[i]);
        add(making, folder->files[i]);
    }
}

/* In the order of selection groups of equal selectors stand beside each other, the one that wins first. */
static void warn_of_ties(struct making *making)
{
    const struct group *winner = NULL;
    for (size_t i = 0; i < catalog_group_count(making->catalog); i++) {
        const struct group *group = catalog_group_at(making->catalog, i);
        if (!winner || !group_selects_alike(winner, group)) {
            winner = group;
            continue;
        }
        AUTO(free) char *path = path_of(making->dir, group->source);
        faults_add(making->faults, FAULT_WARNING, path, 0, 0,
                   "group '%s' is never chosen: '%s' (%s) has the same selectors, and of those the lower id wins",
                   group->id, winner->id, winner->source);
    }
}

static struct catalog *make_catalog(const struct store_dir *dir, struct faults *faults)
{
    struct making making = {
        .dir = dir,
        .catalog = catalog_create(),
        .faults = faults,
        .profiles = memory_new(dir->folders[FOLDER_PROFILES].count + 1, sizeof *making.profiles),
    };
    add_folder(&making, &dir->folders[FOLDER_PROFILES], add_profile);
    qsort(making.profiles, making.profile_count, sizeof *making.profiles, compare_texts);
    add_folder(&making, &dir->folders[FOLDER_GROUPS], add_group);
    for (unsigned i = FOLDER_DOCUMENTS; i < FOLDER_COUNT; i++)
        add_folder(&making, &dir->folders[i], add_document);
    catalog_seal(making.catalog);
    warn_of_ties(&making);
    free(making.profiles);
    return making.catalog;
}

/* Opens the data directory, or says what to do. */
static int data_open(int *ret_fd, const char *path, struct faults *faults)
{
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (*ret_fd >= 0)
        return STORE_DIR_OK;
    if (errno == ENOENT)
        faults_add(faults, FAULT_ERROR, path, 0, 0,
                   "there is no such data directory; make it with `mkdir -p %s/groups %s/profiles`, or name another "
                   "as 'data' in muster.yaml",
                   path, path);
    else
        faults_add(faults, FAULT_ERROR, path, 0, 0, "cannot read the data directory: %s", strerror(errno));
    return STORE_DIR_E_MISSING;
}

int store_dir_read(struct catalog **ret, struct store_dir *dir, struct faults *faults)
{
    AUTO(fd_close) int fd = -1;
    int result = data_open(&fd, dir->path, faults);
    if (result != STORE_DIR_OK) {
        enter_nothing(dir);
        return result;
    }
    if (!read_files(dir, fd) && dir->was_read)
        return STORE_DIR_UNCHANGED;
    dir->was_read = true;
    *ret = make_catalog(dir, faults);
    return STORE_DIR_OK;
}

int store_dir_load(struct catalog **ret, const char *data_path, struct faults *faults)
{
    AUTO(store_dir_destroy) struct store_dir *dir = store_dir_create(data_path);
    return store_dir_read(ret, dir, faults);
}
