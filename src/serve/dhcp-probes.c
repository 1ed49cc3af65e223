/* SPDX-License-Identifier: Apache-2.0 */
/* All wait equally long, so those that began first end first. */
#include "serve/dhcp-probes.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"
#include "io/arp.h"

struct probe {
    struct list link; /* dhcp_probes::waiting */
    UT_hash_handle by_address;
    struct ipv4 address;
    struct mac client;
    instant deadline;
    void *offer;
};

struct dhcp_probes {
    unsigned interface;
    struct mac own;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct list waiting; /* in the order of deadlines */
    struct probe *probes;
    size_t count;
    struct dhcp_probes_calls calls;
    void *context;
};

static struct probe *first_of(const struct dhcp_probes *probes)
{
    return list_is_empty(&probes->waiting) ? NULL : list_owner(probes->waiting.next, struct probe, link);
}

static void set_timer(struct dhcp_probes *probes)
{
    const struct probe *first = first_of(probes);
    loop_timer_set(probes->timer, first ? first->deadline : INSTANT_NEVER);
}

/* Ends a probe and hands its offer over. */
static void *take_offer_of(struct dhcp_probes *probes, struct probe *probe)
{
    void *offer = probe->offer;
    list_remove(&probe->link);
    HASH_DELETE(by_address, probes->probes, probe);
    probes->count--;
    free(probe);
    return offer;
}

static void wait_is_over(void *context)
{
    struct dhcp_probes *probes = context;
    instant now = clock_now().steady;
    struct probe *first;
    while ((first = first_of(probes)) && first->deadline <= now)
        probes->calls.unused(probes->context, take_offer_of(probes, first));
    set_timer(probes);
}

static struct probe *find(const struct dhcp_probes *probes, struct ipv4 address)
{
    struct probe *probe = NULL;
    HASH_FIND(by_address, probes->probes, &address, sizeof address, probe);
    return probe;
}

static void heard(void *context)
{
    struct dhcp_probes *probes = context;
    struct arp_claim claim;
    if (!arp_receive(&claim, probes->fd))
        return;
    struct probe *probe = find(probes, claim.address);
    if (!probe || mac_equal(&claim.mac, &probe->client))
        return;
    probes->calls.in_use(probes->context, take_offer_of(probes, probe), claim.address, &claim.mac);
    set_timer(probes);
}

int dhcp_probes_create(struct dhcp_probes **ret, struct loop *loop, const struct interface *interface,
                       const struct dhcp_probes_calls *calls, void *context, struct diag *why)
{
    AUTO(dhcp_probes_destroy) struct dhcp_probes *probes = MEMORY_NEW(struct dhcp_probes);
    *probes = (struct dhcp_probes){
        .interface = interface->index,
        .own = interface->mac,
        .fd = -1,
        .calls = *calls,
        .context = context,
    };
    list_init(&probes->waiting);
    int result = arp_open(&probes->fd, interface->index, why);
    if (result < 0)
        return result;
    probes->watch = loop_watch_create(loop, probes->fd, heard, probes);
    probes->timer = loop_timer_create(loop, wait_is_over, probes);
    *ret = take_pointer(probes);
    return 0;
}

void dhcp_probes_destroy(struct dhcp_probes *probes)
{
    if (!probes)
        return;
    struct probe *first;
    while ((first = first_of(probes)))
        free(take_offer_of(probes, first));
    loop_timer_destroy(probes->timer);
    loop_watch_destroy(probes->watch);
    fd_close(probes->fd);
    free(probes);
}

bool dhcp_probes_have(const struct dhcp_probes *probes, struct ipv4 address)
{
    return find(probes, address) != NULL;
}

bool dhcp_probes_ask(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client, void *take_offer)
{
    if (probes->count >= DHCP_PROBES_MAX || find(probes, address) ||
        arp_probe(probes->fd, probes->interface, &probes->own, address) < 0)
        return false;
    struct probe *probe = MEMORY_NEW(struct probe);
    *probe = (struct probe){
        .address = address,
        .client = *client,
        .deadline = clock_now().steady + DHCP_PROBE_WAIT,
        .offer = take_offer,
    };
    list_append(&probes->waiting, &probe->link);
    HASH_ADD(by_address, probes->probes, address, sizeof probe->address, probe);
    probes->count++;
    set_timer(probes);
    return true;
}
