/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite file of the state, for one thread at a time. Within store/state* only. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "lease/lease.h"
#include "store/state-clock.h"
#include "store/state.h"

/* The file is no database any more, or not a whole one. */
#define STATE_FILE_DAMAGED 1

/* How long a write waits for somebody who works on the file with sqlite3. */
#define STATE_FILE_BUSY_MILLISECONDS 2000

struct state_file {
    char *path;               /* where it lies, links followed; NULL: nothing is kept */
    bool is_made;             /* by the lock, there was none */
    int database_fd;          /* locks the file itself, -1: not locked; to be closed when the database is */
    int lock_fd;              /* locks the file beside it, -1: not locked */
    sqlite3 *database;        /* NULL: nothing is kept, or not yet */
    sqlite3_stmt *put;        /* made with the first lease that is put */
    struct state_clock clock; /* by which leases are written */
    struct state_clock kept;  /* as the file has it */
    int64_t owed;             /* seconds that the leases in the file have still to move by */
};

struct state_reservation {
    struct ipv4 address;
    struct mac mac;
};

/* What could be read of a file. Zero is nothing. */
struct state_salvage {
    struct lease *leases;
    size_t count;
    size_t capacity;
    struct state_reservation *reservations;
    size_t reservation_count;
    size_t reservation_capacity;
};

void state_salvage_finish(struct state_salvage *salvage);

/* Nothing is opened yet. */
void state_file_init(struct state_file *ret, const char *path);
/* Closes the database and ends the locks. */
void state_file_finish(struct state_file *file);
AUTO_DEFINE_STRUCT(state_file_finish, struct state_file);
/* Opens and locks the file, and makes it where there is none; a damaged one is set aside and what can be read of it
 * kept. 0, or a negative errno with the reason, and then nothing is open. See state_open(). */
int state_file_open(struct state_file *file, struct faults *warnings, struct diag *why);
/* Closes the database, not the locks. */
void state_file_close(struct state_file *file);
/* Whether opening failed, with that negative errno, since the file cannot be written. */
bool state_file_is_unwritable(int result);
/* Reads a file that cannot be written, as it will be found once it can, and holds off those who would write it. 0 or a
 * negative errno. */
int state_file_read(struct state_salvage *ret, struct state_file *file, struct faults *warnings);

/* Opens the file to be read beside a server that runs. 0 or a negative errno with the reason. */
int state_file_open_beside(struct state_file *file, struct diag *why);

/* The steps of opening. Two servers with one file would give one address twice. The locks end with the process,
 * however that ends; what unlocks removes the one beside the file, so that nothing is left beside a file that turned
 * out not to be ours, and a file that was made to be locked. */
int state_file_lock(struct state_file *file, struct diag *why);
/* The file without the one beside it. */
int state_file_lock_alone(struct state_file *file, struct diag *why);
/* For who only reads: others may do so too. */
int state_file_lock_to_read(struct state_file *file, struct diag *why);
void state_file_unlock(struct state_file *file);
/* 0; STATE_FILE_DAMAGED; or a negative errno with the reason. */
int state_file_open_database(struct state_file *file, struct diag *why);
/* Brings a file of that version, 0: an empty one, to the newest. Returns the database's code. */
int state_file_migrate(struct state_file *file, int64_t version);
/* A file is ours, or empty; *ret_version is then what it was written by. Returns the database's code. */
int state_file_check_owner(struct state_file *file, int64_t *ret_version, struct diag *why);

/* Whether the journal of the file at path, which nobody has open, goes on behind what the database reads of it. */
bool state_journal_is_damaged(const char *path);

/* Sets the file, which is locked and not open, aside, and opens one with what was salvaged in its place. */
int state_file_replace(struct state_file *file, const struct state_salvage *salvage, struct faults *warnings,
                       struct diag *why);
/* Whether that was cut off when what was salvaged was on the disk; then it goes on, and the file is not looked at. */
bool state_file_is_replaced(const struct state_file *file);
int state_file_go_on_replacing(struct state_file *file, struct faults *warnings, struct diag *why);

/* Statements, and the integer that a one-row query gives. Return the database's code. */
int state_file_execute(struct state_file *file, const char *statements);
int state_file_query_number(struct state_file *file, const char *query, int64_t *ret);
/* Fails with the words of the database, and of the system where it had some. */
int state_file_fail(const struct state_file *file, int code, const char *doing, struct diag *why);

/* Within a transaction. Return the database's code. A machine without a MAC frees the address. */
int state_file_put_leases(struct state_file *file, const struct lease *leases, size_t count);
int state_file_put_reservation(struct state_file *file, struct ipv4 reserved, const struct mac *machine);
int state_file_put_clock(struct state_file *file, const struct state_clock *clock);
int state_file_move_leases(struct state_file *file, int64_t seconds);
/* Commits what came to code SQLITE_OK, else rolls it back. Returns 0 or a negative errno with the reason. */
int state_file_end(struct state_file *file, int code, struct diag *why);

/* Lets the leases end as long from now as they would have by the clock they were written by; the file follows with the
 * first that is written. */
void state_file_follow_clock(struct state_file *file, struct faults *warnings);
/* Calls visit for every row. 0 or a negative errno with the reason. */
int state_file_leases(struct state_file *file, void (*visit)(const struct lease *lease, void *context), void *context,
                      struct faults *warnings, struct diag *why);
int state_file_reservations(struct state_file *file, state_reservation_visit *visit, void *context,
                            struct faults *warnings, struct diag *why);
