/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of the files directory. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "lang/butane/local.h"
#include "lang/butane/make.h"
#include "lang/butane/sugar.h"

/* Entries of all trees of one config, and folders inside each other. */
#define TREE_ENTRIES_MAX 10000
#define TREE_DEPTH_MAX 64

/* A path that the config has already. */
struct taken {
    const char *path;
    enum file_kind kind;
    struct item *node;
    UT_hash_handle hh;
};

struct walk {
    struct draft *draft;
    struct item *storage;
    const struct item *tree;
    struct taken *taken;
    size_t entries;
};

static void take_path(struct walk *walk, enum file_kind kind, struct item *node)
{
    struct taken *taken;
    const char *path = item_text(node, "path");
    if (!path)
        return;
    HASH_FIND_STR(walk->taken, path, taken);
    if (taken)
        return;
    taken = arena_new(&walk->draft->arena, sizeof *taken);
    *taken = (struct taken){.path = path, .kind = kind, .node = node};
    HASH_ADD_KEYPTR(hh, walk->taken, taken->path, strlen(taken->path), taken);
}

static void take_list(struct walk *walk, const char *list, enum file_kind kind)
{
    for (size_t i = 0; i < item_count(walk->storage, list); i++)
        take_path(walk, kind, item_at(walk->storage, list, i));
}

static struct taken *find_taken(const struct walk *walk, const char *path)
{
    struct taken *taken;
    HASH_FIND_STR(walk->taken, path, taken);
    return taken;
}

static struct item *refuse_taken(const struct walk *walk, const char *path)
{
    draft_say(walk->draft, FAULT_ERROR, walk->tree,
              "matching filesystem node has existing contents or different type: %s is in this config already", path);
    return NULL;
}

static struct item *add_node(struct walk *walk, const char *list, enum file_kind kind, const char *path)
{
    struct item *node = make_entry(walk->draft, walk->draft->root, "storage", list, walk->tree);
    make_text(walk->draft, node, "path", path);
    item_set(node, "user", item_get(walk->tree, "user"));
    item_set(node, "group", item_get(walk->tree, "group"));
    take_path(walk, kind, node);
    return node;
}

/* The node that is to get contents: one that the config has without any, or a new one. NULL, with an error, when it has
 * some or is another thing. */
static struct item *need_node(struct walk *walk, const char *list, enum file_kind kind, const char *path)
{
    const struct taken *taken = find_taken(walk, path);
    if (!taken)
        return add_node(walk, list, kind, path);
    if (taken->kind != kind)
        return refuse_taken(walk, path);
    bool has_contents = kind == FILE_LINK ? item_has_text(taken->node, "target")
                                          : item_has_text(item_get(taken->node, "contents"), "source");
    return has_contents ? refuse_taken(walk, path) : taken->node;
}

static void add_file(struct walk *walk, const struct file_entry *entry, const char *source, const char *path)
{
    AUTO(text_finish) struct text content = {0};
    struct item *file = need_node(walk, "files", FILE_REGULAR, path);
    const struct item *mode = item_get(walk->tree, "file_mode");
    if (!file || !local_read(walk->draft, &content, walk->tree, source))
        return;
    struct item *contents = draft_need_map(walk->draft, file, "contents");
    resource_set_content(walk->draft, contents, walk->tree, text_bytes(&content));
    if (!item_get(file, "mode"))
        item_set(file, "mode",
                 draft_new_integer(walk->draft, walk->tree->origin,
                                   mode                   ? mode->integer
                                   : entry->is_executable ? 0755
                                                          : 0644));
}

static void add_link(struct walk *walk, const struct file_entry *entry, const char *path)
{
    struct item *link = need_node(walk, "links", FILE_LINK, path);
    if (link)
        item_set(link, "target", draft_new_text(walk->draft, walk->tree->origin, entry->target ?: ""));
}

/* Folders come of themselves where nothing special is wanted of them. */
static void add_folder(struct walk *walk, const char *path)
{
    const struct item *mode = item_get(walk->tree, "dir_mode");
    if (!mode && item_is_empty(item_get(walk->tree, "user")) && item_is_empty(item_get(walk->tree, "group")))
        return;
    if (find_taken(walk, path)) {
        refuse_taken(walk, path);
        return;
    }
    struct item *folder = add_node(walk, "directories", FILE_FOLDER, path);
    item_set(folder, "mode", draft_new_integer(walk->draft, walk->tree->origin, mode ? mode->integer : 0755));
}

static void walk_folder(struct walk *walk, const char *source, const char *path, unsigned depth);

static void walk_entry(struct walk *walk, const struct file_entry *entry, const char *source, const char *path,
                       unsigned depth)
{
    switch (entry->kind) {
    case FILE_REGULAR:
        add_file(walk, entry, source, path);
        return;
    case FILE_LINK:
        add_link(walk, entry, path);
        return;
    case FILE_FOLDER:
        walk_folder(walk, source, path, depth + 1);
        return;
    case FILE_OTHER:
        break;
    }
    draft_say(walk->draft, FAULT_ERROR, walk->tree,
              "trees may only contain files, directories, and symlinks: %s is none of these", source);
}

static bool count_entries(struct walk *walk, size_t count, unsigned depth)
{
    walk->entries += count;
    if (walk->entries <= TREE_ENTRIES_MAX && depth <= TREE_DEPTH_MAX)
        return true;
    draft_say(walk->draft, FAULT_ERROR, walk->tree, "more than %d files, or folders inside each other deeper than %d",
              TREE_ENTRIES_MAX, TREE_DEPTH_MAX);
    return false;
}

static void walk_folder(struct walk *walk, const char *source, const char *path, unsigned depth)
{
    AUTO(file_entries_finish) struct file_entries entries = {0};
    if (!local_list(walk->draft, &entries, walk->tree, source) || !count_entries(walk, entries.count, depth))
        return;
    add_folder(walk, path);
    for (size_t i = 0; i < entries.count && walk->entries <= TREE_ENTRIES_MAX; i++) {
        const char *name = entries.at[i].name;
        AUTO(free) char *below = memory_print("%s%s%s", source, source[0] ? "/" : "", name);
        AUTO(free) char *there = memory_print("%s%s%s", path, text_ends_with(path, "/") ? "" : "/", name);
        walk_entry(walk, &entries.at[i], below, there, depth);
    }
}

/* Where the tree lies on the machine, as a path in its simplest form. */
static char *destination_of(const struct item *tree)
{
    if (!item_has_text(tree, "path"))
        return memory_text("/");
    const char *path = item_text(tree, "path");
    AUTO(free) char *clean = file_path_clean(path);
    return clean ? memory_print("%s%s", path[0] == '/' ? "/" : "", clean) : memory_text(path);
}

static void walk_tree(struct walk *walk, const struct item *tree)
{
    AUTO(free) char *source = local_path(walk->draft, tree, item_text(tree, "local"));
    AUTO(free) char *path = destination_of(tree);
    walk->tree = tree;
    if (source)
        walk_folder(walk, source, path, 1);
}

void sugar_trees(struct draft *draft)
{
    struct walk walk = {.draft = draft, .storage = item_get(draft->root, "storage")};
    const struct item *trees = item_get(walk.storage, "trees");
    if (!trees || trees->list.count == 0)
        return;
    take_list(&walk, "files", FILE_REGULAR);
    take_list(&walk, "directories", FILE_FOLDER);
    take_list(&walk, "links", FILE_LINK);
    for (size_t i = 0; i < trees->list.count && (draft->files || i == 0); i++)
        walk_tree(&walk, trees->list.items[i]);
    HASH_CLEAR(hh, walk.taken);
}
