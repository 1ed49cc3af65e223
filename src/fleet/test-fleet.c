/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet/fleet.h"

#include <pthread.h>

#include "test.h"

static struct moment at(int64_t seconds)
{
    return (struct moment){.steady = seconds * SECOND, .wall_seconds = 1700000000 + seconds};
}

static struct mac mac_of(uint32_t number)
{
    return (struct mac){
        .size = 6,
        .octets = {2, 0, (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
}

static void see(struct fleet *fleet, uint32_t number, uint32_t address)
{
    fleet_learn(fleet, &(struct machine){.mac = mac_of(number), .address = {address}}, at(number));
}

static void a_stage_has_its_word(void)
{
    CHECK_TEXT(stage_to_text(STAGE_DISCOVER), "discover");
    CHECK_TEXT(stage_to_text(STAGE_RUNNING), "running");
}

static void facts_add_up(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct mac mac = mac_of(1);
    struct machine machine;
    CHECK(!fleet_find(&machine, fleet, &mac));
    fleet_learn(fleet, &(struct machine){.mac = mac, .has_uuid = true, .uuid = {{1}}, .arch = "x86_64"}, at(0));
    fleet_learn(fleet, &(struct machine){.mac = mac, .platform = PLATFORM_EFI, .program = PROGRAM_IPXE, .address = {7}},
                at(1));
    fleet_learn(fleet, &(struct machine){.mac = mac, .hostname = "first"}, at(2));
    fleet_learn(fleet, &(struct machine){.mac = mac, .hostname = "node1"}, at(3));
    CHECK(fleet_find(&machine, fleet, &mac));
    CHECK(machine.has_uuid && machine.uuid.octets[0] == 1 && machine.platform == PLATFORM_EFI);
    CHECK(machine.program == PROGRAM_IPXE);
    CHECK_TEXT(machine.arch, "x86_64");
    CHECK_TEXT(machine.hostname, "node1");
    CHECK_NUMBER(machine.address.number, 7);
    CHECK_NUMBER(fleet_count(fleet), 1);
}

static void an_address_is_the_machines_that_was_last_seen_with_it(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct machine machine;
    struct mac first = mac_of(1);
    see(fleet, 1, 7);
    see(fleet, 2, 7);
    CHECK(fleet_find_address(&machine, fleet, (struct ipv4){7}) && machine.mac.octets[5] == 2);
    CHECK(fleet_find(&machine, fleet, &first) && machine.address.number == 0);
    see(fleet, 2, 8);
    CHECK(!fleet_find_address(&machine, fleet, (struct ipv4){7}));
    CHECK(fleet_find_address(&machine, fleet, (struct ipv4){8}) && machine.mac.octets[5] == 2);
    CHECK(!fleet_find_address(&machine, fleet, (struct ipv4){0}));
}

static void macs_of_different_sizes_are_different_machines(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct machine machine;
    struct mac six = mac_of(1), eight = mac_of(1);
    eight.size = 8;
    fleet_learn(fleet, &(struct machine){.mac = eight}, at(0));
    CHECK(!fleet_find(&machine, fleet, &six));
    CHECK(fleet_find(&machine, fleet, &eight));
}

static void the_machine_longest_unseen_is_forgotten_first(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct machine machine;
    for (uint32_t i = 0; i < FLEET_MACHINES_MAX; i++)
        see(fleet, i, i + 1);
    struct mac zero = mac_of(0), one = mac_of(1), two = mac_of(2);
    fleet_record(fleet, &zero, STAGE_LOADER, at(0), "again");
    see(fleet, 1, 0);
    see(fleet, FLEET_MACHINES_MAX, 0);
    CHECK_NUMBER(fleet_count(fleet), FLEET_MACHINES_MAX);
    CHECK(fleet_find(&machine, fleet, &zero) && fleet_find(&machine, fleet, &one));
    CHECK(!fleet_find(&machine, fleet, &two));
    CHECK(!fleet_find_address(&machine, fleet, (struct ipv4){3}));
}

static void a_timeline_keeps_the_last_events_in_their_order(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct fleet_event events[FLEET_EVENTS_MAX];
    struct mac mac = mac_of(1);
    CHECK_NUMBER(fleet_events(events, FLEET_EVENTS_MAX, fleet, &mac), 0);
    for (int i = 0; i < 3 * FLEET_EVENTS_MAX; i++) {
        char text[16];
        snprintf(text, sizeof text, "event %d", i);
        fleet_record(fleet, &mac, STAGE_KERNEL, at(i), text);
        int kept = i + 1 < FLEET_EVENTS_MAX ? i + 1 : FLEET_EVENTS_MAX;
        CHECK_NUMBER(fleet_events(events, FLEET_EVENTS_MAX, fleet, &mac), kept);
        CHECK_TEXT(events[kept - 1].text, text);
        CHECK_NUMBER(events[0].when.wall_seconds, at(i - kept + 1).wall_seconds);
    }
    CHECK_NUMBER(fleet_events(events, 2, fleet, &mac), 2);
    CHECK_TEXT(events[0].text, "event 190");
    CHECK_TEXT(events[1].text, "event 191");
    CHECK_NUMBER(events[1].stage, STAGE_KERNEL);
}

static void a_long_event_is_cut(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct fleet_event event;
    struct mac mac = mac_of(1);
    char text[2 * FLEET_EVENT_TEXT_MAX];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    fleet_record(fleet, &mac, STAGE_SCRIPT, at(0), text);
    CHECK_NUMBER(fleet_events(&event, 1, fleet, &mac), 1);
    CHECK_NUMBER(strlen(event.text), FLEET_EVENT_TEXT_MAX - 1);
}

static void the_timeline_longest_unseen_makes_room_for_new_events(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    const uint32_t machines = FLEET_EVENTS_TOTAL_MAX / FLEET_EVENTS_MAX;
    for (uint32_t i = 0; i < machines; i++)
        for (int event = 0; event < FLEET_EVENTS_MAX; event++) {
            struct mac mac = mac_of(i);
            fleet_record(fleet, &mac, STAGE_ADDRESS, at(i), "event");
        }
    struct fleet_event events[FLEET_EVENTS_MAX];
    struct machine machine;
    struct mac zero = mac_of(0), one = mac_of(1), last = mac_of(machines);
    see(fleet, 0, 0);
    CHECK_NUMBER(fleet_events(events, FLEET_EVENTS_MAX, fleet, &one), FLEET_EVENTS_MAX);
    fleet_record(fleet, &last, STAGE_ADDRESS, at(machines), "event");
    CHECK_NUMBER(fleet_events(events, FLEET_EVENTS_MAX, fleet, &zero), FLEET_EVENTS_MAX);
    CHECK_NUMBER(fleet_events(events, FLEET_EVENTS_MAX, fleet, &one), 0);
    CHECK(fleet_find(&machine, fleet, &one));
    CHECK_NUMBER(fleet_events(events, FLEET_EVENTS_MAX, fleet, &last), 1);
}

static void the_list_begins_with_the_machine_seen_last(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    struct fleet_sighting sightings[4];
    struct mac first = mac_of(1);
    CHECK_NUMBER(fleet_recent(sightings, 4, fleet), 0);
    see(fleet, 1, 0);
    see(fleet, 2, 0);
    fleet_record(fleet, &first, STAGE_SCRIPT, at(9), "script");
    CHECK_NUMBER(fleet_recent(sightings, 4, fleet), 2);
    CHECK(mac_equal(&sightings[0].machine.mac, &first));
    CHECK_NUMBER(sightings[0].stage, STAGE_SCRIPT);
    CHECK_NUMBER(sightings[0].seen.wall_seconds, at(9).wall_seconds);
    CHECK_NUMBER(sightings[1].seen.wall_seconds, at(2).wall_seconds);
    CHECK_NUMBER(fleet_recent(sightings, 1, fleet), 1);
}

static void *hammer(void *context)
{
    struct fleet *fleet = context;
    struct fleet_event events[FLEET_EVENTS_MAX];
    struct fleet_sighting sightings[8];
    struct machine machine;
    for (uint32_t i = 0; i < 20000; i++) {
        struct mac mac = mac_of(i % 101);
        see(fleet, i % 101, i % 37);
        fleet_record(fleet, &mac, STAGE_CONFIG, at(i), "event");
        fleet_find(&machine, fleet, &mac);
        fleet_find_address(&machine, fleet, (struct ipv4){i % 37});
        fleet_events(events, i % FLEET_EVENTS_MAX, fleet, &mac);
        fleet_recent(sightings, 8, fleet);
    }
    return NULL;
}

static void two_threads_share_a_fleet(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    pthread_t other;
    pthread_create(&other, NULL, hammer, fleet);
    hammer(fleet);
    pthread_join(other, NULL);
    CHECK_NUMBER(fleet_count(fleet), 101);
}

static void what_was_chosen_at_a_machine_is_remembered(void)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    const struct mac mac = {.size = 6, .octets = {2, 0, 0, 0, 0, 1}};
    char choice[FLEET_CHOICE_MAX] = "";
    char longest[FLEET_CHOICE_MAX + 1];
    CHECK(!fleet_choice(choice, fleet, &mac));
    fleet_choose(fleet, &mac, "rescue", (struct moment){0});
    CHECK(fleet_choice(choice, fleet, &mac));
    CHECK_TEXT(choice, "rescue");
    fleet_choose(fleet, &mac, "debian", (struct moment){0});
    CHECK(fleet_choice(choice, fleet, &mac));
    CHECK_TEXT(choice, "debian");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    fleet_choose(fleet, &mac, longest, (struct moment){0});
    CHECK(fleet_choice(choice, fleet, &mac));
    CHECK_TEXT(choice, "debian");
}

int main(void)
{
    RUN(what_was_chosen_at_a_machine_is_remembered);
    RUN(a_stage_has_its_word);
    RUN(facts_add_up);
    RUN(an_address_is_the_machines_that_was_last_seen_with_it);
    RUN(macs_of_different_sizes_are_different_machines);
    RUN(the_machine_longest_unseen_is_forgotten_first);
    RUN(a_timeline_keeps_the_last_events_in_their_order);
    RUN(a_long_event_is_cut);
    RUN(the_timeline_longest_unseen_makes_room_for_new_events);
    RUN(the_list_begins_with_the_machine_seen_last);
    RUN(two_threads_share_a_fleet);
    return test_result();
}
