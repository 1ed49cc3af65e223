/* SPDX-License-Identifier: Apache-2.0 */
/* Making parts of a config. */
#include "lang/butane/make.h"

struct item *make_map(struct draft *draft, const struct item *place, const struct schema *schema)
{
    struct item *map = draft_new_map(draft, place->origin, schema);
    map->is_made = true;
    return map;
}

struct item *make_entry(struct draft *draft, struct item *config, const char *section, const char *list,
                        const struct item *place)
{
    struct item *outer = draft_need_map(draft, config, section);
    struct item *entries = draft_need_list(draft, outer, list);
    const struct schema *schema = outer->map.schema;
    struct item *entry = make_map(draft, place, schema->fields[schema_field(schema, list)].inner);
    draft_add(draft, entries, entry);
    return entry;
}

void make_text(struct draft *draft, struct item *map, const char *name, const char *text)
{
    item_set(map, name, draft_new_text(draft, map->origin, text));
}

void make_bool(struct draft *draft, struct item *map, const char *name, bool boolean)
{
    item_set(map, name, draft_new_bool(draft, map->origin, boolean));
}

void make_integer(struct draft *draft, struct item *map, const char *name, int64_t integer)
{
    item_set(map, name, draft_new_integer(draft, map->origin, integer));
}
