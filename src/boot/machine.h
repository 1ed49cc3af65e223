/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one computer: facts, each learned from the first packet or request that told it. */
#pragma once

#include <stdbool.h>

#include "base/ipv4.h"
#include "base/mac.h"
#include "base/uuid.h"
#include "boot/labels.h"

/* What firmware the machine runs: it decides how a kernel gets its initrds and which programs can run at all. */
enum platform {
    PLATFORM_UNKNOWN,
    PLATFORM_BIOS,
    PLATFORM_EFI,
};

/* What ran on the machine when it last asked for an address. */
enum program {
    PROGRAM_UNKNOWN,
    PROGRAM_FIRMWARE,
    PROGRAM_IPXE,
    PROGRAM_SYSTEM, /* an operating system */
};

/* Longest text of an architecture name with its NUL. */
#define MACHINE_ARCH_MAX 16
#define MACHINE_HOSTNAME_MAX 256

struct machine {
    struct mac mac;
    bool has_uuid;
    struct uuid uuid;
    enum platform platform;
    enum program program;
    char arch[MACHINE_ARCH_MAX]; /* as iPXE's ${buildarch} spells it: i386, x86_64, arm64 …; "" unknown */
    struct ipv4 address;         /* the last one seen in use; unset when unknown */
    char hostname[MACHINE_HOSTNAME_MAX];
};

/* Adds what is known of the machine as the labels that groups select on: mac, uuid, arch, platform, ip. A label that is
 * there already stays as it is; of what is unknown there is none. */
void machine_add_labels(struct labels *labels, const struct machine *machine);
