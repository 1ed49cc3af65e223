/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypted volumes and what opens them. */
#include <jansson.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "lang/ignition/hooks.h"
#include "lang/ignition/paths.h"
#include "lang/ignition/url.h"

/* Octets of a label in a LUKS2 header, without its NUL. */
#define LUKS_LABEL_MAX 47

static bool clevis_is_used(const struct item *clevis)
{
    const struct item *threshold = item_get(clevis, "threshold");
    return item_count(clevis, "tang") > 0 || item_is_true(clevis, "tpm2") || (threshold && threshold->integer != 0);
}

static bool custom_is_used(const struct item *clevis)
{
    return item_has_text(item_get(clevis, "custom"), "pin");
}

static void check_cex(struct draft *draft, const struct item *map, const struct item *clevis)
{
    if (!item_is_true(item_get(map, "cex"), "enabled"))
        return;
    if (clevis_is_used(clevis) || custom_is_used(clevis))
        draft_say_member(draft, FAULT_ERROR, map, "cex", "cannot use cex with clevis: leave out one of them");
    if (item_has_text(item_get(map, "key_file"), "source"))
        draft_say_member(draft, FAULT_ERROR, map, "cex", "cannot use cex with a key file: leave out one of them");
}

static void check_device(struct draft *draft, const struct item *map)
{
    const char *device = item_text(map, "device");
    const char *fault = path_fault(device);
    if (!device || device[0] == '\0')
        draft_say_member(draft, FAULT_ERROR, map, "device", "disk device is required: \"/dev/disk/by-partlabel/...\"");
    else if (fault)
        draft_say_member(draft, FAULT_ERROR, map, "device", "%s", fault);
}

void check_luks(struct draft *draft, struct item *map)
{
    const struct item *clevis = item_get(map, "clevis");
    const char *name = item_text(map, "name");
    const char *label = item_text(map, "label");
    if (name && strchr(name, '/'))
        draft_say_member(draft, FAULT_ERROR, map, "name",
                         "device names cannot contain slashes: this is the NAME of /dev/mapper/NAME");
    if (label && strlen(label) > LUKS_LABEL_MAX)
        draft_say_member(draft, FAULT_ERROR, map, "label", "luks device labels cannot be longer than %d characters",
                         LUKS_LABEL_MAX);
    check_device(draft, map);
    if (custom_is_used(clevis) && clevis_is_used(clevis))
        draft_say_member(draft, FAULT_ERROR, map, "clevis",
                         "cannot use custom clevis config with tpm2, tang, or threshold");
    check_cex(draft, map, clevis);
}

/* The pins that Ignition has in its initramfs. */
static bool pin_is_known(const struct draft *draft, const char *pin)
{
    return text_is(pin, "tpm2") || text_is(pin, "tang") || text_is(pin, "sss") ||
           (draft->minor >= 6 && text_is(pin, "trustee"));
}

void check_clevis_custom(struct draft *draft, struct item *map)
{
    const char *pin = item_text(map, "pin");
    if (!item_has_text(map, "pin") && !item_has_text(map, "config") && !item_is_true(map, "needs_network"))
        return;
    if (!item_has_text(map, "pin"))
        draft_say_member(draft, FAULT_ERROR, map, "pin", "missing required custom clevis pin: tpm2, tang or sss");
    else if (!pin_is_known(draft, pin))
        draft_say_member(draft, FAULT_ERROR, map, "pin", "unsupported clevis pin '%s': use tpm2, tang or sss", pin);
    if (!item_has_text(map, "config"))
        draft_say_member(draft, FAULT_ERROR, map, "config",
                         "missing required custom clevis config: what `clevis encrypt` takes");
}

static bool is_json(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(json);
    return json != NULL;
}

void check_tang(struct draft *draft, struct item *map)
{
    char scheme[URL_SCHEME_MAX] = "";
    const char *url = item_text(map, "url");
    bool is_url = url && url_scheme(scheme, url);
    if (!is_url || (!text_is(scheme, "http") && !text_is(scheme, "https")))
        draft_say_member(draft, FAULT_ERROR, map, "url",
                         "invalid url scheme: a tang server's URL begins with http:// or https://");
    if (!item_has_text(map, "thumbprint"))
        draft_say_member(draft, FAULT_ERROR, map, "thumbprint",
                         "thumbprint is required: what `tang-show-keys` prints on the server");
    if (item_has_text(map, "advertisement") && !is_json(item_text(map, "advertisement")))
        draft_say_member(draft, FAULT_ERROR, map, "advertisement", "advertisement is not valid JSON");
}
