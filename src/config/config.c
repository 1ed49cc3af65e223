/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's configuration as a struct. */
#include "config/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const dhcp_modes[] = {
    [CONFIG_DHCP_PROXY] = "proxy",
    [CONFIG_DHCP_SERVER] = "server",
    [CONFIG_DHCP_OFF] = "off",
};

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void config_defaults(struct config *ret)
{
    *ret = (struct config){
        .http = {.port = CONFIG_HTTP_PORT_DEFAULT},
        .https = {.port = CONFIG_HTTPS_PORT_DEFAULT},
        .api = {.timeout = CONFIG_API_TIMEOUT_DEFAULT, .cache = CONFIG_API_CACHE_DEFAULT},
        .cache = {.size = CONFIG_CACHE_SIZE_DEFAULT},
        .stop_timeout = CONFIG_STOP_TIMEOUT_DEFAULT,
        .dhcp = {.mode = CONFIG_DHCP_PROXY, .probe = true},
        .tftp = {.enabled = true},
        .loaders = {.fallback = LOADER_CHOICE_AUTO},
        .log_level = "info",
    };
    config_set_data(ret, is_folder("data") ? "data" : CONFIG_DATA_DEFAULT);
}

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void loaders_finish(struct config *config)
{
    texts_free(config->loaders.path, config->loaders.path_count);
    for (size_t i = 0; i < config->loaders.file_count; i++) {
        free(config->loaders.files[i].name);
        free(config->loaders.files[i].path);
    }
    free(config->loaders.files);
}

void config_finish(struct config *config)
{
    free(config->data);
    free(config->state);
    free(config->assets);
    texts_free(config->interfaces, config->interface_count);
    for (size_t i = 0; i < config->dhcp.subnet_count; i++)
        subnet_finish(&config->dhcp.subnets[i]);
    free(config->dhcp.subnets);
    for (size_t i = 0; i < config->dhcp.mode_count; i++)
        free(config->dhcp.modes[i].interface);
    free(config->dhcp.modes);
    lease_options_finish(&config->dhcp.options);
    free(config->dhcp.ask);
    texts_free(config->dhcp.classes, config->dhcp.class_count);
    free(config->tftp.root);
    free(config->https.certificate);
    free(config->https.key);
    free(config->api.url);
    free(config->cache.path);
    free(config->sign.key_ring);
    free(config->sign.passphrase_file);
    loaders_finish(config);
    *config = (struct config){0};
}

static void text_replace(char **text, char *take_replacement)
{
    free(*text);
    *text = take_replacement;
}

void config_set_data(struct config *config, const char *path)
{
    char *copy = memory_text(path);
    if (!config->state_is_set)
        text_replace(&config->state, memory_print("%s/state.db", path));
    if (!config->assets_is_set)
        text_replace(&config->assets, memory_print("%s/assets", path));
    if (!config->cache.path_is_set)
        text_replace(&config->cache.path, memory_print("%s/cache", path));
    text_replace(&config->data, copy);
}

void config_set_state(struct config *config, const char *path)
{
    text_replace(&config->state, memory_text(path));
    config->state_is_set = true;
}

void config_set_assets(struct config *config, const char *path)
{
    text_replace(&config->assets, memory_text(path));
    config->assets_is_set = true;
}

void config_set_tftp_root(struct config *config, const char *path)
{
    text_replace(&config->tftp.root, memory_text(path));
}

void config_set_certificate(struct config *config, const char *certificate, const char *key)
{
    text_replace(&config->https.certificate, memory_text(certificate));
    text_replace(&config->https.key, memory_text(key));
}

void config_set_key_ring(struct config *config, const char *path)
{
    text_replace(&config->sign.key_ring, *path ? memory_text(path) : NULL);
}

void config_set_interfaces(struct config *config, char *const *names, size_t count)
{
    for (size_t i = 0; i < config->interface_count; i++)
        free(config->interfaces[i]);
    config->interfaces = memory_resize(config->interfaces, count, sizeof *config->interfaces);
    for (size_t i = 0; i < count; i++)
        config->interfaces[i] = memory_text(names[i]);
    config->interface_count = count;
}

void config_take_subnet(struct config *config, const struct subnet *take_subnet)
{
    size_t count = ++config->dhcp.subnet_count;
    config->dhcp.subnets = memory_resize(config->dhcp.subnets, count, sizeof *config->dhcp.subnets);
    config->dhcp.subnets[count - 1] = *take_subnet;
}

bool config_gives_addresses(const struct config *config)
{
    for (size_t i = 0; i < config->dhcp.mode_count; i++)
        if (config->dhcp.modes[i].mode == CONFIG_DHCP_SERVER)
            return true;
    return config->dhcp.mode == CONFIG_DHCP_SERVER;
}

struct subnet *config_take_subnets(size_t *ret_count, struct config *config)
{
    *ret_count = config->dhcp.subnet_count;
    config->dhcp.subnet_count = 0;
    return take_pointer(config->dhcp.subnets);
}

const char *config_dhcp_mode_to_text(enum config_dhcp_mode mode)
{
    return dhcp_modes[mode];
}

bool config_dhcp_mode_from_text(enum config_dhcp_mode *ret, const char *text)
{
    for (size_t i = 0; i < LENGTH(dhcp_modes); i++)
        if (text_is(text, dhcp_modes[i])) {
            *ret = (enum config_dhcp_mode)i;
            return true;
        }
    return false;
}

/* The seconds of a unit; 0 for none. The end of the text after a number stands for seconds. */
static uint32_t unit_seconds(char unit)
{
    static const struct {
        char unit;
        uint32_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}, {'\0', 1}};
    for (size_t i = 0; i < LENGTH(units); i++)
        if (units[i].unit == unit)
            return units[i].seconds;
    return 0;
}

bool config_duration_from_text(uint32_t *ret_seconds, const char *text)
{
    uint64_t total = 0;
    uint32_t last = UINT32_MAX;
    do {
        char digits[11] = "";
        size_t count = strspn(text, "0123456789");
        if (count == 0 || count >= sizeof digits)
            return false;
        memcpy(digits, text, count);
        uint64_t number;
        uint32_t seconds = unit_seconds(text[count]);
        bool unit_is_missing = text[count] == '\0' && last != UINT32_MAX;
        /* Units go down, each once: 2h30m, not 30m2h. */
        if (seconds == 0 || seconds >= last || unit_is_missing || !text_to_number(&number, digits, UINT32_MAX))
            return false;
        total += number * seconds;
        last = seconds;
        text += count + (text[count] != '\0');
    } while (*text);
    if (total > UINT32_MAX)
        return false;
    *ret_seconds = (uint32_t)total;
    return true;
}
