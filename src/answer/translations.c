/* SPDX-License-Identifier: Apache-2.0 */
/* Translated Butane configs. */
#include "answer/translations.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

/* One rendering and what it became: never changed, and there until the last who reads it is done. */
struct translation {
    unsigned references;
    struct bytes rendered;
    struct bytes config;
    struct file_uses uses;
    uint64_t asked; /* the larger the later */
    UT_hash_handle hh;
};

struct translations {
    pthread_mutex_t lock; /* over what follows */
    struct translation *table;
    size_t octets;
    uint64_t clock;
};

struct translations *translations_create(void)
{
    struct translations *translations = MEMORY_NEW(struct translations);
    pthread_mutex_init(&translations->lock, NULL);
    return translations;
}

static void translation_unref(struct translation *translation)
{
    if (__atomic_sub_fetch(&translation->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free((void *)translation->rendered.data);
    free((void *)translation->config.data);
    file_uses_finish(&translation->uses);
    free(translation);
}

static size_t octets_of(const struct translation *translation)
{
    return translation->rendered.size + translation->config.size;
}

/* Takes it out of the table; with the lock. */
static void drop(struct translations *translations, struct translation *translation)
{
    HASH_DEL(translations->table, translation);
    translations->octets -= octets_of(translation);
    translation_unref(translation);
}

void translations_destroy(struct translations *translations)
{
    if (!translations)
        return;
    struct translation *translation, *next;
    HASH_ITER (hh, translations->table, translation, next)
        drop(translations, translation);
    pthread_mutex_destroy(&translations->lock);
    free(translations);
}

static struct translation *find(const struct translations *translations, struct bytes rendered)
{
    struct translation *found;
    HASH_FIND(hh, translations->table, rendered.data, rendered.size, found);
    return found;
}

/* The translation with one reference more; NULL when there is none. */
static struct translation *take(struct translations *translations, struct bytes rendered)
{
    pthread_mutex_lock(&translations->lock);
    struct translation *found = find(translations, rendered);
    if (found) {
        found->asked = ++translations->clock;
        __atomic_add_fetch(&found->references, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&translations->lock);
    return found;
}

bool translations_find(struct text *ret, struct translations *translations, struct bytes rendered,
                       const struct file_source *files)
{
    struct translation *found = take(translations, rendered);
    if (!found)
        return false;
    bool holds = file_uses_hold(&found->uses, files);
    if (holds)
        text_append_bytes(ret, found->config);
    translation_unref(found);
    return holds;
}

static struct translation *oldest(const struct translations *translations)
{
    struct translation *oldest = translations->table;
    for (struct translation *at = oldest; at; at = at->hh.next)
        if (at->asked < oldest->asked)
            oldest = at;
    return oldest;
}

static struct bytes copy_of(struct bytes bytes)
{
    return bytes_of(memory_text_of((const char *)bytes.data, bytes.size), bytes.size);
}

void translations_keep(struct translations *translations, struct bytes rendered, struct bytes config,
                       struct file_uses *take_uses)
{
    /* A file that changed while it was read has no stamp, and what was made of it is nobody else's. */
    if (!file_uses_can_be_told(take_uses) || rendered.size + config.size > TRANSLATIONS_OCTETS_MAX)
        return;
    struct translation *kept = MEMORY_NEW(struct translation);
    *kept = (struct translation){
        .references = 1,
        .rendered = copy_of(rendered),
        .config = copy_of(config),
        .uses = *take_uses,
    };
    *take_uses = (struct file_uses){0};
    pthread_mutex_lock(&translations->lock);
    struct translation *before = find(translations, rendered);
    if (before)
        drop(translations, before);
    while (translations->table && (HASH_COUNT(translations->table) >= TRANSLATIONS_MAX ||
                                   translations->octets + octets_of(kept) > TRANSLATIONS_OCTETS_MAX))
        drop(translations, oldest(translations));
    kept->asked = ++translations->clock;
    translations->octets += octets_of(kept);
    HASH_ADD_KEYPTR(hh, translations->table, kept->rendered.data, kept->rendered.size, kept);
    pthread_mutex_unlock(&translations->lock);
}
