/* SPDX-License-Identifier: Apache-2.0 */
/* A Butane config, step by step to Ignition's. */
#include "lang/butane/butane.h"

#include "lang/butane/local.h"
#include "lang/butane/sugar.h"
#include "lang/butane/version.h"
#include "lang/document.h"
#include "lang/ignition/check.h"
#include "lang/ignition/hooks.h"

static void examine(struct draft *draft, struct item *map)
{
    if (map->map.schema->examine)
        map->map.schema->examine(draft, map);
}

static void translate(struct draft *draft, struct item *map)
{
    if (map->map.schema->translate)
        map->map.schema->translate(draft, map);
}

static void make_sugar(struct draft *draft)
{
    draft_walk(draft, draft->root, translate);
    sugar_mount_units(draft);
    sugar_trees(draft);
}

static void make_sugar_of_coreos(struct draft *draft)
{
    if (!(draft->features & FEATURE_BOOT_DEVICE))
        return;
    sugar_boot_device(draft);
    sugar_warn_of_partitions(draft);
    if (draft->features & FEATURE_GRUB)
        sugar_grub(draft);
}

static void set_version(struct draft *draft)
{
    struct item *ignition = draft_need_map(draft, draft->root, "ignition");
    item_set(ignition, "version",
             draft_new_text(draft, ignition->origin, arena_print(&draft->arena, "3.%u.0", draft->minor)));
}

/* Each step goes on only from what was right so far: what follows from a first error tells nobody anything. */
static bool work_through(struct draft *draft, const struct node *root, const struct butane_version *version)
{
    draft_read(draft, &schema_config, root);
    if (draft->report->errors > 0)
        return false;
    draft_walk(draft, draft->root, examine);
    if (draft->report->errors > 0)
        return false;
    make_sugar(draft);
    if (draft->report->errors > 0)
        return false;
    make_sugar_of_coreos(draft);
    butane_filter(draft, version);
    if (draft->report->errors > 0)
        return false;
    set_version(draft);
    draft_check(draft);
    return draft->report->errors == 0;
}

static int translate_document(struct text *ret, struct report *report, const struct document *document,
                              const struct butane_version *version, const struct butane_options *options)
{
    AUTO(draft_finish)
    struct draft draft = {
        .report = report,
        .names = DRAFT_BUTANE,
        .minor = version->minor,
        .features = version->features,
        .files = options->files,
        .uses = options->uses,
        .octets_left = BUTANE_OCTETS_MAX,
    };
    draft.title = arena_print(&draft.arena, "%s %s", version->variant, version->version);
    if (!work_through(&draft, document_root(document), version))
        return BUTANE_E_INVALID;
    draft_write(ret, &draft, options->pretty);
    return BUTANE_OK;
}

int butane_translate(struct text *ret, struct report *report, struct bytes source, const struct butane_options *options)
{
    AUTO(document_destroy) struct document *document = NULL;
    struct faults faults = {0};
    int code = document_parse(&document, "", source, DOCUMENT_BUTANE, &faults);
    report_add_faults(report, &faults);
    faults_finish(&faults);
    const struct butane_version *version = code == DOCUMENT_OK ? butane_version_of(document, source, report) : NULL;
    return version ? translate_document(ret, report, document, version, options) : BUTANE_E_INVALID;
}
