/* SPDX-License-Identifier: Apache-2.0 */
/* One machine at a time is tried. */
#include "serve/relay-shortcut.h"

static void close_for_a_while(struct relay_shortcut *shortcut, instant now)
{
    shortcut->open_until = 0;
    shortcut->closed_until = now + RELAY_SHORTCUT_SPAN;
}

void relay_shortcut_note(struct relay_shortcut *shortcut, const struct mac *client, bool is_offer, instant now)
{
    bool is_tried = shortcut->tried.size > 0 && mac_equal(&shortcut->tried, client);
    bool is_overdue = shortcut->tried.size > 0 && now >= shortcut->tried_until;
    if (!is_tried && !is_overdue)
        return;
    shortcut->tried = (struct mac){0};
    if (is_tried && !is_offer)
        shortcut->open_until = now + RELAY_SHORTCUT_SPAN;
    /* One that was switched off says nothing against what others proved. */
    else if (is_tried || now >= shortcut->open_until)
        close_for_a_while(shortcut, now);
}

enum relay_shortcut_use relay_shortcut_choose(struct relay_shortcut *shortcut, const struct mac *client, bool may_try,
                                              instant now)
{
    if (may_try && client->size > 0 && shortcut->tried.size == 0 && now >= shortcut->closed_until) {
        shortcut->tried = *client;
        shortcut->tried_until = now + RELAY_SHORTCUT_PATIENCE;
        return RELAY_SHORTCUT_TRIAL;
    }
    return now < shortcut->open_until ? RELAY_SHORTCUT_OPEN : RELAY_SHORTCUT_CLOSED;
}
