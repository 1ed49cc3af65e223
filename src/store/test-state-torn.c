/* SPDX-License-Identifier: Apache-2.0 */
/* The state file as a loss of power, a disk or a careless hand leaves it. */
#include <semaphore.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/state.h"
#include "test.h"

enum {
    BATCHES = 60,
    ADDRESSES = 400, /* of each batch, all of the batch's number */
    ROUNDS = 20,
    PAGE = 4096,
};

static char folder[] = "/tmp/muster-torn-XXXXXX";
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static size_t random_below(size_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(random_state >> 32) % limit;
}

struct image {
    char *octets;
    size_t size;
};

/* The files that a killed server left behind. */
static struct image database, journal;

static char *in_folder(const char *suffix)
{
    return memory_print("%s/state.db%s", folder, suffix);
}

static struct image read_image(const char *suffix)
{
    AUTO(free) char *path = in_folder(suffix);
    struct stat status = {0};
    struct image image = {0};
    FILE *file = fopen(path, "re");
    CHECK(file && fstat(fileno(file), &status) == 0);
    image.octets = memory_new((size_t)status.st_size, 1);
    image.size = fread(image.octets, 1, (size_t)status.st_size, file);
    fclose(file);
    return image;
}

static void write_image(const char *suffix, struct image image, size_t size)
{
    AUTO(free) char *path = in_folder(suffix);
    FILE *file = fopen(path, "we");
    CHECK(file && fwrite(image.octets, 1, size, file) == size);
    fclose(file);
}

static void remove_all(void)
{
    AUTO(free) char *command = memory_print("rm -rf '%s'/*", folder);
    CHECK_NUMBER(system(command), 0);
}

static void post_done(void *context, int result)
{
    CHECK_NUMBER(result, 0);
    sem_post(context);
}

static void commit_all(void)
{
    struct state *state = NULL;
    struct faults warnings = {0};
    AUTO(free) char *path = in_folder("");
    AUTO(free) struct lease *leases = memory_new(ADDRESSES, sizeof *leases);
    sem_t done;
    sem_init(&done, 0, 0);
    if (state_open(&state, path, &warnings, NULL) < 0)
        _exit(1);
    for (int64_t batch = 1; batch <= BATCHES; batch++) {
        for (uint32_t i = 0; i < ADDRESSES; i++)
            leases[i] = (struct lease){
                .address = {0x0a000000 + i},
                .state = LEASE_BOUND,
                .mac = {.size = 6, .octets = {2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}},
                .expires = batch,
            };
        state_commit(state, leases, ADDRESSES, post_done, &done);
        sem_wait(&done);
    }
    _exit(0);
}

static void leave_files_of_a_killed_server(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        commit_all();
    waitpid(child, &status, 0);
    CHECK_NUMBER(status, 0);
    database = read_image("");
    journal = read_image("-wal");
    CHECK(journal.size > 50 * PAGE && database.size > 0);
}

static size_t seen;
static int64_t first_seen;
static bool all_of_one_batch;

static void look_at(const struct lease *lease, void *context)
{
    (void)context;
    if (seen++ == 0)
        first_seen = lease->expires;
    all_of_one_batch &= lease->expires == first_seen;
}

/* Opens what was written into the folder: how many leases there are, and how many warnings. */
static size_t count_leases(size_t *ret_warnings)
{
    struct state *state = NULL;
    struct faults warnings = {0};
    struct diag why = {0};
    AUTO(free) char *path = in_folder("");
    seen = 0;
    first_seen = 0;
    all_of_one_batch = true;
    CHECK_NUMBER(state_open(&state, path, &warnings, &why), 0);
    CHECK_TEXT(why.text, "");
    if (state)
        CHECK_NUMBER(state_leases(state, look_at, NULL, &warnings, NULL), 0);
    *ret_warnings = warnings.count;
    state_close(state);
    faults_finish(&warnings);
    return seen;
}

static void a_journal_with_half_a_write_at_its_end_loses_nothing(void)
{
    size_t warnings;
    for (int round = 0; round < ROUNDS; round++) {
        remove_all();
        struct image torn = {memory_new(journal.size + 3 * PAGE, 1), journal.size + random_below(3 * PAGE)};
        memcpy(torn.octets, journal.octets, journal.size);
        for (size_t i = journal.size; i < torn.size; i++)
            torn.octets[i] = round % 2 ? (char)random_below(256) : journal.octets[i - journal.size + 32];
        write_image("", database, database.size);
        write_image("-wal", torn, torn.size);
        CHECK_NUMBER(count_leases(&warnings), ADDRESSES);
        CHECK(all_of_one_batch && first_seen == BATCHES && warnings == 0);
        free(torn.octets);
    }
}

static void a_journal_that_ends_early_gives_whole_batches(void)
{
    size_t warnings;
    for (int round = 0; round < ROUNDS; round++) {
        remove_all();
        write_image("", database, database.size);
        write_image("-wal", journal, random_below(journal.size));
        size_t count = count_leases(&warnings);
        CHECK(count == 0 || count == ADDRESSES);
        CHECK(all_of_one_batch && first_seen <= BATCHES);
    }
}

static void a_journal_that_is_garbled_gives_whole_batches(void)
{
    size_t warnings;
    for (int round = 0; round < ROUNDS; round++) {
        remove_all();
        struct image garbled = {memory_new(journal.size, 1), journal.size};
        memcpy(garbled.octets, journal.octets, journal.size);
        size_t at = random_below(journal.size - PAGE);
        for (size_t i = 0; i < 1 + random_below(PAGE); i++)
            garbled.octets[at + i] = (char)random_below(256);
        write_image("", database, database.size);
        write_image("-wal", garbled, garbled.size);
        size_t count = count_leases(&warnings);
        CHECK(count == 0 || count == ADDRESSES);
        CHECK(all_of_one_batch);
        free(garbled.octets);
    }
}

static size_t set_aside_count(void)
{
    char line[16] = "0";
    AUTO(free) char *command = memory_print("ls '%s' | grep -c '^state.db.corrupt-[0-9-]*$'", folder);
    FILE *files = popen(command, "re");
    CHECK(files && fgets(line, sizeof line, files));
    pclose(files);
    return (size_t)atoi(line);
}

/* In what was stored before the last batch: the leases behind it are lost to the database, which does not say so. */
static void a_journal_with_a_bit_flipped_is_set_aside_and_named(void)
{
    size_t warnings;
    for (int round = 0; round < ROUNDS; round++) {
        remove_all();
        size_t at = 32 + random_below(journal.size * 3 / 4);
        journal.octets[at] ^= 0x10;
        write_image("", database, database.size);
        write_image("-wal", journal, journal.size);
        journal.octets[at] ^= 0x10;
        size_t count = count_leases(&warnings);
        CHECK(count == 0 || count == ADDRESSES);
        CHECK(all_of_one_batch && warnings == 1 && set_aside_count() == 1);
    }
}

/* The whole of it in one file, as a clean end leaves it. */
static struct image database_without_journal(void)
{
    size_t warnings;
    remove_all();
    write_image("", database, database.size);
    write_image("-wal", journal, journal.size);
    CHECK_NUMBER(count_leases(&warnings), ADDRESSES);
    return read_image("");
}

static void a_file_with_a_page_of_noise_is_set_aside_and_never_emptied_in_silence(void)
{
    size_t warnings;
    struct image whole = database_without_journal();
    for (int round = 0; round < ROUNDS; round++) {
        remove_all();
        struct image garbled = {memory_new(whole.size, 1), whole.size};
        memcpy(garbled.octets, whole.octets, whole.size);
        size_t at = random_below(whole.size / PAGE) * PAGE;
        for (size_t i = 0; i < PAGE; i++)
            garbled.octets[at + i] = (char)random_below(256);
        write_image("", garbled, garbled.size);
        size_t count = count_leases(&warnings);
        CHECK(count <= ADDRESSES && all_of_one_batch);
        CHECK(count == ADDRESSES || (warnings > 0 && set_aside_count() == 1));
        free(garbled.octets);
    }
    for (size_t size = 16; size < whole.size; size += 1 + random_below(whole.size / 20)) {
        remove_all();
        write_image("", whole, size);
        count_leases(&warnings);
        CHECK(warnings > 0 && set_aside_count() == 1);
    }
    free(whole.octets);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    leave_files_of_a_killed_server();
    RUN(a_journal_with_half_a_write_at_its_end_loses_nothing);
    RUN(a_journal_that_ends_early_gives_whole_batches);
    RUN(a_journal_that_is_garbled_gives_whole_batches);
    RUN(a_journal_with_a_bit_flipped_is_set_aside_and_named);
    RUN(a_file_with_a_page_of_noise_is_set_aside_and_never_emptied_in_silence);
    remove_all();
    rmdir(folder);
    free(database.octets);
    free(journal.octets);
    return test_result();
}
