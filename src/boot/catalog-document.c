/* SPDX-License-Identifier: Apache-2.0 */
/* Config documents. */
#include "boot/catalog-document.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *catalog_document_folder(enum catalog_document_kind kind)
{
    static const char *const folders[] = {
        [CATALOG_IGNITION] = "ignition",
        [CATALOG_CLOUD] = "cloud",
        [CATALOG_GENERIC] = "generic",
    };
    return folders[kind];
}

bool catalog_document_name_is_good(const char *name)
{
    if (name[0] == '\0' || name[0] == '/')
        return false;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strcspn(part, "/") == 2 && strncmp(part, "..", 2) == 0)
            return false;
    }
    return true;
}

struct catalog_document *catalog_document_create(enum catalog_document_kind kind, const char *name,
                                                 struct bytes content)
{
    struct catalog_document *document = MEMORY_NEW(struct catalog_document);
    const char *folder = catalog_document_folder(kind);
    *document = (struct catalog_document){
        .references = 1,
        .kind = kind,
        .source = memory_print("%s/%s", folder, name),
        .content = bytes_of(memory_text_of((const char *)content.data, content.size), content.size),
    };
    document->name = document->source + strlen(folder) + 1;
    return document;
}

/* Two threads may make one at once; the first to be done has its own kept. made_destroy is the same for both and is
 * there before anybody can see what was made. */
const void *catalog_document_make(const struct catalog_document *document,
                                  void *(*make)(const struct catalog_document *document), void (*destroy)(void *made))
{
    struct catalog_document *kept = (struct catalog_document *)document;
    void *made = __atomic_load_n(&kept->made, __ATOMIC_ACQUIRE);
    if (made)
        return made;
    made = make(document);
    void *other = NULL;
    __atomic_store_n(&kept->made_destroy, destroy, __ATOMIC_RELAXED);
    if (__atomic_compare_exchange_n(&kept->made, &other, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    destroy(made);
    return other;
}

struct catalog_document *catalog_document_ref(const struct catalog_document *document)
{
    struct catalog_document *counted = (struct catalog_document *)document;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void catalog_document_unref(struct catalog_document *document)
{
    if (!document || __atomic_sub_fetch(&document->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (document->made)
        document->made_destroy(document->made);
    free((void *)document->content.data);
    free(document->source);
    free(document);
}
