/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on leases, one after the other: decide -> store -> do -> answer. */
#include "serve/lease-control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "io/control.h"
#include "io/interfaces.h"
#include "io/log.h"
#include "serve/lease-command.h"

/* How long until it is tried anew to listen, where that could not be: the disk may be writable by then. */
#define LISTEN_AGAIN (5 * SECOND)

struct lease_control {
    struct loop *loop;
    char *path;
    struct loop_timer *again;
    struct control *control; /* NULL: nobody listens yet */
    struct state *state;     /* NULL: it is being closed */
    struct lease_table *table;
    struct lease_command command; /* the one at hand */
    int result;                   /* of storing it */
};

static void answer(struct lease_control *control, const char *first, const char *text)
{
    AUTO(text_finish) struct text words = {0};
    text_print(&words, "%s\n", first);
    text_append(&words, text);
    control_answer(control->control, text_bytes(&words));
}

/* What changed is in the log, a line each. */
static void log_command(const struct lease_control *control)
{
    const struct lease_command *command = &control->command;
    AUTO(free) char *text = memory_text(text_characters(&command->answer));
    char *rest = text;
    if (command->import.taken + command->import.aside > 0)
        log_line(LOG_LEVEL_INFO, "leases", NULL, "by command: %zu leases of another server taken over, %zu kept aside",
                 command->import.taken, command->import.aside);
    else if (command->count > 0 || ipv4_is_set(command->reserved))
        for (char *line; (line = strsep(&rest, "\n")) && *line;)
            log_line(LOG_LEVEL_INFO, "leases", NULL, "by command: %s", line);
}

static void command_stored(void *context, int result);
static void command_written(void *context);

/* Behind a piece of an import others have their turn on the loop, even where there is nothing in it to be stored. */
static void store(struct lease_control *control)
{
    control->result = 0;
    if (lease_command_store(&control->command, control->state, command_stored, control))
        return;
    if (control->command.lines.size > 0)
        loop_post(control->loop, command_written, control);
    else
        command_written(control);
}

/* Nothing is begun while the state is being closed. */
static bool go_on(struct lease_control *control)
{
    if (!control->state || !lease_command_go_on(&control->command, control->table, clock_now().wall_seconds))
        return false;
    store(control);
    return true;
}

static void command_written(void *context)
{
    struct lease_control *control = context;
    int64_t now = clock_now().wall_seconds;
    struct diag why;
    if (control->result < 0) {
        lease_command_undo(&control->command, control->table, now);
        fail(&why, control->result, "it could not be stored: %s", strerror(-control->result));
        answer(control, "error", why.text);
    } else if (lease_command_apply(&control->command, control->table, now, &why) < 0) {
        answer(control, "error", why.text);
    } else if (go_on(control)) {
        return;
    } else if (control->command.lines.size > 0) {
        answer(control, "error", "the server is stopping; what it took over by now is stored");
    } else {
        log_command(control);
        answer(control, "ok", text_characters(&control->command.answer));
    }
}

/* On the writer's thread. */
static void command_stored(void *context, int result)
{
    struct lease_control *control = context;
    control->result = result;
    loop_post(control->loop, command_written, control);
}

static void asked(void *context, struct bytes question)
{
    struct lease_control *control = context;
    struct diag why;
    lease_command_finish(&control->command);
    if (!control->state)
        answer(control, "error", "the server is stopping");
    else if (lease_command_decide(&control->command, control->table, question, interfaces_have,
                                  clock_now().wall_seconds, &why) < 0)
        answer(control, "error", why.text);
    else
        store(control);
}

/* What a server before left there gives way; what is no socket is somebody's. */
static int listen_at(struct lease_control *control, struct diag *why)
{
    struct stat status;
    if (lstat(control->path, &status) == 0 && !S_ISSOCK(status.st_mode))
        return fail(why, -EEXIST, "'%s' is there and no socket; move it away", control->path);
    return control_listen(&control->control, control->loop, control->path, asked, control, why);
}

static void listen_again(void *context)
{
    struct lease_control *control = context;
    if (listen_at(control, NULL) == 0)
        log_line(LOG_LEVEL_INFO, "leases", NULL, "commands are taken by now, at '%s'", control->path);
    else
        loop_timer_set(control->again, clock_now().steady + LISTEN_AGAIN);
}

int lease_control_start(struct lease_control **ret, struct loop *loop, const char *state_path, struct state *state,
                        struct lease_table *table, struct diag *why)
{
    struct diag reason;
    struct lease_control *control = MEMORY_NEW(struct lease_control);
    *control =
        (struct lease_control){.loop = loop, .path = lease_commands_path(state_path), .state = state, .table = table};
    control->again = loop_timer_create(loop, listen_again, control);
    *ret = control;
    int result = listen_at(control, &reason);
    if (result == 0)
        return 0;
    loop_timer_set(control->again, clock_now().steady + LISTEN_AGAIN);
    return fail(why, result, "%s; it is tried every %lld s", reason.text, (long long)(LISTEN_AGAIN / SECOND));
}

void lease_control_set_table(struct lease_control *control, struct lease_table *table)
{
    control->table = table;
}

void lease_control_drain(struct lease_control *control)
{
    if (control)
        control->state = NULL;
}

void lease_control_stop(struct lease_control *control)
{
    if (!control)
        return;
    loop_timer_destroy(control->again);
    control_close(control->control);
    free(control->path);
    lease_command_finish(&control->command);
    free(control);
}
