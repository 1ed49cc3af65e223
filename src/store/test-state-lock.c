/* SPDX-License-Identifier: Apache-2.0 */
/* One state file, whatever path leads to it. */
#include <errno.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/state.h"
#include "test.h"

static char folder[] = "/tmp/muster-lock-XXXXXX";

/* Two folders: the file in one, and in the other what leads to it. */
static char *real_path, *link_path;

static void begin(const char *target)
{
    AUTO(free) char *command = memory_print("rm -rf '%s'/*; mkdir '%s/real' '%s/link'", folder, folder, folder);
    CHECK_NUMBER(system(command), 0);
    CHECK_NUMBER(symlink(target, link_path), 0);
}

static int open_at(struct state **ret, const char *path, size_t warning_count)
{
    struct faults warnings = {0};
    struct diag why = {0};
    int result = state_open(ret, path, &warnings, &why);
    CHECK_NUMBER(warnings.count, warning_count);
    CHECK(warning_count == 0 || (warnings.count > 0 && strstr(warnings.at[0].text, "/real/state.db.corrupt-2")));
    CHECK(result != -EBUSY || strstr(why.text, "is in use by another muster"));
    faults_finish(&warnings);
    return result;
}

static void post_done(void *context, int result)
{
    CHECK_NUMBER(result, 0);
    sem_post(context);
}

static void commit_one(struct state *state)
{
    struct lease lease = {.address = {0x0a000001}, .state = LEASE_BOUND, .mac = {6, {2}}, .expires = 100};
    sem_t done;
    sem_init(&done, 0, 0);
    state_commit(state, &lease, 1, post_done, &done);
    sem_wait(&done);
}

static void count_one(const struct lease *lease, void *context)
{
    (void)lease;
    ++*(size_t *)context;
}

static size_t count_leases(struct state *state)
{
    size_t count = 0;
    CHECK_NUMBER(state_leases(state, count_one, &count, NULL, NULL), 0);
    return count;
}

static void a_link_to_the_file_evades_no_lock(void)
{
    struct state *other = NULL;
    begin("../real/state.db");
    AUTO(state_close) struct state *state = NULL;
    CHECK_NUMBER(open_at(&state, real_path, 0), 0);
    CHECK_NUMBER(open_at(&other, link_path, 0), -EBUSY);
    CHECK_NUMBER(open_at(&other, real_path, 0), -EBUSY);
    CHECK_NUMBER(unlink(link_path), 0);
    CHECK_NUMBER(link(real_path, link_path), 0);
    CHECK_NUMBER(open_at(&other, link_path, 0), -EBUSY);
    commit_one(state);
}

static void a_lock_outlives_what_is_removed_beside_the_file(void)
{
    struct state *other = NULL;
    AUTO(free) char *lock = memory_print("%s.lock", real_path);
    for (int round = 0; round < 2; round++) {
        begin("../real/state.db");
        AUTO(state_close) struct state *state = NULL;
        CHECK_NUMBER(open_at(&state, real_path, 0), 0);
        CHECK_NUMBER(unlink(round == 0 ? lock : real_path), 0);
        CHECK_NUMBER(open_at(&other, real_path, 0), -EBUSY);
        CHECK_NUMBER(open_at(&other, real_path, 0), -EBUSY);
        CHECK_NUMBER(access(real_path, F_OK), round == 0 ? 0 : -1);
    }
}

static void the_lock_ends_with_the_file(void)
{
    begin("../real/state.db");
    for (int round = 0; round < 2; round++) {
        AUTO(state_close) struct state *state = NULL;
        CHECK_NUMBER(open_at(&state, round == 0 ? real_path : link_path, 0), 0);
        CHECK_NUMBER(count_leases(state), (size_t)round);
        commit_one(state);
    }
}

static void what_is_only_read_is_locked_too(void)
{
    struct state *other = NULL;
    struct faults warnings = {0};
    struct diag why;
    begin("../real/state.db");
    CHECK_NUMBER(open_at(&other, real_path, 0), 0);
    state_close(other);
    CHECK_NUMBER(chmod(real_path, 0444), 0);
    AUTO(free) char *command = memory_print("chmod 0755 '%s'", folder);
    CHECK_NUMBER(system(command), 0);
    if (geteuid() != 0 || seteuid(65534) < 0)
        return;
    AUTO(state_close) struct state *state = NULL;
    CHECK_NUMBER(state_open_to_serve(&state, real_path, &warnings, &why), 0);
    faults_finish(&warnings);
    CHECK_NUMBER(seteuid(0), 0);
    CHECK_NUMBER(open_at(&other, real_path, 0), -EBUSY);
    /* It becomes a writer's, once it can be. */
    commit_one(state);
    CHECK_NUMBER(open_at(&other, real_path, 0), -EBUSY);
}

/* What a killed server leaves, and then somebody empties or removes the file. */
static void a_journal_beside_what_the_link_leads_to_is_set_aside(void)
{
    for (int round = 0; round < 2; round++) {
        begin("../real/state.db");
        struct state *state = NULL;
        pid_t child = fork();
        if (child == 0) {
            open_at(&state, link_path, 0);
            commit_one(state);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        CHECK_NUMBER(round == 0 ? truncate(real_path, 0) : unlink(real_path), 0);
        CHECK_NUMBER(open_at(&state, link_path, 1), 0);
        state_close(state);
    }
}

static void a_link_to_a_folder_that_is_not_there_is_refused(void)
{
    struct state *state = NULL;
    begin("../real/disk/state.db");
    CHECK_NUMBER(open_at(&state, link_path, 0), -ENOENT);
    begin("state.db");
    CHECK_NUMBER(open_at(&state, link_path, 0), -ELOOP);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    real_path = memory_print("%s/real/state.db", folder);
    link_path = memory_print("%s/link/state.db", folder);
    RUN(a_link_to_the_file_evades_no_lock);
    RUN(a_lock_outlives_what_is_removed_beside_the_file);
    RUN(the_lock_ends_with_the_file);
    RUN(what_is_only_read_is_locked_too);
    RUN(a_journal_beside_what_the_link_leads_to_is_set_aside);
    RUN(a_link_to_a_folder_that_is_not_there_is_refused);
    AUTO(free) char *command = memory_print("rm -rf '%s'", folder);
    CHECK_NUMBER(system(command), 0);
    free(real_path);
    free(link_path);
    return test_result();
}
