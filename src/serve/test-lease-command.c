/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/lease-command.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "test.h"

#define NOW ((int64_t)1700000000)

static struct lease_table *table;
static struct state *state;

/* 10.0.0.0/24: router .1, this host .2, pool .10 to .11, .5 reserved for 52:54:00:00:00:05 in muster.yaml. */
static void begin(void)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    struct diag why;
    struct faults warnings = {0};
    ipv4_subnet_from_text(&subnet->subnet, "10.0.0.0/24");
    ipv4_from_text(&subnet->router, "10.0.0.1");
    subnet_add_pool(subnet, (struct address_range){{0x0a00000a}, {0x0a00000b}});
    subnet->reservations = MEMORY_NEW(struct reservation);
    subnet->reservation_count = 1;
    subnet->reservations[0] = (struct reservation){
        .id = {0x52, 0x54, 0, 0, 0, 5}, .id_size = 6, .address = {0x0a000005}, .source = memory_text("muster.yaml:7")};
    table = lease_table_create(subnet, 1);
    CHECK_NUMBER(state_open(&state, NULL, &warnings, &why), 0);
}

static void end(void)
{
    state_close(state);
    lease_table_destroy(table);
}

static bool is_ours(struct ipv4 address)
{
    return address.number == 0x0a000002;
}

static void post(void *context, int result)
{
    CHECK_NUMBER(result, 0);
    sem_post(context);
}

/* The whole of a command: what it answers, or why it is refused. */
static const char *commands(const char *text)
{
    static char said[4096];
    struct diag why;
    sem_t stored;
    AUTO(lease_command_finish) struct lease_command command = {0};
    sem_init(&stored, 0, 0);
    if (lease_command_decide(&command, table, bytes_of_text(text), is_ours, NOW, &why) < 0) {
        snprintf(said, sizeof said, "%s", why.text);
        return said;
    }
    do {
        CHECK(command.count <= LEASE_IMPORT_PIECE);
        if (lease_command_store(&command, state, post, &stored))
            sem_wait(&stored);
        CHECK_NUMBER(lease_command_apply(&command, table, NOW, NULL), 0);
    } while (lease_command_go_on(&command, table, NOW));
    snprintf(said, sizeof said, "%s", text_characters(&command.answer));
    return said;
}

/* A command that could not be stored. */
static void fails_to_store(const char *text)
{
    AUTO(lease_command_finish) struct lease_command command = {0};
    CHECK_NUMBER(lease_command_decide(&command, table, bytes_of_text(text), is_ours, NOW, NULL), 0);
    lease_command_undo(&command, table, NOW);
}

/* What a machine is offered that asks for this address, as the last of its numbers; 0: nothing. */
static unsigned offered(uint8_t number, uint32_t address)
{
    struct lease lease = {0};
    struct lease_client client = {.mac = {6, {0x52, 0x54, 0, 0, 0, number}}};
    lease_offer(&lease, table, lease_subnet(table, (struct ipv4){address}), &client, (struct ipv4){address},
                (struct ipv4){0}, NOW, NULL);
    return lease.address.number & 255;
}

static void hold(uint8_t number, uint32_t address)
{
    struct lease lease = {
        .address = {address}, .state = LEASE_BOUND, .mac = {6, {0x52, 0x54, 0, 0, 0, number}}, .expires = NOW + 600};
    lease_restore(table, &lease);
}

static void an_address_is_reserved_and_free_again(void)
{
    begin();
    CHECK_TEXT(commands("reserve 52-54-00-00-00-09 10.0.0.9\n"), "10.0.0.9 is reserved for 52:54:00:00:00:09\n");
    CHECK_TEXT(commands("list\n"), "10.0.0.9\treserved\t52:54:00:00:00:09\t\t\t0\n");
    CHECK_TEXT(commands("reserve 52:54:00:00:00:09 10.0.0.9\n"),
               "10.0.0.9 is reserved for 52:54:00:00:00:09 already, by muster leases\n");
    CHECK(lease_reserved_before(table, RESERVATION_ORIGINS, (struct ipv4){0x0a000009}) != NULL);
    CHECK_TEXT(commands("unreserve 10.0.0.9\n"), "10.0.0.9 is reserved no more\n");
    CHECK_TEXT(commands("list\n"), "");
    end();
}

static void what_cannot_be_is_refused_in_words(void)
{
    static const struct {
        const char *command, *said;
    } rows[] = {
        {"reserve 52:54:00:00:00:08 10.0.0.9\n",
         "10.0.0.9 is reserved for 52:54:00:00:00:09 already, by muster leases"},
        {"reserve 52:54:00:00:00:09 10.0.0.8\n", "52:54:00:00:00:09 has 10.0.0.9 reserved already, by muster leases"},
        {"reserve 52:54:00:00:00:08 10.0.0.5\n",
         "10.0.0.5 is reserved for 52:54:00:00:00:05 already, by muster.yaml:7"},
        {"reserve 52:54:00:00:00:05 10.0.0.8\n", "52:54:00:00:00:05 has 10.0.0.5 reserved already, by muster.yaml:7"},
        {"reserve 52:54:00:00:00:08 10.9.0.8\n", "10.9.0.8 is in no subnet of 'dhcp.subnets'"},
        {"reserve 52:54:00:00:00:08 10.0.0.1\n",
         "10.0.0.1 is the router's, the network or the broadcast address of its subnet"},
        {"reserve 52:54:00:00:00:08 10.0.0.2\n", "10.0.0.2 is an address of this host"},
        {"reserve 52:54:00:00:00:08 10.0.0\n", "'10.0.0' is no address such as 10.77.0.50"},
        {"reserve ff:ff:ff:ff:ff:ff 10.0.0.8\n",
         "'ff:ff:ff:ff:ff:ff' is no machine's MAC address such as 52:54:00:00:00:01"},
        {"reserve 00:00:00:00:00:00 10.0.0.8\n",
         "'00:00:00:00:00:00' is no machine's MAC address such as 52:54:00:00:00:01"},
        {"reserve 10.0.0.8 52:54:00:00:00:08\n", "'10.0.0.8' is no machine's MAC address such as 52:54:00:00:00:01"},
        {"unreserve 10.0.0.5\n", "10.0.0.5 is reserved by muster.yaml:7: take it out there"},
        {"unreserve 10.0.0.8\n", "10.0.0.8 is not reserved"},
        {"release 10.0.0.10\n", "nobody has 10.0.0.10"},
        {"release\n", "no such command"},
        {"release 10.0.0.10 now\n", "no such command"},
        {"reserve 52:54:00:00:00:08 10.0.0.8 for ever\n", "no such command"},
        {"steal 10.0.0.10\n", "no such command"},
        {"\n", "no such command"},
        {"", "no such command"},
    };
    begin();
    commands("reserve 52:54:00:00:00:09 10.0.0.9\n");
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_TEXT(commands(rows[i].command), rows[i].said);
    CHECK_TEXT(commands("list\n"), "10.0.0.9\treserved\t52:54:00:00:00:09\t\t\t0\n");
    end();
}

static void who_holds_a_reserved_address_is_named(void)
{
    begin();
    hold(1, 0x0a00000a);
    CHECK_TEXT(commands("reserve 52:54:00:00:00:09 10.0.0.10\n"),
               "10.0.0.10 is reserved for 52:54:00:00:00:09\n"
               "52:54:00:00:00:01 holds it for another 600 s at most, and is told to leave as it renews\n");
    end();
}

static void a_released_address_is_free(void)
{
    begin();
    hold(1, 0x0a00000a);
    CHECK_TEXT(commands("release 10.0.0.10\n"), "10.0.0.10 is free\n");
    CHECK_TEXT(commands("list\n"), "10.0.0.10\tfree\t52:54:00:00:00:01\t\t\t1700000000\n");
    end();
}

static void what_could_not_be_stored_did_not_happen(void)
{
    begin();
    hold(1, 0x0a00000a);
    fails_to_store("release 10.0.0.10\n");
    CHECK_TEXT(commands("list\n"), "10.0.0.10\tbound\t52:54:00:00:00:01\t\t\t1700000600\n");
    const char *import = "import\n10.0.0.11\tbound\t52:54:00:00:00:08\t\t\t1700001000\n";
    fails_to_store(import);
    CHECK_NUMBER(offered(9, 0x0a00000a), 11);
    CHECK_TEXT(commands(import), "1 0 0 0\n");
    CHECK_NUMBER(offered(9, 0x0a00000b), 0);
    end();
}

static void an_address_is_nobody_elses_while_a_command_is_stored(void)
{
    begin();
    hold(1, 0x0a00000a);
    const char *const texts[] = {"release 10.0.0.10\n",
                                 "import\n10.0.0.11\tbound\t52:54:00:00:00:08\t\t\t1700001000\n"};
    struct lease_command under_way[LENGTH(texts)] = {0};
    for (size_t i = 0; i < LENGTH(texts); i++)
        CHECK_NUMBER(lease_command_decide(&under_way[i], table, bytes_of_text(texts[i]), is_ours, NOW, NULL), 0);
    CHECK_NUMBER(offered(9, 0x0a00000a), 0);
    for (size_t i = 0; i < LENGTH(texts); i++) {
        CHECK_NUMBER(lease_command_apply(&under_way[i], table, NOW, NULL), 0);
        lease_command_finish(&under_way[i]);
    }
    CHECK_NUMBER(offered(9, 0x0a00000b), 10);
    end();
}

/* The record of its release is older than that of its renewal. */
static void a_renewal_beside_a_release_holds(void)
{
    begin();
    hold(1, 0x0a00000a);
    struct lease renewed;
    struct lease_client client = {.mac = {6, {0x52, 0x54, 0, 0, 0, 1}}};
    AUTO(lease_command_finish) struct lease_command command = {0};
    CHECK_NUMBER(lease_command_decide(&command, table, bytes_of_text("release 10.0.0.10\n"), is_ours, NOW, NULL), 0);
    CHECK_NUMBER(lease_bind(&renewed, table, lease_subnet(table, (struct ipv4){0x0a00000a}), &client,
                            (struct ipv4){0x0a00000a}, (struct ipv4){0}, true, NOW, NULL),
                 LEASE_OK);
    CHECK(lease_command_apply(&command, table, NOW, NULL) < 0);
    lease_stored(table, &renewed, NOW);
    CHECK_NUMBER(offered(9, 0x0a00000a), 11);
    end();
}

static void leases_are_taken_over_but_for_those_that_are_known(void)
{
    begin();
    hold(1, 0x0a00000a);
    CHECK_TEXT(commands("import\n10.0.0.10\tbound\t52:54:00:00:00:07\t\t\t1700001000\n"
                        "10.0.0.11\tbound\t52:54:00:00:00:08\t01ab\tnode\t1700001000\n"
                        "10.0.0.12\tbound\t\t\tnobody\t1700001000\n"
                        "10.0.0.15\tbound\t00:00:00:00:00:00\t\t\t1700001000\n"
                        "10.0.0.16\tbound\tff:ff:ff:ff:ff:ff\t01ab\t\t1700001000\n"
                        "10.0.0.13\tnonsense\t52:54:00:00:00:09\t\t\t1700001000\n"
                        "10.0.0.14\n\t\t\t\t\t\n"),
               "1 0 0 7\n"
               "not taken over: 10.0.0.10 belongs to 52:54:00:00:00:01\n"
               "not taken over: a bound address needs a mac or a client_id\n"
               "not taken over: the lease of 10.0.0.15 is no machine's\n"
               "not taken over: the lease of 10.0.0.16 is no machine's\n"
               "not taken over: state 'nonsense' is not bound, free or declined\n"
               "not taken over: a line that is no lease\n"
               "not taken over: address '' is not an address such as 10.0.0.7\n");
    CHECK_TEXT(commands("list\n"), "10.0.0.10\tbound\t52:54:00:00:00:01\t\t\t1700000600\n"
                                   "10.0.0.11\tbound\t52:54:00:00:00:08\t01ab\tnode\t1700001000\n");
    end();
}

static void an_address_that_is_free_again_is_taken_over_too(void)
{
    begin();
    hold(1, 0x0a00000a);
    commands("release 10.0.0.10\n");
    CHECK_TEXT(commands("import\n10.0.0.10\tbound\t52:54:00:00:00:07\t\t\t1700001000\n"), "1 0 0 0\n");
    CHECK_TEXT(commands("list\n"), "10.0.0.10\tbound\t52:54:00:00:00:07\t\t\t1700001000\n");
    end();
}

#define BOUND(address, number) address "\tbound\t52:54:00:00:00:" number "\t\t\t1700001000\n"

static void an_address_that_its_machine_would_not_be_given_is_not_taken_over(void)
{
    static const struct {
        const char *lines, *said;
    } rows[] = {
        {BOUND("0.0.0.0", "07"), "0 0 0 1\nnot taken over: 0.0.0.0 is no address that a machine can have\n"},
        {BOUND("255.255.255.255", "07"),
         "0 0 0 1\nnot taken over: 255.255.255.255 is no address that a machine can have\n"},
        {BOUND("127.0.0.1", "07"), "0 0 0 1\nnot taken over: 127.0.0.1 is no address that a machine can have\n"},
        {BOUND("10.0.0.0", "07"), "0 0 0 1\nnot taken over: 10.0.0.0 is the server's, the router's, the network or the "
                                  "broadcast address\n"},
        {BOUND("10.0.0.255", "07"), "0 0 0 1\nnot taken over: 10.0.0.255 is the server's, the router's, the network or "
                                    "the broadcast address\n"},
        {BOUND("10.0.0.1", "07"), "0 0 0 1\nnot taken over: 10.0.0.1 is the server's, the router's, the network or the "
                                  "broadcast address\n"},
        {BOUND("10.0.0.2", "07"), "0 0 0 1\nnot taken over: 10.0.0.2 is the server's, the router's, the network or the "
                                  "broadcast address\n"},
        {BOUND("10.0.0.77", "07"), "0 0 0 1\nnot taken over: 10.0.0.77 is not in the pool\n"},
        {BOUND("10.0.0.5", "07"), "0 0 0 1\nnot taken over: 10.0.0.5 is reserved for another client\n"},
        {BOUND("10.0.0.10", "05"),
         "0 0 0 1\nnot taken over: 10.0.0.10 is not the client's reservation, which is 10.0.0.5\n"},
        {BOUND("10.0.0.5", "05"), "1 0 0 0\n"},
        {BOUND("10.0.0.5", "05"), "0 0 1 0\n"},
        {BOUND("10.9.0.7", "07"), "0 1 0 0\n"},
        {BOUND("10.0.0.10", "08") BOUND("10.0.0.11", "08"),
         "2 0 0 0\n10.0.0.11 is kept for its client only until that uses 10.0.0.10, which it has as well\n"},
        {"10.0.0.10\tbound\t52:54:00:00:00:08\t\t\t1700002000\n",
         "1 0 0 0\n10.0.0.10 is kept for its client only until that uses 10.0.0.11, which it has as well\n"},
        {"10.0.0.10\tbound\t52:54:00:00:00:08\t\t\t1700000000\n",
         "0 0 0 1\nnot taken over: the lease of 10.0.0.10 has ended\n"},
    };
    begin();
    lease_table_set_own(table, &(struct ipv4){0x0a000002}, 1);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *text = memory_print("import\n%s", rows[i].lines);
        CHECK_TEXT(commands(text), rows[i].said);
    }
    end();
}

static void a_declined_address_is_taken_over_as_one(void)
{
    begin();
    CHECK_TEXT(commands("import\n10.0.0.10\tdeclined\t\t\t\t1700001000\n"), "1 0 0 0\n");
    CHECK_NUMBER(offered(9, 0x0a00000a), 11);
    end();
}

/* A machine that its reservation knows by the UUID of its firmware, which lease files have not. */
static void a_lease_may_be_of_the_machine_that_its_address_is_reserved_for(void)
{
    begin();
    struct reservation *reserved = MEMORY_NEW(struct reservation);
    *reserved = (struct reservation){
        .kind = RESERVATION_UUID, .id = {1}, .id_size = 16, .address = {0x0a000009}, .source = memory_text("g.json")};
    lease_table_reserve(table, RESERVATION_GROUP, reserved, 1);
    CHECK_TEXT(commands("import\n" BOUND("10.0.0.9", "07")), "1 0 0 0\n");
    CHECK_NUMBER(offered(7, 0x0a000009), 9);
    end();
}

static void many_leases_are_taken_over_in_pieces(void)
{
    begin();
    AUTO(text_finish) struct text text = {0};
    text_append(&text, "import\n");
    for (unsigned i = 0; i < 3 * LEASE_IMPORT_PIECE; i++)
        text_print(&text, "10.%u.%u.%u\tbound\t\t%08x\t\t1700001000\n", 8 + i % 2, i >> 8 & 255, i & 255, i);
    CHECK_TEXT(commands(text_characters(&text)), "0 3000 0 0\n");
    for (unsigned i = 0; i < LEASE_IMPORT_NAMED_MAX + 5; i++)
        text_append(&text, BOUND("10.0.0.77", "07"));
    const char *said = commands(text_characters(&text));
    CHECK(text_starts_with(said, "0 0 3000 25\n"));
    CHECK(text_ends_with(said, "\nand 5 more\n"));
    end();
}

static void no_lease_is_longer_than_an_infinite_one(void)
{
    begin();
    commands("import\n10.0.0.10\tbound\t52:54:00:00:00:07\t\t\t9223372036854775807\n");
    CHECK_TEXT(commands("list\n"), "10.0.0.10\tbound\t52:54:00:00:00:07\t\t\t5994967295\n");
    end();
}

static void what_the_configuration_overrides_is_named(void)
{
    begin();
    struct faults faults = {0};
    struct reservation *reserved = memory_new(3, sizeof *reserved);
    const uint32_t addresses[] = {0x0a000005, 0x0a000008, 0x0b000008};
    for (uint8_t i = 0; i < 3; i++)
        reserved[i] = (struct reservation){
            .id = {0x52, 0x54, 0, 0, 0, (uint8_t)(4 + i)}, .id_size = 6, .address = {addresses[i]}};
    lease_table_reserve(table, RESERVATION_COMMANDED, reserved, 3);
    lease_commands_check(table, &faults);
    static const char *const said[] = {
        "warning: `muster leases` has 10.0.0.5 reserved for 52:54:00:00:00:04, but muster.yaml:7 says otherwise, which "
        "holds",
        "warning: `muster leases` has 10.0.0.8 reserved for 52:54:00:00:00:05, but muster.yaml:7 says otherwise, which "
        "holds",
        "warning: `muster leases` has 11.0.0.8 reserved for 52:54:00:00:00:06, which is in no subnet of 'dhcp.subnets'",
    };
    CHECK_NUMBER(faults.count, LENGTH(said));
    for (size_t i = 0; i < faults.count && i < LENGTH(said); i++) {
        AUTO(free) char *line = fault_to_text(&faults.at[i]);
        CHECK_TEXT(line, said[i]);
    }
    faults_finish(&faults);
    end();
}

int main(void)
{
    RUN(an_address_is_reserved_and_free_again);
    RUN(what_cannot_be_is_refused_in_words);
    RUN(who_holds_a_reserved_address_is_named);
    RUN(a_released_address_is_free);
    RUN(what_could_not_be_stored_did_not_happen);
    RUN(an_address_is_nobody_elses_while_a_command_is_stored);
    RUN(a_renewal_beside_a_release_holds);
    RUN(leases_are_taken_over_but_for_those_that_are_known);
    RUN(an_address_that_is_free_again_is_taken_over_too);
    RUN(an_address_that_its_machine_would_not_be_given_is_not_taken_over);
    RUN(a_declined_address_is_taken_over_as_one);
    RUN(a_lease_may_be_of_the_machine_that_its_address_is_reserved_for);
    RUN(many_leases_are_taken_over_in_pieces);
    RUN(no_lease_is_longer_than_an_infinite_one);
    RUN(what_the_configuration_overrides_is_named);
    return test_result();
}
