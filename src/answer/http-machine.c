/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine asks. */
#include "answer/http-machine.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "proto/http/query.h"

enum { LOOPBACK_NETWORK = 127 };

void http_labels_read(struct labels *ret, struct text *ret_unread_mac, struct bytes query)
{
    AUTO(text_finish) struct text name = {0};
    AUTO(text_finish) struct text value = {0};
    size_t pairs = 0;
    while (pairs++ < HTTP_QUERY_PAIRS_MAX && http_query_next(&name, &value, &query)) {
        const char *name_text = text_characters(&name);
        const char *value_text = text_characters(&value);
        if (labels_get(ret, name_text) || labels_set_normalised(ret, name_text, value_text))
            continue;
        if (ret_unread_mac->length == 0)
            text_append(ret_unread_mac, value_text);
    }
}

static enum platform platform_of_labels(const struct labels *labels)
{
    static const struct {
        const char *name, *value;
        enum platform platform;
    } rows[] = {
        /* iPXE's ${platform}, for scripts that send it. */
        {"platform", "efi", PLATFORM_EFI},
        {"platform", "pcbios", PLATFORM_BIOS},
        /* iPXE's ${buildarch}: those of which only EFI builds boot from a network. */
        {"arch", "arm32", PLATFORM_EFI},
        {"arch", "arm64", PLATFORM_EFI},
        {"arch", "loong64", PLATFORM_EFI},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (text_is(labels_get(labels, rows[i].name), rows[i].value))
            return rows[i].platform;
    return PLATFORM_UNKNOWN;
}

static bool find_by_mac(struct machine *ret, const struct labels *labels, struct fleet *fleet)
{
    const char *label = labels_get(labels, "mac");
    struct mac mac = {0};
    if (!label || !mac_from_any_text(&mac, label))
        return false;
    if (!fleet || !fleet_find(ret, fleet, &mac))
        *ret = (struct machine){.mac = mac};
    return true;
}

static void learn_labels(struct machine *machine, const struct labels *labels)
{
    const char *uuid = labels_get(labels, "uuid");
    const char *arch = labels_get(labels, "arch");
    const char *hostname = labels_get(labels, "hostname");
    enum platform platform = platform_of_labels(labels);
    struct uuid read;
    if (uuid && uuid_from_text(&read, uuid) && !uuid_is_dummy(&read)) {
        machine->has_uuid = true;
        machine->uuid = read;
    }
    if (arch && *arch && strlen(arch) < sizeof machine->arch)
        snprintf(machine->arch, sizeof machine->arch, "%s", arch);
    if (hostname && *hostname && strlen(hostname) < sizeof machine->hostname)
        snprintf(machine->hostname, sizeof machine->hostname, "%s", hostname);
    if (platform != PLATFORM_UNKNOWN)
        machine->platform = platform;
}

void http_machine_find(struct machine *ret, const struct labels *labels, struct ipv4 client, struct fleet *fleet)
{
    *ret = (struct machine){0};
    if (!find_by_mac(ret, labels, fleet) && (!fleet || !fleet_find_address(ret, fleet, client)))
        *ret = (struct machine){0};
    /* From this host it is a proxy's or a person's, not the machine's. */
    if (client.number >> 24 != LOOPBACK_NETWORK)
        ret->address = client;
    learn_labels(ret, labels);
}
