/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody else's service of Pixiecore's API: asked what a machine boots when the machine is first heard of, so that
 * the answer is there when its boot program wants a script. One question a machine at a time; nobody else waits. */
#pragma once

#include "answer/elsewhere.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/mac.h"
#include "fleet/fleet.h"
#include "store/images.h"

/* Machines whose answer is kept; the one asked for longest ago makes room. */
#define BOOT_SERVICE_MACHINES_MAX 16384

struct boot_service;

/* Texts are copied, all else is borrowed. */
struct boot_service_settings {
    const char *url;        /* what is before /v1/boot/MAC, without a slash at its end */
    instant timeout, holds; /* how long an answer may take, and how long it holds */
    struct images *images;
    struct fleet *fleet;
};

/* 0 or a negative errno with the reason. */
int boot_service_start(struct boot_service **ret, const struct boot_service_settings *settings, struct diag *why);
/* Wakes all that wait; what they ask for then is answered with "nothing". */
void boot_service_stop(struct boot_service *service);
/* The same, and frees everything. NULL is left alone. */
void boot_service_destroy(struct boot_service *service);

/* Asks what the machine boots, unless that was asked a moment ago. From any thread. */
void boot_service_ask(struct boot_service *service, const struct machine *machine);
/* elsewhere::decide, with the service as context. */
enum elsewhere_result boot_service_decide(struct elsewhere_boot *ret, void *service, const struct machine *machine,
                                          struct diag *why);
/* elsewhere::image_path, with the images as context. */
char *boot_service_image_path(void *images, const char *role, const char *url, struct diag *why);
/* Calls wake once, from any thread and maybe at once, when boot_service_decide() has another answer than
 * ELSEWHERE_WAIT. */
void boot_service_wait(struct boot_service *service, const struct mac *mac, void (*wake)(void *context), void *context);
