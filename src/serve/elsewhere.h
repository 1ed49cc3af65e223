/* SPDX-License-Identifier: Apache-2.0 */
/* What is fetched from other servers, put together: the boot service that is asked and the cache of images. */
#pragma once

#include "answer/elsewhere.h"
#include "base/diag.h"
#include "config/config.h"
#include "fleet/fleet.h"
#include "serve/boot-service.h"
#include "store/images.h"

struct serve_elsewhere;

/* Starts what the configuration asks for; *ret is NULL when that is nothing. 0 or a negative errno with the reason. */
int serve_elsewhere_start(struct serve_elsewhere **ret, const struct config *config, struct fleet *fleet,
                          struct diag *why);
/* Ends what runs and wakes all that wait. NULL is left alone, here and below. */
void serve_elsewhere_stop(struct serve_elsewhere *elsewhere);
void serve_elsewhere_destroy(struct serve_elsewhere *elsewhere);

/* For answers; none where there is nothing. */
struct elsewhere serve_elsewhere_answers(struct serve_elsewhere *elsewhere);
struct images *serve_elsewhere_images(const struct serve_elsewhere *elsewhere);
struct boot_service *serve_elsewhere_boot_service(const struct serve_elsewhere *elsewhere);
