/* SPDX-License-Identifier: Apache-2.0 */
/* Archives put together. */
#include "proto/cpio/archive.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/memory.h"

#define PART_MAX 255 /* of a path, in octets: what Linux' file systems take */
#define PATH_SHOWN_MAX 200
/* What an entry takes beside its path and content, and the trailer with its padding: more than they do. */
#define ENTRY_OVERHEAD 128
#define TRAILER_SIZE_MAX (2 * (size_t)CPIO_BLOCK_SIZE)

struct cpio_path {
    UT_hash_handle hh; /* cpio_archive::paths */
    char *path;
    enum cpio_kind kind;
    bool is_implied; /* only what was added below it wants this directory */
    size_t offset;   /* of its entry */
    uint32_t number;
};

void cpio_archive_finish(struct cpio_archive *archive)
{
    struct cpio_path *path, *next;
    HASH_ITER (hh, archive->paths, path, next) {
        HASH_DEL(archive->paths, path);
        free(path->path);
        free(path);
    }
    text_finish(&archive->octets);
    *archive = (struct cpio_archive){0};
}

static int fail_path(struct diag *why, struct bytes path, const char *reason)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, path, PATH_SHOWN_MAX);
    return fail(why, -1, "path '%s' %s", text_characters(&shown), reason);
}

static bool has_control_character(struct bytes path)
{
    for (size_t i = 0; i < path.size; i++)
        if (path.data[i] < ' ' || path.data[i] == 0x7f)
            return true;
    return false;
}

static const char *find_wrong_part(struct bytes part)
{
    if (bytes_equal_text(part, ".."))
        return "leads out by '..'";
    return part.size > PART_MAX ? "has a part longer than 255 octets" : NULL;
}

int cpio_path_clean(struct text *ret, const char *path, struct diag *why)
{
    AUTO(text_finish) struct text clean = {0};
    struct bytes whole = bytes_of_text(path);
    if (has_control_character(whole))
        return fail_path(why, whole, "has a control character in it");
    for (const char *rest = path; *rest; rest += strspn(rest, "/")) {
        struct bytes part = bytes_of(rest, strcspn(rest, "/"));
        const char *wrong = find_wrong_part(part);
        rest += part.size;
        if (wrong)
            return fail_path(why, whole, wrong);
        if (part.size == 0 || bytes_equal_text(part, "."))
            continue;
        text_append(&clean, clean.length > 0 ? "/" : "");
        text_append_bytes(&clean, part);
    }
    if (clean.length == 0)
        return fail_path(why, whole, "names nothing below the root");
    if (clean.length >= CPIO_PATH_MAX)
        return fail_path(why, whole, "is longer than 4095 octets");
    if (text_is(clean.characters, "TRAILER!!!"))
        return fail_path(why, whole, "is the name by which an archive ends");
    text_append_bytes(ret, text_bytes(&clean));
    return 0;
}

static struct cpio_path *find(const struct cpio_archive *archive, struct bytes path)
{
    struct cpio_path *found;
    HASH_FIND(hh, archive->paths, path.data, path.size, found);
    return found;
}

static void append(struct cpio_archive *archive, const struct cpio_entry *entry, bool is_implied)
{
    struct cpio_path *path = MEMORY_NEW(struct cpio_path);
    path->path = memory_text(entry->path);
    path->kind = entry->kind;
    path->is_implied = is_implied;
    path->offset = archive->octets.length;
    path->number = ++archive->count;
    HASH_ADD_KEYPTR(hh, archive->paths, path->path, strlen(path->path), path);
    cpio_entry_append(&archive->octets, entry, path->number);
}

static unsigned usual_mode(const char *directory)
{
    static const struct {
        const char *directory;
        unsigned mode;
    } rows[] = {{"root", 0700}, {"tmp", 01777}, {"var/tmp", 01777}};
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (text_is(rows[i].directory, directory))
            return rows[i].mode;
    return 0755;
}

/* The directory above the one that ends at length, as a length; 0 for the root. */
static size_t length_above(const char *path, size_t length)
{
    while (length > 0 && path[--length] != '/')
        ;
    return length;
}

static int check_above(const struct cpio_archive *archive, const char *path, size_t *ret_size, struct diag *why)
{
    for (size_t length = length_above(path, strlen(path)); length > 0; length = length_above(path, length)) {
        const struct cpio_path *above = find(archive, bytes_of(path, length));
        if (above && above->kind != CPIO_DIRECTORY)
            return fail(why, -1, "path '%.200s' lies below '%.200s', which is a %s already", path, above->path,
                        above->kind == CPIO_LINK ? "link" : "file");
        *ret_size += above ? 0 : length + ENTRY_OVERHEAD;
    }
    return 0;
}

static void append_above(struct cpio_archive *archive, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (find(archive, bytes_of(path, (size_t)(slash - path))))
            continue;
        AUTO(free) char *directory = memory_text_of(path, (size_t)(slash - path));
        append(archive, &(struct cpio_entry){directory, CPIO_DIRECTORY, usual_mode(directory), 0, 0, {0}}, true);
    }
}

static int check_content(const struct cpio_entry *entry, struct diag *why)
{
    if (entry->kind != CPIO_LINK)
        return 0;
    if (entry->content.size == 0 || has_control_character(entry->content))
        return fail(why, -1, "link '%.200s' points to nothing that can be named", entry->path);
    if (entry->content.size >= CPIO_PATH_MAX)
        return fail(why, -1, "link '%.200s' points to more than 4095 octets", entry->path);
    return 0;
}

/* Adds a path that is clean and not there. */
static int add_new(struct cpio_archive *archive, const struct cpio_entry *entry, struct diag *why)
{
    size_t size = strlen(entry->path) + ENTRY_OVERHEAD;
    if (check_content(entry, why) != 0 || check_above(archive, entry->path, &size, why) != 0)
        return -1;
    size_t taken = archive->octets.length + size + TRAILER_SIZE_MAX;
    if (taken > CPIO_ARCHIVE_MAX || entry->content.size > CPIO_ARCHIVE_MAX - taken)
        return fail(why, -1, "with '%.200s' the files are more than %zu MiB", entry->path, CPIO_ARCHIVE_MAX >> 20);
    append_above(archive, entry->path);
    append(archive, entry, false);
    return 0;
}

int cpio_archive_add(struct cpio_archive *archive, const struct cpio_entry *entry, struct diag *why)
{
    AUTO(text_finish) struct text clean = {0};
    if (cpio_path_clean(&clean, entry->path, why) != 0)
        return -1;
    struct cpio_entry cleaned = *entry;
    cleaned.path = text_characters(&clean);
    if (entry->kind == CPIO_DIRECTORY)
        cleaned.content = (struct bytes){0};
    struct cpio_path *there = find(archive, text_bytes(&clean));
    if (!there)
        return add_new(archive, &cleaned, why);
    if (!there->is_implied)
        return fail(why, -1, "path '%.200s' is there twice", there->path);
    if (entry->kind != CPIO_DIRECTORY)
        return fail(why, -1, "path '%.200s' is a directory, since other files lie below it", there->path);
    there->is_implied = false;
    cpio_entry_rewrite(&archive->octets, there->offset, &cleaned, there->number);
    return 0;
}

void cpio_archive_close(struct text *ret, struct cpio_archive *archive)
{
    cpio_trailer_append(&archive->octets);
    *ret = archive->octets;
    archive->octets = (struct text){0};
    cpio_archive_finish(archive);
}
