/* SPDX-License-Identifier: Apache-2.0 */
/* Reservations in the state file. */
#include <semaphore.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/state.h"
#include "test.h"

static char folder[] = "/tmp/muster-reserved-XXXXXX";
static char *path;

static void note_done(void *context, int result)
{
    CHECK_NUMBER(result, 0);
    sem_post(context);
}

static void reserve(struct state *state, uint32_t address, uint8_t machine)
{
    struct mac mac = {6, {2, 0, 0, 0, 0, machine}};
    sem_t done;
    sem_init(&done, 0, 0);
    state_reserve(state, (struct ipv4){address}, machine ? &mac : NULL, note_done, &done);
    sem_wait(&done);
}

static void add(struct ipv4 address, const struct mac *mac, void *context)
{
    char texts[IPV4_TEXT_MAX], mac_text[MAC_TEXT_MAX];
    text_print(context, "%s %s, ", ipv4_to_text(texts, address), mac_to_text(mac_text, mac, ':'));
}

static void add_lease(const struct lease *lease, void *context)
{
    char text[IPV4_TEXT_MAX];
    text_print(context, "%s leased, ", ipv4_to_text(text, lease->address));
}

/* What is reserved in the file, and what was to be warned of. */
static char *reserved(void)
{
    struct text text = {0};
    struct faults warnings = {0};
    struct diag why;
    AUTO(state_close) struct state *state = NULL;
    CHECK_NUMBER(state_open(&state, path, &warnings, &why), 0);
    CHECK_NUMBER(state_reservations(state, add, &text, &warnings, &why), 0);
    text_print(&text, "%zu warnings", warnings.count);
    faults_finish(&warnings);
    return text_take(&text);
}

static struct state *begin(const char *name)
{
    struct state *state = NULL;
    struct faults warnings = {0};
    struct diag why;
    free(path);
    path = memory_print("%s/%s", folder, name);
    CHECK_NUMBER(state_open(&state, path, &warnings, &why), 0);
    return state;
}

static void edit(const char *statements)
{
    sqlite3 *database = NULL;
    CHECK_NUMBER(sqlite3_open(path, &database), SQLITE_OK);
    CHECK_NUMBER(sqlite3_exec(database, statements, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void reservations_are_there_after_reopening_until_they_are_removed(void)
{
    struct state *state = begin("kept.db");
    reserve(state, 0x0a000001, 1);
    reserve(state, 0x0a000002, 2);
    reserve(state, 0x0a000003, 3);
    reserve(state, 0x0a000002, 0);
    reserve(state, 0x0a000003, 4);
    state_close(state);
    AUTO(free) char *found = reserved();
    CHECK_TEXT(found, "10.0.0.1 02:00:00:00:00:01, 10.0.0.3 02:00:00:00:00:04, 0 warnings");
}

static void a_row_that_is_no_reservation_is_named_and_left(void)
{
    struct state *state = begin("broken.db");
    reserve(state, 0x0a000001, 1);
    state_close(state);
    edit("INSERT INTO reservation VALUES ('10.0.0.2', 'somebody'), ('nowhere', '02:00:00:00:00:02')");
    AUTO(free) char *found = reserved();
    CHECK_TEXT(found, "10.0.0.1 02:00:00:00:00:01, 2 warnings");
}

/* As `muster leases` lists it beside a server of before. */
static void a_file_of_a_version_before_has_none_and_gets_them(void)
{
    struct state *state = begin("before.db");
    state_close(state);
    edit("DROP TABLE reservation; PRAGMA user_version = 2");
    struct text text = {0};
    struct faults warnings = {0};
    struct diag why = {0};
    CHECK_NUMBER(state_list(path, add_lease, add, &text, &warnings, &why), 0);
    CHECK_TEXT(why.text, "");
    AUTO(free) char *found = reserved();
    CHECK_TEXT(found, "0 warnings");
}

static void what_can_be_read_of_a_damaged_file_is_kept(void)
{
    struct state *state = begin("damaged.db");
    reserve(state, 0x0a000001, 1);
    state_close(state);
    edit("PRAGMA wal_checkpoint(TRUNCATE); CREATE TABLE more (filler TEXT);"
         "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
         " INSERT INTO more SELECT hex(zeroblob(200)) FROM n; PRAGMA wal_checkpoint(TRUNCATE)");
    FILE *file = fopen(path, "r+");
    fseek(file, -4096, SEEK_END);
    for (int i = 0; i < 4096; i++)
        fputc(0xee, file);
    fclose(file);
    struct faults warnings = {0};
    struct diag why;
    CHECK_NUMBER(state_open(&state, path, &warnings, &why), 0);
    CHECK_NUMBER(warnings.count, 1);
    faults_finish(&warnings);
    state_close(state);
    AUTO(free) char *found = reserved();
    CHECK_TEXT(found, "10.0.0.1 02:00:00:00:00:01, 0 warnings");
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    RUN(reservations_are_there_after_reopening_until_they_are_removed);
    RUN(a_row_that_is_no_reservation_is_named_and_left);
    RUN(a_file_of_a_version_before_has_none_and_gets_them);
    RUN(what_can_be_read_of_a_damaged_file_is_kept);
    AUTO(free) char *remove = memory_print("rm -r %s", folder);
    return system(remove) == 0 ? test_result() : 1;
}
