/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash-table.h"

#include <stdint.h>

#include "base/hash.h"
#include "base/list.h"
#include "test.h"

#define MANY 100000

struct entry {
    unsigned number;
    unsigned visits;
    struct hash_link link;
};

static struct entry entries[MANY];

static unsigned spread(unsigned number)
{
    return hash_of(bytes_of(&number, sizeof number));
}

static struct entry *find(const struct hash_table *table, unsigned number, unsigned hash)
{
    for (struct hash_link *link = hash_table_first(table, hash); link; link = hash_table_next_same(link)) {
        struct entry *entry = list_owner(link, struct entry, link);
        if (entry->number == number)
            return entry;
    }
    return NULL;
}

static void add(struct hash_table *table, unsigned number, unsigned hash)
{
    entries[number] = (struct entry){.number = number};
    hash_table_add(table, &entries[number].link, hash);
}

static void an_empty_table_has_nothing(void)
{
    struct hash_table table = {0};
    CHECK(!hash_table_first(&table, 0));
    CHECK(!hash_table_next(&table, NULL));
    hash_table_finish(&table);
    hash_table_finish(&table);
}

static void all_are_found_however_many_there_are(void)
{
    struct hash_table table = {0};
    unsigned missed = 0, mistaken = 0;
    for (unsigned i = 0; i < MANY; i++) {
        add(&table, i, spread(i));
        missed += find(&table, i / 2, spread(i / 2)) != &entries[i / 2];
        mistaken += find(&table, i + 1, spread(i + 1)) != NULL;
    }
    for (unsigned i = 0; i < MANY; i++)
        missed += find(&table, i, spread(i)) != &entries[i];
    CHECK(table.count == MANY);
    CHECK(missed == 0);
    CHECK(mistaken == 0);
    hash_table_finish(&table);
}

static void what_is_removed_is_gone_and_the_rest_stays(void)
{
    struct hash_table table = {0};
    unsigned wrong = 0;
    for (unsigned i = 0; i < MANY; i++) {
        add(&table, i, spread(i));
        if (i % 3 == 2)
            hash_table_remove(&table, &entries[i - 1].link);
    }
    for (unsigned i = 0; i < MANY; i++)
        wrong += (find(&table, i, spread(i)) != NULL) != (i % 3 != 1);
    CHECK(wrong == 0);
    CHECK(table.count == MANY - MANY / 3);
    hash_table_finish(&table);
}

static void entries_with_one_hash_are_told_apart(void)
{
    struct hash_table table = {0};
    for (unsigned i = 0; i < 100; i++)
        add(&table, i, 7);
    hash_table_remove(&table, &entries[50].link);
    CHECK(find(&table, 49, 7) == &entries[49]);
    CHECK(find(&table, 51, 7) == &entries[51]);
    CHECK(!find(&table, 50, 7));
    CHECK(!find(&table, 49, 8));
    hash_table_finish(&table);
}

static void a_walk_meets_each_entry_once_and_may_remove_it(void)
{
    struct hash_table table = {0};
    unsigned wrong = 0;
    for (unsigned i = 0; i < 1000; i++)
        add(&table, i, spread(i));
    for (struct hash_link *next, *link = hash_table_next(&table, NULL); link; link = next) {
        next = hash_table_next(&table, link);
        list_owner(link, struct entry, link)->visits++;
        hash_table_remove(&table, link);
    }
    for (unsigned i = 0; i < 1000; i++)
        wrong += entries[i].visits != 1;
    CHECK(wrong == 0);
    CHECK(table.count == 0);
    CHECK(!hash_table_next(&table, NULL));
    hash_table_finish(&table);
}

int main(void)
{
    RUN(an_empty_table_has_nothing);
    RUN(all_are_found_however_many_there_are);
    RUN(what_is_removed_is_gone_and_the_rest_stays);
    RUN(entries_with_one_hash_are_told_apart);
    RUN(a_walk_meets_each_entry_once_and_may_remove_it);
    return test_result();
}
