/* SPDX-License-Identifier: Apache-2.0 */
/* The decision: which group and profile one machine gets, or in words why it gets none. */
#pragma once

#include "base/diag.h"
#include "boot/catalog.h"
#include "boot/labels.h"

enum {
    DECISION_OK = 0,
    DECISION_E_NO_GROUP = 1,   /* no group selects these labels */
    DECISION_E_NO_PROFILE = 2, /* the group names a profile that the catalog does not have */
    DECISION_E_NO_BOOT = 3,    /* the profile says nothing of booting */
    DECISION_E_NO_ENTRY = 4,   /* the group's menu does not list the profile that was chosen */
};

/* Borrowed from the catalog, which must be held as long as these are used. */
struct decision {
    const struct group *group;      /* NULL with DECISION_E_NO_GROUP */
    const struct profile *profile;  /* NULL with DECISION_E_NO_GROUP and DECISION_E_NO_PROFILE */
    const struct menu_entry *entry; /* of the group's menu, that was chosen; NULL: none was */
};

/* Chooses for a boot script: the profile must say what to boot, unless the group has a menu to choose from. Returns
 * DECISION_OK or a DECISION_E_ code with the reason in *why; *ret holds as much as was found either way. For no group
 * the reason names the group that came closest and the first selector that failed it. */
int decide_boot(struct decision *ret, const struct catalog *catalog, const struct labels *labels, struct diag *why);
/* The same for metadata and config documents, for which a profile needs no boot member. */
int decide_group(struct decision *ret, const struct catalog *catalog, const struct labels *labels, struct diag *why);

/* DECISION_OK when the profile says what to boot, else DECISION_E_NO_BOOT with the reason. */
int decision_check_boot(const struct decision *decision, struct diag *why);
/* Replaces the group's profile by the one of that id, which was chosen from the group's menu. DECISION_OK;
 * DECISION_E_NO_ENTRY or DECISION_E_NO_PROFILE with the reason, and then *decision is as it was. */
int decision_choose(struct decision *decision, const struct catalog *catalog, const char *profile, struct diag *why);

/* By what kind of boot program the machine is to boot: what its group says, else its profile, else fallback. */
enum loader_choice decision_loader(const struct decision *decision, enum loader_choice fallback);

/* "wants os=installed but this machine has no label 'os'": why a group does not select a machine. */
void decision_append_unmet(struct text *text, struct group_want want, const struct labels *labels);
/* What templates and metadata begin with: the profile's metadata, over it the group's, over both the labels that the
 * group selects on, their names in lower case: where it wants a text that text, otherwise what the machine says. A new
 * map. */
struct value *decision_metadata(const struct decision *decision, const struct labels *labels);
