/* SPDX-License-Identifier: Apache-2.0 */
/* Two trays: one that is filled, and one that another thread sends. While it does, who fills the next one sends that
 * himself, so that nobody waits for anybody. */
#include "serve/dhcp-outbox.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "io/thread.h"

struct dhcp_outbox {
    struct dhcp_senders senders;
    struct dhcp_tray trays[2];
    struct dhcp_tray *filled; /* one of them */
    enum { NOT_STARTED, STARTED, NOT_TO_BE_HAD } other;
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    struct dhcp_tray *given; /* to the other thread, which has not sent it yet; NULL: it has nothing to do */
    bool ends;
};

struct dhcp_outbox *dhcp_outbox_create(const struct dhcp_senders *senders)
{
    struct dhcp_outbox *outbox = MEMORY_NEW(struct dhcp_outbox);
    outbox->senders = *senders;
    outbox->filled = &outbox->trays[0];
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->changed, NULL);
    return outbox;
}

static void *send_until_ended(void *context)
{
    struct dhcp_outbox *outbox = context;
    pthread_mutex_lock(&outbox->lock);
    while (outbox->given || !outbox->ends) {
        if (!outbox->given) {
            pthread_cond_wait(&outbox->changed, &outbox->lock);
            continue;
        }
        pthread_mutex_unlock(&outbox->lock);
        dhcp_tray_send(outbox->given, &outbox->senders);
        pthread_mutex_lock(&outbox->lock);
        outbox->given = NULL;
        pthread_cond_broadcast(&outbox->changed);
    }
    pthread_mutex_unlock(&outbox->lock);
    return NULL;
}

/* Not before it is needed: most servers never have so much to do. */
static bool have_other(struct dhcp_outbox *outbox)
{
    if (outbox->other == NOT_STARTED)
        outbox->other = thread_start(&outbox->thread, send_until_ended, outbox) < 0 ? NOT_TO_BE_HAD : STARTED;
    return outbox->other == STARTED;
}

/* Whether the other thread took the tray. */
static bool give(struct dhcp_outbox *outbox)
{
    if (!have_other(outbox))
        return false;
    pthread_mutex_lock(&outbox->lock);
    bool is_free = !outbox->given;
    if (is_free) {
        outbox->given = outbox->filled;
        pthread_cond_broadcast(&outbox->changed);
    }
    pthread_mutex_unlock(&outbox->lock);
    if (is_free)
        outbox->filled = outbox->filled == &outbox->trays[0] ? &outbox->trays[1] : &outbox->trays[0];
    return is_free;
}

void dhcp_outbox_flush(struct dhcp_outbox *outbox, bool is_busy)
{
    bool is_given = is_busy && outbox->filled->count >= DHCP_TRAY_CROWD && give(outbox);
    if (!is_given)
        dhcp_tray_send(outbox->filled, &outbox->senders);
}

void dhcp_outbox_put(struct dhcp_outbox *outbox, struct bytes reply, const struct dhcp_way *way,
                     const struct mac *client)
{
    if (dhcp_tray_is_full(outbox->filled))
        dhcp_outbox_flush(outbox, true);
    dhcp_tray_put(outbox->filled, reply, way, client);
}

void dhcp_outbox_settle(struct dhcp_outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->given)
        pthread_cond_wait(&outbox->changed, &outbox->lock);
    pthread_mutex_unlock(&outbox->lock);
}

void dhcp_outbox_destroy(struct dhcp_outbox *outbox)
{
    if (!outbox)
        return;
    pthread_mutex_lock(&outbox->lock);
    outbox->ends = true;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
    if (outbox->other == STARTED)
        pthread_join(outbox->thread, NULL);
    pthread_cond_destroy(&outbox->changed);
    pthread_mutex_destroy(&outbox->lock);
    free(outbox);
}
