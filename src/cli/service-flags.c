/* SPDX-License-Identifier: Apache-2.0 */
/* Flags common to serve and boot. */
#include "cli/service-flags.h"

#include "base/text.h"
#include "io/log.h"

int service_flags_add_interface(void *target, const char *value, struct diag *why)
{
    struct service_flags *flags = target;
    if (flags->interface_count == SERVICE_INTERFACES_MAX)
        return fail(why, -1, "more than %d interfaces: name them in muster.yaml", SERVICE_INTERFACES_MAX);
    flags->interfaces[flags->interface_count++] = (char *)value;
    return 0;
}

int service_flags_set_mode(void *target, const char *value, struct diag *why)
{
    struct service_flags *flags = target;
    flags->has_mode = true;
    if (!config_dhcp_mode_from_text(&flags->mode, value))
        return fail(why, -1, "say proxy (beside the network's DHCP server), server or off");
    return 0;
}

int service_flags_set_http_port(void *target, const char *value, struct diag *why)
{
    struct service_flags *flags = target;
    uint64_t port;
    if (!text_to_number(&port, value, 65535))
        return fail(why, -1, "a port is a number from 1 to 65535, or 0 for any");
    flags->http_port = (uint16_t)port;
    flags->has_http_port = true;
    return 0;
}

int service_flags_set_log(void *target, const char *value, struct diag *why)
{
    if (!text_is(value, "text") && !text_is(value, "json"))
        return fail(why, -1, "say text or json");
    ((struct service_flags *)target)->log = value;
    return 0;
}

int service_flags_set_log_level(void *target, const char *value, struct diag *why)
{
    enum log_level level;
    if (!log_level_from_text(&level, value))
        return fail(why, -1, "say error, warning, info or debug");
    ((struct service_flags *)target)->log_level = value;
    return 0;
}

void service_flags_apply(struct config *config, const struct service_flags *flags)
{
    if (flags->interface_count > 0)
        config_set_interfaces(config, flags->interfaces, flags->interface_count);
    if (flags->has_mode)
        config->dhcp.mode = flags->mode;
    if (flags->has_http_port)
        config->http.port = flags->http_port;
    if (flags->log)
        config->log_json = text_is(flags->log, "json");
    if (flags->log_level)
        config->log_level = flags->log_level;
}
