/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles out of documents. */
#include "config/profile.h"

#include "base/array.h"
#include "base/memory.h"
#include "config/group-dhcp.h"
#include "config/loader.h"
#include "config/members.h"
#include "config/overlay.h"

/* A reader that puts a text into one member of the profile. */
#define TEXT_READER(function, member)                                                                                  \
    static bool function(void *target, const struct member_context *context, const char *name,                         \
                         const struct node *value)                                                                     \
    {                                                                                                                  \
        return member_read_text(&((struct profile *)target)->member, context, name, value);                            \
    }                                                                                                                  \
    struct profile

TEXT_READER(read_id, id);
TEXT_READER(read_name, name);
TEXT_READER(read_ignition_id, ignition_id);
TEXT_READER(read_cloud_id, cloud_id);
TEXT_READER(read_generic_id, generic_id);
TEXT_READER(read_kernel, boot.kernel);
TEXT_READER(read_efi, boot.efi);
TEXT_READER(read_iso, boot.iso);

static bool read_texts(struct profile *profile, void (*add)(struct profile *profile, const char *text),
                       const struct member_context *context, const char *name, const struct node *value)
{
    bool right = true;
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_LIST)
        return member_is_wrong(context, name, value, "a list of texts");
    for (size_t i = 0; i < value->count; i++) {
        const struct node *item = value->items[i];
        const char *text = item->kind == NODE_NULL ? "" : node_text(item);
        if (text)
            add(profile, text);
        else
            right = member_is_wrong(context, name, item, "a list of texts");
    }
    return right;
}

static bool read_initrd(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return read_texts(target, profile_add_initrd, context, name, value);
}

static bool read_args(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    struct profile *profile = target;
    if (profile->boot.args_are_pairs && value->kind == NODE_LIST && value->count > 0)
        profile_clear_args(profile);
    return read_texts(profile, profile_add_arg, context, name, value);
}

/* A map of texts, into labels. */
static bool read_pairs(struct labels *ret, const struct member_context *context, const char *name,
                       const struct node *value)
{
    bool right = true;
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_MAP)
        return member_is_wrong(context, name, value, "a map of texts");
    for (size_t i = 0; i < value->count; i++) {
        const struct node *item = value->members[i].value;
        const char *text = item->kind == NODE_NULL ? "" : node_text(item);
        if (text)
            labels_set(ret, value->members[i].key->text, text);
        else
            right = member_is_wrong(context, name, item, "a map of texts");
    }
    return right;
}

static bool read_generics(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    return read_pairs(&((struct profile *)target)->generics, context, name, value);
}

/* bootcfg's map of arguments, in the order of their names. Matchbox passes over it, so a profile that has args too
 * means those. */
static bool read_cmdline(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    struct profile *profile = target;
    AUTO(labels_finish) struct labels pairs = {0};
    if (!read_pairs(&pairs, context, name, value))
        return false;
    if (profile->boot.args_count > 0)
        return true;
    for (size_t i = 0; i < pairs.count; i++) {
        const struct label *pair = &pairs.at[i];
        AUTO(free) char *arg = memory_print("%s%s%s", pair->name, *pair->value ? "=" : "", pair->value);
        profile_add_arg(profile, arg);
        profile->boot.args_are_pairs = true;
    }
    return true;
}

static bool read_args_are_templates(void *target, const struct member_context *context, const char *name,
                                    const struct node *value)
{
    return member_read_bool(&((struct profile *)target)->boot.args_are_templates, context, name, value);
}

static bool read_memdisk(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_bool(&((struct profile *)target)->boot.memdisk, context, name, value);
}

/* A machine gets one thing to boot. An EFI program is for other machines than the rest. */
static bool check_boot(const struct profile *profile, const struct member_context *context, const struct node *value)
{
    const char *wrong = NULL;
    if (profile->boot.iso[0] != '\0' && (profile->boot.kernel[0] != '\0' || profile->boot.initrd_count > 0))
        wrong = "'boot.iso' is booted instead of a kernel with initrds: give one of them";
    else if (profile->boot.memdisk && profile->boot.iso[0] == '\0')
        wrong = "'boot.memdisk' is for 'boot.iso', which is not there";
    if (wrong)
        document_fault(context->document, value, context->faults, FAULT_ERROR, "%s", wrong);
    return !wrong;
}

static bool read_boot(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    static const struct member_rule rules[] = {
        {"kernel", read_kernel},   {"initrd", read_initrd},
        {"args", read_args},       {"args_are_templates", read_args_are_templates},
        {"cmdline", read_cmdline}, {"efi", read_efi},
        {"iso", read_iso},         {"memdisk", read_memdisk},
    };
    struct member_context inside = {context->document, context->faults, "boot."};
    if (value->kind == NODE_NULL)
        return true;
    if (value->kind != NODE_MAP)
        return member_is_wrong(context, name, value, "a map of kernel, initrd and args");
    ((struct profile *)target)->boot.present = true;
    return members_read(target, value, "boot", &inside, rules, LENGTH(rules)) && check_boot(target, context, value);
}

static bool read_loader(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return member_read_loader(&((struct profile *)target)->loader, context, name, value);
}

static bool read_metadata(void *target, const struct member_context *context, const char *name,
                          const struct node *value)
{
    return member_read_map(&((struct profile *)target)->metadata, context, name, value);
}

static bool read_dhcp(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    (void)name;
    return profile_dhcp_read(target, context, value);
}

static bool read_overlay(void *target, const struct member_context *context, const char *name, const struct node *value)
{
    return overlay_read(&((struct profile *)target)->overlay, context, name, value);
}

static const struct member_rule profile_rules[] = {
    {"id", read_id},
    {"name", read_name},
    {"ignition_id", read_ignition_id},
    {"cloud_id", read_cloud_id},
    {"generic_id", read_generic_id},
    {"generic", read_generics},
    {"boot", read_boot},
    {"loader", read_loader},
    {"overlay", read_overlay},
    {"metadata", read_metadata},
    {"dhcp", read_dhcp},
};

static void warn_of_idle_overlay(const struct profile *profile, const struct member_context *context,
                                 const struct node *root)
{
    bool boots_other = profile->boot.efi[0] != '\0' || profile->boot.iso[0] != '\0';
    if (profile->overlay.count > 0 && boots_other && profile->boot.kernel[0] == '\0')
        document_fault(context->document, root, context->faults, FAULT_WARNING,
                       "'overlay' goes with 'boot.kernel' only: an EFI program or an image does not get it");
}

struct profile *profile_from_document(const struct document *document, struct faults *faults)
{
    AUTO(profile_unref) struct profile *profile = profile_create("");
    const struct node *root = document_root(document);
    struct member_context context = {.document = document, .faults = faults, .inside = ""};
    if (!members_read(profile, root, "a profile", &context, profile_rules, LENGTH(profile_rules)))
        return NULL;
    if (profile->id[0] == '\0') {
        document_fault(document, root, faults, FAULT_ERROR,
                       "the profile has no 'id': give it the name of its file without the ending");
        return NULL;
    }
    warn_of_idle_overlay(profile, &context, root);
    profile->source = memory_text(document_file(document));
    return take_pointer(profile);
}
