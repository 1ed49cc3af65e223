/* SPDX-License-Identifier: Apache-2.0 */
/* What other servers have for our machines, as answers see it: a boot service of Pixiecore's API that decides for
 * machines without a group, and images that we fetch and give on. All functions may be called from any thread, and
 * wait for nobody. */
#pragma once

#include "base/diag.h"
#include "boot/decision.h"
#include "boot/machine.h"

/* Where images from elsewhere are on our HTTP service: "/image/kernel/ID/NAME". */
#define ELSEWHERE_IMAGE_PATH "/image/"

enum elsewhere_result {
    ELSEWHERE_OK,
    ELSEWHERE_WAIT,    /* asked and not answered yet */
    ELSEWHERE_NOTHING, /* there is nothing to boot, for the reason */
};

/* What the boot service says of one machine, as a group and a profile of its own. Both are counted references. */
struct elsewhere_boot {
    struct group *group;
    struct profile *profile;
};

/* NULL for a function: there is no such thing. */
struct elsewhere {
    /* Asks what this machine boots, or finds it answered. The reason names the service. */
    enum elsewhere_result (*decide)(struct elsewhere_boot *ret, void *context, const struct machine *machine,
                                    struct diag *why);
    /* The path on our HTTP service of a file on another server, on the heap; NULL with the reason. role is what the
     * file is for: "kernel", "initrd", "file". */
    char *(*image_path)(void *context, const char *role, const char *url, struct diag *why);
    bool images_of_profiles; /* what profiles name on other servers is fetched by us too */
    void *context;
};

struct pixiecore_answer;
/* The group and profile of a boot service's answer, which came from url. base is what references in it are relative
 * to. 0, or positive with the reason and then *ret is left alone. */
int elsewhere_boot_from_answer(struct elsewhere_boot *ret, const struct elsewhere *elsewhere, const char *url,
                               const char *base, const struct pixiecore_answer *answer, struct diag *why);
void elsewhere_boot_finish(struct elsewhere_boot *boot);
AUTO_DEFINE_STRUCT(elsewhere_boot_finish, struct elsewhere_boot);
