/* SPDX-License-Identifier: Apache-2.0 */
/* The index over groups.
 *
 * Each group hangs in the buckets of one thing it wants, the rarest: of a text one bucket, of a list one for each
 * value, of a network one, of a pattern that of the fixed characters it begins or ends with. A machine can only match a
 * group whose rarest want it meets, so the buckets that its own labels lead to hold every candidate. What a machine may
 * meet by lacking a label, or by not being something, no look-up finds: groups with nothing but such wants, the default
 * group among them, are asked always. */
#include "boot/group-index.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/ipv4.h"

#define RANK_NONE UINT32_MAX

/* One bucket: a kind of key and the key's number among those. */
struct hook {
    enum group_key kind;
    uint32_t number;
};

/* The buckets of one want: hooks[start] to hooks[start + count - 1]. */
struct hook_run {
    uint32_t start;
    uint32_t count;
};

struct building {
    struct group_index *index;
    struct hook *hooks;
    size_t hook_count;
    size_t hook_capacity;
    struct hook_run *runs; /* of the wants that have any, group by group */
    size_t run_count;
    size_t run_capacity;
    uint32_t *uses; /* how many wants use each bucket */
};

static void building_add(struct building *building, enum group_key kind, const char *name, const char *text,
                         size_t length)
{
    size_t number = pairs_add(&building->index->keys[kind], name, text);
    *ARRAY_ADD(building->hooks, building->hook_count, building->hook_capacity) =
        (struct hook){.kind = kind, .number = (uint32_t)number};
    if (kind != GROUP_KEY_VALUE)
        building->index->lengths[kind] |= UINT64_C(1) << length;
}

/* The same for a text that the index has to keep. */
static void building_take(struct building *building, enum group_key kind, const char *name, char *take_text,
                          size_t length)
{
    struct group_index *index = building->index;
    *ARRAY_ADD(index->texts, index->text_count, index->text_capacity) = take_text;
    building_add(building, kind, name, take_text, length);
}

static char *network_to_text(struct ipv4 address, unsigned bits)
{
    struct ipv4_subnet subnet = {.prefix = (uint8_t)bits};
    char text[IPV4_TEXT_MAX];
    struct ipv4 network = {.number = address.number & ipv4_subnet_mask(subnet).number};
    return memory_print("%s/%u", ipv4_to_text(text, network), bits);
}

/* Hangs by what a pattern begins or ends with; false when neither is fixed. */
static bool hook_pattern(struct building *building, const char *name, const char *pattern)
{
    static const char special[] = "*?[]\\";
    size_t whole = strlen(pattern);
    size_t start = strcspn(pattern, special);
    size_t end = 0;
    while (end < whole && !strchr(special, pattern[whole - 1 - end]))
        end++;
    if (start == 0 && end == 0)
        return false;
    enum group_key kind = start > 0 ? GROUP_KEY_START : GROUP_KEY_END;
    size_t length = start > 0 ? start : end;
    if (length > GROUP_KEY_LENGTH_MAX)
        length = GROUP_KEY_LENGTH_MAX;
    const char *text = start > 0 ? pattern : pattern + whole - length;
    building_take(building, kind, name, memory_text_of(text, length), length);
    return true;
}

static bool hook_selector(struct building *building, const char *name, const struct selector *selector);

/* A list hangs by each of its values and parts, if all can. */
static bool hook_any(struct building *building, const char *name, const struct selector *selector)
{
    for (size_t i = 0; i < selector->value_count; i++) {
        if (selector->values[i][0] == '\0')
            return false;
        building_add(building, GROUP_KEY_VALUE, name, selector->values[i], 0);
    }
    for (size_t i = 0; i < selector->part_count; i++)
        if (!hook_selector(building, name, selector->parts[i]))
            return false;
    return true;
}

/* What has to be met altogether hangs by the first part that can. */
static bool hook_all(struct building *building, const char *name, const struct selector *selector)
{
    size_t start = building->hook_count;
    for (size_t i = 0; i < selector->part_count; i++) {
        if (hook_selector(building, name, selector->parts[i]))
            return true;
        building->hook_count = start;
    }
    return false;
}

static bool hook_selector(struct building *building, const char *name, const struct selector *selector)
{
    unsigned bits = selector->network.prefix;
    switch (selector->kind) {
    case SELECTOR_GLOB:
        return hook_pattern(building, name, selector->pattern);
    case SELECTOR_CIDR:
        building_take(building, GROUP_KEY_NETWORK, name, network_to_text(selector->network.network, bits), bits);
        return true;
    case SELECTOR_ANY:
        return hook_any(building, name, selector);
    case SELECTOR_ALL:
        return hook_all(building, name, selector);
    case SELECTOR_NOT:
        break;
    }
    return false;
}

/* Notes where a want can hang, as a run; one that cannot has none. */
static void hook_want(struct building *building, struct group_want want)
{
    size_t start = building->hook_count;
    bool hangs = want.selector ? hook_selector(building, want.name, want.selector) : want.value[0] != '\0';
    if (hangs && want.value)
        building_add(building, GROUP_KEY_VALUE, want.name, want.value, 0);
    if (!hangs) {
        building->hook_count = start;
        return;
    }
    *ARRAY_ADD(building->runs, building->run_count, building->run_capacity) =
        (struct hook_run){.start = (uint32_t)start, .count = (uint32_t)(building->hook_count - start)};
}

static size_t bucket_of(const struct group_index *index, struct hook hook)
{
    return index->first_bucket[hook.kind] + hook.number;
}

static void count_uses(struct building *building)
{
    struct group_index *index = building->index;
    for (size_t kind = 0; kind < GROUP_KEYS; kind++)
        index->first_bucket[kind + 1] = index->first_bucket[kind] + index->keys[kind].count;
    building->uses = memory_new(index->first_bucket[GROUP_KEYS] + 1, sizeof *building->uses);
    for (size_t i = 0; i < building->hook_count; i++)
        building->uses[bucket_of(index, building->hooks[i])]++;
}

/* How many groups are asked at worst by whoever comes by the run. */
static uint32_t run_cost(const struct building *building, const struct hook_run *run)
{
    uint32_t cost = 0;
    for (uint32_t i = run->start; i < run->start + run->count; i++) {
        uint32_t uses = building->uses[bucket_of(building->index, building->hooks[i])];
        cost = uses > cost ? uses : cost;
    }
    return cost;
}

/* The cheapest of the group's runs; NULL when it has none. */
static const struct hook_run *cheapest_run(const struct building *building, size_t from, size_t to)
{
    const struct hook_run *cheapest = NULL;
    uint32_t least = UINT32_MAX;
    for (size_t i = from; i < to; i++) {
        uint32_t cost = run_cost(building, &building->runs[i]);
        if (cost < least) {
            least = cost;
            cheapest = &building->runs[i];
        }
    }
    return cheapest;
}

/* Calls hang for each bucket that each group hangs in, groups in their order. */
static void for_each_place(const struct building *building, const size_t *run_ends, size_t group_count,
                           void (*hang)(struct group_index *index, size_t bucket, uint32_t rank))
{
    struct group_index *index = building->index;
    for (size_t rank = 0; rank < group_count; rank++) {
        const struct hook_run *run = cheapest_run(building, rank > 0 ? run_ends[rank - 1] : 0, run_ends[rank]);
        if (!run)
            hang(index, index->first_bucket[GROUP_KEYS], (uint32_t)rank);
        for (uint32_t i = 0; run && i < run->count; i++)
            hang(index, bucket_of(index, building->hooks[run->start + i]), (uint32_t)rank);
    }
}

static void count_place(struct group_index *index, size_t bucket, uint32_t rank)
{
    (void)rank;
    index->buckets[bucket].count++;
}

static void fill_place(struct group_index *index, size_t bucket, uint32_t rank)
{
    index->ranks[index->buckets[bucket].start + index->buckets[bucket].count++] = rank;
}

/* Lays the buckets out behind each other. */
static void lay_out(struct group_index *index)
{
    uint32_t start = 0;
    for (size_t i = 0; i <= index->first_bucket[GROUP_KEYS]; i++) {
        index->buckets[i].start = start;
        start += index->buckets[i].count;
        index->buckets[i].count = 0;
    }
    index->ranks = memory_new(start, sizeof *index->ranks);
}

void group_index_build(struct group_index *index, struct group *const *groups, size_t count)
{
    struct building building = {.index = index};
    size_t *run_ends = memory_new(count, sizeof *run_ends);
    for (size_t rank = 0; rank < count; rank++) {
        for (size_t i = 0; i < group_want_count(groups[rank]); i++)
            hook_want(&building, group_want_at(groups[rank], i));
        run_ends[rank] = building.run_count;
    }
    count_uses(&building);
    index->buckets = memory_new(index->first_bucket[GROUP_KEYS] + 1, sizeof *index->buckets);
    for_each_place(&building, run_ends, count, count_place);
    lay_out(index);
    for_each_place(&building, run_ends, count, fill_place);
    free(building.hooks);
    free(building.runs);
    free(building.uses);
    free(run_ends);
}

void group_index_finish(struct group_index *index)
{
    for (size_t i = 0; i < GROUP_KEYS; i++)
        pairs_finish(&index->keys[i]);
    for (size_t i = 0; i < index->text_count; i++)
        free(index->texts[i]);
    free(index->texts);
    free(index->buckets);
    free(index->ranks);
    *index = (struct group_index){0};
}

/* One question to the index. */
struct asking {
    const struct group_index *index;
    struct group *const *groups;
    const struct labels *labels;
    uint32_t best;
};

/* Improves the best rank by what hangs in the bucket. */
static void ask_bucket(struct asking *asking, size_t number)
{
    const struct group_bucket *bucket = &asking->index->buckets[number];
    for (uint32_t i = 0; i < bucket->count; i++) {
        uint32_t rank = asking->index->ranks[bucket->start + i];
        if (rank >= asking->best)
            return;
        if (group_selects(asking->groups[rank], asking->labels)) {
            asking->best = rank;
            return;
        }
    }
}

static void ask_key(struct asking *asking, enum group_key kind, const char *name, const char *text)
{
    size_t number;
    if (pairs_find(&number, &asking->index->keys[kind], name, text))
        ask_bucket(asking, asking->index->first_bucket[kind] + number);
}

static void ask_networks(struct asking *asking, const struct label *label)
{
    struct ipv4 address;
    uint64_t lengths = asking->index->lengths[GROUP_KEY_NETWORK];
    if (lengths == 0 || !ipv4_from_text(&address, label->value))
        return;
    for (; lengths > 0; lengths &= lengths - 1) {
        AUTO(free) char *network = network_to_text(address, (unsigned)__builtin_ctzll(lengths));
        ask_key(asking, GROUP_KEY_NETWORK, label->name, network);
    }
}

static void ask_pieces(struct asking *asking, enum group_key kind, const struct label *label)
{
    size_t whole = strlen(label->value);
    for (uint64_t lengths = asking->index->lengths[kind]; lengths > 0; lengths &= lengths - 1) {
        size_t length = (size_t)__builtin_ctzll(lengths);
        char piece[GROUP_KEY_LENGTH_MAX + 1] = "";
        if (length > whole)
            return;
        memcpy(piece, kind == GROUP_KEY_START ? label->value : label->value + whole - length, length);
        ask_key(asking, kind, label->name, piece);
    }
}

size_t group_index_select(const struct group_index *index, struct group *const *groups, const struct labels *labels)
{
    struct asking asking = {.index = index, .groups = groups, .labels = labels, .best = RANK_NONE};
    for (size_t i = 0; i < labels->count; i++) {
        const struct label *label = &labels->at[i];
        ask_key(&asking, GROUP_KEY_VALUE, label->name, label->value);
        ask_networks(&asking, label);
        ask_pieces(&asking, GROUP_KEY_START, label);
        ask_pieces(&asking, GROUP_KEY_END, label);
    }
    ask_bucket(&asking, index->first_bucket[GROUP_KEYS]);
    return asking.best == RANK_NONE ? SIZE_MAX : asking.best;
}
