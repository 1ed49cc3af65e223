/* SPDX-License-Identifier: Apache-2.0 */
/* What one machine boots, its templates rendered. Within answer/ only. */
#pragma once

#include "answer/http-script.h"
#include "boot/decision.h"

/* On the heap. Zero is none. */
struct http_boot {
    char *kernel;
    char **initrd;
    size_t initrd_count;
    char **args;
    size_t args_count;
};

void http_boot_finish(struct http_boot *boot);
AUTO_DEFINE_STRUCT(http_boot_finish, struct http_boot);

/* The profile's kernel, initrds and arguments as iPXE takes them, rendered for the machine when they are templates. 0,
 * or positive with the reason. */
int http_boot_render(struct http_boot *ret, const struct decision *decision, const struct http_asker *asker,
                     const struct http_question *question, struct diag *why);
/* Changes what iPXE takes into what other loaders can: its settings become the labels of the machine, its flags before
 * a URL go, what stands behind the kernel's URL becomes the first argument. */
void http_boot_plain(struct http_boot *boot, const struct http_asker *asker);
