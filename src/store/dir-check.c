/* SPDX-License-Identifier: Apache-2.0 */
/* What is likely wrong in a catalog that loaded. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "lang/ipxe.h"
#include "store/dir.h"
#include "store/dir-names.h"

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

/* A kernel or initrd; iPXE's flags may stand before the path, and arguments behind it. Other servers' files and
 * templates are not looked for. */
static void check_image(const struct checking *checking, const char *key, const char *given)
{
    static const char assets[] = "/assets/";
    struct bytes url = ipxe_entry_url(NULL, given);
    AUTO(free) char *path = memory_text_of(url.size > 0 ? (const char *)url.data : "", url.size);
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
    for (size_t i = 0; i < profile->generics.count; i++)
        check_config_file(checking, "generic", "generic", profile->generics.at[i].value);
    for (size_t i = 0; i < profile->overlay.count; i++)
        if (profile->overlay.files[i].kind == OVERLAY_DOCUMENT)
            check_config_file(checking, "overlay", catalog_document_folder(profile->overlay.files[i].document),
                              profile->overlay.files[i].text);
    check_image(checking, "boot.kernel", profile->boot.kernel);
    check_image(checking, "boot.efi", profile->boot.efi);
    check_image(checking, "boot.iso", profile->boot.iso);
    for (size_t i = 0; i < profile->boot.initrd_count; i++)
        check_image(checking, "boot.initrd", profile->boot.initrd[i]);
}

static void collect_used_profiles(struct names *ret, const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog_group_count(catalog); i++) {
        const struct group *group = catalog_group_at(catalog, i);
        names_add(ret, group->profile);
        for (size_t k = 0; group->menu && k < group->menu->entry_count; k++)
            if (group->menu->entries[k].profile)
                names_add(ret, group->menu->entries[k].profile);
    }
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
