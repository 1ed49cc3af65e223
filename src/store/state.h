/* SPDX-License-Identifier: Apache-2.0 */
/* Where leases rest: a SQLite file that survives kill -9 and loss of power. One thread writes; all that is queued while
 * it writes goes into its next transaction, so that many clients share one wait for the disk. */
#pragma once

#include <stddef.h>

#include "base/auto.h"
#include "base/diag.h"
#include "lease/lease.h"

struct state;

/* An address that `muster leases reserve` keeps for a machine. */
typedef void state_reservation_visit(struct ipv4 address, const struct mac *mac, void *context);

/* Where the state file at path lies in truth, there or not yet: all that lies beside it is named after that. On the
 * heap. */
char *state_follow_links(const char *path);
/* Calls visit for every lease and visit_reserved for every reservation of the file at path and changes nothing; for use
 * beside a running server too. Leases end as a server would have them end that starts now, see state_move(). Returns 0
 * or a negative errno with the reason. */
int state_list(const char *path, void (*visit)(const struct lease *lease, void *context),
               state_reservation_visit *visit_reserved, void *context, struct faults *warnings, struct diag *why);
/* Opens the state file at path, and makes it where there is none (and the folder it lies in, mode 0750). path NULL
 * keeps nothing, with the same interface. A file that is damaged is set aside as PATH.corrupt-YYYYMMDD-HHMMSS, named
 * in a warning together with how many leases could still be read from it; those are kept. So is a journal whose file is
 * empty or gone. Of an empty file without one a warning says that no lease is known. A file of text is no damaged one
 * but somebody else's, and is left alone.
 * Only one may have it open, by whatever path: the file and PATH.lock are locked while it is. A link is followed, and
 * all that lies beside the file lies where it leads. Returns 0, or a negative errno with the reason: -EBUSY when
 * another process has it open, a folder that is not there, a file that may not be written, a full disk, a file of
 * another program or of a newer muster. A file that it made then is removed again. */
int state_open(struct state **ret, const char *path, struct faults *warnings, struct diag *why);
/* The same, for a server: a file that is there but cannot be written (its folder or file system is read-only, it is
 * another user's, the disk is full) is read, with a warning that says so. Each write then tries to open it anew, and
 * fails until that succeeds. */
int state_open_to_serve(struct state **ret, const char *path, struct faults *warnings, struct diag *why);
/* Writes what is queued and calls its done functions; what is queued after it is never written. For who has tasks
 * under way that look at the state once more before it is closed. */
void state_drain(struct state *state);
/* The same, and closes the file. */
void state_close(struct state *state);
AUTO_DEFINE(state_close, struct state *);

/* Calls visit for every lease of the file; for use at start, before the first state_commit(). A row that is none is
 * left where it is and named in a warning. Returns 0 or a negative errno with the reason. */
int state_leases(struct state *state, void (*visit)(const struct lease *lease, void *context), void *context,
                 struct faults *warnings, struct diag *why);

/* Queues a copy of the leases (none of them an offer) to be made durable together, in the order of the calls, and
 * returns at once. done is called from the writer thread, with 0 when they are durable, or with a negative errno when
 * they are not, and then nobody may be told that they are. It may queue more, but
 * must not close. */
void state_commit(struct state *state, const struct lease *leases, size_t count,
                  void (*done)(void *context, int result), void *context);
/* The same for the reservations. */
int state_reservations(struct state *state, state_reservation_visit *visit, void *context, struct faults *warnings,
                       struct diag *why);
/* Queues that the address is reserved for the machine, or with mac NULL for nobody any more; done as above. */
void state_reserve(struct state *state, struct ipv4 address, const struct mac *mac,
                   void (*done)(void *context, int result), void *context);
/* The wall clock that leases are kept by, as its time when the steady clock was at zero: as it was at opening. */
int64_t state_epoch(const struct state *state);
/* The wall clock was set, forward by so many seconds: queues that all leases kept end that much later. What
 * cannot be written now is with the next that can. */
void state_move(struct state *state, int64_t seconds);
/* 0 when the last write succeeded, or its negative errno with the reason. Later writes are tried again. */
int state_failure(struct state *state, struct diag *why);
