/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes the shortcut, and who leaves it. */
#include "serve/tftp-shortcut.h"

#include "base/array.h"
#include "base/auto.h"
#include "io/log.h"
#include "io/neighbour.h"

/* A transfer that got this far is no question for a size and no short text, and its client answers. */
#define BLOCKS_BEFORE 4
/* Transfers in a row that lose their first packet of ours: the network loses it always. Or its cable is bad, or the
 * machines are: after a while another one may try. */
#define FAILURES_MAX 3
#define CLOSED_SPAN (600 * SECOND)
/* A block is given to the kernel this often: several times before it would ask by ARP whether a client is still there
 * that it sent something to, after five seconds (delay_first_probe_time). ROMs that are busy may not answer, and then
 * nothing reaches them any more; an acknowledgement is proof enough (datagram_send_many()). */
#define KERNEL_PAUSE SECOND
/* IPv4, UDP and TFTP headers. */
#define HEADERS_SIZE 32

void tftp_shortcut_open(struct tftp_shortcut *ret, const struct interfaces *interfaces)
{
    struct diag why;
    *ret = (struct tftp_shortcut){.fd = -1, .interfaces = interfaces};
    if (raw_datagram_open(&ret->fd, &why) < 0)
        log_line(LOG_LEVEL_DEBUG, "tftp", NULL, "transfers take the kernel's way only: %s", why.text);
}

void tftp_shortcut_close(struct tftp_shortcut *shortcut)
{
    fd_close(shortcut->fd);
    shortcut->fd = -1;
}

/* A window leaves with one system call anyway, and the kernel cuts it best. */
static bool is_for(const struct tftp_transfer *transfer, const struct interface *interface)
{
    return transfer->windowsize == 1 && interface && !interface->loopback &&
           transfer->blksize + HEADERS_SIZE <= interface->mtu;
}

/* Some ROMs do not acknowledge the last block; that would look like a loss. */
static bool is_before_last_block(const struct tftp_transfer *transfer)
{
    return transfer->last == 0 || transfer->acked + 1 < transfer->last;
}

static struct tftp_shortcut_link *link_of(struct tftp_shortcut *shortcut, unsigned interface)
{
    struct tftp_shortcut_link *link = &shortcut->links[interface % LENGTH(shortcut->links)];
    if (link->interface != interface)
        *link = (struct tftp_shortcut_link){.interface = interface};
    return link;
}

static void decide(struct tftp_shortcut *shortcut, struct tftp_shortcut_use *use, const struct tftp_transfer *transfer,
                   instant now)
{
    use->is_decided = true;
    if (shortcut->fd < 0 || now < link_of(shortcut, use->interface)->closed_until || !is_before_last_block(transfer))
        return;
    const struct interface *interface = interfaces_find_index(shortcut->interfaces, use->interface);
    if (is_for(transfer, interface) && neighbour_find(&use->hop.mac, interface->name, use->client))
        use->hop.interface = interface->index;
    use->since = transfer->acked;
    use->kernel_at = now;
}

static void note_arrival(struct tftp_shortcut_link *link, instant now)
{
    link->failures = 0;
    link->arrived_at = now;
}

static void note_failure(struct tftp_shortcut *shortcut, struct tftp_shortcut_link *link, instant now)
{
    if (now < link->closed_until || ++link->failures < FAILURES_MAX)
        return;
    link->failures = FAILURES_MAX - 1;
    link->closed_until = now + CLOSED_SPAN;
    const struct interface *interface = interfaces_find_index(shortcut->interfaces, link->interface);
    log_line(LOG_LEVEL_INFO, "tftp", NULL,
             "packets of our own do not arrive by %s: for ten minutes the kernel sends all",
             interface ? interface->name : "an interface that is gone");
}

void tftp_shortcut_progress(struct tftp_shortcut *shortcut, struct tftp_shortcut_use *use,
                            const struct tftp_transfer *transfer, instant now)
{
    if (!use->is_decided && transfer->acked >= BLOCKS_BEFORE)
        decide(shortcut, use, transfer, now);
    else if (use->hop.mac.size > 0 && transfer->acked > use->since)
        note_arrival(link_of(shortcut, use->interface), now);
}

struct raw_hop tftp_shortcut_hop(struct tftp_shortcut_use *use, bool is_heard, instant now)
{
    if (!is_heard || now - use->kernel_at < KERNEL_PAUSE)
        return use->hop;
    use->kernel_at = now;
    return (struct raw_hop){0};
}

bool tftp_shortcut_is_unproven(const struct tftp_shortcut_use *use, const struct tftp_transfer *transfer)
{
    return use->hop.mac.size > 0 && transfer->acked == use->since;
}

void tftp_shortcut_leave(struct tftp_shortcut *shortcut, struct tftp_shortcut_use *use,
                         const struct tftp_transfer *transfer, instant now)
{
    struct tftp_shortcut_link *link = link_of(shortcut, use->interface);
    /* What others got meanwhile says that it was lost as any block may be. */
    if (tftp_shortcut_is_unproven(use, transfer) && link->arrived_at <= transfer->sent_at)
        note_failure(shortcut, link, now);
    use->hop = (struct raw_hop){0};
}
