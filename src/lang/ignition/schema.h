/* SPDX-License-Identifier: Apache-2.0 */
/* Every field that Ignition 3.0 to 3.6 and Butane's variants have, as tables: its names, its type, since when it is
 * there, and what judges it. Within lang/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct draft;
struct item;
struct schema;

/* The newest version of Ignition's format that is known: 3.6. */
#define IGNITION_MINOR_MAX 6

enum field_kind {
    FIELD_BOOL,
    FIELD_INTEGER,
    FIELD_TEXT,
    FIELD_TEXTS, /* a list of them */
    FIELD_MAP,
    FIELD_MAPS, /* a list of them */
};

/* What only some variants have. */
enum {
    FEATURE_BOOT_DEVICE = 1 << 0, /* fcos from 1.3.0 on */
    FEATURE_GRUB = 1 << 1,        /* fcos from 1.5.0 on */
};

struct field {
    const char *butane;   /* its name in Butane; NULL: it is not written there */
    const char *ignition; /* its name in Ignition; NULL: it is Butane's alone and becomes something else */
    enum field_kind kind;
    const struct schema *inner; /* of a map, and of the maps of a list */
    unsigned since;             /* Ignition 3.since, also of the Butane version that makes that */
    unsigned feature;           /* the variant must have it; 0: every one */
    bool is_always;             /* a text that is written even when it is empty */
    bool is_always_until_3_2;   /* the same in versions before 3.3 */
    bool repeats;               /* a list that may have one thing twice, and that is joined when configs are merged */
    const char *shares;         /* lists of one map by the same name here have no key in common */
    /* Judges the member of a map that is given, or each of a list of texts. */
    void (*check)(struct draft *draft, const struct item *item);
};

struct schema {
    const struct field *fields;
    size_t count;
    const char *key; /* the field that tells one from another in a list; NULL: nothing does */
    /* The key where one field does not make it: a text in the draft's memory, NULL when it has none. */
    const char *(*make_key)(struct draft *draft, const struct item *map);
    void (*examine)(struct draft *draft, struct item *map);   /* what was written in Butane, before anything is made */
    void (*translate)(struct draft *draft, struct item *map); /* Butane's own fields become Ignition's */
    void (*check)(struct draft *draft, struct item *map);     /* the config as Ignition will read it */
};

extern const struct schema schema_config;

/* The schemas that something is made of. */
extern const struct schema schema_directory, schema_disk, schema_file, schema_filesystem, schema_link, schema_luks,
    schema_owner, schema_partition, schema_raid, schema_resource, schema_unit;

/* Whether the draft's version and variant have the field. */
bool field_is_known(const struct field *field, const struct draft *draft);
