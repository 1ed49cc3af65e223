/* SPDX-License-Identifier: Apache-2.0 */
/* Intrusive doubly linked lists. A head and a link are the same struct; a link outside of any list points to itself
 * after list_init() or list_remove(). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *previous;
};

static inline void list_init(struct list *head)
{
    head->next = head;
    head->previous = head;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head || head->next == NULL;
}

/* Puts link before position: before a head that is the end of the list. */
static inline void list_insert(struct list *position, struct list *link)
{
    link->previous = position->previous;
    link->next = position;
    position->previous->next = link;
    position->previous = link;
}

static inline void list_append(struct list *head, struct list *link)
{
    list_insert(head, link);
}

static inline void list_remove(struct list *link)
{
    if (!link->next)
        return;
    link->next->previous = link->previous;
    link->previous->next = link->next;
    list_init(link);
}

#define list_owner(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Walks the links; the one at hand may be removed while walking. */
#define LIST_FOR_EACH(position, head)                                                                                  \
    for (struct list *position = (head)->next, *position##_next = position->next; position != (head);                  \
         position = position##_next, position##_next = position->next)
