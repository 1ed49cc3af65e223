/* SPDX-License-Identifier: Apache-2.0 */
/* Cloud-configs. */
#include "lang/cloud-config.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/document.h"

static bool is_header(struct bytes content)
{
    static const char header[] = "#cloud-config";
    const uint8_t *end = content.size > 0 ? memchr(content.data, '\n', content.size) : NULL;
    size_t size = end ? (size_t)(end - content.data) : content.size;
    while (size > 0 && strchr(" \t\r\v\f", content.data[size - 1]))
        size--;
    return bytes_equal_text(bytes_slice(content, 0, size), header);
}

/* The members that coreos-cloudinit gives a kind to. */
static const struct {
    const char *name;
    enum node_kind kind;
} members[] = {
    {"coreos", NODE_MAP},
    {"ssh_authorized_keys", NODE_LIST},
    {"users", NODE_LIST},
    {"write_files", NODE_LIST},
};

static bool is_named(const char *key, const char *name)
{
    for (; *key && *name; key++, name++)
        if (*key != *name && !(*key == '-' && *name == '_'))
            return false;
    return *key == *name;
}

static void check_member(const struct document *document, const struct node_member *member, struct faults *faults)
{
    bool is_scalar = member->value->kind != NODE_LIST && member->value->kind != NODE_MAP;
    if (is_named(member->key->text, "hostname") && !is_scalar)
        document_fault(document, member->value, faults, FAULT_ERROR, "'hostname' must be a text, this is %s",
                       node_kind_to_text(member->value->kind));
    for (size_t i = 0; i < LENGTH(members); i++)
        if (is_named(member->key->text, members[i].name) && member->value->kind != NODE_NULL &&
            member->value->kind != members[i].kind)
            document_fault(document, member->value, faults, FAULT_ERROR, "'%s' must be %s, this is %s", members[i].name,
                           node_kind_to_text(members[i].kind), node_kind_to_text(member->value->kind));
}

static void check_yaml(struct bytes content, const char *source, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
    if (document_parse(&document, source, content, DOCUMENT_YAML, faults) != DOCUMENT_OK)
        return;
    const struct node *root = document_root(document);
    if (root->kind != NODE_MAP && root->kind != NODE_NULL)
        document_fault(document, root, faults, FAULT_ERROR, "a cloud-config is a map of keys, this is %s",
                       node_kind_to_text(root->kind));
    for (size_t i = 0; root->kind == NODE_MAP && i < root->count; i++)
        check_member(document, &root->members[i], faults);
}

static int fail_first(const struct faults *faults, struct diag *why)
{
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *text = fault_to_text(&faults->at[i]);
        if (faults->at[i].severity == FAULT_ERROR)
            return fail(why, -1, "%s", text);
    }
    return 0;
}

int cloud_config_check(struct bytes content, const char *source, struct diag *why)
{
    struct faults faults = {0};
    if (bytes_start_with(content, "#!"))
        return 0;
    if (!is_header(content))
        return fail(why, -1,
                    "%s:1:1: this is neither a cloud-config, whose first line is \"#cloud-config\", nor a script",
                    source);
    check_yaml(content, source, &faults);
    int error = fail_first(&faults, why);
    faults_finish(&faults);
    return error;
}
