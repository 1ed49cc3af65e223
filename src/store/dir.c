/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogs out of data directories. */
#include "store/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/document.h"
#include "config/group.h"
#include "config/profile.h"

/* What makes a file a document. */
static const char *const endings[] = {".json", ".yaml", ".yml"};

/* Among more profiles than these the one that was meant is not looked for: each look compares with all of them. */
#define NEAREST_PROFILES_MAX 256

struct names {
    char **at;
    size_t count;
    size_t capacity;
};

struct loading {
    struct catalog *catalog;
    struct faults *faults;
    const char *data_path;
    int data_fd;
    struct names profiles; /* the ids of those that are in the catalog */
};

/* One document's file. */
struct entry {
    const char *folder; /* "groups" */
    const char *name;   /* "node1.json" */
    char *id;           /* "node1" */
    char *source;       /* "groups/node1.json" */
    char *path;         /* "/var/lib/muster/groups/node1.json" */
};

static void names_finish(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
    *names = (struct names){0};
}
AUTO_DEFINE_STRUCT(names_finish, struct names);

static void names_add(struct names *names, const char *name)
{
    *ARRAY_ADD(names->at, names->count, names->capacity) = memory_text(name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_sort(struct names *names)
{
    if (names->count > 0)
        qsort(names->at, names->count, sizeof *names->at, compare_names);
}

static bool names_have(const struct names *sorted, const char *name)
{
    return sorted->count > 0 && bsearch(&name, sorted->at, sorted->count, sizeof *sorted->at, compare_names) != NULL;
}

/* The ending of a document's name; NULL for all other files. */
static const char *name_ending(const char *name)
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

static void fault_in(struct loading *loading, enum fault_severity severity, const char *folder, const char *name,
                     const char *text)
{
    AUTO(free) char *path = memory_print("%s/%s%s%s", loading->data_path, folder, *name ? "/" : "", name);
    faults_add(loading->faults, severity, path, 0, 0, "%s", text);
}

/* Sorts the files of a folder into documents and what is passed over: hidden files, editors' backups, notes. */
static void folder_sort_out(struct names *ret, struct loading *loading, const char *folder, DIR *directory)
{
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.')
            continue;
        if (name_ending(entry->d_name))
            names_add(ret, entry->d_name);
        else if (name_is_likely_slip(entry->d_name))
            fault_in(loading, FAULT_WARNING, folder, entry->d_name, "ignored: only .json, .yaml and .yml are read");
    }
}

/* The names of the documents in a folder, sorted; none when there is no such folder yet. */
static void folder_list(struct names *ret, struct loading *loading, const char *folder)
{
    int fd = openat(loading->data_fd, folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        if (errno != ENOENT)
            fault_in(loading, FAULT_ERROR, folder, "", strerror(errno));
        fd_close(fd);
        return;
    }
    folder_sort_out(ret, loading, folder, directory);
    closedir(directory);
    names_sort(ret);
}

static void entry_finish(struct entry *entry)
{
    free(entry->id);
    free(entry->source);
    free(entry->path);
}
AUTO_DEFINE_STRUCT(entry_finish, struct entry);

static struct entry entry_of(const struct loading *loading, const char *folder, const char *name)
{
    return (struct entry){
        .folder = folder,
        .name = name,
        .id = memory_text_of(name, strlen(name) - strlen(name_ending(name))),
        .source = memory_print("%s/%s", folder, name),
        .path = memory_print("%s/%s/%s", loading->data_path, folder, name),
    };
}

static struct document *entry_read(const struct loading *loading, const struct entry *entry)
{
    struct document *document = NULL;
    document_load(&document, loading->data_fd, entry->source, entry->path, loading->faults);
    return document;
}

static void text_replace(char **text, const char *replacement)
{
    free(*text);
    *text = memory_text(replacement);
}

static const struct node *member_of(const struct document *document, const char *name)
{
    const struct node *root = document_root(document);
    for (size_t i = 0; i < root->count; i++)
        if (text_is_ignoring_case(root->members[i].key->text, name))
            return root->members[i].value;
    return root;
}

/* Matchbox opens profiles/ID.json for the ID that a group gives, so the file's name is what counts. */
static void profile_take_file_name(struct loading *loading, struct profile *profile, const struct document *document,
                                   const struct entry *entry)
{
    if (!text_is(profile->id, entry->id))
        document_fault(document, member_of(document, "id"), loading->faults, FAULT_WARNING,
                       "its id is '%s', but groups find a profile by its file's name: this one is '%s'", profile->id,
                       entry->id);
    text_replace(&profile->id, entry->id);
    text_replace(&profile->source, entry->source);
}

static void load_profile(struct loading *loading, const char *name)
{
    AUTO(entry_finish) struct entry entry = entry_of(loading, "profiles", name);
    AUTO(document_destroy) struct document *document = entry_read(loading, &entry);
    if (!document)
        return;
    AUTO(profile_unref) struct profile *profile = profile_from_document(document, loading->faults);
    if (!profile)
        return;
    profile_take_file_name(loading, profile, document, &entry);
    if (!catalog_take_profile(loading->catalog, profile)) {
        document_fault(document, document_root(document), loading->faults, FAULT_ERROR,
                       "there is a profile '%s' already, in a file of the same name and another ending", entry.id);
        return;
    }
    names_add(&loading->profiles, entry.id);
    profile = NULL;
}

/* Tells what a group's profile is instead of there. */
static void check_profile_of(struct loading *loading, const struct group *group, const struct document *document)
{
    const struct names *profiles = &loading->profiles;
    const struct node *node = member_of(document, "profile");
    struct stat status;
    if (names_have(profiles, group->profile))
        return;
    AUTO(free) char *json = memory_print("profiles/%s.json", group->profile);
    const char *nearest = profiles->count > NEAREST_PROFILES_MAX
                              ? NULL
                              : text_nearest(group->profile, (const char *const *)profiles->at, profiles->count);
    if (fstatat(loading->data_fd, json, &status, 0) == 0)
        document_fault(document, node, loading->faults, FAULT_ERROR, "%s has errors, so this group gives nothing",
                       json);
    else if (nearest)
        document_fault(document, node, loading->faults, FAULT_ERROR, "there is no profile '%s'; is '%s' meant?",
                       group->profile, nearest);
    else
        document_fault(document, node, loading->faults, FAULT_ERROR, "there is no profile '%s': %s is not there",
                       group->profile, json);
}

/* Puts a group into the catalog. Matchbox tells groups apart by their files and lets two have one id; so that such data
 * goes on to work, the second is called by its file's name. */
static bool take_group(struct loading *loading, struct group *group, const struct document *document,
                       const struct entry *entry)
{
    if (catalog_take_group(loading->catalog, group))
        return true;
    const struct node *node = member_of(document, "id");
    AUTO(free) char *taken = memory_text(group->id);
    text_replace(&group->id, entry->id);
    bool renamed = catalog_take_group(loading->catalog, group);
    if (!renamed) {
        text_replace(&group->id, entry->name);
        renamed = catalog_take_group(loading->catalog, group);
    }
    if (renamed)
        document_fault(document, node, loading->faults, FAULT_WARNING,
                       "another group has the id '%s' already; this one is called '%s'", taken, group->id);
    else
        document_fault(document, node, loading->faults, FAULT_ERROR, "another group has the id '%s' already", taken);
    return renamed;
}

static void load_group(struct loading *loading, const char *name)
{
    AUTO(entry_finish) struct entry entry = entry_of(loading, "groups", name);
    AUTO(document_destroy) struct document *document = entry_read(loading, &entry);
    if (!document)
        return;
    AUTO(group_unref) struct group *group = group_from_document(document, entry.id, loading->faults);
    if (!group)
        return;
    text_replace(&group->source, entry.source);
    check_profile_of(loading, group, document);
    if (take_group(loading, group, document, &entry))
        group = NULL;
}

static void load_folder(struct loading *loading, const char *folder, void (*load)(struct loading *, const char *))
{
    AUTO(names_finish) struct names names = {0};
    folder_list(&names, loading, folder);
    for (size_t i = 0; i < names.count; i++)
        load(loading, names.at[i]);
}

static bool selectors_equal(const struct labels *a, const struct labels *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!text_is(a->at[i].name, b->at[i].name) || !text_is(a->at[i].value, b->at[i].value))
            return false;
    return true;
}

static void warn_of_tie(struct loading *loading, const struct group *group, const struct group *winner)
{
    AUTO(text_finish) struct text text = {0};
    text_print(&text, "group '%s' is never chosen: '%s' (%s) has the same selectors, and of those the lower id wins",
               group->id, winner->id, winner->source);
    fault_in(loading, FAULT_WARNING, group->source, "", text_characters(&text));
}

/* In the order of selection groups of equal selectors stand beside each other, the one that wins first. */
static void warn_of_ties(struct loading *loading)
{
    const struct group *winner = NULL;
    for (size_t i = 0; i < catalog_group_count(loading->catalog); i++) {
        const struct group *group = catalog_group_at(loading->catalog, i);
        if (!winner || !selectors_equal(&winner->selector, &group->selector)) {
            winner = group;
            continue;
        }
        warn_of_tie(loading, group, winner);
    }
}

static void load_all(struct loading *loading)
{
    load_folder(loading, "profiles", load_profile);
    names_sort(&loading->profiles);
    load_folder(loading, "groups", load_group);
    catalog_seal(loading->catalog);
    warn_of_ties(loading);
    names_finish(&loading->profiles);
}

int store_dir_load(struct catalog **ret, const char *data_path, struct faults *faults)
{
    AUTO(fd_close) int fd = open(data_path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0 && errno == ENOENT) {
        faults_add(faults, FAULT_ERROR, data_path, 0, 0,
                   "there is no such data directory; make it with `mkdir -p %s/groups %s/profiles`, or name another "
                   "as 'data' in muster.yaml",
                   data_path, data_path);
        return STORE_DIR_E_MISSING;
    }
    if (fd < 0) {
        faults_add(faults, FAULT_ERROR, data_path, 0, 0, "cannot read the data directory: %s", strerror(errno));
        return STORE_DIR_E_MISSING;
    }
    struct loading loading = {
        .catalog = catalog_create(),
        .faults = faults,
        .data_path = data_path,
        .data_fd = fd,
    };
    load_all(&loading);
    *ret = loading.catalog;
    return STORE_DIR_OK;
}

struct checking {
    const struct catalog *catalog;
    struct faults *faults;
    const char *data_path;
    const char *assets_path;
    const struct profile *profile; /* the one that is being looked at */
};

static void warn(const struct checking *checking, const char *text)
{
    AUTO(free) char *path = memory_print("%s/%s", checking->data_path, checking->profile->source);
    faults_add(checking->faults, FAULT_WARNING, path, 0, 0, "%s", text);
}

/* Warns when folder/name is not there. Names that climb out of the folder are not followed. */
static void check_file(const struct checking *checking, const char *key, const char *given, const char *folder,
                       const char *name)
{
    AUTO(free) char *path = memory_print("%s/%s", folder, name);
    AUTO(free) char *text = memory_print("'%s' is %s, but there is no %s", key, given, path);
    struct stat status;
    if (strstr(name, "..") || stat(path, &status) < 0)
        warn(checking, text);
}

/* A kernel or initrd; iPXE's flags may stand before the path. Other servers' files and templates are not looked for. */
static void check_image(const struct checking *checking, const char *key, const char *given)
{
    static const char assets[] = "/assets/";
    const char *space = strrchr(given, ' ');
    const char *path = space ? space + 1 : given;
    if (!text_starts_with(path, assets) || strpbrk(path, "{$%"))
        return;
    AUTO(free) char *name = memory_text_of(path + strlen(assets), strcspn(path + strlen(assets), "?#"));
    AUTO(free) char *text = memory_print("'%s' is %s, but assets are not served", key, path);
    if (checking->assets_path[0] == '\0')
        warn(checking, text);
    else
        check_file(checking, key, path, checking->assets_path, name);
}

static void check_config_file(const struct checking *checking, const char *key, const char *folder, const char *name)
{
    AUTO(free) char *path = memory_print("%s/%s", checking->data_path, folder);
    if (name[0] != '\0')
        check_file(checking, key, name, path, name);
}

static void check_profile(const struct checking *checking)
{
    const struct profile *profile = checking->profile;
    check_config_file(checking, "ignition_id", "ignition", profile->ignition_id);
    check_config_file(checking, "cloud_id", "cloud", profile->cloud_id);
    check_config_file(checking, "generic_id", "generic", profile->generic_id);
    check_image(checking, "boot.kernel", profile->boot.kernel);
    for (size_t i = 0; i < profile->boot.initrd_count; i++)
        check_image(checking, "boot.initrd", profile->boot.initrd[i]);
}

static void collect_used_profiles(struct names *ret, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog_group_count(catalog); i++)
        names_add(ret, catalog_group_at(catalog, i)->profile);
    names_sort(ret);
}

void store_dir_check(const struct catalog *catalog, const char *data_path, const char *assets_path,
                     struct faults *faults)
{
    struct checking checking = {
        .catalog = catalog,
        .faults = faults,
        .data_path = data_path,
        .assets_path = assets_path,
    };
    AUTO(names_finish) struct names used = {0};
    collect_used_profiles(&used, catalog);
    for (size_t i = 0; i < catalog_profile_count(catalog); i++) {
        checking.profile = catalog_profile_at(catalog, i);
        if (!names_have(&used, checking.profile->id))
            warn(&checking, "no group gives this profile");
        check_profile(&checking);
    }
}
