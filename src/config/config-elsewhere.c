/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of muster.yaml on other servers: the boot service that is asked, and the images that are kept. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/memory.h"
#include "config/config-reader.h"
#include "proto/http/url.h"

bool config_size_from_text(uint64_t *ret, const char *text)
{
    static const struct {
        const char *unit;
        uint64_t octets;
    } rows[] = {
        {"", 1},
        {"K", 1000},
        {"M", 1000000},
        {"G", 1000000000},
        {"T", 1000000000000},
        {"KiB", 1ull << 10},
        {"MiB", 1ull << 20},
        {"GiB", 1ull << 30},
        {"TiB", 1ull << 40},
    };
    size_t count = strspn(text, "0123456789");
    AUTO(free) char *digits = memory_text_of(text, count);
    const char *unit = text + count + strspn(text + count, " ");
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (text_is_ignoring_case(rows[i].unit, unit) && text_to_number(ret, digits, UINT64_MAX / rows[i].octets)) {
            *ret *= rows[i].octets;
            return true;
        }
    return false;
}

bool config_api_from_text(char **ret, const char *text, struct diag *why)
{
    size_t length = strlen(text);
    if (!http_url_is_absolute(text))
        return fail(why, false, "'%s' is no URL: write http://HOST or https://HOST, with what is before /v1/boot",
                    text);
    if (strpbrk(text, "?#"))
        return fail(why, false, "'%s' has a query: /v1/boot/MAC is appended to the URL, so it must end with its path",
                    text);
    while (length > 0 && text[length - 1] == '/')
        length--;
    free(*ret);
    *ret = memory_text_of(text, length);
    return true;
}

void config_read_api(struct config_reading *reading, const char *path, const struct node *value)
{
    struct diag why;
    const char *text = config_read_text(reading, path, value, "a URL");
    if (text && !config_api_from_text(&reading->config->api.url, text, &why))
        config_wrong(reading, value, "%s", why.text);
}

static void read_duration(uint32_t *ret, struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "a duration");
    if (text && !config_duration_from_text(ret, text))
        config_wrong(reading, value, "'%s' must be a duration such as 5s or 1m, not '%s'", path, text);
}

void config_read_api_timeout(struct config_reading *reading, const char *path, const struct node *value)
{
    struct config *config = reading->config;
    size_t errors = reading->faults->errors;
    read_duration(&config->api.timeout, reading, path, value);
    bool read = reading->faults->errors == errors;
    if (read && (config->api.timeout == 0 || config->api.timeout > CONFIG_API_TIMEOUT_MAX))
        config_wrong(reading, value, "'%s' must be from 1s to %ds: iPXE waits no longer for its script", path,
                     CONFIG_API_TIMEOUT_MAX);
}

void config_read_api_cache(struct config_reading *reading, const char *path, const struct node *value)
{
    read_duration(&reading->config->api.cache, reading, path, value);
}

void config_read_cache(struct config_reading *reading, const char *path, const struct node *value)
{
    (void)path;
    config_read_members(reading, "cache.", value);
}

void config_read_cache_path(struct config_reading *reading, const char *path, const struct node *value)
{
    char *resolved = config_read_path(reading, path, value);
    if (!resolved)
        return;
    free(reading->config->cache.path);
    reading->config->cache.path = resolved;
    reading->config->cache.path_is_set = true;
}

void config_read_cache_size(struct config_reading *reading, const char *path, const struct node *value)
{
    const char *text = config_read_text(reading, path, value, "a size");
    if (text && (!config_size_from_text(&reading->config->cache.size, text) || reading->config->cache.size == 0))
        config_wrong(reading, value, "'%s' must be a size such as 500M or 20G, not '%s'", path, text);
}

void config_read_cache_profiles(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->cache.profiles, reading, path, value);
}
