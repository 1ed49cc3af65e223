/* SPDX-License-Identifier: Apache-2.0 */
/* Boot service and image cache of one server. */
#include "serve/elsewhere.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "io/log.h"
#include "proto/http/url.h"

struct serve_elsewhere {
    struct images *images;
    struct boot_service *boot_service; /* NULL: none */
    bool images_of_profiles;
};

static void say(void *context, bool is_trouble, const char *text)
{
    (void)context;
    log_line(is_trouble ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "image", NULL, "%s", text);
}

static void log_boot_service(const char *url)
{
    AUTO(text_finish) struct text shown = {0};
    http_url_append_shown(&shown, url);
    log_line(LOG_LEVEL_INFO, "api", NULL, "%s/v1/boot/MAC says what machines without a group boot",
             text_characters(&shown));
}

static int start_boot_service(struct serve_elsewhere *elsewhere, const struct config *config, struct fleet *fleet,
                              struct diag *why)
{
    if (!config->api.url)
        return 0;
    struct boot_service_settings settings = {
        .url = config->api.url,
        .timeout = config->api.timeout * SECOND,
        .holds = config->api.cache * SECOND,
        .images = elsewhere->images,
        .fleet = fleet,
    };
    int result = boot_service_start(&elsewhere->boot_service, &settings, why);
    if (result == 0)
        log_boot_service(config->api.url);
    return result;
}

int serve_elsewhere_start(struct serve_elsewhere **ret, const struct config *config, struct fleet *fleet,
                          struct diag *why)
{
    *ret = NULL;
    if (!config->api.url && !config->cache.profiles)
        return 0;
    struct serve_elsewhere *elsewhere = MEMORY_NEW(struct serve_elsewhere);
    struct images_settings settings = {.folder = config->cache.path, .size_max = config->cache.size, .say = say};
    elsewhere->images_of_profiles = config->cache.profiles;
    int result = images_open(&elsewhere->images, &settings, why);
    if (result == 0)
        log_line(LOG_LEVEL_INFO, "image", NULL, "up to %" PRIu64 " MB of other servers are kept in %s",
                 config->cache.size / 1000000, config->cache.path);
    if (result == 0)
        result = start_boot_service(elsewhere, config, fleet, why);
    if (result < 0)
        serve_elsewhere_destroy(elsewhere);
    else
        *ret = elsewhere;
    return result;
}

void serve_elsewhere_stop(struct serve_elsewhere *elsewhere)
{
    if (!elsewhere)
        return;
    if (elsewhere->boot_service)
        boot_service_stop(elsewhere->boot_service);
    if (elsewhere->images)
        images_stop(elsewhere->images);
}

void serve_elsewhere_destroy(struct serve_elsewhere *elsewhere)
{
    if (!elsewhere)
        return;
    boot_service_destroy(elsewhere->boot_service);
    images_close(elsewhere->images);
    free(elsewhere);
}

static enum elsewhere_result decide(struct elsewhere_boot *ret, void *context, const struct machine *machine,
                                    struct diag *why)
{
    return boot_service_decide(ret, ((struct serve_elsewhere *)context)->boot_service, machine, why);
}

static char *image_path(void *context, const char *role, const char *url, struct diag *why)
{
    return boot_service_image_path(((struct serve_elsewhere *)context)->images, role, url, why);
}

struct elsewhere serve_elsewhere_answers(struct serve_elsewhere *elsewhere)
{
    if (!elsewhere)
        return (struct elsewhere){0};
    return (struct elsewhere){
        .decide = elsewhere->boot_service ? decide : NULL,
        .image_path = image_path,
        .images_of_profiles = elsewhere->images_of_profiles,
        .context = elsewhere,
    };
}

struct images *serve_elsewhere_images(const struct serve_elsewhere *elsewhere)
{
    return elsewhere ? elsewhere->images : NULL;
}

struct boot_service *serve_elsewhere_boot_service(const struct serve_elsewhere *elsewhere)
{
    return elsewhere ? elsewhere->boot_service : NULL;
}
