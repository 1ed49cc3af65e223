/* SPDX-License-Identifier: Apache-2.0 */
/* The menu of a group: several profiles, of which whoever stands before the machine chooses one. Immutable once it is
 * shared. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"

/* Entries of one menu: two screens. */
#define MENU_ENTRIES_MAX 64
/* Seconds until the default is booted, when nothing is said of it. */
#define MENU_TIMEOUT_DEFAULT 10

struct menu_entry {
    char *profile;  /* its id; NULL: the machine's disk */
    char *title;    /* "" until menu_complete(): the profile's id */
    char *password; /* NULL: none of its own */
};

struct menu {
    unsigned references;
    char *title;
    unsigned timeout; /* seconds; 0: it waits for somebody to choose */
    size_t fallback;  /* the index of the default entry */
    char *password;   /* asked for before any entry but the default is booted; NULL: not */
    struct menu_entry *entries;
    size_t entry_count;
    size_t entry_capacity;
    void *made; /* menu_make()'s, and what frees it */
    void (*made_destroy)(void *made);
};

/* An empty one with one reference. */
struct menu *menu_create(void);
struct menu *menu_ref(const struct menu *menu);
void menu_unref(struct menu *menu);
AUTO_DEFINE(menu_unref, struct menu *);

/* Takes over what the entry holds. While the menu is not shared. */
void menu_take_entry(struct menu *menu, const struct menu_entry *take_entry);
/* Gives each entry that has none a title, and the menu too. */
void menu_complete(struct menu *menu);

/* The entry of that profile; NULL: the menu does not list it. */
const struct menu_entry *menu_find(const struct menu *menu, const char *profile);
/* What is asked for before the entry is booted; NULL: nothing. */
const char *menu_password(const struct menu *menu, const struct menu_entry *entry);
/* The profile that machines have whose choice is not known: the default's, else the first of any entry. NULL: every
 * entry is the disk. */
const char *menu_profile(const struct menu *menu);

/* What make gives for the menu, kept with it. Made when it is first asked for, by whichever thread asks, and the same
 * from then on; one use for each menu. Borrowed. */
const void *menu_make(const struct menu *menu, void *(*make)(const struct menu *menu), void (*destroy)(void *made));
