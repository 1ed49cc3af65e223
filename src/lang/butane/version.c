/* SPDX-License-Identifier: Apache-2.0 */
/* Variants and versions, and what is said to documents that are none of them. */
#include "lang/butane/version.h"

#include <string.h>

#include "base/array.h"

static const struct butane_filter flatcar_filters[] = {
    {{"storage", "luks", "clevis"}, "clevis is not supported in this spec version: Flatcar opens volumes by key_file"},
    {{NULL}, NULL},
};

/* What an image of RHEL for Edge or Fedora IoT has set up already. */
static const struct butane_filter edge_filters[] = {
    {{"kernel_arguments"}, "kernel argument customization is not supported in this spec version"},
    {{"storage", "disks"}, "disk customization is not supported in this spec version"},
    {{"storage", "filesystems"}, "filesystem customization is not supported in this spec version"},
    {{"storage", "luks"}, "luks customization is not supported in this spec version"},
    {{"storage", "raid"}, "raid customization is not supported in this spec version"},
    {{NULL}, NULL},
};

static const struct butane_version versions[] = {
    {"fcos", "1.0.0", 0, 0, NULL},
    {"fcos", "1.1.0", 1, 0, NULL},
    {"fcos", "1.2.0", 2, 0, NULL},
    {"fcos", "1.3.0", 2, FEATURE_BOOT_DEVICE, NULL},
    {"fcos", "1.4.0", 3, FEATURE_BOOT_DEVICE, NULL},
    {"fcos", "1.5.0", 4, FEATURE_BOOT_DEVICE | FEATURE_GRUB, NULL},
    {"fcos", "1.6.0", 5, FEATURE_BOOT_DEVICE | FEATURE_GRUB, NULL},
    {"fcos", "1.7.0", 6, FEATURE_BOOT_DEVICE | FEATURE_GRUB, NULL},
    {"flatcar", "1.0.0", 3, 0, flatcar_filters},
    {"flatcar", "1.1.0", 4, 0, flatcar_filters},
    {"r4e", "1.0.0", 3, 0, edge_filters},
    {"r4e", "1.1.0", 4, 0, edge_filters},
    {"fiot", "1.0.0", 4, 0, edge_filters},
};

/* Variants that are Butane's and make nothing that a machine reads when it boots. */
static const struct {
    const char *variant, *advice;
} refused[] = {
    {"openshift", "variant 'openshift' makes a MachineConfig for a cluster, not a config that a machine reads when it "
                  "boots: translate it with `butane` and give it to the cluster with `oc apply`; boot the machine with "
                  "the .ign file that openshift-install made, or with variant fcos"},
    {"rhcos", "variant 'rhcos' was never released: RHEL CoreOS is configured by variant openshift and a cluster"},
};

static const struct node *member_of(const struct node *map, const char *name)
{
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->count; i++)
        if (strcmp(map->members[i].key->text, name) == 0)
            return map->members[i].value;
    return NULL;
}

static struct origin origin_of(const struct node *node, const struct origin *parent, const char *key)
{
    return (struct origin){.parent = parent, .key = key, .line = node->line, .column = node->column};
}

/* "1.0.0, 1.1.0": those of one variant; with NULL the variants. */
static void append_known(struct text *text, const char *variant)
{
    const char *before = NULL;
    for (size_t i = 0; i < LENGTH(versions); i++) {
        const char *word = variant ? versions[i].version : versions[i].variant;
        if ((variant && !text_is(variant, versions[i].variant)) || text_is(word, before))
            continue;
        text_print(text, "%s%s", before ? ", " : "", word);
        before = word;
    }
}

static bool variant_is_known(const char *variant)
{
    for (size_t i = 0; i < LENGTH(versions); i++)
        if (text_is(versions[i].variant, variant))
            return true;
    return false;
}

/* Sections that only Container Linux Configs had, and those that they had too. */
static bool is_container_linux(const struct node *root)
{
    static const char *const sections[] = {"etcd", "flannel", "docker", "update", "locksmith", "networkd"};
    for (size_t i = 0; i < LENGTH(sections); i++)
        if (member_of(root, sections[i]))
            return true;
    return !member_of(root, "version") && !member_of(root, "ignition") &&
           (member_of(root, "systemd") || member_of(root, "storage") || member_of(root, "passwd"));
}

static const struct butane_version *refuse_unnamed(const struct node *root, struct bytes source, struct report *report)
{
    const struct origin origin = origin_of(root, NULL, NULL);
    if (bytes_start_with(source, "#cloud-config"))
        report_add(report, FAULT_ERROR, &origin, NULL,
                   "this is a cloud-config and no Butane config: put it into cloud/ and name it in the profile's "
                   "\"cloud_id\"");
    else if (member_of(member_of(root, "ignition"), "version"))
        report_add(report, FAULT_ERROR, &origin, NULL,
                   "this is Ignition's own config and no Butane config: give its file a name that ends in .ign");
    else if (is_container_linux(root))
        report_add(
            report, FAULT_ERROR, &origin, "variant",
            "this is a Container Linux Config, which Ignition does not read any more: write it as Butane, with "
            "\"variant: flatcar\" and \"version: 1.1.0\" as its first lines; in files 'contents.inline' stays, "
            "'filesystem: root' goes, modes begin with 0; 'enable' of units is 'enabled'; networkd units become "
            "files in /etc/systemd/network; etcd, flannel, docker, update and locksmith become files and drop-ins");
    else
        report_add(report, FAULT_ERROR, &origin, "variant",
                   "error parsing variant; must be specified: write \"variant: fcos\" and \"version: 1.5.0\", or "
                   "\"variant: flatcar\" and \"version: 1.1.0\"");
    return NULL;
}

static const struct butane_version *refuse_variant(const char *variant, const struct origin *origin,
                                                   struct report *report)
{
    for (size_t i = 0; i < LENGTH(refused); i++)
        if (text_is(refused[i].variant, variant)) {
            report_add(report, FAULT_ERROR, origin, NULL, "%s", refused[i].advice);
            return NULL;
        }
    AUTO(text_finish) struct text known = {0};
    append_known(&known, NULL);
    report_add(report, FAULT_ERROR, origin, NULL, "there is no variant '%.60s': it is one of %s", variant,
               text_characters(&known));
    return NULL;
}

static const struct butane_version *refuse_version(const char *variant, const char *version,
                                                   const struct origin *origin, struct report *report)
{
    AUTO(text_finish) struct text known = {0};
    append_known(&known, variant);
    bool is_experimental = strchr(version, '-') != NULL;
    report_add(report, FAULT_ERROR, origin, NULL, "%s '%.60s' is %s: known are %s", variant, version,
               is_experimental ? "experimental, and may mean another thing tomorrow" : "no version that is known",
               text_characters(&known));
    return NULL;
}

const struct butane_version *butane_version_of(const struct document *document, struct bytes source,
                                               struct report *report)
{
    const struct node *root = document_root(document);
    const struct origin top = origin_of(root, NULL, NULL);
    const struct node *variant = member_of(root, "variant");
    const struct node *version = member_of(root, "version");
    const char *variant_text = variant ? node_text(variant) : NULL;
    const char *version_text = version ? node_text(version) : NULL;
    if (!variant_text || variant_text[0] == '\0')
        return refuse_unnamed(root, source, report);
    const struct origin variant_origin = origin_of(variant, &top, "variant");
    if (!variant_is_known(variant_text))
        return refuse_variant(variant_text, &variant_origin, report);
    if (!version_text) {
        report_add(report, FAULT_ERROR, &top, "version", "error parsing version; must be a valid semver such as 1.0.0");
        return NULL;
    }
    for (size_t i = 0; i < LENGTH(versions); i++)
        if (text_is(versions[i].variant, variant_text) && text_is(versions[i].version, version_text))
            return &versions[i];
    const struct origin version_origin = origin_of(version, &top, "version");
    return refuse_version(variant_text, version_text, &version_origin, report);
}

static void filter_names(struct draft *draft, const struct item *item, const char *const *names, const char *reason)
{
    if (item_is_empty(item))
        return;
    if (!*names)
        draft_say(draft, FAULT_ERROR, item, "%s", reason);
    else if (item->kind == ITEM_LIST)
        for (size_t i = 0; i < item->list.count; i++)
            filter_names(draft, item->list.items[i], names, reason);
    else
        filter_names(draft, item_get(item, *names), names + 1, reason);
}

void butane_filter(struct draft *draft, const struct butane_version *version)
{
    for (const struct butane_filter *filter = version->filters; filter && filter->names[0]; filter++)
        filter_names(draft, draft->root, filter->names, filter->reason);
}
