/* SPDX-License-Identifier: Apache-2.0 */
/* One command of `muster leases`, on the table of the server that runs or on one that was read for it:
 *
 *     list                  every lease and reservation, a line each, see lease_line_write()
 *     release ADDRESS       nobody has it any more
 *     reserve MAC ADDRESS   the address is for that machine alone
 *     unreserve ADDRESS     … for all again
 *     import                leases of another server, in lines that follow: the answer is how many were taken over,
 * kept aside, known before and not taken over, then the reasons, a line each
 *
 * It is decided first; what it changes is stored; then it is done and answered. What could not be stored is not done:
 * an address that was not freed for sure is given to nobody else. */
#pragma once

#include "base/text.h"
#include "lease/lease.h"
#include "store/state.h"

/* Leases of an import that are decided and stored at a time, so that DHCP is not held up. */
#define LEASE_IMPORT_PIECE 1000
/* Leases of an import that something is said of; of more only the number is. */
#define LEASE_IMPORT_NAMED_MAX 20

struct lease_command {
    struct text answer; /* for whoever gave it, once it is done */
    struct bytes lines; /* import: those yet to be decided; borrowed from the command */
    struct {
        size_t taken, aside, known, refused;
        struct text reasons; /* a line each */
        size_t reason_count; /* said or not */
    } import;
    struct lease *leases; /* to be stored */
    size_t count, capacity;
    struct ipv4 reserved; /* to be reserved for mac, or for nobody any more when there is none; unset: none is */
    struct mac mac;
};

void lease_command_finish(struct lease_command *command);
AUTO_DEFINE_STRUCT(lease_command_finish, struct lease_command);
/* Decides. Leases that are taken over are in the table from here on, so that nobody else is given their addresses;
 * lease_command_apply() or lease_command_undo() is to follow. is_ours tells the addresses of this host, which no
 * machine can have. 0, or -EINVAL with the reason why not. */
int lease_command_decide(struct lease_command *ret, struct lease_table *table, struct bytes command,
                         bool (*is_ours)(struct ipv4 address), int64_t now, struct diag *why);
/* Queues what is to be stored; false, and done is not called, when there is nothing. */
bool lease_command_store(const struct lease_command *command, struct state *state,
                         void (*done)(void *context, int result), void *context);
/* What is stored holds from now on. 0, or -EAGAIN with the reason when something else came in between. */
int lease_command_apply(const struct lease_command *command, struct lease_table *table, int64_t now, struct diag *why);
/* It could not be stored: the table is as if there had been no command. */
void lease_command_undo(const struct lease_command *command, struct lease_table *table, int64_t now);

/* Decides the next piece of an import, once the one before was applied; false when there is none. */
bool lease_command_go_on(struct lease_command *command, struct lease_table *table, int64_t now);

/* The reservations in a state file, into the table. */
int lease_commands_restore(struct lease_table *table, struct state *state, struct faults *warnings, struct diag *why);
/* Warns of reservations by command that what is configured overrides. */
void lease_commands_check(const struct lease_table *table, struct faults *faults);
/* Where the server that keeps its leases in the state file is to be asked. On the heap. */
char *lease_commands_path(const char *state_path);

/* A lease as it is shown and sent: "ADDRESS STATE MAC CLIENT-ID HOSTNAME EXPIRES" with tabs between them. */
enum {
    LEASE_LINE_ADDRESS,
    LEASE_LINE_STATE,
    LEASE_LINE_MAC,
    LEASE_LINE_CLIENT_ID,
    LEASE_LINE_HOSTNAME,
    LEASE_LINE_EXPIRES,
    LEASE_LINE_FIELDS
};
void lease_line_write(struct text *ret, const struct lease *lease);
/* The state "reserved" and nothing of when. */
void lease_line_write_reservation(struct text *ret, struct ipv4 address, const struct mac *mac);
/* Takes a line apart, in place; false when it has another form. */
bool lease_line_split(char *ret_fields[LEASE_LINE_FIELDS], char *line);
