/* SPDX-License-Identifier: Apache-2.0 */
#include "base/value.h"

#include "test.h"

static void members_stand_in_the_order_of_their_keys(void)
{
    AUTO(value_unref) struct value *map = value_new_map();
    value_map_take(map, "b", value_new_number(2));
    value_map_take(map, "a", value_new_number(1));
    value_map_take(map, "c", value_new_string("x"));
    value_map_take(map, "b", value_new_bool(true));
    CHECK_NUMBER(map->map.count, 3);
    CHECK_TEXT(map->map.members[0].key, "a");
    CHECK_TEXT(map->map.members[2].key, "c");
    CHECK(value_map_get(map, "b")->kind == VALUE_BOOL);
    CHECK(value_map_get(map, "d") == NULL);
    CHECK(value_map_get(value_map_get(map, "a"), "a") == NULL);
}

static void a_merge_prefers_the_second_and_changes_neither(void)
{
    AUTO(value_unref) struct value *base = value_new_map();
    value_map_take(base, "kept", value_new_string("base"));
    value_map_take(base, "both", value_new_string("base"));
    AUTO(value_unref) struct value *over = value_new_map();
    value_map_take(over, "both", value_new_string("over"));
    AUTO(value_unref) struct value *merged = value_map_merge(base, over);
    CHECK_TEXT(value_map_get(merged, "kept")->string.characters, "base");
    CHECK_TEXT(value_map_get(merged, "both")->string.characters, "over");
    CHECK_TEXT(value_map_get(base, "both")->string.characters, "base");
    AUTO(value_unref) struct value *empty = value_map_merge(NULL, NULL);
    CHECK_NUMBER(empty->map.count, 0);
}

static void a_value_knows_how_deep_it_is(void)
{
    struct value *inner = value_new_map();
    value_map_take(inner, "leaf", value_new_null());
    CHECK_NUMBER(inner->depth, 0);
    struct value *middle = value_new_list();
    value_list_take(middle, inner);
    value_list_take(middle, value_new_string("x"));
    AUTO(value_unref) struct value *outer = value_new_map();
    value_map_take(outer, "a", value_new_list());
    CHECK_NUMBER(outer->depth, 1);
    value_map_take(outer, "b", middle);
    CHECK_NUMBER(outer->depth, 2);
}

int main(void)
{
    RUN(members_stand_in_the_order_of_their_keys);
    RUN(a_merge_prefers_the_second_and_changes_neither);
    RUN(a_value_knows_how_deep_it_is);
    return test_result();
}
