/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on leases. */
#include "serve/lease-command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "store/row.h"

/* One more than any command has. */
#define WORDS_MAX 4
#define COMMANDED_SOURCE "muster leases"

/* A command while it is decided. */
struct deciding {
    struct lease_command *command;
    struct lease_table *table;
    bool (*is_ours)(struct ipv4 address);
    int64_t now;
    char *words[WORDS_MAX]; /* the verb and what follows it in its line */
    size_t word_count;
    struct bytes rest; /* the lines behind it */
    struct diag *why;
};

void lease_command_finish(struct lease_command *command)
{
    text_finish(&command->answer);
    text_finish(&command->import.reasons);
    free(command->leases);
    *command = (struct lease_command){0};
}

/* Lines. */

void lease_line_write(struct text *ret, const struct lease *lease)
{
    struct row row;
    struct row_texts texts;
    struct lease shown = *lease;
    bool is_offered = lease->state == LEASE_OFFERED;
    if (is_offered)
        shown.state = LEASE_BOUND;
    row_from_lease(&row, &texts, &shown);
    text_print(ret, "%s\t%s\t%s\t%s\t", row.address, is_offered ? "offered" : row.state, row.mac, row.client_id);
    text_append_shown(ret, bytes_of_text(row.hostname), LEASE_HOSTNAME_MAX);
    text_print(ret, "\t%lld\n", (long long)row.expires);
}

void lease_line_write_reservation(struct text *ret, struct ipv4 address, const struct mac *mac)
{
    char texts[IPV4_TEXT_MAX], mac_text[MAC_TEXT_MAX];
    text_print(ret, "%s\treserved\t%s\t\t\t0\n", ipv4_to_text(texts, address), mac_to_text(mac_text, mac, ':'));
}

bool lease_line_split(char *ret_fields[LEASE_LINE_FIELDS], char *line)
{
    size_t count = 0;
    while (line && count < LEASE_LINE_FIELDS)
        ret_fields[count++] = strsep(&line, "\t");
    return count == LEASE_LINE_FIELDS && !line;
}

static bool line_to_lease(struct lease *ret, char *line, struct diag *why)
{
    char *fields[LEASE_LINE_FIELDS];
    if (!lease_line_split(fields, line))
        return false;
    struct row row = {
        .address = fields[LEASE_LINE_ADDRESS],
        .state = fields[LEASE_LINE_STATE],
        .mac = fields[LEASE_LINE_MAC],
        .client_id = fields[LEASE_LINE_CLIENT_ID],
        .hostname = fields[LEASE_LINE_HOSTNAME],
        .expires = strtoll(fields[LEASE_LINE_EXPIRES], NULL, 10),
    };
    return row_to_lease(ret, &row, why) == 0;
}

/* Deciding. */

static int read_address(struct ipv4 *ret, const struct deciding *deciding, const char *text)
{
    if (ipv4_from_text(ret, text))
        return 0;
    return fail(deciding->why, -EINVAL, "'%s' is no address such as 10.77.0.50", text);
}

static void write_lease(const struct lease *lease, void *context)
{
    lease_line_write(context, lease);
}

static int list(struct deciding *deciding)
{
    struct text *answer = &deciding->command->answer;
    size_t count;
    const struct reservation *reserved = lease_reservations(&count, deciding->table, RESERVATION_COMMANDED);
    lease_table_visit(deciding->table, write_lease, answer);
    for (size_t i = 0; i < count; i++) {
        struct mac mac = mac_from_bytes(bytes_of(reserved[i].id, reserved[i].id_size));
        lease_line_write_reservation(answer, reserved[i].address, &mac);
    }
    return 0;
}

static void add_lease(struct deciding *deciding, const struct lease *lease)
{
    struct lease_command *command = deciding->command;
    *ARRAY_ADD(command->leases, command->count, command->capacity) = *lease;
}

static int release(struct deciding *deciding)
{
    struct ipv4 address;
    struct lease lease;
    if (read_address(&address, deciding, deciding->words[1]) < 0)
        return -EINVAL;
    if (lease_free(&lease, deciding->table, address, deciding->now, deciding->why) != LEASE_OK)
        return -EINVAL;
    add_lease(deciding, &lease);
    text_print(&deciding->command->answer, "%s is free\n", deciding->words[1]);
    return 0;
}

static const char *source_of(const struct reservation *reservation)
{
    return reservation->source ?: "the configuration";
}

static int check_address(const struct deciding *deciding, struct ipv4 address)
{
    const char *text = deciding->words[2];
    const struct subnet *subnet = lease_subnet(deciding->table, address);
    if (!subnet)
        return fail(deciding->why, -EINVAL, "%s is in no subnet of 'dhcp.subnets'", text);
    if (!subnet_has_host(subnet, address))
        return fail(deciding->why, -EINVAL, "%s is the router's, the network or the broadcast address of its subnet",
                    text);
    if (deciding->is_ours(address))
        return fail(deciding->why, -EINVAL, "%s is an address of this host", text);
    return 0;
}

/* Whether nobody else has the address reserved, and the machine no other one there. */
static int check_reserved(const struct deciding *deciding, const struct reservation *wanted)
{
    const struct reservation *at = lease_reserved_before(deciding->table, RESERVATION_ORIGINS, wanted->address);
    const struct reservation *of = lease_reservation_before(deciding->table, RESERVATION_ORIGINS, wanted);
    char other[IPV4_TEXT_MAX];
    if (at && !reservation_is_of_same_machine(at, wanted)) {
        AUTO(free) char *machine = reservation_machine_to_text(at);
        return fail(deciding->why, -EINVAL, "%s is reserved for %s already, by %s", deciding->words[2], machine,
                    source_of(at));
    }
    if (of && !ipv4_equal(of->address, wanted->address))
        return fail(deciding->why, -EINVAL, "%s has %s reserved already, by %s", deciding->words[1],
                    ipv4_to_text(other, of->address), source_of(of));
    return 0;
}

static void say_who_holds(struct deciding *deciding, struct ipv4 address, const struct mac *mac)
{
    struct lease lease;
    char text[MAC_TEXT_MAX];
    if (!lease_find(&lease, deciding->table, address, deciding->now) || lease.state == LEASE_FREE ||
        mac_equal(&lease.mac, mac))
        return;
    text_print(&deciding->command->answer,
               "%s holds it for another %lld s at most, and is told to leave as it renews\n",
               lease.mac.size > 0 ? mac_to_text(text, &lease.mac, ':') : "another machine",
               (long long)(lease.expires - deciding->now));
}

static int reserve(struct deciding *deciding)
{
    struct reservation wanted = {.kind = RESERVATION_MAC};
    struct mac mac;
    if (!mac_from_any_text(&mac, deciding->words[1]) || !mac_is_machines(&mac))
        return fail(deciding->why, -EINVAL, "'%s' is no machine's MAC address such as 52:54:00:00:00:01",
                    deciding->words[1]);
    int result = read_address(&wanted.address, deciding, deciding->words[2]);
    wanted.id_size = mac.size;
    memcpy(wanted.id, mac.octets, mac.size);
    if (result == 0)
        result = check_address(deciding, wanted.address);
    if (result == 0)
        result = check_reserved(deciding, &wanted);
    if (result < 0)
        return result;
    const struct reservation *before = lease_reserved_before(deciding->table, RESERVATION_ORIGINS, wanted.address);
    char text[MAC_TEXT_MAX];
    text_print(&deciding->command->answer, "%s is reserved for %s", deciding->words[2], mac_to_text(text, &mac, ':'));
    if (before) {
        text_print(&deciding->command->answer, " already, by %s\n", source_of(before));
        return 0;
    }
    text_append(&deciding->command->answer, "\n");
    deciding->command->reserved = wanted.address;
    deciding->command->mac = mac;
    say_who_holds(deciding, wanted.address, &mac);
    return 0;
}

static bool is_commanded(const struct lease_table *table, struct ipv4 address)
{
    size_t count;
    const struct reservation *reserved = lease_reservations(&count, table, RESERVATION_COMMANDED);
    for (size_t i = 0; i < count; i++)
        if (ipv4_equal(reserved[i].address, address))
            return true;
    return false;
}

static int unreserve(struct deciding *deciding)
{
    struct ipv4 address;
    if (read_address(&address, deciding, deciding->words[1]) < 0)
        return -EINVAL;
    const struct reservation *other = lease_reserved_before(deciding->table, RESERVATION_COMMANDED, address);
    if (!is_commanded(deciding->table, address) && other)
        return fail(deciding->why, -EINVAL, "%s is reserved by %s: take it out there", deciding->words[1],
                    source_of(other));
    if (!is_commanded(deciding->table, address))
        return fail(deciding->why, -EINVAL, "%s is not reserved", deciding->words[1]);
    deciding->command->reserved = address;
    text_print(&deciding->command->answer, "%s is reserved no more\n", deciding->words[1]);
    return 0;
}

/* Whether a machine can be known by what the lease says of it. */
static bool is_machines(const struct lease *lease)
{
    if (lease->state == LEASE_DECLINED)
        return true;
    return mac_is_zero(&lease->mac) ? lease->client_id_size > 0 : mac_is_machines(&lease->mac);
}

/* This network's own, this host's own, multicast and reserved addresses (RFC 6890), whatever subnets there are. */
static bool is_no_hosts(struct ipv4 address)
{
    uint32_t first = address.number >> 24;
    return first == 0 || first == 127 || first >= 224;
}

static int check_import(struct lease *lease, char *line, int64_t now, struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    if (!line_to_lease(lease, line, why))
        return -EINVAL;
    ipv4_to_text(text, lease->address);
    if (lease->state == LEASE_FREE || lease->expires <= now)
        return fail(why, -EINVAL, "the lease of %s has ended", text);
    if (!is_machines(lease))
        return fail(why, -EINVAL, "the lease of %s is no machine's", text);
    if (is_no_hosts(lease->address))
        return fail(why, -EINVAL, "%s is no address that a machine can have", text);
    if (lease->expires > now + LEASE_SECONDS_INFINITE)
        lease->expires = now + LEASE_SECONDS_INFINITE;
    return 0;
}

static void say(struct lease_command *command, const char *what, const char *reason)
{
    if (command->import.reason_count++ < LEASE_IMPORT_NAMED_MAX)
        text_print(&command->import.reasons, "%s%s\n", what, reason);
}

/* Who had the address of us once, or was only offered it, has no right to it against its user. */
static void import_line(struct lease_command *command, struct lease_table *table, char *line, int64_t now)
{
    struct lease lease, imported;
    struct diag why = {.text = "a line that is no lease"};
    int result = check_import(&lease, line, now, &why);
    if (result == 0)
        result = lease_import(&imported, table, &lease, now, &why);
    command->import.known += result == LEASE_E_KNOWN;
    command->import.aside += result == LEASE_E_UNKNOWN;
    command->import.taken += result == LEASE_OK;
    if (result == LEASE_OK || result == LEASE_E_UNKNOWN) {
        *ARRAY_ADD(command->leases, command->count, command->capacity) = imported;
    } else if (result != LEASE_E_KNOWN) {
        command->import.refused++;
        say(command, "not taken over: ", why.text);
    }
    if (result == LEASE_OK && why.text[0])
        say(command, "", why.text);
}

static void answer_import(struct lease_command *command)
{
    text_print(&command->answer, "%zu %zu %zu %zu\n%s", command->import.taken, command->import.aside,
               command->import.known, command->import.refused, text_characters(&command->import.reasons));
    if (command->import.reason_count > LEASE_IMPORT_NAMED_MAX)
        text_print(&command->answer, "and %zu more\n", command->import.reason_count - LEASE_IMPORT_NAMED_MAX);
}

static void import_piece(struct lease_command *command, struct lease_table *table, int64_t now)
{
    command->count = 0;
    for (size_t i = 0; i < LEASE_IMPORT_PIECE && command->lines.size > 0; i++) {
        const uint8_t *end = memchr(command->lines.data, '\n', command->lines.size);
        size_t size = end ? (size_t)(end - command->lines.data) : command->lines.size;
        AUTO(free) char *line = memory_text_of((const char *)command->lines.data, size);
        command->lines = bytes_slice(command->lines, size + 1, command->lines.size);
        if (*line)
            import_line(command, table, line, now);
    }
    if (command->lines.size == 0)
        answer_import(command);
}

bool lease_command_go_on(struct lease_command *command, struct lease_table *table, int64_t now)
{
    if (command->lines.size == 0)
        return false;
    import_piece(command, table, now);
    return true;
}

static int import(struct deciding *deciding)
{
    deciding->command->lines = deciding->rest;
    import_piece(deciding->command, deciding->table, deciding->now);
    return 0;
}

/* Splits the first line into its words. */
static void split(struct deciding *deciding, char *line)
{
    char *word;
    while ((word = strsep(&line, " ")) && deciding->word_count < WORDS_MAX)
        deciding->words[deciding->word_count++] = word;
}

int lease_command_decide(struct lease_command *ret, struct lease_table *table, struct bytes command,
                         bool (*is_ours)(struct ipv4 address), int64_t now, struct diag *why)
{
    static const struct {
        const char *verb;
        size_t words;
        int (*decide)(struct deciding *deciding);
    } verbs[] = {
        {"list", 1, list},           {"release", 2, release}, {"reserve", 3, reserve},
        {"unreserve", 2, unreserve}, {"import", 1, import},
    };
    const uint8_t *end = command.size > 0 ? memchr(command.data, '\n', command.size) : NULL;
    size_t size = end ? (size_t)(end - command.data) : command.size;
    AUTO(free) char *line = memory_text_of((const char *)command.data, size);
    struct deciding deciding = {.command = ret, .table = table, .is_ours = is_ours, .now = now, .why = why};
    deciding.rest = bytes_slice(command, size + 1, command.size);
    split(&deciding, line);
    for (size_t i = 0; i < LENGTH(verbs); i++)
        if (text_is(deciding.words[0], verbs[i].verb) && deciding.word_count == verbs[i].words)
            return verbs[i].decide(&deciding);
    return fail(why, -EINVAL, "no such command");
}

/* Doing. */

bool lease_command_store(const struct lease_command *command, struct state *state,
                         void (*done)(void *context, int result), void *context)
{
    if (ipv4_is_set(command->reserved))
        state_reserve(state, command->reserved, command->mac.size > 0 ? &command->mac : NULL, done, context);
    else if (command->count > 0)
        state_commit(state, command->leases, command->count, done, context);
    return ipv4_is_set(command->reserved) || command->count > 0;
}

struct reservation_list {
    struct reservation *at;
    size_t count, capacity;
};

static void add_reservation(struct ipv4 address, const struct mac *mac, void *context)
{
    struct reservation_list *reserved = context;
    struct reservation *added = ARRAY_ADD(reserved->at, reserved->count, reserved->capacity);
    *added = (struct reservation){
        .kind = RESERVATION_MAC, .id_size = mac->size, .address = address, .source = memory_text(COMMANDED_SOURCE)};
    memcpy(added->id, mac->octets, mac->size);
}

static void apply_reservation(const struct lease_command *command, struct lease_table *table)
{
    struct reservation_list changed = {0};
    size_t count;
    const struct reservation *reserved = lease_reservations(&count, table, RESERVATION_COMMANDED);
    for (size_t i = 0; i < count; i++)
        if (!ipv4_equal(reserved[i].address, command->reserved))
            *ARRAY_ADD(changed.at, changed.count, changed.capacity) = reservation_copy(&reserved[i]);
    if (command->mac.size > 0)
        add_reservation(command->reserved, &command->mac, &changed);
    lease_table_reserve(table, RESERVATION_COMMANDED, changed.at, changed.count);
}

int lease_command_apply(const struct lease_command *command, struct lease_table *table, int64_t now, struct diag *why)
{
    char text[IPV4_TEXT_MAX];
    int result = 0;
    if (ipv4_is_set(command->reserved))
        apply_reservation(command, table);
    for (size_t i = 0; i < command->count; i++) {
        const struct lease *lease = &command->leases[i];
        if (lease->state != LEASE_FREE)
            lease_imported(table, lease, now);
        else if (!lease_freed(table, lease, now))
            result = fail(why, -EAGAIN, "%s was given again at that very moment", ipv4_to_text(text, lease->address));
    }
    return result;
}

void lease_command_undo(const struct lease_command *command, struct lease_table *table, int64_t now)
{
    for (size_t i = 0; i < command->count; i++)
        lease_not_stored(table, &command->leases[i], now);
}

int lease_commands_restore(struct lease_table *table, struct state *state, struct faults *warnings, struct diag *why)
{
    struct reservation_list reserved = {0};
    int result = state_reservations(state, add_reservation, &reserved, warnings, why);
    lease_table_reserve(table, RESERVATION_COMMANDED, reserved.at, reserved.count);
    return result;
}

void lease_commands_check(const struct lease_table *table, struct faults *faults)
{
    size_t count;
    const struct reservation *reserved = lease_reservations(&count, table, RESERVATION_COMMANDED);
    for (size_t i = 0; i < count; i++) {
        const struct reservation *at = lease_reserved_before(table, RESERVATION_COMMANDED, reserved[i].address);
        const struct reservation *of = lease_reservation_before(table, RESERVATION_COMMANDED, &reserved[i]);
        const struct reservation *other = at && !reservation_is_of_same_machine(at, &reserved[i]) ? at : of;
        AUTO(free) char *machine = reservation_machine_to_text(&reserved[i]);
        char address[IPV4_TEXT_MAX];
        ipv4_to_text(address, reserved[i].address);
        if (!lease_subnet(table, reserved[i].address))
            faults_add(faults, FAULT_WARNING, NULL, 0, 0,
                       "`muster leases` has %s reserved for %s, which is in no subnet of 'dhcp.subnets'", address,
                       machine);
        else if (other && (other == at || !ipv4_equal(other->address, reserved[i].address)))
            faults_add(faults, FAULT_WARNING, NULL, 0, 0,
                       "`muster leases` has %s reserved for %s, but %s says otherwise, which holds", address, machine,
                       source_of(other));
    }
}

char *lease_commands_path(const char *state_path)
{
    AUTO(free) char *path = state_follow_links(state_path);
    return memory_print("%s.control", path);
}
