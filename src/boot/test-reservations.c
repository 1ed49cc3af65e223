/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/reservations.h"

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "test.h"

static struct lease_table *leases;
static struct catalog *catalog;

/* 10.0.0.0/24 with router 10.0.0.1 and 10.0.0.5 reserved for 52:54:00:00:00:05. */
static void begin(void)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    ipv4_subnet_from_text(&subnet->subnet, "10.0.0.0/24");
    ipv4_from_text(&subnet->router, "10.0.0.1");
    subnet->reservations = MEMORY_NEW(struct reservation);
    subnet->reservation_count = 1;
    subnet->reservations[0] = (struct reservation){
        .id = {0x52, 0x54, 0, 0, 0, 5}, .id_size = 6, .address = {0x0a000005}, .source = memory_text("muster.yaml:7")};
    leases = lease_table_create(subnet, 1);
    catalog = catalog_create();
}

static void add(const char *id, const char *label, const char *value, const char *address, unsigned line)
{
    struct group *group = group_create(id, "worker");
    labels_set(&group->selector, label, value);
    ipv4_from_text(&group->dhcp.address, address);
    group->dhcp.line = line;
    group->dhcp.column = 3;
    group->source = memory_print("groups/%s.json", id);
    catalog_take_group(catalog, group);
}

/* The reservations "10.0.0.9 for 52:54:…, ", then each fault in a line. */
static char *take(void)
{
    struct reservation *reservations;
    size_t count;
    struct faults faults = {0};
    struct text text = {0};
    catalog_seal(catalog);
    catalog_reservations(&reservations, &count, catalog, leases, "data", &faults);
    for (size_t i = 0; i < count; i++) {
        char address[IPV4_TEXT_MAX];
        AUTO(free) char *machine = reservation_machine_to_text(&reservations[i]);
        text_print(&text, "%s for %s by %s\n", ipv4_to_text(address, reservations[i].address), machine,
                   reservations[i].source);
        reservation_finish(&reservations[i]);
    }
    for (size_t i = 0; i < faults.count; i++) {
        AUTO(free) char *line = fault_to_text(&faults.at[i]);
        text_print(&text, "%s\n", line);
    }
    free(reservations);
    faults_finish(&faults);
    lease_table_destroy(leases);
    catalog_unref(catalog);
    return text_take(&text);
}

static void a_group_of_one_machine_reserves_its_address(void)
{
    begin();
    add("a", "mac", "52:54:00:00:00:01", "10.0.0.10", 1);
    add("b", "uuid", "04030201-0605-0807-090a-0b0c0d0e0f10", "10.0.0.9", 1);
    add("c", "os", "installed", "0.0.0.0", 1);
    AUTO(free) char *said = take();
    CHECK_TEXT(said, "10.0.0.9 for UUID 04030201-0605-0807-090a-0b0c0d0e0f10 by groups/b.json\n"
                     "10.0.0.10 for 52:54:00:00:00:01 by groups/a.json\n");
}

static void an_address_that_nobody_can_have_is_a_fault(void)
{
    begin();
    add("far", "mac", "52:54:00:00:00:01", "10.9.0.10", 2);
    add("router", "mac", "52:54:00:00:00:02", "10.0.0.1", 3);
    AUTO(free) char *said = take();
    CHECK_TEXT(said,
               "data/groups/router.json:3:3: error: 10.0.0.1 is the router's, the network or the broadcast address "
               "of its subnet\n"
               "data/groups/far.json:2:3: error: 10.9.0.10 is in no subnet of 'dhcp.subnets': nobody is given it\n");
}

static void a_conflict_names_both_documents(void)
{
    begin();
    add("second", "mac", "52:54:00:00:00:02", "10.0.0.9", 2);
    add("first", "mac", "52:54:00:00:00:01", "10.0.0.9", 2);
    add("taken", "mac", "52:54:00:00:00:03", "10.0.0.5", 2);
    add("twice", "mac", "52:54:00:00:00:05", "10.0.0.6", 2);
    AUTO(free) char *said = take();
    CHECK_TEXT(said, "10.0.0.9 for 52:54:00:00:00:01 by groups/first.json\n"
                     "data/groups/taken.json:2:3: error: 10.0.0.5 is reserved for 52:54:00:00:00:05 by muster.yaml:7 "
                     "already, which holds\n"
                     "data/groups/twice.json:2:3: error: its machine has 10.0.0.5 reserved by muster.yaml:7 already, "
                     "which holds, so that it never gets 10.0.0.6\n"
                     "data/groups/second.json:2:3: error: 10.0.0.9 is given to 52:54:00:00:00:01 by group 'first' "
                     "(groups/first.json) already, which holds\n");
}

static void two_groups_of_one_machine_may_give_it_one_address(void)
{
    begin();
    add("a", "mac", "52:54:00:00:00:01", "10.0.0.9", 1);
    add("b", "mac", "52:54:00:00:00:01", "10.0.0.9", 1);
    add("same", "mac", "52:54:00:00:00:05", "10.0.0.5", 1);
    AUTO(free) char *said = take();
    CHECK_TEXT(said, "10.0.0.5 for 52:54:00:00:00:05 by groups/same.json\n"
                     "10.0.0.9 for 52:54:00:00:00:01 by groups/a.json\n"
                     "10.0.0.9 for 52:54:00:00:00:01 by groups/b.json\n");
}

static void a_group_names_machines_by_mac_or_uuid_that_say_something(void)
{
    static const struct {
        const char *label, *value;
        bool names;
    } rows[] = {
        {"mac", "52:54:00:00:00:01", true}, {"mac", "", false},        {"uuid", "x", true},
        {"os", "installed", false},         {"serial", "1234", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(group_unref) struct group *group = group_create("g", "p");
        labels_set(&group->selector, rows[i].label, rows[i].value);
        CHECK_ROW(rows[i].label, group_names_machines(group) == rows[i].names);
    }
}

int main(void)
{
    RUN(a_group_names_machines_by_mac_or_uuid_that_say_something);
    RUN(a_group_of_one_machine_reserves_its_address);
    RUN(an_address_that_nobody_can_have_is_a_fault);
    RUN(a_conflict_names_both_documents);
    RUN(two_groups_of_one_machine_may_give_it_one_address);
    return test_result();
}
