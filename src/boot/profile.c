/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles. */
#include "boot/profile.h"

#include <stdlib.h>

#include "base/memory.h"

struct profile *profile_create(const char *id)
{
    struct profile *profile = MEMORY_NEW(struct profile);
    profile->references = 1;
    profile->id = memory_text(id);
    profile->name = memory_text("");
    profile->ignition_id = memory_text("");
    profile->cloud_id = memory_text("");
    profile->generic_id = memory_text("");
    profile->boot.kernel = memory_text("");
    profile->boot.efi = memory_text("");
    profile->boot.iso = memory_text("");
    return profile;
}

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

struct profile *profile_ref(const struct profile *profile)
{
    struct profile *counted = (struct profile *)profile;
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

void profile_unref(struct profile *profile)
{
    if (!profile || __atomic_sub_fetch(&profile->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    free(profile->id);
    free(profile->name);
    free(profile->ignition_id);
    free(profile->cloud_id);
    free(profile->generic_id);
    labels_finish(&profile->generics);
    free(profile->boot.kernel);
    free(profile->boot.efi);
    free(profile->boot.iso);
    free(profile->boot.script);
    texts_free(profile->boot.initrd, profile->boot.initrd_count);
    texts_free(profile->boot.args, profile->boot.args_count);
    overlay_finish(&profile->overlay);
    value_unref(profile->metadata);
    lease_options_finish(&profile->dhcp.options);
    free(profile->source);
    free(profile);
}

static void texts_add(char ***texts, size_t *count, const char *text)
{
    *texts = memory_resize(*texts, *count + 1, sizeof **texts);
    (*texts)[(*count)++] = memory_text(text);
}

void profile_add_initrd(struct profile *profile, const char *initrd)
{
    texts_add(&profile->boot.initrd, &profile->boot.initrd_count, initrd);
}

void profile_add_arg(struct profile *profile, const char *arg)
{
    texts_add(&profile->boot.args, &profile->boot.args_count, arg);
}

void profile_clear_args(struct profile *profile)
{
    texts_free(profile->boot.args, profile->boot.args_count);
    profile->boot.args = NULL;
    profile->boot.args_count = 0;
    profile->boot.args_are_pairs = false;
}

const char *profile_firmware_program(const struct profile *profile)
{
    if (!profile->boot.present)
        return NULL;
    if (profile->boot.efi[0] != '\0')
        return profile->boot.efi;
    if (profile->boot.iso[0] != '\0')
        return profile->boot.iso;
    if (profile->boot.kernel[0] == '\0' || profile->boot.initrd_count > 0 || profile->boot.args_count > 0)
        return NULL;
    return profile->boot.kernel;
}
