/* SPDX-License-Identifier: Apache-2.0 */
/* What was written in Butane, before anything is made of it. */
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/ignition.h"
#include "lang/ignition/hooks.h"

/* One source at most; the last of those that are given is what is wrong. */
void examine_resource(struct draft *draft, struct item *map)
{
    static const char *const sources[] = {"local", "inline", "source"};
    const char *last = NULL;
    unsigned given = 0;
    for (size_t i = 0; i < LENGTH(sources); i++)
        if (item_get(map, sources[i])) {
            last = sources[i];
            given++;
        }
    if (given > 1)
        draft_say_member(draft, FAULT_ERROR, map, last, "only one of the following can be set: inline, local, source");
}

/* A config that another one brings along. */
void examine_reference(struct draft *draft, struct item *map)
{
    struct diag why;
    const struct item *inner = item_get(map, "inline");
    examine_resource(draft, map);
    if (inner && !item_get(map, "source") && ignition_check(inner->text, &why) != 0)
        draft_say(draft, FAULT_ERROR, inner, "config is not valid: %s", why.text);
}

/* Modes */

/* The bits that one of user, group and others has. */
struct permission {
    bool reads, writes, executes;
};

static struct permission permission_at(int64_t mode, unsigned shift)
{
    int64_t bits = mode >> shift & 7;
    return (struct permission){.reads = bits & 4, .writes = bits & 2, .executes = bits & 1};
}

/* Each may do what those after it may, reads if it does anything, and executes what others only read for no reason. */
static bool permissions_are_usual(struct permission *ret_any, int64_t mode)
{
    struct permission any = {0};
    for (unsigned shift = 0; shift <= 6; shift += 3) {
        struct permission one = permission_at(mode, shift);
        bool has_less = (any.reads && !one.reads) || (any.writes && !one.writes) || (any.executes && !one.executes);
        bool is_odd = (one.executes && any.reads && !any.executes) || ((one.writes || one.executes) && !one.reads);
        if (has_less || is_odd)
            return false;
        any.reads = any.reads || one.reads;
        any.writes = any.writes || one.writes;
        any.executes = any.executes || one.executes;
    }
    *ret_any = any;
    return any.reads;
}

/* Whether somebody may have meant this mode. */
static bool mode_is_usual(int64_t mode, bool is_directory)
{
    struct permission any;
    if (mode == 0)
        return true;
    if (!permissions_are_usual(&any, mode))
        return false;
    if (is_directory)
        return any.executes && !(mode & 04000) && (!(mode & 03000) || any.writes);
    bool sets_id = mode & 06000;
    return !(mode & 01000) && (!sets_id || (any.executes && !(mode & 2)));
}

/* What the decimal digits would be as octal ones; -1 when they are none. */
static int64_t octal_of_decimal(int64_t mode)
{
    int64_t octal = 0;
    if (mode < 0 || mode > 7777)
        return -1;
    for (int divisor = 1000; divisor > 0; divisor /= 10) {
        int64_t digit = mode / divisor % 10;
        if (digit > 7)
            return -1;
        octal = octal << 3 | digit;
    }
    return octal;
}

static void examine_mode(struct draft *draft, const struct item *map, bool is_directory)
{
    const struct item *mode = item_get(map, "mode");
    int64_t octal = mode ? octal_of_decimal(mode->integer) : -1;
    if (octal >= 0 && !mode_is_usual(mode->integer, is_directory) && mode_is_usual(octal, is_directory))
        draft_say(draft, FAULT_WARNING, mode,
                  "unreasonable mode would be reasonable if specified in octal; remember to add a leading zero: 0%d",
                  (int)mode->integer);
}

void examine_file(struct draft *draft, struct item *map)
{
    examine_mode(draft, map, false);
}

void examine_directory(struct draft *draft, struct item *map)
{
    examine_mode(draft, map, true);
}

/* Filesystems */

static bool is_below(const char *path, const char *folder)
{
    return text_starts_with(path, folder) && (path[strlen(folder)] == '\0' || path[strlen(folder)] == '/');
}

/* What ostree keeps writable; fcos from 1.6.0 on. */
static void examine_mount_point(struct draft *draft, const struct item *map)
{
    const char *path = item_text(map, "path");
    bool is_judged = (draft->features & FEATURE_BOOT_DEVICE) && draft->minor >= 5;
    if (is_judged && path && !is_below(path, "/etc") && !is_below(path, "/var"))
        draft_say_member(draft, FAULT_ERROR, map, "path", "path must be under /etc or /var if with_mount_unit is true");
}

void examine_filesystem(struct draft *draft, struct item *map)
{
    if (!item_is_true(map, "with_mount_unit"))
        return;
    bool is_swap = text_is(item_text(map, "format"), "swap") && draft->minor >= 3;
    if (!item_has_text(map, "format"))
        draft_say_member(draft, FAULT_ERROR, map, "format", "format is required if with_mount_unit is true");
    if (!is_swap && !item_has_text(map, "path") && (item_has_text(map, "format") || draft->minor < 3))
        draft_say_member(draft, FAULT_ERROR, map, "path",
                         "path is required if with_mount_unit is true and format is not swap");
    examine_mount_point(draft, map);
}

/* Disks */

/* More disks than a mirror has: those behind are not looked for. */
#define MIRROR_DISKS_MAX 256

/* The table of such a disk is written anew. */
static bool is_mirrored(const struct draft *draft, const char *device)
{
    static const char *const path[] = {"boot_device", "mirror", NULL};
    const struct item *mirror = item_get_path(draft->root, path);
    for (size_t i = 0; i < item_count(mirror, "devices") && i < MIRROR_DISKS_MAX; i++)
        if (text_is((const char *)item_at(mirror, "devices", i)->text.data, device))
            return true;
    return false;
}

/* A partition without a number is found again by its label only where the image has put it; fcos from 1.6.0 on. */
void examine_disk(struct draft *draft, struct item *map)
{
    static const char boot_disk[] = "/dev/disk/by-id/coreos-boot-disk";
    const char *device = item_text(map, "device");
    bool is_judged = (draft->features & FEATURE_BOOT_DEVICE) && draft->minor >= 5;
    if (!is_judged || text_is(device, boot_disk) || item_is_true(map, "wipe_table") || is_mirrored(draft, device))
        return;
    for (size_t i = 0; i < item_count(map, "partitions"); i++) {
        const struct item *partition = item_at(map, "partitions", i);
        const struct item *number = item_get(partition, "number");
        if ((!number || number->integer == 0) && item_get(partition, "label"))
            draft_say_member(draft, FAULT_WARNING, partition, "number",
                             "partitions cannot be reused by label; number must be specified except on boot disk (%s) "
                             "or when wipe_table is true",
                             boot_disk);
    }
}

void examine_tree(struct draft *draft, struct item *map)
{
    if (!item_has_text(map, "local"))
        draft_say(draft, FAULT_ERROR, map, "local is required: the folder to take, below the files directory");
}

void examine_unit(struct draft *draft, struct item *map)
{
    if (item_get(map, "contents") && item_get(map, "contents_local"))
        draft_say_member(draft, FAULT_ERROR, map, "contents_local",
                         "only one of the following can be set: contents, contents_local");
}

void examine_grub_user(struct draft *draft, struct item *map)
{
    if (!item_has_text(map, "name"))
        draft_say_member(draft, FAULT_ERROR, map, "name", "field \"name\" is required");
    if (!item_has_text(map, "password_hash"))
        draft_say_member(draft, FAULT_ERROR, map, "password_hash",
                         "field \"password_hash\" is required: what `grub2-mkpasswd-pbkdf2` prints");
}

/* The boot device */

static const struct layout {
    const char *name;
    unsigned since;
    const char *disk; /* how its boot disk's name begins; NULL: it need not be named */
} layouts[] = {
    {"aarch64", 0, NULL},    {"ppc64le", 0, NULL},         {"s390x-eckd", 5, "/dev/dasd"},
    {"s390x-virt", 5, NULL}, {"s390x-zfcp", 5, "/dev/sd"}, {"x86_64", 0, NULL},
};

static const struct layout *find_layout(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < LENGTH(layouts); i++)
        if (text_is(layouts[i].name, name) && layouts[i].since <= draft->minor)
            return &layouts[i];
    return NULL;
}

static void refuse_layout(struct draft *draft, const struct item *map)
{
    AUTO(text_finish) struct text known = {0};
    for (size_t i = 0; i < LENGTH(layouts); i++)
        if (layouts[i].since <= draft->minor)
            text_print(&known, "%s%s", known.length > 0 ? ", " : "", layouts[i].name);
    draft_say_member(draft, FAULT_ERROR, map, "layout", "layout must be one of: %s", text_characters(&known));
}

/* One letter behind the name: "/dev/dasda". */
static bool is_disk(const char *device, const char *disk)
{
    const char *at = strstr(device, disk);
    const char *letter = at ? at + strlen(disk) : "";
    return letter[0] >= 'a' && letter[0] <= 'z' && letter[1] == '\0';
}

static void examine_layout(struct draft *draft, const struct item *map, const struct item *luks)
{
    const struct layout *layout = find_layout(draft, item_text(map, "layout"));
    if (!layout) {
        refuse_layout(draft, map);
        return;
    }
    if (layout->disk && !item_has_text(luks, "device"))
        draft_say_member(draft, FAULT_ERROR, map, "layout",
                         "device is required for layouts: s390x-eckd, s390x-zfcp: write it below luks");
    else if (layout->disk && !is_disk(item_text(luks, "device"), layout->disk))
        draft_say_member(draft, FAULT_ERROR, map, "layout",
                         "device name must start with /dev/dasd on s390x-eckd layout or /dev/sd on s390x-zfcp layout");
    if (text_starts_with(layout->name, "s390x") && item_count(item_get(map, "mirror"), "devices") > 0)
        draft_say_member(draft, FAULT_ERROR, map, "layout",
                         "mirroring not supported on layouts: s390x-eckd, s390x-zfcp, s390x-virt");
}

static void examine_cex(struct draft *draft, const struct item *map, const struct item *luks)
{
    const char *layout = item_text(map, "layout");
    if (!item_is_true(item_get(luks, "cex"), "enabled"))
        return;
    if (!layout)
        draft_say(draft, FAULT_ERROR, item_get(luks, "cex"),
                  "when using cex the targeted architecture must match s390x: write a layout");
    else if (!text_starts_with(layout, "s390x"))
        draft_say_member(draft, FAULT_ERROR, map, "layout",
                         "when using cex the targeted architecture must match s390x");
    if (item_count(luks, "tang") > 0 || item_is_true(luks, "tpm2"))
        draft_say(draft, FAULT_ERROR, luks, "cannot use cex with clevis: leave out tang and tpm2, or cex");
}

static void examine_mirror(struct draft *draft, const struct item *map, const struct item *mirror)
{
    size_t count = item_count(mirror, "devices");
    if (count == 1)
        draft_say_member(draft, FAULT_ERROR, mirror, "devices", "mirroring requires at least two devices");
    if (count > 0 && !item_get(map, "layout"))
        draft_say(draft, draft->minor >= 6 ? FAULT_ERROR : FAULT_WARNING, mirror,
                  "boot_device.layout should be specified when boot_device.mirror is specified");
}

/* Whoever names a device and no way to open it has forgotten that. */
static void examine_luks_device(struct draft *draft, const struct item *luks)
{
    bool opens =
        item_count(luks, "tang") > 0 || item_is_true(luks, "tpm2") || item_is_true(item_get(luks, "cex"), "enabled");
    if (draft->minor >= 6 && item_has_text(luks, "device") && !opens)
        draft_say(draft, FAULT_ERROR, luks, "no method to open the volume: add tpm2, tang or cex");
}

void examine_boot_device(struct draft *draft, struct item *map)
{
    const struct item *luks = item_get(map, "luks");
    if (item_get(map, "layout"))
        examine_layout(draft, map, luks);
    if (luks) {
        examine_cex(draft, map, luks);
        examine_luks_device(draft, luks);
    }
    if (item_get(map, "mirror"))
        examine_mirror(draft, map, item_get(map, "mirror"));
}
