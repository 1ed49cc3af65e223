/* SPDX-License-Identifier: Apache-2.0 */
/* What one machine boots, whatever its loader and however that is told: rendered from its profile, and then written as
 * an iPXE script, a PXELINUX or GRUB configuration, or Pixiecore's JSON. Within answer/ only. */
#pragma once

#include "answer/http.h"
#include "base/diag.h"
#include "boot/decision.h"
#include "boot/labels.h"

/* Who it is for, and what is told of us. Borrowed. */
struct boot_plan_request {
    const struct labels *labels; /* all that is known of the machine; what its group was chosen by */
    enum platform platform;      /* its firmware, which decides where a profile has something for each */
    const char *raw_query;       /* as templates see it; NULL or "" where nothing was asked with a query */
    /* Where the machine finds our HTTP service: "10.0.0.1:8080". NULL: that is not known, or there is none. */
    const char *host;
    const struct http_settings *settings; /* the files that templates may name, and the loader nobody else says */
    const struct catalog *catalog;        /* the documents that the profile's overlay names */
    bool takes_script;                    /* who asks can run an iPXE script */
};

enum boot_plan_kind {
    BOOT_PLAN_LINUX,  /* a kernel with its initrds and arguments */
    BOOT_PLAN_EFI,    /* an EFI program with its arguments: a UKI, a memory test … */
    BOOT_PLAN_IMAGE,  /* an ISO or a disk image, booted as a disk */
    BOOT_PLAN_SCRIPT, /* an iPXE script, which is the profile's; only where takes_script says that iPXE asks */
    BOOT_PLAN_LOCAL,  /* nothing of the network: the machine goes on to its disk */
    BOOT_PLAN_MENU,   /* whoever stands before the machine chooses from the menu of its group */
};

/* Texts on the heap. Zero is nothing rendered yet. */
struct boot_plan {
    enum boot_plan_kind kind;
    /* The kernel, program or image: a URL, or a path on our HTTP service, possibly with flags before it and arguments
     * behind it. Of a script its text. */
    char *kernel;
    char **initrd; /* likewise: "--name main /assets/initrd.gz" */
    size_t initrd_count;
    char **args;
    size_t args_count;
    bool args_are_pairs; /* the profile has them as a map */
    bool in_memory;      /* an image is to be copied into memory first: by MEMDISK, which then is the kernel */
};

void boot_plan_finish(struct boot_plan *plan);
AUTO_DEFINE_STRUCT(boot_plan_finish, struct boot_plan);

/* The profile's kernel, initrds and arguments as iPXE takes them, rendered for the machine when they are templates, and
 * the overlay as the last initrd; or its disk, where its loader is none. 0, or positive with the reason, which names
 * the profile's document. */
int boot_plan_render(struct boot_plan *ret, const struct decision *decision, const struct boot_plan_request *request,
                     struct diag *why);
/* Changes an image into MEMDISK as a kernel with the image as its initrd, for a loader, called so in a reason, that
 * cannot boot an image itself; leaves all else alone. The arguments are the profile's or, without any, those that the
 * image's name calls for. 0, or positive with the reason: on UEFI there is no MEMDISK, or this host has none. */
int boot_plan_use_memdisk(struct boot_plan *plan, const char *loader, const struct boot_plan_request *request,
                          struct diag *why);
/* One more initrd behind those there are. */
void boot_plan_add_initrd(struct boot_plan *plan, const char *entry);
/* Changes what iPXE takes into what other loaders can: its settings become the labels of the machine, its flags before
 * a URL go, what stands behind the kernel's URL becomes the first argument. */
void boot_plan_plain(struct boot_plan *plan, const struct labels *labels);
/* Replaces each URL, once they are plain, by what name_of gives for it, on the heap. */
void boot_plan_rename(struct boot_plan *plan, char *(*name_of)(const void *context, const char *url),
                      const void *context);

/* The path on our HTTP service, without its first slash, that a plain URL means; NULL where it lies elsewhere. A URL
 * that names no host is ours, and so is one of host over HTTP. Borrowed from the URL. */
const char *boot_plan_own_path(const char *url, const char *host);
