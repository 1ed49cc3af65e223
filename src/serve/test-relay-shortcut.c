/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of a machine that heard a packet of our own, and of one that did not. */
#include "serve/relay-shortcut.h"

#include "test.h"

#define NOW (1000 * SECOND)

static const struct mac one = {6, {2, 0, 0, 0, 0, 1}}, other = {6, {2, 0, 0, 0, 0, 2}};
static struct relay_shortcut shortcut;

static enum relay_shortcut_use discover(const struct mac *client, instant now)
{
    relay_shortcut_note(&shortcut, client, true, now);
    return relay_shortcut_choose(&shortcut, client, true, now);
}

static enum relay_shortcut_use request(const struct mac *client, instant now)
{
    relay_shortcut_note(&shortcut, client, false, now);
    return relay_shortcut_choose(&shortcut, client, false, now);
}

static void one_machine_is_tried_and_the_rest_waits_for_it(void)
{
    shortcut = (struct relay_shortcut){0};
    CHECK_NUMBER(request(&other, NOW), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&one, NOW), RELAY_SHORTCUT_TRIAL);
    CHECK_NUMBER(discover(&other, NOW), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(request(&other, NOW), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(request(&one, NOW + 4 * SECOND), RELAY_SHORTCUT_OPEN);
    CHECK_NUMBER(request(&other, NOW + 4 * SECOND), RELAY_SHORTCUT_OPEN);
}

static void nobody_is_tried_where_few_ask(void)
{
    shortcut = (struct relay_shortcut){0};
    relay_shortcut_note(&shortcut, &one, true, NOW);
    CHECK_NUMBER(relay_shortcut_choose(&shortcut, &one, false, NOW), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&(struct mac){0}, NOW), RELAY_SHORTCUT_CLOSED);
}

static void who_asks_once_more_has_heard_nothing(void)
{
    shortcut = (struct relay_shortcut){0};
    CHECK_NUMBER(discover(&one, NOW), RELAY_SHORTCUT_TRIAL);
    CHECK_NUMBER(discover(&one, NOW + SECOND), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(request(&one, NOW + 2 * SECOND), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&other, NOW + RELAY_SHORTCUT_SPAN), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&other, NOW + SECOND + RELAY_SHORTCUT_SPAN), RELAY_SHORTCUT_TRIAL);
}

static void nor_has_who_is_not_heard_of_again(void)
{
    shortcut = (struct relay_shortcut){0};
    const instant late = NOW + RELAY_SHORTCUT_PATIENCE;
    CHECK_NUMBER(discover(&one, NOW), RELAY_SHORTCUT_TRIAL);
    CHECK_NUMBER(discover(&other, late - 1), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&other, late), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&other, late + RELAY_SHORTCUT_SPAN - 1), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(discover(&other, late + RELAY_SHORTCUT_SPAN), RELAY_SHORTCUT_TRIAL);
}

static void machines_are_tried_as_long_as_it_is_open_and_it_stays_so(void)
{
    shortcut = (struct relay_shortcut){0};
    discover(&one, NOW);
    request(&one, NOW);
    instant now = NOW;
    for (int i = 0; i < 10; i++, now += RELAY_SHORTCUT_SPAN / 2) {
        CHECK_NUMBER(discover(&one, now), RELAY_SHORTCUT_TRIAL);
        CHECK_NUMBER(discover(&other, now), RELAY_SHORTCUT_OPEN);
        CHECK_NUMBER(request(&one, now), RELAY_SHORTCUT_OPEN);
    }
}

static void a_machine_that_is_switched_off_closes_nothing_that_others_proved(void)
{
    shortcut = (struct relay_shortcut){0};
    discover(&one, NOW);
    request(&one, NOW);
    CHECK_NUMBER(discover(&one, NOW), RELAY_SHORTCUT_TRIAL);
    CHECK_NUMBER(discover(&other, NOW + RELAY_SHORTCUT_PATIENCE), RELAY_SHORTCUT_TRIAL);
    CHECK_NUMBER(discover(&one, NOW + RELAY_SHORTCUT_PATIENCE), RELAY_SHORTCUT_OPEN);
}

static void one_that_asks_once_more_does(void)
{
    shortcut = (struct relay_shortcut){0};
    discover(&one, NOW);
    request(&one, NOW);
    CHECK_NUMBER(discover(&other, NOW + SECOND), RELAY_SHORTCUT_TRIAL);
    CHECK_NUMBER(request(&one, NOW + SECOND), RELAY_SHORTCUT_OPEN);
    CHECK_NUMBER(discover(&other, NOW + 5 * SECOND), RELAY_SHORTCUT_CLOSED);
    CHECK_NUMBER(request(&one, NOW + 5 * SECOND), RELAY_SHORTCUT_CLOSED);
}

static void what_was_proved_is_to_be_proved_again(void)
{
    shortcut = (struct relay_shortcut){0};
    discover(&one, NOW);
    request(&one, NOW);
    CHECK_NUMBER(request(&other, NOW + RELAY_SHORTCUT_SPAN - 1), RELAY_SHORTCUT_OPEN);
    CHECK_NUMBER(request(&other, NOW + RELAY_SHORTCUT_SPAN), RELAY_SHORTCUT_CLOSED);
}

int main(void)
{
    RUN(one_machine_is_tried_and_the_rest_waits_for_it);
    RUN(nobody_is_tried_where_few_ask);
    RUN(who_asks_once_more_has_heard_nothing);
    RUN(nor_has_who_is_not_heard_of_again);
    RUN(machines_are_tried_as_long_as_it_is_open_and_it_stays_so);
    RUN(a_machine_that_is_switched_off_closes_nothing_that_others_proved);
    RUN(one_that_asks_once_more_does);
    RUN(what_was_proved_is_to_be_proved_again);
    return test_result();
}
