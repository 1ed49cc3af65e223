/* SPDX-License-Identifier: Apache-2.0 */
/* The flags that every subcommand running services takes, and what they say over a configuration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "config/config.h"

/* Interfaces that can be named on a command line; more belong into muster.yaml. */
#define SERVICE_INTERFACES_MAX 64

/* NULL and false: nothing was said. Must be the first member of the struct that the flags are applied to. */
struct service_flags {
    char *interfaces[SERVICE_INTERFACES_MAX];
    size_t interface_count;
    bool has_mode;
    enum config_dhcp_mode mode;
    bool has_http_port;
    uint16_t http_port;
    const char *log;
    const char *log_level;
};

/* For rows of struct flag; the target starts with a struct service_flags. */
int service_flags_add_interface(void *target, const char *value, struct diag *why);
int service_flags_set_mode(void *target, const char *value, struct diag *why);
int service_flags_set_http_port(void *target, const char *value, struct diag *why);
int service_flags_set_log(void *target, const char *value, struct diag *why);
int service_flags_set_log_level(void *target, const char *value, struct diag *why);

#define SERVICE_FLAG_INTERFACE                                                                                         \
    {                                                                                                                  \
        "interface", 'i', "NAME", "serve this interface; may be repeated", service_flags_add_interface, NULL           \
    }
#define SERVICE_FLAG_MODE                                                                                              \
    {                                                                                                                  \
        "mode", 'm', "MODE", "DHCP: proxy, server or off", service_flags_set_mode, NULL                                \
    }
#define SERVICE_FLAG_HTTP_PORT                                                                                         \
    {                                                                                                                  \
        "http-port", 0, "PORT", "TCP port of HTTP; default 8080", service_flags_set_http_port, NULL                    \
    }
#define SERVICE_FLAG_LOG                                                                                               \
    {                                                                                                                  \
        "log", 0, "FORM", "text or json", service_flags_set_log, NULL                                                  \
    }
/* variable: the environment variable that stands for it; NULL: none. */
#define SERVICE_FLAG_LOG_LEVEL(variable)                                                                               \
    {                                                                                                                  \
        "log-level", 0, "LEVEL", "error, warning, info or debug", service_flags_set_log_level, variable                \
    }

/* Puts what was said over the configuration. */
void service_flags_apply(struct config *config, const struct service_flags *flags);
