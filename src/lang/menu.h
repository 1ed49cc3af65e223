/* SPDX-License-Identifier: Apache-2.0 */
/* A menu as the writers of boot scripts take it: the same for each boot program. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct menu_item {
    const char *title;
    const char *place; /* where the program finds what to do when this is chosen, as it names files; NULL: the disk */
    const char *password; /* as this program is told it; NULL: none is asked for */
    const char *user;     /* whose password it is, for programs that ask for a name too */
};

struct menu_page {
    const char *title;
    unsigned timeout;     /* seconds until the default item is booted; 0: never */
    size_t fallback;      /* the default item */
    const char *password; /* as this program is told it; opens all items and what else it offers; NULL: none */
    const char *module;   /* PXELINUX' program that shows menus; NULL: there is none, and numbers are typed */
    const struct menu_item *items;
    size_t item_count;
};

/* The user of a menu's own password. */
#define MENU_USER "muster"

static inline bool menu_page_has_password(const struct menu_page *page)
{
    bool has = page->password != NULL;
    for (size_t i = 0; i < page->item_count && !has; i++)
        has = page->items[i].password != NULL;
    return has;
}
