/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to a boot service and its answers, machine by machine. */
#include "serve/boot-service.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/http-client.h"
#include "io/log.h"
#include "io/loop.h"
#include "lang/document.h"
#include "lang/pixiecore.h"
#include "proto/http/url.h"

/* Questions at one time; more wait their turn, within their own time. */
#define QUESTIONS_MAX 64
/* Any answer holds for so long, and one that was none no longer: who waits for it must find it, and a machine that
 * tries again is asked for again. */
#define HOLDS_MIN (1 * SECOND)
/* Of iPXE's names of architectures. */
#define ARCH_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
/* What is shown of the words of a refusal. */
#define SHOWN_MAX 120

/* What is known of one machine. */
struct subject {
    UT_hash_handle hh; /* boot_service::subjects */
    struct list link;  /* boot_service::by_age, asked for last at the end */
    struct boot_service *service;
    struct mac mac;
    bool is_asked;
    unsigned status; /* of the answer under way */
    struct text body;
    bool is_too_long;
    instant asked; /* when */
    bool is_answered;
    instant answered;
    struct elsewhere_boot boot; /* zero: nothing to boot, for the reason */
    struct diag why;
    bool failed; /* it was no answer at all */
    struct list waiters;
};

struct waiter {
    struct list link;
    void (*wake)(void *context);
    void *context;
};

struct boot_service {
    struct boot_service_settings settings;
    char *url, *base;
    struct elsewhere images; /* for URLs in answers */
    struct http_client *client;
    pthread_mutex_t lock; /* of all below */
    struct subject *subjects;
    struct list by_age;
    bool stopping;
};

static struct subject *subject_find(struct boot_service *service, const struct mac *mac)
{
    struct subject *subject = NULL;
    HASH_FIND(hh, service->subjects, mac, sizeof *mac, subject);
    return subject;
}

static void subject_destroy(struct subject *subject)
{
    HASH_DEL(subject->service->subjects, subject);
    list_remove(&subject->link);
    elsewhere_boot_finish(&subject->boot);
    text_finish(&subject->body);
    free(subject);
}

/* Those that nobody waits for go, the one asked for longest ago first. */
static void make_room(struct boot_service *service)
{
    if (HASH_COUNT(service->subjects) < BOOT_SERVICE_MACHINES_MAX)
        return;
    LIST_FOR_EACH (link, &service->by_age) {
        struct subject *subject = list_owner(link, struct subject, link);
        if (!subject->is_asked && list_is_empty(&subject->waiters)) {
            subject_destroy(subject);
            return;
        }
    }
}

static struct subject *subject_of(struct boot_service *service, const struct mac *mac)
{
    struct subject *subject = subject_find(service, mac);
    if (subject)
        return subject;
    make_room(service);
    subject = MEMORY_NEW(struct subject);
    subject->service = service;
    subject->mac = *mac;
    list_init(&subject->waiters);
    list_append(&service->by_age, &subject->link);
    HASH_ADD(hh, service->subjects, mac, sizeof subject->mac, subject);
    return subject;
}

/* --- the answer, on the client's thread -------------------------------------------------------------------------- */

static bool take_head(void *context, const struct http_client_head *head)
{
    struct subject *subject = context;
    subject->status = head->status;
    text_clear(&subject->body);
    return true;
}

static bool take_body(void *context, struct bytes octets)
{
    struct subject *subject = context;
    subject->is_too_long = subject->body.length + octets.size > DOCUMENT_SIZE_MAX;
    if (!subject->is_too_long)
        text_append_bytes(&subject->body, octets);
    return !subject->is_too_long;
}

static char *url_of(const struct subject *subject)
{
    char mac[MAC_TEXT_MAX];
    return memory_print("%s/v1/boot/%s", subject->service->url, mac_to_text(mac, &subject->mac, ':'));
}

static char *shown_url_of(const struct subject *subject)
{
    AUTO(text_finish) struct text shown = {0};
    AUTO(free) char *url = url_of(subject);
    http_url_append_shown(&shown, url);
    return text_take(&shown);
}

/* "the api said no (404: no such machine)" */
static void say_no(struct diag *why, const struct subject *subject)
{
    AUTO(text_finish) struct text shown = {0};
    struct bytes line = text_bytes(&subject->body);
    const uint8_t *end = line.size > 0 ? memchr(line.data, '\n', line.size) : NULL;
    line.size = end ? (size_t)(end - line.data) : line.size;
    if (line.size > 0 && line.data[0] != '<')
        text_append_shown(&shown, line, SHOWN_MAX);
    fail(why, 0, "the api said no (%u%s%s)", subject->status, shown.length > 0 ? ": " : "", text_characters(&shown));
}

static bool is_refusal(unsigned status)
{
    return status >= 400 && status < 500 && status != 408 && status != 429;
}

/* What came of the question: a boot, or why there is none. */
static void read_answer(struct elsewhere_boot *ret, struct diag *why, const struct subject *subject, const char *url)
{
    const struct boot_service *service = subject->service;
    AUTO(pixiecore_answer_finish) struct pixiecore_answer answer = {0};
    struct diag wrong = {{0}};
    if (is_refusal(subject->status)) {
        say_no(why, subject);
        return;
    }
    if (subject->status != 200) {
        fail(why, 0, "the api answered %u", subject->status);
        return;
    }
    if (pixiecore_read_answer(&answer, text_bytes(&subject->body), &wrong) != 0 ||
        elsewhere_boot_from_answer(ret, &service->images, url, service->base, &answer, &wrong) != 0)
        fail(why, 0, "the api's answer cannot be used: %s", wrong.text);
}

static void note(const struct subject *subject, const char *url, const struct elsewhere_boot *boot, bool failed,
                 const struct diag *why)
{
    char mac[MAC_TEXT_MAX];
    AUTO(text_finish) struct text line = {0};
    double seconds = (double)(clock_now().steady - subject->asked) / (double)SECOND;
    if (boot->profile)
        text_print(&line, "%s says what to boot, after %.3f s%s%s", url, seconds, boot->profile->name[0] ? ": " : "",
                   boot->profile->name);
    else
        text_print(&line, "%s: %s", url, why->text);
    log_line(failed ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "api", mac_to_text(mac, &subject->mac, ':'), "%s",
             text_characters(&line));
    fleet_record(subject->service->settings.fleet, &subject->mac, STAGE_DISCOVER, clock_now(), text_characters(&line));
}

static void take_end(void *context, int result, const struct diag *why)
{
    struct subject *subject = context;
    struct boot_service *service = subject->service;
    struct elsewhere_boot boot = {0};
    struct diag reason = {{0}};
    struct list woken;
    AUTO(free) char *url = shown_url_of(subject);
    list_init(&woken);
    if (subject->is_too_long)
        fail(&reason, 0, "the api's answer is longer than %zu octets", DOCUMENT_SIZE_MAX);
    else if (result < 0)
        fail(&reason, 0, "the api does not answer: %s", why->text);
    else
        read_answer(&boot, &reason, subject, url);
    bool failed = !boot.profile && (result < 0 || !is_refusal(subject->status));
    note(subject, url, &boot, failed, &reason);
    pthread_mutex_lock(&service->lock);
    elsewhere_boot_finish(&subject->boot);
    subject->boot = boot;
    subject->why = reason;
    subject->failed = failed;
    subject->is_asked = false;
    subject->is_answered = true;
    subject->answered = clock_now().steady;
    text_finish(&subject->body);
    LIST_FOR_EACH (link, &subject->waiters) {
        list_remove(link);
        list_append(&woken, link);
    }
    pthread_mutex_unlock(&service->lock);
    LIST_FOR_EACH (link, &woken) {
        struct waiter *waiter = list_owner(link, struct waiter, link);
        list_remove(link);
        waiter->wake(waiter->context);
        free(waiter);
    }
}

/* --- the question ------------------------------------------------------------------------------------------------ */

/* Facts go into header fields: there are services that take all behind the last slash for the MAC, a query too. */
static size_t write_facts(char ret[3][128], const struct machine *machine)
{
    static const char *const platforms[] = {[PLATFORM_BIOS] = "pcbios", [PLATFORM_EFI] = "efi"};
    char uuid[UUID_TEXT_MAX];
    size_t count = 0;
    /* It is what somebody sent as a label. */
    if (machine->arch[0] && strspn(machine->arch, ARCH_CHARACTERS) == strlen(machine->arch))
        snprintf(ret[count++], sizeof ret[0], "Machine-Arch: %s", machine->arch);
    if (machine->platform != PLATFORM_UNKNOWN)
        snprintf(ret[count++], sizeof ret[0], "Machine-Platform: %s", platforms[machine->platform]);
    if (machine->has_uuid)
        snprintf(ret[count++], sizeof ret[0], "Machine-UUID: %s", uuid_to_text(uuid, &machine->uuid));
    return count;
}

/* With the lock held. */
static void ask(struct subject *subject, const struct machine *machine)
{
    struct boot_service *service = subject->service;
    char facts[3][128];
    AUTO(free) char *url = url_of(subject);
    struct http_client_request request = {
        .url = url,
        .header_count = write_facts(facts, machine),
        .timeout = service->settings.timeout,
        .head = take_head,
        .body = take_body,
        .done = take_end,
        .context = subject,
    };
    for (size_t i = 0; i < request.header_count; i++)
        request.headers[i] = facts[i];
    subject->is_asked = true;
    subject->is_too_long = false;
    subject->status = 0;
    subject->asked = clock_now().steady;
    list_remove(&subject->link);
    list_append(&service->by_age, &subject->link);
    http_client_get(service->client, &request);
}

static bool holds(const struct subject *subject)
{
    instant span = subject->failed ? 0 : subject->service->settings.holds;
    span = span < HOLDS_MIN ? HOLDS_MIN : span;
    return subject->is_answered && clock_now().steady - subject->answered < span;
}

void boot_service_ask(struct boot_service *service, const struct machine *machine)
{
    pthread_mutex_lock(&service->lock);
    struct subject *subject = service->stopping ? NULL : subject_of(service, &machine->mac);
    if (subject && !subject->is_asked && !holds(subject))
        ask(subject, machine);
    pthread_mutex_unlock(&service->lock);
}

/* Whether an image that it boots cannot be had, where that is known already: then its screen is where it is said. */
static bool image_fails(const struct boot_service *service, const char *path, struct diag *why)
{
    char id[IMAGE_ID_MAX];
    const char *rest = strchr(path + strlen(ELSEWHERE_IMAGE_PATH), '/');
    if (!rest || strlen(rest) < sizeof id)
        return false;
    snprintf(id, sizeof id, "%s", rest + 1);
    return !images_check(service->settings.images, id, why);
}

static bool some_image_fails(const struct boot_service *service, const struct profile *profile, struct diag *why)
{
    if (profile->boot.script)
        return false;
    bool fails = image_fails(service, profile->boot.kernel, why);
    for (size_t i = 0; i < profile->boot.initrd_count && !fails; i++)
        fails = image_fails(service, profile->boot.initrd[i], why);
    return fails;
}

static enum elsewhere_result tell(struct elsewhere_boot *ret, const struct subject *subject, struct diag *why)
{
    if (!subject->boot.profile) {
        *why = subject->why;
        return ELSEWHERE_NOTHING;
    }
    if (some_image_fails(subject->service, subject->boot.profile, why))
        return ELSEWHERE_NOTHING;
    *ret =
        (struct elsewhere_boot){.group = group_ref(subject->boot.group), .profile = profile_ref(subject->boot.profile)};
    return ELSEWHERE_OK;
}

enum elsewhere_result boot_service_decide(struct elsewhere_boot *ret, void *context, const struct machine *machine,
                                          struct diag *why)
{
    struct boot_service *service = context;
    enum elsewhere_result result = ELSEWHERE_NOTHING;
    pthread_mutex_lock(&service->lock);
    struct subject *subject = service->stopping ? NULL : subject_of(service, &machine->mac);
    bool asks = subject && !subject->is_asked && !holds(subject);
    if (asks)
        ask(subject, machine);
    if (!subject)
        fail(why, 0, "muster is stopping");
    else if (subject->is_asked)
        result = ELSEWHERE_WAIT;
    else
        result = tell(ret, subject, why);
    pthread_mutex_unlock(&service->lock);
    return result;
}

void boot_service_wait(struct boot_service *service, const struct mac *mac, void (*wake)(void *context), void *context)
{
    pthread_mutex_lock(&service->lock);
    struct subject *subject = subject_find(service, mac);
    bool waits = subject && subject->is_asked;
    if (waits) {
        struct waiter *waiter = MEMORY_NEW(struct waiter);
        *waiter = (struct waiter){.wake = wake, .context = context};
        list_append(&subject->waiters, &waiter->link);
    }
    pthread_mutex_unlock(&service->lock);
    if (!waits)
        wake(context);
}

char *boot_service_image_path(void *images, const char *role, const char *url, struct diag *why)
{
    char id[IMAGE_ID_MAX];
    AUTO(text_finish) struct text name = {0};
    images_name(id, images, url);
    if (!images_check(images, id, why))
        return NULL;
    images_prefetch(images, id);
    http_url_name(&name, url);
    return memory_print(ELSEWHERE_IMAGE_PATH "%s/%s/%s", role, id, text_characters(&name));
}

/* --- start and stop ---------------------------------------------------------------------------------------------- */

int boot_service_start(struct boot_service **ret, const struct boot_service_settings *settings, struct diag *why)
{
    struct http_client *client = NULL;
    int result = http_client_start(&client, QUESTIONS_MAX, why);
    if (result < 0)
        return result;
    struct boot_service *service = MEMORY_NEW(struct boot_service);
    *service = (struct boot_service){
        .settings = *settings,
        .url = memory_text(settings->url),
        /* What Pixiecore resolves references against. */
        .base = memory_print("%s/v1", settings->url),
        .images = {.image_path = boot_service_image_path, .context = settings->images},
        .client = client,
    };
    list_init(&service->by_age);
    pthread_mutex_init(&service->lock, NULL);
    *ret = service;
    return 0;
}

void boot_service_stop(struct boot_service *service)
{
    pthread_mutex_lock(&service->lock);
    service->stopping = true;
    pthread_mutex_unlock(&service->lock);
    http_client_stop(take_pointer(service->client));
}

void boot_service_destroy(struct boot_service *service)
{
    if (!service)
        return;
    boot_service_stop(service);
    struct subject *subject, *next;
    HASH_ITER (hh, service->subjects, subject, next) {
        subject_destroy(subject);
    }
    pthread_mutex_destroy(&service->lock);
    free(service->url);
    free(service->base);
    free(service);
}
