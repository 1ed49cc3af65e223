/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON-like value: what a document's metadata holds and what a template reads. Immutable once it is shared;
 * counted references, safe to take and drop from several threads. NULL is never a value. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INTEGER, /* never comes out of JSON, where every number is a VALUE_NUMBER as in Go's encoding/json */
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_MAP,
};

struct value;

struct value_member {
    char *key;
    struct value *value;
};

struct value {
    enum value_kind kind;
    unsigned references;
    unsigned depth; /* lists and maps inside each other: 0 for one without any in it */
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct {
            char *characters; /* NUL-terminated; may hold NULs of its own */
            size_t length;
        } string;
        struct {
            struct value **items;
            size_t count;
            size_t capacity;
        } list;
        struct {
            struct value_member *members; /* sorted by key, bytewise; keys are unique */
            size_t count;
            size_t capacity;
            bool strings; /* Go's map[string]string: every member is a string, and one that is absent reads as "" */
        } map;
    };
};

/* Each gives a new value with one reference that the caller owns. */
struct value *value_new_null(void);
struct value *value_new_bool(bool boolean);
struct value *value_new_integer(int64_t integer);
struct value *value_new_number(double number);
struct value *value_new_string(const char *text);
struct value *value_new_string_of(struct bytes characters);
struct value *value_new_list(void);
struct value *value_new_map(void);

struct value *value_ref(const struct value *value);
/* Drops one reference; the last one frees the value and what it holds. NULL is left alone. */
void value_unref(struct value *value);
AUTO_DEFINE(value_unref, struct value *);

/* Puts an item behind the last; the list takes over the reference. Only while nobody else holds the list. */
void value_list_take(struct value *list, struct value *take_item);
/* Sets the member, replacing an earlier one; the map takes over the reference. Only while nobody else holds the map. */
void value_map_take(struct value *map, const char *key, struct value *take_value);
/* The member's value, borrowed; NULL when there is none or map is no map. */
const struct value *value_map_get(const struct value *map, const char *key);
/* A new map with the members of base and over, over's winning; neither is changed. NULL stands for an empty map. */
struct value *value_map_merge(const struct value *base, const struct value *over);
