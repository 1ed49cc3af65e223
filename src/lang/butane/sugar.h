/* SPDX-License-Identifier: Apache-2.0 */
/* What Butane makes of its own sections. Each looks at draft->root and puts what comes of it there. Within lang/ only.
 */
#pragma once

#include "lang/ignition/draft.h"

/* systemd units that mount filesystems and use swap: with_mount_unit. */
void sugar_mount_units(struct draft *draft);
/* Files, links and folders of the files directory: storage.trees. */
void sugar_trees(struct draft *draft);
/* The root filesystem encrypted, mirrored or both: boot_device. */
void sugar_boot_device(struct draft *draft);
/* Warns of partitions that an image of Fedora CoreOS would not live with. */
void sugar_warn_of_partitions(struct draft *draft);
/* Passwords of GRUB: grub.users. */
void sugar_grub(struct draft *draft);
