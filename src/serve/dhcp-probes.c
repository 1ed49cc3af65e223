/* SPDX-License-Identifier: Apache-2.0 */
/* All wait equally long, so those that began first end first. */
#include "serve/dhcp-probes.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"
#include "io/arp.h"
#include "io/echo-socket.h"
#include "proto/icmp/echo.h"

struct probe {
    struct list link; /* dhcp_probes::waiting */
    UT_hash_handle by_address;
    struct dhcp_probes *probes;
    struct ipv4 address;
    struct mac client;
    struct probe **echo; /* where dhcp_echoes has it; NULL: ARP asked */
    uint64_t nonce;      /* what its echo request said */
    instant deadline;
    void *offer;
};

struct dhcp_echoes {
    int fd;
    uint16_t identifier; /* of all requests */
    struct loop_watch *watch;
    struct probe *asked[DHCP_ECHOES_MAX]; /* by the sequence number of their request */
};

struct dhcp_probes {
    unsigned interface;
    struct mac own;
    struct dhcp_echoes *echoes; /* borrowed; NULL: there are none */
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
    if (probe->echo)
        *probe->echo = NULL;
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

static void end_in_use(struct probe *probe, const struct mac *user)
{
    struct dhcp_probes *probes = probe->probes;
    struct ipv4 address = probe->address;
    probes->calls.in_use(probes->context, take_offer_of(probes, probe), address, user);
    set_timer(probes);
}

static void heard(void *context)
{
    struct dhcp_probes *probes = context;
    struct arp_claim claim;
    if (!arp_receive(&claim, probes->fd))
        return;
    struct probe *probe = find(probes, claim.address);
    if (probe && !mac_equal(&claim.mac, &probe->client))
        end_in_use(probe, &claim.mac);
}

/* Only who was asked, and got the question, knows what to say. */
static void heard_echo(void *context)
{
    struct dhcp_echoes *echoes = context;
    uint8_t memory[ICMP_ECHO_DATAGRAM_MAX];
    struct icmp_echo echo;
    struct ipv4 sender;
    if (icmp_echo_reply_parse(&echo, &sender, echo_socket_receive(echoes->fd, memory, sizeof memory)) != ICMP_OK ||
        echo.identifier != echoes->identifier || echo.sequence >= LENGTH(echoes->asked))
        return;
    struct probe *probe = echoes->asked[echo.sequence];
    if (probe && probe->nonce == echo.nonce && ipv4_equal(probe->address, sender))
        end_in_use(probe, NULL);
}

static bool make_up(void *ret, size_t size)
{
    return getrandom(ret, size, GRND_NONBLOCK) == (ssize_t)size;
}

int dhcp_echoes_create(struct dhcp_echoes **ret, struct loop *loop, struct diag *why)
{
    AUTO(dhcp_echoes_destroy) struct dhcp_echoes *echoes = MEMORY_NEW(struct dhcp_echoes);
    echoes->fd = -1;
    make_up(&echoes->identifier, sizeof echoes->identifier);
    int result = echo_socket_open(&echoes->fd, echoes->identifier, why);
    if (result < 0)
        return result;
    echoes->watch = loop_watch_create(loop, echoes->fd, heard_echo, echoes);
    *ret = take_pointer(echoes);
    return 0;
}

void dhcp_echoes_destroy(struct dhcp_echoes *echoes)
{
    if (!echoes)
        return;
    loop_watch_destroy(echoes->watch);
    fd_close(echoes->fd);
    free(echoes);
}

int dhcp_probes_create(struct dhcp_probes **ret, struct loop *loop, const struct interface *interface,
                       struct dhcp_echoes *echoes, const struct dhcp_probes_calls *calls, void *context,
                       struct diag *why)
{
    AUTO(dhcp_probes_destroy) struct dhcp_probes *probes = MEMORY_NEW(struct dhcp_probes);
    *probes = (struct dhcp_probes){
        .interface = interface->index,
        .own = interface->mac,
        .echoes = echoes,
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
        probes->calls.forgotten(take_offer_of(probes, first));
    loop_timer_destroy(probes->timer);
    loop_watch_destroy(probes->watch);
    fd_close(probes->fd);
    free(probes);
}

void *dhcp_probes_find(const struct dhcp_probes *probes, struct ipv4 address)
{
    const struct probe *probe = find(probes, address);
    return probe ? probe->offer : NULL;
}

static struct probe *wait_for(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client,
                              void *take_offer)
{
    struct probe *probe = MEMORY_NEW(struct probe);
    *probe = (struct probe){
        .probes = probes,
        .address = address,
        .client = *client,
        .deadline = clock_now().steady + DHCP_PROBE_WAIT,
        .offer = take_offer,
    };
    list_append(&probes->waiting, &probe->link);
    HASH_ADD(by_address, probes->probes, address, sizeof probe->address, probe);
    probes->count++;
    set_timer(probes);
    return probe;
}

bool dhcp_probes_ask(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client, void *take_offer)
{
    if (probes->count >= DHCP_PROBES_MAX || find(probes, address) ||
        arp_probe(probes->fd, probes->interface, &probes->own, address) < 0)
        return false;
    wait_for(probes, address, client, take_offer);
    return true;
}

/* Where the next echo request has its place; NULL when there is none. */
static struct probe **free_place(struct dhcp_echoes *echoes)
{
    for (size_t i = 0; echoes && i < LENGTH(echoes->asked); i++)
        if (!echoes->asked[i])
            return &echoes->asked[i];
    return NULL;
}

static int send_echo(const struct dhcp_echoes *echoes, const struct icmp_echo *echo, struct ipv4 to)
{
    uint8_t memory[ICMP_ECHO_SIZE];
    struct writer w = writer_over(memory, sizeof memory);
    icmp_echo_write(&w, ICMP_ECHO_REQUEST, echo);
    return echo_socket_send(echoes->fd, writer_bytes(&w), to);
}

bool dhcp_probes_ask_far(struct dhcp_probes *probes, struct ipv4 address, const struct mac *client, void *take_offer)
{
    struct dhcp_echoes *echoes = probes->echoes;
    struct probe **place = free_place(echoes);
    if (probes->count >= DHCP_PROBES_MAX || !place || find(probes, address))
        return false;
    struct icmp_echo echo = {.identifier = echoes->identifier, .sequence = (uint16_t)(place - echoes->asked)};
    if (!make_up(&echo.nonce, sizeof echo.nonce) || send_echo(echoes, &echo, address) < 0)
        return false;
    *place = wait_for(probes, address, client, take_offer);
    (*place)->echo = place;
    (*place)->nonce = echo.nonce;
    return true;
}
