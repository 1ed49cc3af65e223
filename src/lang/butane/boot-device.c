/* SPDX-License-Identifier: Apache-2.0 */
/* The boot device of Fedora CoreOS: encrypted, mirrored or both. Disks are laid out as its images are, so that their
 * partitions can be copied onto the new ones. */
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/butane/make.h"
#include "lang/butane/merge.h"
#include "lang/butane/sugar.h"

#define TYPE_BIOS "21686148-6449-6E6F-744E-656564454649"
#define TYPE_PREP "9E1A2D38-C612-4316-AA26-8B49521E5A8B"
#define TYPE_ESP "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define TYPE_RESERVED "8DA63339-0007-60C0-C436-083AC8230908"

/* Least size of a root partition that updates find room in. */
#define ROOT_MIB_MIN 8192

/* A partition of each disk of a mirror; its label is the name and the number of the disk. */
struct mirror_partition {
    const char *name; /* NULL: none */
    int64_t mib;      /* 0: what is left */
    const char *type; /* NULL: of no special one */
};

static const struct mirror_partition partition_boot = {"boot", 384, NULL};
static const struct mirror_partition partition_root = {"root", 0, NULL};

static const struct mirror_layout {
    const char *name;
    struct mirror_partition first, second;
    bool has_esp;
} mirror_layouts[] = {
    {"x86_64", {"bios", 1, TYPE_BIOS}, {"esp", 127, TYPE_ESP}, true},
    {"aarch64", {"reserved", 1, TYPE_RESERVED}, {"esp", 127, TYPE_ESP}, true},
    {"ppc64le", {"prep", 4, TYPE_PREP}, {"reserved", 1, TYPE_RESERVED}, false},
};

/* All that it takes to make the config that the user's own lies over. */
struct boot_making {
    struct draft *draft;
    const struct item *boot; /* boot_device */
    const struct item *luks, *mirror;
    const char *layout; /* NULL: x86_64 */
    struct item *made;
    bool is_encrypted, is_mirrored;
};

static const struct mirror_layout *layout_of(const struct boot_making *making)
{
    for (size_t i = 0; i < LENGTH(mirror_layouts); i++)
        if (text_is(mirror_layouts[i].name, making->layout))
            return &mirror_layouts[i];
    return &mirror_layouts[0];
}

static char *label_of(const struct boot_making *making, const char *name, size_t number)
{
    return arena_print(&making->draft->arena, "%s-%zu", name, number);
}

static void add_partition(const struct boot_making *making, struct item *disk, const struct mirror_partition *from,
                          size_t number)
{
    struct draft *draft = making->draft;
    struct item *partition = make_map(draft, disk, &schema_partition);
    make_text(draft, partition, "label", label_of(making, from->name, number));
    if (from->mib > 0)
        make_integer(draft, partition, "size_mib", from->mib);
    if (from->type)
        make_text(draft, partition, "type_guid", from->type);
    draft_add(draft, draft_need_list(draft, disk, "partitions"), partition);
}

static void add_filesystem(const struct boot_making *making, const struct item *place, const char *device,
                           const char *format, const char *label)
{
    struct draft *draft = making->draft;
    struct item *filesystem = make_entry(draft, making->made, "storage", "filesystems", place);
    make_text(draft, filesystem, "device", device);
    make_text(draft, filesystem, "format", format);
    make_text(draft, filesystem, "label", label);
    make_bool(draft, filesystem, "wipe_filesystem", true);
}

static void add_disk(const struct boot_making *making, const struct item *device, size_t number)
{
    struct draft *draft = making->draft;
    const struct mirror_layout *layout = layout_of(making);
    struct item *disk = make_entry(draft, making->made, "storage", "disks", device);
    make_text(draft, disk, "device", (const char *)device->text.data);
    make_bool(draft, disk, "wipe_table", true);
    const struct mirror_partition *const partitions[] = {&layout->first, &layout->second, &partition_boot,
                                                         &partition_root};
    for (size_t i = 0; i < LENGTH(partitions); i++)
        add_partition(making, disk, partitions[i], number);
    if (layout->has_esp) {
        char *label = label_of(making, "esp", number);
        add_filesystem(making, device, arena_print(&draft->arena, "/dev/disk/by-partlabel/%s", label), "vfat", label);
    }
}

static void add_raid(const struct boot_making *making, const char *name, const char *partition, const char *option)
{
    struct draft *draft = making->draft;
    struct item *raid = make_entry(draft, making->made, "storage", "raid", making->mirror);
    struct item *devices = draft_need_list(draft, raid, "devices");
    for (size_t i = 1; i <= item_count(making->mirror, "devices"); i++)
        draft_add(draft, devices,
                  draft_new_text(draft, raid->origin,
                                 arena_print(&draft->arena, "/dev/disk/by-partlabel/%s-%zu", partition, i)));
    make_text(draft, raid, "level", "raid1");
    make_text(draft, raid, "name", name);
    if (option)
        draft_add(draft, draft_need_list(draft, raid, "options"), draft_new_text(draft, raid->origin, option));
}

static void add_mirror(const struct boot_making *making)
{
    for (size_t i = 0; i < item_count(making->mirror, "devices"); i++)
        add_disk(making, item_at(making->mirror, "devices", i), i + 1);
    /* A superblock at the end of the partition is one that GRUB need not know of. */
    add_raid(making, "md-boot", "boot", "--metadata=1.0");
    add_raid(making, "md-root", "root", NULL);
    add_filesystem(making, making->mirror, "/dev/md/md-boot", "ext4", "boot");
}

/* The partition that is encrypted: on s390x one of a disk that is named. */
static const char *encrypted_device(const struct boot_making *making)
{
    const char *disk = item_text(making->luks, "device");
    if (text_is(making->layout, "s390x-eckd"))
        return arena_print(&making->draft->arena, "%s2", disk);
    if (text_is(making->layout, "s390x-zfcp"))
        return arena_print(&making->draft->arena, "%s4", disk);
    return making->is_mirrored ? "/dev/md/md-root" : "/dev/disk/by-partlabel/root";
}

static void add_encryption(const struct boot_making *making)
{
    struct draft *draft = making->draft;
    struct item *luks = make_entry(draft, making->made, "storage", "luks", making->luks);
    if (item_is_true(item_get(making->luks, "cex"), "enabled")) {
        item_set(luks, "cex", item_get(making->luks, "cex"));
    } else {
        struct item *clevis = draft_need_map(draft, luks, "clevis");
        static const char *const names[] = {"tang", "threshold", "tpm2"};
        for (size_t i = 0; i < LENGTH(names); i++)
            item_set(clevis, names[i], item_get(making->luks, names[i]));
    }
    make_text(draft, luks, "device", encrypted_device(making));
    item_set(luks, "discard", item_get(making->luks, "discard"));
    make_text(draft, luks, "label", "luks-root");
    make_text(draft, luks, "name", "root");
    make_bool(draft, luks, "wipe_volume", true);
}

void sugar_boot_device(struct draft *draft)
{
    const struct item *boot = item_get(draft->root, "boot_device");
    struct boot_making making = {
        .draft = draft,
        .boot = boot,
        .luks = item_get(boot, "luks"),
        .mirror = item_get(boot, "mirror"),
        .layout = item_text(boot, "layout"),
        .made = make_map(draft, draft->root, draft->root->map.schema),
    };
    making.is_encrypted = item_is_true(making.luks, "tpm2") || item_count(making.luks, "tang") > 0 ||
                          item_is_true(item_get(making.luks, "cex"), "enabled");
    making.is_mirrored = item_count(making.mirror, "devices") > 0;
    if (!making.is_encrypted && !making.is_mirrored)
        return;
    if (making.is_mirrored)
        add_mirror(&making);
    if (making.is_encrypted)
        add_encryption(&making);
    add_filesystem(&making, boot, making.is_encrypted ? "/dev/mapper/root" : "/dev/md/md-root", "xfs", "root");
    draft->root = draft_merge(draft, making.made, draft->root);
}

/* Partitions */

static int64_t integer_of(const struct item *map, const char *name)
{
    const struct item *item = item_get(map, name);
    return item ? item->integer : 0;
}

static void warn_of_root(struct draft *draft, const struct item *disk, size_t at)
{
    const struct item *root = item_at(disk, "partitions", at);
    int64_t size = integer_of(root, "size_mib");
    if (size > 0 && size < ROOT_MIB_MIN)
        draft_say_member(draft, FAULT_WARNING, root, "size_mib", "root should have 8GiB of space assigned");
    for (size_t i = at + 1; size == 0 && i < item_count(disk, "partitions"); i++)
        if (integer_of(item_at(disk, "partitions", i), "start_mib") == 0) {
            draft_say_member(draft, FAULT_WARNING, root, "label",
                             "root partition cannot expand; it is set to fill available space but is followed by an "
                             "auto-positioned partition");
            return;
        }
}

/* The numbers that the partitions of an image have. */
static void warn_of_number(struct draft *draft, const struct item *partition)
{
    static const struct {
        const char *label;
        int64_t number;
    } reserved[] = {{"BIOS-BOOT", 1}, {"PowerPC-PReP-boot", 1}, {"EFI-SYSTEM", 2}, {"boot", 3}, {"root", 4}};
    for (size_t i = 0; i < LENGTH(reserved); i++)
        if (text_is(item_text(partition, "label"), reserved[i].label) &&
            integer_of(partition, "number") != reserved[i].number)
            draft_say_member(draft, FAULT_WARNING, partition, "label",
                             "incorrect partition number; a new partition will be created using reserved label: '%s' "
                             "has the number %" PRId64,
                             reserved[i].label, reserved[i].number);
}

void sugar_warn_of_partitions(struct draft *draft)
{
    const struct item *storage = item_get(draft->root, "storage");
    for (size_t i = 0; i < item_count(storage, "disks"); i++) {
        const struct item *disk = item_at(storage, "disks", i);
        for (size_t p = 0; p < item_count(disk, "partitions"); p++) {
            if (text_is(item_text(item_at(disk, "partitions", p), "label"), "root"))
                warn_of_root(draft, disk, p);
            if (!item_is_true(disk, "wipe_table"))
                warn_of_number(draft, item_at(disk, "partitions", p));
        }
    }
}
