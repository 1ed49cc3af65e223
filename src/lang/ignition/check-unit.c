/* SPDX-License-Identifier: Apache-2.0 */
/* systemd units and their drop-ins. */
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/ignition/hooks.h"
#include "lang/ignition/unit-text.h"

/* systemd.unit(5); snapshots are gone from systemd, and Ignition knows them still. */
static const char *const unit_endings[] = {
    ".service", ".socket", ".device", ".mount", ".automount", ".swap",
    ".target",  ".path",   ".timer",  ".slice", ".scope",     ".snapshot",
};

static bool name_is_unit(const char *name)
{
    for (size_t i = 0; name && i < LENGTH(unit_endings); i++)
        if (text_ends_with(name, unit_endings[i]))
            return true;
    return false;
}

static struct unit_facts check_contents(struct draft *draft, const struct item *map)
{
    const struct item *contents = item_get(map, "contents");
    if (!contents)
        return (struct unit_facts){0};
    struct unit_facts facts = unit_text_read(contents->text);
    if (facts.fault)
        draft_say(draft, FAULT_ERROR, contents, "invalid unit content: %s", facts.fault);
    else if (facts.has_stray_lines)
        draft_say(draft, FAULT_WARNING, contents, "systemd passes over lines that stand before the first [Section]");
    return facts;
}

void check_unit(struct draft *draft, struct item *map)
{
    const char *name = item_text(map, "name");
    if (!name_is_unit(name))
        draft_say_member(
            draft, FAULT_ERROR, map, "name",
            "invalid systemd unit extension%s%s: end it in .service, .socket, .mount, .swap, .target, .path, "
            ".timer, .slice, .automount, .device or .scope",
            name && name[0] ? " of " : "", name ?: "");
    struct unit_facts facts = check_contents(draft, map);
    if (item_is_true(map, "enabled") && item_has_text(map, "contents") && !facts.fault && !facts.has_install)
        draft_say_member(draft, FAULT_WARNING, map, "contents",
                         "unit \"%s\" is enabled, but has no install section so enable does nothing", name ?: "");
}

void check_dropin(struct draft *draft, struct item *map)
{
    const char *name = item_text(map, "name");
    if (!name || !text_ends_with(name, ".conf"))
        draft_say_member(draft, FAULT_ERROR, map, "name", "invalid systemd drop-in extension: end it in .conf");
    check_contents(draft, map);
}
