/* SPDX-License-Identifier: Apache-2.0 */
/* Menus of groups. */
#include "boot/menu.h"

#include "base/array.h"
#include "base/text.h"

struct menu *menu_create(void)
{
    struct menu *menu = MEMORY_NEW(struct menu);
    *menu = (struct menu){.references = 1, .title = memory_text(""), .timeout = MENU_TIMEOUT_DEFAULT};
    return menu;
}

struct menu *menu_ref(const struct menu *menu)
{
    struct menu *counted = (struct menu *)menu;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void menu_unref(struct menu *menu)
{
    if (!menu || __atomic_sub_fetch(&menu->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    for (size_t i = 0; i < menu->entry_count; i++) {
        free(menu->entries[i].profile);
        free(menu->entries[i].title);
        free(menu->entries[i].password);
    }
    if (menu->made)
        menu->made_destroy(menu->made);
    free(menu->entries);
    free(menu->title);
    free(menu->password);
    free(menu);
}

void menu_take_entry(struct menu *menu, const struct menu_entry *take_entry)
{
    *ARRAY_ADD(menu->entries, menu->entry_count, menu->entry_capacity) = *take_entry;
}

void menu_complete(struct menu *menu)
{
    for (size_t i = 0; i < menu->entry_count; i++) {
        struct menu_entry *entry = &menu->entries[i];
        if (entry->title && entry->title[0] != '\0')
            continue;
        free(entry->title);
        entry->title = memory_text(entry->profile ? entry->profile : "Local disk");
    }
    if (menu->title[0] != '\0')
        return;
    free(menu->title);
    menu->title = memory_text("What shall this machine boot?");
}

const struct menu_entry *menu_find(const struct menu *menu, const char *profile)
{
    for (size_t i = 0; i < menu->entry_count; i++)
        if (text_is(menu->entries[i].profile, profile))
            return &menu->entries[i];
    return NULL;
}

const char *menu_password(const struct menu *menu, const struct menu_entry *entry)
{
    if (entry->password)
        return entry->password;
    return entry == &menu->entries[menu->fallback] ? NULL : menu->password;
}

const char *menu_profile(const struct menu *menu)
{
    const char *profile = menu->entries[menu->fallback].profile;
    for (size_t i = 0; i < menu->entry_count && !profile; i++)
        profile = menu->entries[i].profile;
    return profile;
}

/* As catalog_document_make() does it. */
const void *menu_make(const struct menu *menu, void *(*make)(const struct menu *menu), void (*destroy)(void *made))
{
    struct menu *kept = (struct menu *)menu;
    void *made = __atomic_load_n(&kept->made, __ATOMIC_ACQUIRE);
    if (made)
        return made;
    made = make(menu);
    void *other = NULL;
    __atomic_store_n(&kept->made_destroy, destroy, __ATOMIC_RELAXED);
    if (__atomic_compare_exchange_n(&kept->made, &other, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    destroy(made);
    return other;
}
