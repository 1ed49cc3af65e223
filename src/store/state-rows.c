/* SPDX-License-Identifier: Apache-2.0 */
/* What the state file holds: leases, reservations, and the clock that they are kept by. */
#include "store/state-file.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/text.h"
#include "store/row.h"

static const char put_lease[] = "INSERT INTO lease (address, state, mac, client_id, hostname, expires)"
                                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                                " ON CONFLICT (address) DO UPDATE SET state = ?2, mac = ?3, client_id = ?4,"
                                " hostname = ?5, expires = ?6";
static const char get_leases[] = "SELECT address, state, mac, client_id, hostname, expires FROM lease";
static const char put_clock[] = "INSERT OR REPLACE INTO clock (only, boot, epoch, seen) VALUES (1, ?1, ?2, ?3)";
static const char get_clock[] = "SELECT boot, epoch, seen FROM clock";
static const char put_reservation[] = "INSERT OR REPLACE INTO reservation (address, mac) VALUES (?1, ?2)";
static const char remove_reservation[] = "DELETE FROM reservation WHERE address = ?1";
static const char get_reservations[] = "SELECT address, mac FROM reservation";
static const char move_leases[] = "UPDATE lease SET expires = expires + ?1";

/* The version whose files have reservations. */
#define RESERVATIONS_SINCE 3

static int put_one(struct state_file *file, const struct lease *lease)
{
    struct row row;
    struct row_texts texts;
    int code;
    row_from_lease(&row, &texts, lease);
    if (!file->put && (code = sqlite3_prepare_v3(file->database, put_lease, -1, SQLITE_PREPARE_PERSISTENT, &file->put,
                                                 NULL)) != SQLITE_OK)
        return code;
    const char *const columns[] = {row.address, row.state, row.mac, row.client_id, row.hostname};
    for (size_t i = 0; i < LENGTH(columns); i++)
        sqlite3_bind_text(file->put, (int)i + 1, columns[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(file->put, (int)LENGTH(columns) + 1, row.expires);
    code = sqlite3_step(file->put);
    sqlite3_reset(file->put);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int state_file_put_leases(struct state_file *file, const struct lease *leases, size_t count)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = put_one(file, &leases[i]);
    return code;
}

int state_file_put_clock(struct state_file *file, const struct state_clock *clock)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(file->database, put_clock, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, clock->boot, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, clock->epoch);
        sqlite3_bind_int64(statement, 3, clock->seen);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* False where none is kept: the file is new, or of a version that kept none. */
static bool load_clock(struct state_file *file, struct state_clock *ret)
{
    sqlite3_stmt *statement = NULL;
    bool is_there = sqlite3_prepare_v2(file->database, get_clock, -1, &statement, NULL) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;
    if (is_there) {
        snprintf(ret->boot, sizeof ret->boot, "%s", (const char *)sqlite3_column_text(statement, 0) ?: "");
        ret->epoch = sqlite3_column_int64(statement, 1);
        ret->seen = sqlite3_column_int64(statement, 2);
    }
    sqlite3_finalize(statement);
    return is_there;
}

int state_file_move_leases(struct state_file *file, int64_t seconds)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(file->database, move_leases, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, seconds);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int state_file_end(struct state_file *file, int code, struct diag *why)
{
    if (code == SQLITE_OK)
        code = state_file_execute(file, "COMMIT");
    if (code == SQLITE_OK)
        return 0;
    int result = state_file_fail(file, code, "write state file", why);
    if (!sqlite3_get_autocommit(file->database))
        state_file_execute(file, "ROLLBACK");
    return result;
}

void state_file_follow_clock(struct state_file *file, struct faults *warnings)
{
    struct state_clock kept, now = state_clock_read();
    int64_t step = load_clock(file, &kept) ? state_clock_step(&kept, &now) : 0;
    if (step != 0)
        faults_add(warnings, FAULT_WARNING, file->path, 0, 0,
                   "the clock was set %s by %lld s since the leases were written: they end that much %s",
                   step < 0 ? "back" : "forward", (long long)llabs(step), step < 0 ? "earlier" : "later");
    file->owed = step;
    file->clock = now;
}

static struct row row_of_statement(sqlite3_stmt *statement)
{
    return (struct row){
        .address = (const char *)sqlite3_column_text(statement, 0),
        .state = (const char *)sqlite3_column_text(statement, 1),
        .mac = (const char *)sqlite3_column_text(statement, 2),
        .client_id = (const char *)sqlite3_column_text(statement, 3),
        .hostname = (const char *)sqlite3_column_text(statement, 4),
        .expires = sqlite3_column_int64(statement, 5),
    };
}

static void visit_row(struct state_file *file, sqlite3_stmt *statement,
                      void (*visit)(const struct lease *lease, void *context), void *context, struct faults *warnings)
{
    struct lease lease;
    struct diag reason;
    struct row row = row_of_statement(statement);
    if (row_to_lease(&lease, &row, &reason) == 0) {
        lease.expires += file->owed;
        lease.stored += lease.stored ? file->owed : 0;
        visit(&lease, context);
        return;
    }
    AUTO(text_finish) struct text address = {0};
    text_append_shown(&address, bytes_of_text(row.address), IPV4_TEXT_MAX);
    faults_add(warnings, FAULT_WARNING, file->path, 0, 0, "lease '%s' is ignored: %s", text_characters(&address),
               reason.text);
}

int state_file_leases(struct state_file *file, void (*visit)(const struct lease *lease, void *context), void *context,
                      struct faults *warnings, struct diag *why)
{
    sqlite3_stmt *statement = NULL;
    if (!file->database)
        return 0;
    int code = sqlite3_prepare_v2(file->database, get_leases, -1, &statement, NULL);
    if (code == SQLITE_OK)
        for (code = sqlite3_step(statement); code == SQLITE_ROW; code = sqlite3_step(statement))
            visit_row(file, statement, visit, context, warnings);
    int result = code == SQLITE_DONE ? 0 : state_file_fail(file, code, "read state file", why);
    sqlite3_finalize(statement);
    return result;
}

int state_file_put_reservation(struct state_file *file, struct ipv4 reserved, const struct mac *machine)
{
    sqlite3_stmt *statement = NULL;
    char address[IPV4_TEXT_MAX], mac[MAC_TEXT_MAX];
    const char *query = machine->size > 0 ? put_reservation : remove_reservation;
    int code = sqlite3_prepare_v2(file->database, query, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, ipv4_to_text(address, reserved), -1, SQLITE_STATIC);
        if (machine->size > 0)
            sqlite3_bind_text(statement, 2, mac_to_text(mac, machine, ':'), -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static void visit_reservation(struct state_file *file, sqlite3_stmt *statement, state_reservation_visit *visit,
                              void *context, struct faults *warnings)
{
    const char *texts[] = {(const char *)sqlite3_column_text(statement, 0),
                           (const char *)sqlite3_column_text(statement, 1)};
    struct ipv4 address;
    struct mac mac;
    if (texts[0] && texts[1] && ipv4_from_text(&address, texts[0]) && mac_from_text(&mac, texts[1])) {
        visit(address, &mac, context);
        return;
    }
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, bytes_of_text(texts[0] ?: ""), IPV4_TEXT_MAX);
    faults_add(warnings, FAULT_WARNING, file->path, 0, 0, "reservation '%s' is ignored: it is not an address and a MAC",
               text_characters(&shown));
}

int state_file_reservations(struct state_file *file, state_reservation_visit *visit, void *context,
                            struct faults *warnings, struct diag *why)
{
    sqlite3_stmt *statement = NULL;
    int64_t version = 0;
    if (!file->database)
        return 0;
    /* A file that is only listed may be of a version before. */
    int code = state_file_query_number(file, "PRAGMA user_version", &version);
    if (code == SQLITE_OK && version < RESERVATIONS_SINCE)
        return 0;
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(file->database, get_reservations, -1, &statement, NULL);
    if (code == SQLITE_OK)
        for (code = sqlite3_step(statement); code == SQLITE_ROW; code = sqlite3_step(statement))
            visit_reservation(file, statement, visit, context, warnings);
    int result = code == SQLITE_DONE ? 0 : state_file_fail(file, code, "read state file", why);
    sqlite3_finalize(statement);
    return result;
}
