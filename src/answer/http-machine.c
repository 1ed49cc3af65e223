/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine asks. */
#include "answer/http-machine.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "proto/http/query.h"

enum { LOOPBACK_NETWORK = 127 };

void http_asker_finish(struct http_asker *asker)
{
    labels_finish(&asker->sent);
    labels_finish(&asker->labels);
    text_finish(&asker->unread_mac);
    elsewhere_boot_finish(&asker->elsewhere);
}

static void read_query(struct http_asker *asker, struct bytes query)
{
    AUTO(text_finish) struct text name = {0};
    AUTO(text_finish) struct text value = {0};
    size_t pairs = 0;
    while (pairs++ < HTTP_QUERY_PAIRS_MAX && http_query_next(&name, &value, &query)) {
        const char *name_text = text_characters(&name);
        const char *value_text = text_characters(&value);
        if (labels_get(&asker->sent, name_text) || labels_set_normalised(&asker->sent, name_text, value_text))
            continue;
        if (asker->unread_mac.length == 0)
            text_append(&asker->unread_mac, value_text);
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

static const char *sent_mac(const struct http_asker *asker)
{
    for (size_t i = 0; i < asker->sent.count; i++)
        if (text_is_ignoring_case(asker->sent.at[i].name, "mac"))
            return asker->sent.at[i].value;
    return NULL;
}

bool http_asker_says_mac(const struct http_asker *asker)
{
    return sent_mac(asker) || asker->unread_mac.length > 0;
}

static bool find_by_mac(struct machine *ret, const struct http_asker *asker, struct fleet *fleet)
{
    const char *label = sent_mac(asker);
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

static void learn_address(struct machine *machine, struct ipv4 client)
{
    /* From this host it is a proxy's or a person's, not the machine's. */
    if (ipv4_is_set(client) && client.number >> 24 != LOOPBACK_NETWORK)
        machine->address = client;
}

void http_machine_find(struct machine *ret, struct ipv4 client, struct fleet *fleet)
{
    if (!fleet || !fleet_find_address(ret, fleet, client))
        *ret = (struct machine){0};
    learn_address(ret, client);
}

/* A MAC that cannot be read is one that was sent, too: it is not replaced by another. */
static void add_known_labels(struct http_asker *asker, const struct machine *machine)
{
    struct machine known = *machine;
    if (http_asker_says_mac(asker))
        known.mac = (struct mac){0};
    machine_add_labels(&asker->labels, &known);
}

void http_asker_find(struct http_asker *asker, struct machine *ret_machine, struct bytes query, struct ipv4 client,
                     struct fleet *fleet)
{
    read_query(asker, query);
    *ret_machine = (struct machine){0};
    if (!find_by_mac(ret_machine, asker, fleet))
        http_machine_find(ret_machine, client, fleet);
    learn_address(ret_machine, client);
    for (size_t i = 0; i < asker->sent.count; i++)
        labels_set(&asker->labels, asker->sent.at[i].name, asker->sent.at[i].value);
    add_known_labels(asker, ret_machine);
    learn_labels(ret_machine, &asker->sent);
}
