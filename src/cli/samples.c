/* SPDX-License-Identifier: Apache-2.0 */
/* Sample machines. */
#include "cli/samples.h"

#include <stdlib.h>

#include "answer/document.h"
#include "base/array.h"
#include "base/text.h"
#include "boot/decision.h"
#include "boot/pairs.h"
#include "cli/endpoints.h"
#include "store/files.h"

/* What iPXE says of a machine, for groups that do not want it to be something else. */
static const struct {
    const char *name, *value;
} usual_labels[] = {
    {"mac", "52:54:00:12:34:56"},
    {"uuid", "5f6b6b5e-3d2a-4a6c-9f0e-2b1f6c1d7a10"},
    {"domain", ""},
    {"hostname", ""},
    {"serial", ""},
    {"arch", "x86_64"},
};

struct sampling {
    const struct catalog *catalog;
    const char *data_path;
    struct faults *faults;
    const struct file_source *files;
    const struct group *group;
    const struct profile *profile;
    struct labels labels;
    struct pairs said; /* reasons, each once */
    char **reasons;
    size_t reason_count;
    size_t reason_capacity;
};

/* A text like the pattern, if it is a simple one. */
static void append_like(struct text *text, const char *pattern)
{
    for (; *pattern; pattern++) {
        if (*pattern == '\\' && pattern[1])
            text_append_char(text, *++pattern);
        else if (*pattern != '*')
            text_append_char(text, *pattern == '?' ? '1' : *pattern);
    }
}

/* A value that likely meets the selector; whoever uses it asks whether it does. */
static void append_sample(struct text *text, const struct selector *selector)
{
    char address[IPV4_TEXT_MAX];
    switch (selector->kind) {
    case SELECTOR_GLOB:
        append_like(text, selector->pattern);
        break;
    case SELECTOR_CIDR:
        text_append(text, ipv4_to_text(address, (struct ipv4){selector->network.network.number |
                                                              (selector->network.prefix < 32)}));
        break;
    case SELECTOR_NOT:
        text_append(text, "sample");
        break;
    case SELECTOR_ANY:
    case SELECTOR_ALL:
        if (selector->value_count > 0)
            text_append(text, selector->values[0]);
        else if (selector->part_count > 0)
            append_sample(text, selector->parts[0]);
        break;
    }
}

static void labels_take_want(struct labels *labels, struct group_want want)
{
    AUTO(text_finish) struct text sample = {0};
    if (want.selector)
        append_sample(&sample, want.selector);
    labels_set(labels, want.name, want.value ? want.value : text_characters(&sample));
}

/* Whether this was said already; from now on it was. */
static bool was_said(struct sampling *sampling, const char *reason)
{
    size_t number;
    if (pairs_find(&number, &sampling->said, reason, ""))
        return true;
    char *kept = memory_text(reason);
    *ARRAY_ADD(sampling->reasons, sampling->reason_count, sampling->reason_capacity) = kept;
    pairs_add(&sampling->said, kept, "");
    return false;
}

static void note_refusal(struct sampling *sampling, const char *path, const char *reason)
{
    if (was_said(sampling, reason))
        return;
    AUTO(free) char *file = memory_print("%s/%s", sampling->data_path, sampling->group->source);
    faults_add(sampling->faults, FAULT_ERROR, file, 0, 0, "a machine of this group gets nothing at %s: %s", path,
               reason);
}

/* What Butane says, each thing once for all groups: the same document is most often wrong for each of them. */
static void note_entry(struct sampling *sampling, const char *file, const struct fault *entry)
{
    AUTO(free) char *key = memory_print("%s:%u:%u:%s", file, entry->line, entry->column, entry->text);
    if (!was_said(sampling, key))
        faults_add(sampling->faults, entry->severity, file, entry->line, entry->column,
                   "%s (as it is rendered for group '%s')", entry->text, sampling->group->id);
}

/* Whether the machine's Butane config has errors. */
static bool examine_butane(struct sampling *sampling)
{
    AUTO(report_finish) struct report report = {0};
    AUTO(free) char *file = memory_print("%s/ignition/%s", sampling->data_path, sampling->profile->ignition_id);
    struct faults entries = {0};
    document_examine(&report, sampling->catalog, sampling->group, sampling->profile,
                     &(struct document_request){&sampling->labels, &sampling->labels, "", sampling->files});
    report_add_to_faults(&entries, file, &report);
    for (size_t i = 0; i < entries.count; i++)
        note_entry(sampling, file, &entries.at[i]);
    faults_finish(&entries);
    return report.errors > 0;
}

static void ask_endpoint(void *context, const char *path)
{
    struct sampling *sampling = context;
    AUTO(http_reply_finish) struct http_reply reply = {0};
    if (text_is(path, "/ignition") && examine_butane(sampling))
        return;
    endpoint_ask(&reply, path, &sampling->labels, sampling->catalog, sampling->files);
    if (reply.status != 200)
        note_refusal(sampling, path, reply.reason.text);
}

/* A machine such as the group selects. One that another group selects before tells nothing of this one. */
static void ask_for_group(struct sampling *sampling, const struct group *group)
{
    struct decision decision;
    AUTO(labels_finish) struct labels labels = {0};
    for (size_t i = 0; i < LENGTH(usual_labels); i++)
        labels_set(&labels, usual_labels[i].name, usual_labels[i].value);
    for (size_t i = 0; i < group_want_count(group); i++)
        labels_take_want(&labels, group_want_at(group, i));
    if (decide_group(&decision, sampling->catalog, &labels, NULL) != DECISION_OK || decision.group != group)
        return;
    sampling->group = group;
    sampling->profile = decision.profile;
    sampling->labels = labels;
    endpoints_of(decision.profile, ask_endpoint, sampling);
}

void samples_check(const struct catalog *catalog, const char *data_path, struct faults *faults)
{
    AUTO(free) char *folder = store_files_folder(data_path);
    AUTO(store_files_destroy) struct store_files *files = store_files_create(folder);
    struct sampling sampling = {
        .catalog = catalog,
        .data_path = data_path,
        .faults = faults,
        .files = store_files_source(files),
    };
    for (size_t i = 0; i < catalog_group_count(catalog); i++)
        ask_for_group(&sampling, catalog_group_at(catalog, i));
    for (size_t i = 0; i < sampling.reason_count; i++)
        free(sampling.reasons[i]);
    free(sampling.reasons);
    pairs_finish(&sampling.said);
}
