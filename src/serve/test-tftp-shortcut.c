/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of blocks that took the shortcut and were lost. test/net/test_tftp_paths.py has them really sent. */
#include "serve/tftp-shortcut.h"

#include "test.h"

#define NOW (1000 * SECOND)
#define ONE 7
#define OTHER 8

static const struct interfaces nobody;

static struct tftp_shortcut shortcut_open(void)
{
    return (struct tftp_shortcut){.fd = -1, .interfaces = &nobody};
}

/* A transfer that sent its first block by the shortcut just before. */
static struct tftp_shortcut_use use_begun(unsigned interface)
{
    return (struct tftp_shortcut_use){
        .interface = interface, .is_decided = true, .hop = {.mac.size = 6, .interface = interface}, .since = 4};
}

static void lose_first(struct tftp_shortcut *shortcut, unsigned interface, instant now)
{
    struct tftp_shortcut_use use = use_begun(interface);
    const struct tftp_transfer transfer = {.acked = 4, .sent_at = now - SECOND};
    tftp_shortcut_leave(shortcut, &use, &transfer, now);
    CHECK_NUMBER(use.hop.mac.size, 0);
}

static void arrive(struct tftp_shortcut *shortcut, unsigned interface, instant now)
{
    struct tftp_shortcut_use use = use_begun(interface);
    tftp_shortcut_progress(shortcut, &use, &(struct tftp_transfer){.acked = 5}, now);
}

static instant closed_until(const struct tftp_shortcut *shortcut, unsigned interface)
{
    return shortcut->links[interface].closed_until;
}

static void three_first_losses_in_a_row_close_an_interface_for_ten_minutes(void)
{
    struct tftp_shortcut shortcut = shortcut_open();
    lose_first(&shortcut, ONE, NOW);
    lose_first(&shortcut, ONE, NOW);
    arrive(&shortcut, OTHER, NOW);
    CHECK(closed_until(&shortcut, ONE) == 0);
    lose_first(&shortcut, ONE, NOW);
    CHECK(closed_until(&shortcut, ONE) == NOW + 600 * SECOND && closed_until(&shortcut, OTHER) == 0);
}

static void one_more_after_that_closes_it_again(void)
{
    struct tftp_shortcut shortcut = shortcut_open();
    for (int i = 0; i < 4; i++)
        lose_first(&shortcut, ONE, NOW);
    CHECK(closed_until(&shortcut, ONE) == NOW + 600 * SECOND);
    lose_first(&shortcut, ONE, NOW + 601 * SECOND);
    CHECK(closed_until(&shortcut, ONE) == NOW + 1201 * SECOND);
}

static void losses_among_arrivals_say_nothing(void)
{
    struct tftp_shortcut shortcut = shortcut_open();
    lose_first(&shortcut, ONE, NOW);
    lose_first(&shortcut, ONE, NOW);
    arrive(&shortcut, ONE, NOW);
    for (int i = 0; i < 10; i++)
        lose_first(&shortcut, ONE, NOW + i * (SECOND / 10));
    CHECK(closed_until(&shortcut, ONE) == 0);
}

static void a_loss_after_the_first_says_nothing(void)
{
    struct tftp_shortcut shortcut = shortcut_open();
    for (int i = 0; i < 10; i++) {
        struct tftp_shortcut_use use = use_begun(ONE);
        tftp_shortcut_leave(&shortcut, &use, &(struct tftp_transfer){.acked = 5, .sent_at = NOW}, NOW + SECOND);
    }
    CHECK(closed_until(&shortcut, ONE) == 0);
}

static void once_a_second_the_kernel_is_given_a_block(void)
{
    struct tftp_shortcut_use use = use_begun(ONE);
    use.kernel_at = NOW;
    int given = 0;
    for (instant at = NOW; at < NOW + 10 * SECOND; at += SECOND / 100)
        given += tftp_shortcut_hop(&use, true, at).mac.size == 0;
    CHECK_NUMBER(given, 9);
    CHECK_NUMBER(tftp_shortcut_hop(&use, false, NOW + 60 * SECOND).mac.size, 6);
}

int main(void)
{
    RUN(three_first_losses_in_a_row_close_an_interface_for_ten_minutes);
    RUN(one_more_after_that_closes_it_again);
    RUN(losses_among_arrivals_say_nothing);
    RUN(a_loss_after_the_first_says_nothing);
    RUN(once_a_second_the_kernel_is_given_a_block);
    return test_result();
}
