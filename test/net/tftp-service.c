/* SPDX-License-Identifier: Apache-2.0 */
/* The TFTP service alone, for tests and measurements: tftp-service PORT ROOT [NAME=VALUE...]. The values: single-port
 * and no-shortcut (0, 1), first-port, last-port, blksize-max, windowsize-max, log (error … debug). The boot program
 * 'loader' is the file ROOT/../loader; the content made for any 'made/…' is a line with the name. Prints "ready"; ends
 * with SIGTERM, letting transfers end for two seconds. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/memory.h"
#include "io/log.h"
#include "serve/tftp.h"

struct service {
    struct loop *loop;
    struct serve_tftp *tftp;
    struct loop_timer *drain; /* while stopping */
    instant patience;         /* the end of it */
};

static const char *find_program(void *context, const char *name)
{
    return text_is(name, "loader") ? context : NULL;
}

static bool generate(struct answer_tftp *ret, void *context, const struct answer_tftp_request *request)
{
    (void)context;
    if (!text_starts_with(request->name, "made/"))
        return false;
    ret->kind = ANSWER_TFTP_CONTENT;
    text_print(&ret->content, "%s\n", request->name);
    return true;
}

/* Ends the loop once no client is left to wait for, at the latest after two seconds. */
static void drain(void *context)
{
    struct service *service = context;
    instant now = clock_now().steady;
    if (serve_tftp_live(service->tftp, now) == 0 || now >= service->patience)
        loop_stop(service->loop);
    else
        loop_timer_set(service->drain, now + 10 * MILLISECOND);
}

static void stop(void *context)
{
    struct service *service = context;
    service->patience = clock_now().steady + 2 * SECOND;
    serve_tftp_drain(service->tftp);
    drain(service);
}

static bool set_value(struct serve_tftp_settings *settings, const char *argument)
{
    const char *value = strchr(argument, '=');
    size_t length = value ? (size_t)(value - argument) : 0;
    unsigned number = value ? (unsigned)strtoul(value + 1, NULL, 10) : 0;
    struct bytes name = bytes_of(argument, length);
    enum log_level level;
    if (bytes_equal_text(name, "single-port"))
        settings->single_port = number;
    else if (bytes_equal_text(name, "no-shortcut"))
        settings->no_shortcut = number;
    else if (bytes_equal_text(name, "first-port"))
        settings->first_port = (uint16_t)number;
    else if (bytes_equal_text(name, "last-port"))
        settings->last_port = (uint16_t)number;
    else if (bytes_equal_text(name, "blksize-max"))
        settings->blksize_max = number;
    else if (bytes_equal_text(name, "windowsize-max"))
        settings->windowsize_max = number;
    else if (bytes_equal_text(name, "log") && log_level_from_text(&level, value + 1))
        log_set_level(level);
    else
        return false;
    return true;
}

static int run(struct service *service, const struct serve_tftp_settings *settings, struct diag *why)
{
    service->loop = loop_create(why);
    if (!service->loop || serve_tftp_start(&service->tftp, service->loop, settings, why) < 0 ||
        loop_signal(service->loop, SIGTERM, stop, service, why) < 0)
        return EXIT_FAILURE;
    service->drain = loop_timer_create(service->loop, drain, service);
    puts("ready");
    fflush(stdout);
    loop_run(service->loop);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: tftp-service PORT ROOT [NAME=VALUE...]\n");
        return 2;
    }
    AUTO(free) char *loader = memory_print("%s/../loader", argv[2]);
    struct serve_tftp_settings settings = {
        .port = (uint16_t)strtoul(argv[1], NULL, 10),
        .root = argv[2],
        .find_program = find_program,
        .program_context = loader,
        .generate = generate,
    };
    for (int i = 3; i < argc; i++)
        if (!set_value(&settings, argv[i])) {
            fprintf(stderr, "tftp-service: '%s' is no setting\n", argv[i]);
            return 2;
        }
    struct service service = {0};
    struct diag why = {0};
    int result = run(&service, &settings, &why);
    if (result != EXIT_SUCCESS)
        fprintf(stderr, "tftp-service: %s\n", why.text);
    serve_tftp_stop(service.tftp);
    loop_timer_destroy(service.drain);
    loop_destroy(service.loop);
    return result;
}
