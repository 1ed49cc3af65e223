/* SPDX-License-Identifier: Apache-2.0 */
/* The client system architectures of option 93 (RFC 4578 §2.1; IANA's "Processor Architecture Types"). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code of a PC's BIOS. */
#define ARCH_X86_BIOS 0x00

/* What runs the boot program. */
enum arch_platform {
    ARCH_BIOS,
    ARCH_EFI,
    ARCH_UBOOT,
    ARCH_RASPBERRY, /* the boot ROM of a Raspberry Pi */
    ARCH_OTHER,     /* Open Firmware, OPAL, s390, and what is long gone */
};

struct arch {
    uint16_t code;
    enum arch_platform platform;
    bool is_http;          /* fetches its boot program by HTTP: answer HTTPClient and a URL */
    const char *buildarch; /* as iPXE's ${buildarch} spells it; "" where there is no iPXE */
    const char *name;      /* for people */
};

/* The row of a code; NULL when it is none of IANA's. Static. */
const struct arch *arch_from_option(uint16_t code);
/* "bios", "efi", "uboot", "raspberry", "other". Static text. */
const char *arch_platform_to_text(enum arch_platform platform);
