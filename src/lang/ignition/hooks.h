/* SPDX-License-Identifier: Apache-2.0 */
/* What the schema's tables call. Within lang/ only. */
#pragma once

#include "lang/ignition/draft.h"

/* What was written in Butane, before anything is made of it: lang/butane/examine.c. */
void examine_resource(struct draft *draft, struct item *map);
void examine_reference(struct draft *draft, struct item *map);
void examine_file(struct draft *draft, struct item *map);
void examine_directory(struct draft *draft, struct item *map);
void examine_filesystem(struct draft *draft, struct item *map);
void examine_disk(struct draft *draft, struct item *map);
void examine_tree(struct draft *draft, struct item *map);
void examine_unit(struct draft *draft, struct item *map);
void examine_grub_user(struct draft *draft, struct item *map);
void examine_boot_device(struct draft *draft, struct item *map);

/* Butane's own fields become Ignition's: lang/butane/local.c. */
void translate_resource(struct draft *draft, struct item *map);
void translate_unit(struct draft *draft, struct item *map);
void translate_user(struct draft *draft, struct item *map);

/* Single fields: lang/ignition/check-field.c. */
void check_path(struct draft *draft, const struct item *item);
void check_optional_path(struct draft *draft, const struct item *item);
void check_mode(struct draft *draft, const struct item *item);
void check_guid(struct draft *draft, const struct item *item);
void check_http_proxy(struct draft *draft, const struct item *item);
void check_https_proxy(struct draft *draft, const struct item *item);
void check_raid_device(struct draft *draft, const struct item *item);

/* Maps as a whole: lang/ignition/check-*.c. */
void check_config(struct draft *draft, struct item *map);
void check_references(struct draft *draft, struct item *map);
void check_tls(struct draft *draft, struct item *map);
void check_storage(struct draft *draft, struct item *map);
void check_disk(struct draft *draft, struct item *map);
void check_partition(struct draft *draft, struct item *map);
void check_raid(struct draft *draft, struct item *map);
void check_filesystem(struct draft *draft, struct item *map);
void check_luks(struct draft *draft, struct item *map);
void check_clevis_custom(struct draft *draft, struct item *map);
void check_tang(struct draft *draft, struct item *map);
void check_owner(struct draft *draft, struct item *map);
void check_node(struct draft *draft, struct item *map);
void check_file(struct draft *draft, struct item *map);
void check_resource(struct draft *draft, struct item *map);
void check_verification(struct draft *draft, struct item *map);
void check_header(struct draft *draft, struct item *map);
void check_unit(struct draft *draft, struct item *map);
void check_dropin(struct draft *draft, struct item *map);

const char *key_of_partition(struct draft *draft, const struct item *map);
