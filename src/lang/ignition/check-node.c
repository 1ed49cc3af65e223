/* SPDX-License-Identifier: Apache-2.0 */
/* Files, directories and links, and what they are to each other. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/ignition/hooks.h"
#include "lang/ignition/paths.h"

void check_owner(struct draft *draft, struct item *map)
{
    if (item_get(map, "id") && item_has_text(map, "name"))
        draft_say(draft, FAULT_ERROR, map, "cannot set both id and name: leave out one of them");
}

void check_node(struct draft *draft, struct item *map)
{
    const char *fault = path_fault(item_text(map, "path"));
    if (fault)
        draft_say_member(draft, FAULT_ERROR, map, "path", "%s", fault);
}

void check_file(struct draft *draft, struct item *map)
{
    check_node(draft, map);
    if (item_is_true(map, "overwrite") && !item_get(item_get(map, "contents"), "source"))
        draft_say_member(draft, FAULT_ERROR, map, "overwrite",
                         "overwrite must be false if source is unspecified: give the file contents, or leave it out");
}

/* More disks than a machine has: filesystems are not compared with each of them. */
#define DISKS_MAX 500

/* Links */

static void warn_owned(struct draft *draft, const struct item *link, const char *owner)
{
    const struct item *map = item_get(link, owner);
    if (map && (item_get(map, "id") || item_get(map, "name")))
        draft_say(draft, FAULT_WARNING, map, "user/group ignored for hard link: it has those of its target");
}

static void check_link(struct draft *draft, const struct item *link)
{
    if (!item_has_text(link, "target")) {
        draft_say_member(draft, draft->minor >= 3 ? FAULT_ERROR : FAULT_WARNING, link, "target",
                         "link target is required: where it leads");
        return;
    }
    if (!item_is_true(link, "hard"))
        return;
    warn_owned(draft, link, "user");
    warn_owned(draft, link, "group");
}

static void check_overwritten(struct draft *draft, const struct item *filesystem, const struct item *disk)
{
    if (item_count(disk, "partitions") > 0)
        draft_say_member(draft, FAULT_WARNING, filesystem, "device", "filesystem overwrites partitioned device");
    else if (!item_is_true(filesystem, "wipe_filesystem") && item_is_true(disk, "wipe_table"))
        draft_say_member(draft, FAULT_WARNING, filesystem, "device",
                         "device matches disk with wipe_table enabled; filesystem will be wiped");
}

void check_storage(struct draft *draft, struct item *map)
{
    for (size_t i = 0; i < item_count(map, "links"); i++)
        check_link(draft, item_at(map, "links", i));
    for (size_t f = 0; f < item_count(map, "filesystems") && item_count(map, "disks") <= DISKS_MAX; f++) {
        const struct item *filesystem = item_at(map, "filesystems", f);
        const char *device = item_text(filesystem, "device");
        for (size_t d = 0; device && d < item_count(map, "disks"); d++)
            if (text_is(item_text(item_at(map, "disks", d), "device"), device))
                check_overwritten(draft, filesystem, item_at(map, "disks", d));
    }
}

/* What lies inside of what */

enum inhabitant { DIRECTORY, FILE_NODE, LINK };

/* One path that the config makes. */
struct place_taken {
    struct bytes path;
    enum inhabitant kind;
    const struct item *node;
};

struct places {
    struct place_taken *at;
    size_t count;
    size_t capacity;
};

/* A slash sorts before all else, so that what is inside of a path follows it. */
static int compare_paths(struct bytes a, struct bytes b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < size; i++)
        if (a.data[i] != b.data[i])
            return a.data[i] == '/' ? -1 : b.data[i] == '/' ? 1 : a.data[i] < b.data[i] ? -1 : 1;
    return a.size < b.size ? -1 : a.size > b.size;
}

static int compare_places(const void *a_pointer, const void *b_pointer)
{
    return compare_paths(((const struct place_taken *)a_pointer)->path, ((const struct place_taken *)b_pointer)->path);
}

static bool is_inside(struct bytes path, struct bytes outer)
{
    return path.size > outer.size && memcmp(path.data, outer.data, outer.size) == 0 && path.data[outer.size] == '/';
}

static void add_places(struct places *places, const struct item *storage, const char *list, enum inhabitant kind)
{
    for (size_t i = 0; i < item_count(storage, list); i++) {
        const struct item *node = item_at(storage, list, i);
        if (item_has_text(node, "path"))
            *ARRAY_ADD(places->at, places->count, places->capacity) =
                (struct place_taken){.path = item_get(node, "path")->text, .kind = kind, .node = node};
    }
}

static void say_inside(struct draft *draft, const struct place_taken *inner, const struct place_taken *outer)
{
    if (outer->kind == LINK)
        draft_say(draft, FAULT_ERROR, inner->node,
                  "its path leads through the link %s: write where the link leads to instead",
                  item_text(outer->node, "path"));
    if (outer->kind == FILE_NODE || draft->minor >= 6)
        draft_say_member(draft, draft->minor >= 6 ? FAULT_ERROR : FAULT_WARNING, inner->node, "path",
                         "invalid entry at path %s: %s is a %s and no directory", item_text(inner->node, "path"),
                         item_text(outer->node, "path"), outer->kind == LINK ? "link" : "file");
}

/* Paths stand in order: the stack holds those that the path at hand is inside of and that are no directories. */
static void check_nesting(struct draft *draft, const struct places *places)
{
    AUTO(free) const struct place_taken **open = memory_new(places->count + 1, sizeof *open);
    size_t depth = 0;
    for (size_t i = 0; i < places->count; i++) {
        const struct place_taken *place = &places->at[i];
        while (depth > 0 && !is_inside(place->path, open[depth - 1]->path))
            depth--;
        if (depth > 0)
            say_inside(draft, place, open[depth - 1]);
        if (place->kind != DIRECTORY)
            open[depth++] = place;
    }
}

static const struct place_taken *find_place(const struct places *places, const char *path)
{
    const struct place_taken wanted = {.path = bytes_of_text(path)};
    return places->count == 0 ? NULL
                              : bsearch(&wanted, places->at, places->count, sizeof places->at[0], compare_places);
}

static void check_unit_path(struct draft *draft, const struct places *places, const struct item *unit, const char *path)
{
    const struct place_taken *place = item_has_text(unit, "contents") ? find_place(places, path) : NULL;
    if (place)
        draft_say_member(draft, FAULT_ERROR, place->node, "path",
                         "path conflicts with systemd unit or dropin '%s': write it once, below systemd",
                         item_text(unit, "name"));
}

static void check_units(struct draft *draft, const struct places *places, const struct item *systemd)
{
    for (size_t i = 0; i < item_count(systemd, "units"); i++) {
        const struct item *unit = item_at(systemd, "units", i);
        AUTO(free) char *path = memory_print("/etc/systemd/system/%s", item_text(unit, "name") ?: "");
        check_unit_path(draft, places, unit, path);
        for (size_t d = 0; d < item_count(unit, "dropins"); d++) {
            const struct item *dropin = item_at(unit, "dropins", d);
            AUTO(free) char *inner = memory_print("%s.d/%s", path, item_text(dropin, "name") ?: "");
            check_unit_path(draft, places, dropin, inner);
        }
    }
}

static void check_hard_links(struct draft *draft, const struct places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        const struct item *link = places->at[i].kind == LINK ? places->at[i].node : NULL;
        bool is_hard = link && item_is_true(link, "hard") && item_has_text(link, "target");
        const struct place_taken *target = is_hard ? find_place(places, item_text(link, "target")) : NULL;
        if (target && target->kind == DIRECTORY)
            draft_say(draft, FAULT_ERROR, link, "hard link target is a directory: make it a link that is not hard");
    }
}

void check_path_conflicts(struct draft *draft, const struct item *config)
{
    const struct item *storage = item_get(config, "storage");
    struct places places = {0};
    add_places(&places, storage, "directories", DIRECTORY);
    add_places(&places, storage, "files", FILE_NODE);
    add_places(&places, storage, "links", LINK);
    if (places.count > 0) {
        qsort(places.at, places.count, sizeof places.at[0], compare_places);
        check_nesting(draft, &places);
        check_hard_links(draft, &places);
        check_units(draft, &places, item_get(config, "systemd"));
    }
    free(places.at);
}
