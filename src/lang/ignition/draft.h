/* SPDX-License-Identifier: Apache-2.0 */
/* A config while it is read, put together and judged: a tree whose maps have a place for each field of their schema,
 * whose every part knows what it comes from, and whose memory is all dropped at once. Within lang/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "lang/document.h"
#include "lang/files.h"
#include "lang/ignition/report.h"
#include "lang/ignition/schema.h"

/* Which names the fields of the document have, for reading it and for reports. */
enum draft_names {
    DRAFT_BUTANE,   /* "ssh_authorized_keys" */
    DRAFT_IGNITION, /* "sshAuthorizedKeys" */
};

enum item_kind {
    ITEM_BOOL,
    ITEM_INTEGER,
    ITEM_TEXT,
    ITEM_LIST,
    ITEM_MAP,
};

struct item {
    enum item_kind kind;
    bool is_made; /* by us, of something that is spelled another way in the document */
    const struct origin *origin;
    union {
        bool boolean;
        int64_t integer;
        struct bytes text; /* NUL-terminated; only what a file gave may hold NULs of its own */
        struct {
            struct item **items;
            size_t count;
            size_t capacity;
        } list;
        struct {
            const struct schema *schema;
            struct item **members; /* one for each field of the schema, NULL where it is not given */
        } map;
    };
};

struct draft {
    struct arena arena;
    struct item *root;
    struct report *report;
    enum draft_names names;
    const char *title;               /* whose rules these are: "flatcar 1.1.0", "Ignition 3.4.0" */
    unsigned minor;                  /* of Ignition's version 3.minor */
    unsigned features;               /* of the variant: FEATURE_ bits */
    const struct file_source *files; /* what "local" reads; NULL: nothing can be read */
    struct file_uses *uses;          /* what was read; NULL: nobody asks */
    size_t octets_left;              /* of what may be read */
};

void draft_finish(struct draft *draft);
AUTO_DEFINE_STRUCT(draft_finish, struct draft);

/* Reads the document into draft->root, of that schema. What is of a wrong type is an error, what is not known
 * a warning. */
void draft_read(struct draft *draft, const struct schema *schema, const struct node *node);
/* Appends the config as JSON, without what is empty; indented by two where it is pretty. */
void draft_write(struct text *ret, const struct draft *draft, bool pretty);

/* Making items; what they come from is borrowed from the draft. */
struct item *draft_new_bool(struct draft *draft, const struct origin *origin, bool boolean);
struct item *draft_new_integer(struct draft *draft, const struct origin *origin, int64_t integer);
struct item *draft_new_text(struct draft *draft, const struct origin *origin, const char *text);
struct item *draft_new_text_of(struct draft *draft, const struct origin *origin, struct bytes text);
struct item *draft_new_list(struct draft *draft, const struct origin *origin);
struct item *draft_new_map(struct draft *draft, const struct origin *origin, const struct schema *schema);
void draft_add(struct draft *draft, struct item *list, struct item *item);

/* The number of the field of that name, as Butane has it. There is one. */
size_t schema_field(const struct schema *schema, const char *name);
/* The member of that name; NULL when it is not given or map is NULL. */
struct item *item_get(const struct item *map, const char *name);
/* The same from map to map: "storage", "files", NULL. */
struct item *item_get_path(const struct item *map, const char *const *names);
void item_set(struct item *map, const char *name, struct item *item);
/* The characters of a member that is a text; NULL when it is not given. */
const char *item_text(const struct item *map, const char *name);
/* A text that is given and not empty. */
bool item_has_text(const struct item *map, const char *name);
/* A bool that is given and true. */
bool item_is_true(const struct item *map, const char *name);
/* The items of a member that is a list; none when it is not given. */
size_t item_count(const struct item *map, const char *name);
struct item *item_at(const struct item *map, const char *name, size_t index);
/* The map or list of that name, made where it is not there yet. */
struct item *draft_need_map(struct draft *draft, struct item *map, const char *name);
struct item *draft_need_list(struct draft *draft, struct item *map, const char *name);
/* Whether there is nothing in it that would be written. */
bool item_is_empty(const struct item *item);

/* Adds an entry for the item, or for the member of the map by that name, whether or not it is given. */
void draft_say(struct draft *draft, enum fault_severity severity, const struct item *item, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void draft_say_member(struct draft *draft, enum fault_severity severity, const struct item *map, const char *name,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Calls each for every map of the tree that has a schema with something there, the outer before the inner. */
void draft_walk(struct draft *draft, struct item *item, void (*each)(struct draft *draft, struct item *map));
