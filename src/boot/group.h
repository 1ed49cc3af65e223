/* SPDX-License-Identifier: Apache-2.0 */
/* A group: the labels it selects on, and what the machines that have them get: a profile and metadata.
 * Immutable once it is shared. */
#pragma once

#include "base/value.h"
#include "boot/labels.h"
#include "boot/loader-choice.h"
#include "boot/menu.h"
#include "boot/selector.h"
#include "lease/reservation.h"
#include "lease/terms.h"

/* What a group wants of one label beyond a text. */
struct group_condition {
    char *name;
    struct selector *selector;
};

struct group {
    unsigned references;
    char *id;
    char *name;                /* "" when the document gives none */
    char *profile;             /* the profile's id; with a menu, of machines whose choice is not known */
    struct menu *menu;         /* profiles to choose from at the machine; NULL: none */
    enum loader_choice loader; /* holds before the profile's */
    struct labels selector;    /* texts that labels must equal */
    struct group_condition *conditions;
    size_t condition_count;
    size_t condition_capacity;
    char *order;            /* all of it as text; the catalog's, once it holds the group */
    struct value *metadata; /* a VALUE_MAP, or NULL */
    struct {
        struct ipv4 address;   /* for the one machine that it selects; unset: none */
        unsigned line, column; /* where the document says so */
        struct lease_terms terms;
    } dhcp;
    char *source; /* the document it was read from, for reasons: "groups/node1.json"; NULL: none */
};

struct group *group_create(const char *id, const char *profile);
struct group *group_ref(const struct group *group);
void group_unref(struct group *group);
AUTO_DEFINE(group_unref, struct group *);

/* A group that goes by another id and is the same else. */
struct group *group_copy_as(const struct group *group, const char *id);
/* Whether both select the very same machines, by the same selectors. */
bool group_selects_alike(const struct group *a, const struct group *b);

/* Whether it is for certain machines: it selects on mac or uuid, in whatever form. */
bool group_names_machines(const struct group *group);
/* The one machine that it is for, by a text for mac or else for uuid, as what DHCP recognises it by: kind and id of
 * *ret are set. False when it is for others too. */
bool group_machine(struct reservation *ret, const struct group *group);

/* While it is not shared. */
void group_take_condition(struct group *group, const char *name, struct selector *take_selector);

/* One thing that a group wants of a label: a text, or a selector where value is NULL. Borrowed from the group. */
struct group_want {
    const char *name;
    const char *value;
    const struct selector *selector;
};
size_t group_want_count(const struct group *group);
/* The texts by name, then the selectors as they were added. */
struct group_want group_want_at(const struct group *group, size_t index);
/* Whether the labels meet it; a missing label counts as "". Matchbox's rule. */
bool group_want_is_met(struct group_want want, const struct labels *labels);
/* "os=installed", "ip to be in 10.0.0.0/8". */
void group_want_append_words(struct text *text, struct group_want want);

bool group_selects(const struct group *group, const struct labels *labels);
/* The first that the labels do not meet; false when they meet all. */
bool group_find_unmet(struct group_want *ret, const struct group *group, const struct labels *labels);

/* The order of selection: negative when a comes before b. Matchbox's for groups that want texts only: more selectors
 * first, then the selectors' text descending; what Matchbox leaves to chance goes by id. Between those two: the more
 * exact selectors first, then those of the greater detail. Both hold their order text. */
int group_compare(const struct group *a, const struct group *b);
/* Makes the order text, once. */
void group_note_order(struct group *group);
