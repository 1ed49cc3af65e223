/* SPDX-License-Identifier: Apache-2.0 */
/* A profile: what to boot and which config documents to give. Immutable once it is shared. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/value.h"
#include "boot/labels.h"
#include "boot/loader-choice.h"
#include "lease/terms.h"
#include "boot/overlay.h"

struct profile {
    unsigned references;
    char *id;
    char *name;        /* "" when the document gives none; so all texts below */
    char *ignition_id; /* file name below ignition/, cloud/, generic/ */
    char *cloud_id;
    char *generic_id;
    enum loader_choice loader;
    struct labels generics; /* more files below generic/, by the name that they are asked for under */
    struct {
        bool present; /* false: the document has no boot member at all, and the machine gets no script */
        char *kernel;
        char *efi;     /* an EFI program, for machines with UEFI */
        char *iso;     /* an ISO or disk image */
        bool memdisk;  /* which BIOS machines copy into their memory first */
        char **initrd; /* each a URL, possibly with iPXE's own flags before it: "--name main URL" */
        size_t initrd_count;
        char **args;
        size_t args_count;
        char *script;            /* an iPXE script in the place of all these; NULL: none */
        bool args_are_pairs;     /* they were a map of names and values: bootcfg's "cmdline" */
        bool args_are_templates; /* kernel, initrds and args are rendered for the machine before they are used */
    } boot;
    struct overlay overlay;
    struct lease_terms dhcp; /* what DHCP tells its machines, where their group does not say otherwise */
    struct value *metadata;  /* a VALUE_MAP, or NULL; a group's own metadata is laid over it */
    char *source;            /* the document it was read from, for reasons: "profiles/worker.json"; NULL: none */
};

/* A profile with every text empty, and one reference. */
struct profile *profile_create(const char *id);
struct profile *profile_ref(const struct profile *profile);
void profile_unref(struct profile *profile);
AUTO_DEFINE(profile_unref, struct profile *);
void profile_add_initrd(struct profile *profile, const char *initrd);
void profile_add_arg(struct profile *profile, const char *arg);
void profile_clear_args(struct profile *profile);

/* What the profile names for UEFI firmware to boot by itself, as a path of ours or a URL: its EFI program; an image, of
 * which HTTP Boot makes a disk (UEFI 2.10 §24.7.2); or a kernel that needs neither initrd nor arguments. NULL: nothing.
 */
const char *profile_firmware_program(const struct profile *profile);
