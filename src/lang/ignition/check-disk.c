/* SPDX-License-Identifier: Apache-2.0 */
/* Disks, partitions, arrays and filesystems. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "lang/ignition/hooks.h"
#include "lang/ignition/paths.h"

/* Octets of a GPT partition's name that Ignition allows. */
#define PARTITION_LABEL_MAX 36

static int64_t integer_of(const struct item *map, const char *name)
{
    const struct item *item = item_get(map, name);
    return item ? item->integer : 0;
}

const char *key_of_partition(struct draft *draft, const struct item *map)
{
    int64_t number = integer_of(map, "number");
    const char *label = item_text(map, "label");
    if (number != 0)
        return arena_print(&draft->arena, "number:%" PRId64, number);
    return label ? arena_print(&draft->arena, "label:%s", label) : NULL;
}

static bool is_unwanted(const struct item *partition)
{
    const struct item *exists = item_get(partition, "should_exist");
    return exists && !exists->boolean;
}

static void check_label(struct draft *draft, const struct item *map)
{
    const char *label = item_text(map, "label");
    if (label && strlen(label) > PARTITION_LABEL_MAX)
        draft_say_member(draft, FAULT_ERROR, map, "label", "partition labels may not exceed %d characters",
                         PARTITION_LABEL_MAX);
    else if (label && strchr(label, ':'))
        draft_say_member(draft, FAULT_ERROR, map, "label",
                         "partition label will be truncated to text before the colon: write it without");
}

void check_partition(struct draft *draft, struct item *map)
{
    bool says_more = item_get(map, "label") || item_has_text(map, "type_guid") || item_has_text(map, "guid") ||
                     item_get(map, "start_mib") || item_get(map, "size_mib");
    if (is_unwanted(map) && says_more)
        draft_say(draft, FAULT_ERROR, map,
                  "a partition that should not exist has a number and nothing else: no label, size, start or GUID");
    if (integer_of(map, "number") == 0 && !item_get(map, "label"))
        draft_say(draft, FAULT_ERROR, map, "a partition number >= 1 or a label must be specified");
    check_label(draft, map);
}

/* A partition of which both ends are known. */
struct extent {
    int64_t first, last;
    const struct item *partition;
};

static int compare_extents(const void *a_pointer, const void *b_pointer)
{
    const struct extent *a = a_pointer;
    const struct extent *b = b_pointer;
    return a->first < b->first ? -1 : a->first > b->first;
}

/* Those that begin at 0 go where there is room. */
static size_t collect_extents(struct extent *ret, const struct item *disk)
{
    size_t known = 0;
    for (size_t i = 0; i < item_count(disk, "partitions"); i++) {
        const struct item *partition = item_at(disk, "partitions", i);
        int64_t start = integer_of(partition, "start_mib");
        int64_t size = integer_of(partition, "size_mib");
        if (start != 0 && item_get(partition, "size_mib"))
            ret[known++] = (struct extent){start, size == 0 ? start : start + size - 1, partition};
    }
    return known;
}

static bool later_in_document(const struct item *a, const struct item *b)
{
    return a->origin->index > b->origin->index;
}

/* A partition that lies over one before it; NULL when none does. */
static const struct item *overlapping_partition(const struct item *disk)
{
    AUTO(free) struct extent *extents = memory_new(item_count(disk, "partitions") + 1, sizeof *extents);
    size_t known = collect_extents(extents, disk);
    if (known > 1)
        qsort(extents, known, sizeof *extents, compare_extents);
    size_t widest = 0;
    for (size_t i = 1; i < known; i++) {
        if (extents[i].first <= extents[widest].last)
            return later_in_document(extents[i].partition, extents[widest].partition) ? extents[i].partition
                                                                                      : extents[widest].partition;
        if (extents[i].last > extents[widest].last)
            widest = i;
    }
    return NULL;
}

/* A partition whose label one before it has; NULL when there is none. */
static const struct item *relabelled_partition(const struct item *disk)
{
    struct label {
        UT_hash_handle hh;
    } *labels = NULL, *label, *next;
    const struct item *found = NULL;
    for (size_t i = 0; i < item_count(disk, "partitions") && !found; i++) {
        const struct item *partition = item_at(disk, "partitions", i);
        const char *text = item_text(partition, "label");
        if (!text)
            continue;
        HASH_FIND_STR(labels, text, label);
        if (label) {
            found = partition;
            continue;
        }
        label = MEMORY_NEW(struct label);
        HASH_ADD_KEYPTR(hh, labels, text, strlen(text), label);
    }
    HASH_ITER (hh, labels, label, next) {
        HASH_DEL(labels, label);
        free(label);
    }
    return found;
}

static bool mixes_zero_and_unwanted(const struct item *disk)
{
    bool zero = false;
    bool unwanted = false;
    for (size_t i = 0; i < item_count(disk, "partitions"); i++) {
        const struct item *partition = item_at(disk, "partitions", i);
        unwanted = unwanted || is_unwanted(partition);
        zero = zero || integer_of(partition, "number") == 0;
    }
    return zero && unwanted;
}

void check_disk(struct draft *draft, struct item *map)
{
    const char *device = item_text(map, "device");
    const char *fault = path_fault(device);
    const struct item *overlapping = overlapping_partition(map);
    const struct item *relabelled = relabelled_partition(map);
    if (!device || device[0] == '\0')
        draft_say_member(draft, FAULT_ERROR, map, "device", "disk device is required: \"/dev/disk/by-id/...\"");
    else if (fault)
        draft_say_member(draft, FAULT_ERROR, map, "device", "%s", fault);
    if (overlapping)
        draft_say(draft, FAULT_ERROR, overlapping, "partitions overlap: this one lies over another");
    if (mixes_zero_and_unwanted(map))
        draft_say_member(draft, FAULT_ERROR, map, "partitions",
                         "where one partition should not exist, each of the others needs a number");
    if (relabelled)
        draft_say(draft, FAULT_ERROR, relabelled, "cannot use the same partition label twice: '%s'",
                  item_text(relabelled, "label"));
}

/* Levels of md(4) as Ignition spells them; those that keep nothing twice have no use for spares. */
static const struct {
    const char *level;
    bool takes_spares;
} raid_levels[] = {
    {"linear", false}, {"raid0", false}, {"0", false},    {"stripe", false}, {"raid1", true},
    {"1", true},       {"mirror", true}, {"raid4", true}, {"4", true},       {"raid5", true},
    {"5", true},       {"raid6", true},  {"6", true},     {"raid10", true},  {"10", true},
};

static void check_level(struct draft *draft, const struct item *map)
{
    const char *level = item_text(map, "level");
    if (!level || level[0] == '\0') {
        draft_say_member(draft, FAULT_ERROR, map, "level", "raid level is required: raid1, raid5, raid10 ...");
        return;
    }
    for (size_t i = 0; i < LENGTH(raid_levels); i++)
        if (text_is(raid_levels[i].level, level)) {
            if (!raid_levels[i].takes_spares && integer_of(map, "spares") != 0)
                draft_say_member(draft, FAULT_ERROR, map, "level", "spares unsupported for linear and raid0 arrays");
            return;
        }
    draft_say_member(draft, FAULT_ERROR, map, "level",
                     "unrecognized raid level '%s': it is one of linear, raid0, raid1, raid4, raid5, raid6, raid10",
                     level);
}

void check_raid(struct draft *draft, struct item *map)
{
    check_level(draft, map);
    if (item_count(map, "devices") == 0)
        draft_say_member(draft, FAULT_ERROR, map, "devices", "raid devices required");
}

static const struct filesystem_format {
    const char *name;
    size_t label_max; /* octets, as the mkfs of each has it */
    unsigned since;
} formats[] = {
    {"ext4", 16, 0}, {"btrfs", 256, 0}, {"xfs", 12, 0}, {"swap", 15, 0}, {"vfat", 11, 0}, {"none", SIZE_MAX, 3},
};

static const struct filesystem_format *find_format(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < LENGTH(formats); i++)
        if (text_is(formats[i].name, name) && formats[i].since <= draft->minor)
            return &formats[i];
    return NULL;
}

/* Without a format nothing but the device may be said. */
static void check_no_format(struct draft *draft, const struct item *map)
{
    bool says_more = item_has_text(map, "path") || item_has_text(map, "label") || item_has_text(map, "uuid") ||
                     item_is_true(map, "wipe_filesystem") || item_count(map, "options") > 0 ||
                     item_count(map, "mount_options") > 0;
    if (says_more)
        draft_say_member(draft, FAULT_ERROR, map, "format",
                         "format cannot be empty when path, label, uuid, wipe_filesystem, options, or mount_options is "
                         "specified: write ext4, btrfs, xfs, vfat or swap");
    if (item_has_text(map, "label"))
        draft_say_member(draft, FAULT_ERROR, map, "label", "filesystem must specify format if label is specified");
}

static void check_format(struct draft *draft, const struct item *map)
{
    const char *label = item_text(map, "label");
    const struct filesystem_format *format = find_format(draft, item_text(map, "format"));
    if (!format)
        draft_say_member(draft, FAULT_ERROR, map, "format",
                         "invalid filesystem format '%s': %s knows ext4, btrfs, xfs, "
                         "vfat, swap%s",
                         item_text(map, "format"), draft->title, draft->minor >= 3 ? ", none" : "");
    else if (label && strlen(label) > format->label_max)
        draft_say_member(draft, FAULT_ERROR, map, "label",
                         "filesystem labels cannot be longer than %zu characters when using %s", format->label_max,
                         format->name);
}

void check_filesystem(struct draft *draft, struct item *map)
{
    const char *fault = path_fault(item_text(map, "device"));
    if (fault)
        draft_say_member(draft, FAULT_ERROR, map, "device", "%s", fault);
    if (item_has_text(map, "format"))
        check_format(draft, map);
    else
        check_no_format(draft, map);
}
