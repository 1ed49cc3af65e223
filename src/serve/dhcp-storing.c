/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the state file, by how commits end. */
#include "serve/dhcp-storing.h"

#include "io/log.h"

#define TOLD_EVERY (10 * SECOND)

void dhcp_storing_init(struct dhcp_storing *ret, struct state *state)
{
    bool fails = state && state_failure(state, NULL) < 0;
    /* Who opened the file has told of that. */
    *ret = (struct dhcp_storing){.state = state, .fails = fails, .is_told = fails};
}

void dhcp_storing_begin(struct dhcp_storing *storing, instant now)
{
    if (storing->pending++ == 0)
        storing->since = now;
}

static void tell_failure(struct dhcp_storing *storing, instant now)
{
    struct diag why = {0};
    state_failure(storing->state, &why);
    log_line(LOG_LEVEL_ERROR, "dhcp", NULL,
             "leases could not be stored, so that no new ones are given, and old ones last no longer: %s", why.text);
    storing->is_told = true;
    storing->told_at = now;
}

static void note_result(struct dhcp_storing *storing, bool fails, instant now)
{
    if (fails == storing->fails)
        return;
    storing->fails = fails;
    if (fails && (storing->told_at == 0 || now - storing->told_at >= TOLD_EVERY))
        tell_failure(storing, now);
    if (!fails && storing->is_told) {
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "leases can be stored again");
        storing->is_told = false;
    }
}

void dhcp_storing_end(struct dhcp_storing *storing, int result, instant now)
{
    if (storing->hangs)
        log_line(LOG_LEVEL_INFO, "dhcp", NULL, "the disk of the state file answers again");
    storing->hangs = false;
    storing->pending--;
    storing->since = now;
    note_result(storing, result < 0, now);
}

static void tell_hanging(const struct dhcp_storing *storing, instant now)
{
    log_line(LOG_LEVEL_ERROR, "dhcp", NULL,
             "the disk of the state file has not answered for %d s: no leases are given or renewed until it does",
             (int)((now - storing->since) / SECOND));
}

bool dhcp_storing_hangs(struct dhcp_storing *storing, instant now)
{
    bool is_late = storing->pending > 0 && now - storing->since >= DHCP_STORING_PATIENCE;
    if (is_late && !storing->hangs) {
        storing->hangs = true;
        tell_hanging(storing, now);
    }
    return storing->hangs || storing->pending >= DHCP_STORING_PENDING_MAX;
}

void dhcp_storing_remind(struct dhcp_storing *storing, instant now)
{
    bool hung = storing->hangs;
    if (dhcp_storing_hangs(storing, now) && hung)
        tell_hanging(storing, now);
    if (storing->fails && !storing->is_told)
        tell_failure(storing, now);
}
