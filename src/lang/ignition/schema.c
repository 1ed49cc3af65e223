/* SPDX-License-Identifier: Apache-2.0 */
/* The tables. Adding a field is adding a line. */
#include "lang/ignition/schema.h"

#include "base/array.h"
#include "lang/ignition/hooks.h"

#define FIELDS(table) .fields = (table), .count = LENGTH(table)

static const struct field verification_fields[] = {
    {"hash", "hash", FIELD_TEXT},
};
static const struct schema schema_verification = {FIELDS(verification_fields), .check = check_verification};

static const struct field header_fields[] = {
    {"name", "name", FIELD_TEXT, .is_always = true},
    {"value", "value", FIELD_TEXT},
};
static const struct schema schema_header = {FIELDS(header_fields), .key = "name", .check = check_header};

/* Contents of files, and keys. */
static const struct field resource_fields[] = {
    {"compression", "compression", FIELD_TEXT},
    {"http_headers", "httpHeaders", FIELD_MAPS, &schema_header, .since = 1},
    {"source", "source", FIELD_TEXT},
    {"verification", "verification", FIELD_MAP, &schema_verification},
    {"inline", NULL, FIELD_TEXT},
    {"local", NULL, FIELD_TEXT, .since = 1},
};
const struct schema schema_resource = {
    FIELDS(resource_fields),         .key = "source",         .examine = examine_resource,
    .translate = translate_resource, .check = check_resource,
};

/* Other configs and certificates: in version 3.0 they had fewer fields than the contents of files. */
static const struct field reference_fields[] = {
    {"compression", "compression", FIELD_TEXT, .since = 1},
    {"http_headers", "httpHeaders", FIELD_MAPS, &schema_header, .since = 1},
    {"source", "source", FIELD_TEXT},
    {"verification", "verification", FIELD_MAP, &schema_verification},
    {"inline", NULL, FIELD_TEXT, .since = 1},
    {"local", NULL, FIELD_TEXT, .since = 1},
};
static const struct schema schema_config_reference = {
    FIELDS(reference_fields),        .key = "source",         .examine = examine_reference,
    .translate = translate_resource, .check = check_resource,
};
static const struct schema schema_certificate = {
    FIELDS(reference_fields),        .key = "source",         .examine = examine_resource,
    .translate = translate_resource, .check = check_resource,
};

static const struct field references_fields[] = {
    {"merge", "merge", FIELD_MAPS, &schema_config_reference},
    {"replace", "replace", FIELD_MAP, &schema_config_reference},
};
static const struct schema schema_references = {FIELDS(references_fields), .check = check_references};

static const struct field proxy_fields[] = {
    {"http_proxy", "httpProxy", FIELD_TEXT, .check = check_http_proxy},
    {"https_proxy", "httpsProxy", FIELD_TEXT, .check = check_https_proxy},
    {"no_proxy", "noProxy", FIELD_TEXTS},
};
static const struct schema schema_proxy = {FIELDS(proxy_fields)};

static const struct field tls_fields[] = {
    {"certificate_authorities", "certificateAuthorities", FIELD_MAPS, &schema_certificate},
};
static const struct schema schema_tls = {FIELDS(tls_fields), .check = check_tls};

static const struct field security_fields[] = {
    {"tls", "tls", FIELD_MAP, &schema_tls},
};
static const struct schema schema_security = {FIELDS(security_fields)};

static const struct field timeouts_fields[] = {
    {"http_response_headers", "httpResponseHeaders", FIELD_INTEGER},
    {"http_total", "httpTotal", FIELD_INTEGER},
};
static const struct schema schema_timeouts = {FIELDS(timeouts_fields)};

static const struct field ignition_fields[] = {
    {NULL, "version", FIELD_TEXT, .is_always = true},         {"config", "config", FIELD_MAP, &schema_references},
    {"proxy", "proxy", FIELD_MAP, &schema_proxy, .since = 1}, {"security", "security", FIELD_MAP, &schema_security},
    {"timeouts", "timeouts", FIELD_MAP, &schema_timeouts},
};
static const struct schema schema_ignition = {FIELDS(ignition_fields)};

static const struct field arguments_fields[] = {
    {"should_exist", "shouldExist", FIELD_TEXTS, .shares = "arguments"},
    {"should_not_exist", "shouldNotExist", FIELD_TEXTS, .shares = "arguments"},
};
static const struct schema schema_arguments = {FIELDS(arguments_fields)};

static const struct field group_fields[] = {
    {"gid", "gid", FIELD_INTEGER},
    {"name", "name", FIELD_TEXT, .is_always = true},
    {"password_hash", "passwordHash", FIELD_TEXT},
    {"should_exist", "shouldExist", FIELD_BOOL, .since = 2},
    {"system", "system", FIELD_BOOL},
};
static const struct schema schema_group = {FIELDS(group_fields), .key = "name"};

static const struct field user_fields[] = {
    {"gecos", "gecos", FIELD_TEXT},
    {"groups", "groups", FIELD_TEXTS},
    {"home_dir", "homeDir", FIELD_TEXT},
    {"name", "name", FIELD_TEXT, .is_always = true},
    {"no_create_home", "noCreateHome", FIELD_BOOL},
    {"no_log_init", "noLogInit", FIELD_BOOL},
    {"no_user_group", "noUserGroup", FIELD_BOOL},
    {"password_hash", "passwordHash", FIELD_TEXT},
    {"primary_group", "primaryGroup", FIELD_TEXT},
    {"shell", "shell", FIELD_TEXT},
    {"should_exist", "shouldExist", FIELD_BOOL, .since = 2},
    {"ssh_authorized_keys", "sshAuthorizedKeys", FIELD_TEXTS},
    {"ssh_authorized_keys_local", NULL, FIELD_TEXTS, .since = 4},
    {"system", "system", FIELD_BOOL},
    {"uid", "uid", FIELD_INTEGER},
};
static const struct schema schema_user = {FIELDS(user_fields), .key = "name", .translate = translate_user};

static const struct field passwd_fields[] = {
    {"groups", "groups", FIELD_MAPS, &schema_group},
    {"users", "users", FIELD_MAPS, &schema_user},
};
static const struct schema schema_passwd = {FIELDS(passwd_fields)};

static const struct field owner_fields[] = {
    {"id", "id", FIELD_INTEGER},
    {"name", "name", FIELD_TEXT},
};
const struct schema schema_owner = {FIELDS(owner_fields), .check = check_owner};

#define NODE_FIELDS                                                                                                    \
    {"group", "group", FIELD_MAP, &schema_owner}, {"overwrite", "overwrite", FIELD_BOOL},                              \
        {"path", "path", FIELD_TEXT, .is_always = true},                                                               \
    {                                                                                                                  \
        "user", "user", FIELD_MAP, &schema_owner                                                                       \
    }

static const struct field directory_fields[] = {
    NODE_FIELDS,
    {"mode", "mode", FIELD_INTEGER, .check = check_mode},
};
const struct schema schema_directory = {
    FIELDS(directory_fields),
    .key = "path",
    .examine = examine_directory,
    .check = check_node,
};

static const struct field file_fields[] = {
    NODE_FIELDS,
    {"append", "append", FIELD_MAPS, &schema_resource, .repeats = true},
    {"contents", "contents", FIELD_MAP, &schema_resource},
    {"mode", "mode", FIELD_INTEGER, .check = check_mode},
};
const struct schema schema_file = {
    FIELDS(file_fields),
    .key = "path",
    .examine = examine_file,
    .check = check_file,
};

static const struct field link_fields[] = {
    NODE_FIELDS,
    {"hard", "hard", FIELD_BOOL},
    {"target", "target", FIELD_TEXT, .is_always_until_3_2 = true},
};
const struct schema schema_link = {FIELDS(link_fields), .key = "path", .check = check_node};

static const struct field partition_fields[] = {
    {"guid", "guid", FIELD_TEXT, .check = check_guid},
    {"label", "label", FIELD_TEXT},
    {"number", "number", FIELD_INTEGER},
    {"resize", "resize", FIELD_BOOL, .since = 2},
    {"should_exist", "shouldExist", FIELD_BOOL},
    {"size_mib", "sizeMiB", FIELD_INTEGER},
    {"start_mib", "startMiB", FIELD_INTEGER},
    {"type_guid", "typeGuid", FIELD_TEXT, .check = check_guid},
    {"wipe_partition_entry", "wipePartitionEntry", FIELD_BOOL},
};
const struct schema schema_partition = {
    FIELDS(partition_fields),
    .make_key = key_of_partition,
    .check = check_partition,
};

static const struct field disk_fields[] = {
    {"device", "device", FIELD_TEXT, .is_always = true},
    {"partitions", "partitions", FIELD_MAPS, &schema_partition},
    {"wipe_table", "wipeTable", FIELD_BOOL},
};
const struct schema schema_disk = {
    FIELDS(disk_fields),
    .key = "device",
    .examine = examine_disk,
    .check = check_disk,
};

static const struct field filesystem_fields[] = {
    {"device", "device", FIELD_TEXT, .is_always = true},
    {"format", "format", FIELD_TEXT},
    {"label", "label", FIELD_TEXT},
    {"mount_options", "mountOptions", FIELD_TEXTS, .since = 1, .repeats = true},
    {"options", "options", FIELD_TEXTS, .repeats = true},
    {"path", "path", FIELD_TEXT, .check = check_optional_path},
    {"uuid", "uuid", FIELD_TEXT},
    {"wipe_filesystem", "wipeFilesystem", FIELD_BOOL},
    {"with_mount_unit", NULL, FIELD_BOOL, .since = 1},
};
const struct schema schema_filesystem = {
    FIELDS(filesystem_fields),
    .key = "device",
    .examine = examine_filesystem,
    .check = check_filesystem,
};

static const struct field raid_fields[] = {
    {"devices", "devices", FIELD_TEXTS, .check = check_raid_device},
    {"level", "level", FIELD_TEXT, .is_always_until_3_2 = true},
    {"name", "name", FIELD_TEXT, .is_always = true},
    {"options", "options", FIELD_TEXTS, .repeats = true},
    {"spares", "spares", FIELD_INTEGER},
};
const struct schema schema_raid = {FIELDS(raid_fields), .key = "name", .check = check_raid};

static const struct field cex_fields[] = {
    {"enabled", "enabled", FIELD_BOOL},
};
static const struct schema schema_cex = {FIELDS(cex_fields)};

static const struct field tang_fields[] = {
    {"advertisement", "advertisement", FIELD_TEXT, .since = 4},
    {"thumbprint", "thumbprint", FIELD_TEXT},
    {"url", "url", FIELD_TEXT},
};
static const struct schema schema_tang = {FIELDS(tang_fields), .key = "url", .check = check_tang};

static const struct field clevis_custom_fields[] = {
    {"config", "config", FIELD_TEXT, .is_always_until_3_2 = true},
    {"needs_network", "needsNetwork", FIELD_BOOL},
    {"pin", "pin", FIELD_TEXT, .is_always_until_3_2 = true},
};
static const struct schema schema_clevis_custom = {FIELDS(clevis_custom_fields), .check = check_clevis_custom};

static const struct field clevis_fields[] = {
    {"custom", "custom", FIELD_MAP, &schema_clevis_custom},
    {"tang", "tang", FIELD_MAPS, &schema_tang},
    {"threshold", "threshold", FIELD_INTEGER},
    {"tpm2", "tpm2", FIELD_BOOL},
};
static const struct schema schema_clevis = {FIELDS(clevis_fields)};

static const struct field luks_fields[] = {
    {"cex", "cex", FIELD_MAP, &schema_cex, .since = 5},
    {"clevis", "clevis", FIELD_MAP, &schema_clevis},
    {"device", "device", FIELD_TEXT},
    {"discard", "discard", FIELD_BOOL, .since = 4},
    {"key_file", "keyFile", FIELD_MAP, &schema_resource},
    {"label", "label", FIELD_TEXT},
    {"name", "name", FIELD_TEXT, .is_always = true},
    {"open_options", "openOptions", FIELD_TEXTS, .since = 4, .repeats = true},
    {"options", "options", FIELD_TEXTS, .repeats = true},
    {"uuid", "uuid", FIELD_TEXT},
    {"wipe_volume", "wipeVolume", FIELD_BOOL},
};
const struct schema schema_luks = {FIELDS(luks_fields), .key = "name", .check = check_luks};

static const struct field tree_fields[] = {
    {"dir_mode", NULL, FIELD_INTEGER, .since = 6},
    {"file_mode", NULL, FIELD_INTEGER, .since = 6},
    {"group", NULL, FIELD_MAP, &schema_owner, .since = 6},
    {"local", NULL, FIELD_TEXT},
    {"path", NULL, FIELD_TEXT},
    {"user", NULL, FIELD_MAP, &schema_owner, .since = 6},
};
static const struct schema schema_tree = {FIELDS(tree_fields), .examine = examine_tree};

static const struct field storage_fields[] = {
    {"directories", "directories", FIELD_MAPS, &schema_directory, .shares = "paths"},
    {"disks", "disks", FIELD_MAPS, &schema_disk},
    {"files", "files", FIELD_MAPS, &schema_file, .shares = "paths"},
    {"filesystems", "filesystems", FIELD_MAPS, &schema_filesystem},
    {"links", "links", FIELD_MAPS, &schema_link, .shares = "paths"},
    {"luks", "luks", FIELD_MAPS, &schema_luks, .since = 2},
    {"raid", "raid", FIELD_MAPS, &schema_raid},
    {"trees", NULL, FIELD_MAPS, &schema_tree, .since = 1},
};
static const struct schema schema_storage = {FIELDS(storage_fields), .check = check_storage};

static const struct field dropin_fields[] = {
    {"contents", "contents", FIELD_TEXT},
    {"contents_local", NULL, FIELD_TEXT, .since = 4},
    {"name", "name", FIELD_TEXT, .is_always = true},
};
static const struct schema schema_dropin = {
    FIELDS(dropin_fields), .key = "name", .examine = examine_unit, .translate = translate_unit, .check = check_dropin,
};

static const struct field unit_fields[] = {
    {"contents", "contents", FIELD_TEXT},
    {"contents_local", NULL, FIELD_TEXT, .since = 4},
    {"dropins", "dropins", FIELD_MAPS, &schema_dropin},
    {"enabled", "enabled", FIELD_BOOL},
    {"mask", "mask", FIELD_BOOL},
    {"name", "name", FIELD_TEXT, .is_always = true},
};
const struct schema schema_unit = {
    FIELDS(unit_fields), .key = "name", .examine = examine_unit, .translate = translate_unit, .check = check_unit,
};

static const struct field systemd_fields[] = {
    {"units", "units", FIELD_MAPS, &schema_unit},
};
static const struct schema schema_systemd = {FIELDS(systemd_fields)};

static const struct field boot_luks_fields[] = {
    {"cex", NULL, FIELD_MAP, &schema_cex, .since = 5},
    {"device", NULL, FIELD_TEXT, .since = 5},
    {"discard", NULL, FIELD_BOOL, .since = 4},
    {"tang", NULL, FIELD_MAPS, &schema_tang},
    {"threshold", NULL, FIELD_INTEGER},
    {"tpm2", NULL, FIELD_BOOL},
};
static const struct schema schema_boot_luks = {FIELDS(boot_luks_fields)};

static const struct field boot_mirror_fields[] = {
    {"devices", NULL, FIELD_TEXTS},
};
static const struct schema schema_boot_mirror = {FIELDS(boot_mirror_fields)};

static const struct field boot_device_fields[] = {
    {"layout", NULL, FIELD_TEXT},
    {"luks", NULL, FIELD_MAP, &schema_boot_luks},
    {"mirror", NULL, FIELD_MAP, &schema_boot_mirror},
};
static const struct schema schema_boot_device = {FIELDS(boot_device_fields), .examine = examine_boot_device};

static const struct field grub_user_fields[] = {
    {"name", NULL, FIELD_TEXT},
    {"password_hash", NULL, FIELD_TEXT},
};
static const struct schema schema_grub_user = {FIELDS(grub_user_fields), .examine = examine_grub_user};

static const struct field grub_fields[] = {
    {"users", NULL, FIELD_MAPS, &schema_grub_user},
};
static const struct schema schema_grub = {FIELDS(grub_fields)};

static const struct field config_fields[] = {
    {"variant", NULL, FIELD_TEXT},
    {"version", NULL, FIELD_TEXT},
    {"ignition", "ignition", FIELD_MAP, &schema_ignition},
    {"kernel_arguments", "kernelArguments", FIELD_MAP, &schema_arguments, .since = 3},
    {"passwd", "passwd", FIELD_MAP, &schema_passwd},
    {"storage", "storage", FIELD_MAP, &schema_storage},
    {"systemd", "systemd", FIELD_MAP, &schema_systemd},
    {"boot_device", NULL, FIELD_MAP, &schema_boot_device, .feature = FEATURE_BOOT_DEVICE},
    {"grub", NULL, FIELD_MAP, &schema_grub, .feature = FEATURE_GRUB},
};
const struct schema schema_config = {FIELDS(config_fields), .check = check_config};

bool field_is_known(const struct field *field, const struct draft *draft)
{
    bool is_named = (draft->names == DRAFT_BUTANE ? field->butane : field->ignition) != NULL;
    return is_named && field->since <= draft->minor && (field->feature & draft->features) == field->feature;
}
