/* SPDX-License-Identifier: Apache-2.0 */
/* The table of client architectures. Two of its rows answer to clients rather than to the registry: 0x07 and 0x09 were
 * swapped in RFC 4578 (erratum 4624), and x86-64 firmware is seen with both, so both get x86_64. */
#include "proto/dhcp/arch.h"

#include "base/array.h"

#define ARCH(number, kind, http, build, text)                                                                          \
    [number] = {.code = number, .platform = ARCH_##kind, .is_http = http, .buildarch = build, .name = text}

static const struct arch archs[] = {
    ARCH(0x00, BIOS, false, "i386", "x86 BIOS"),
    ARCH(0x01, OTHER, false, "", "NEC PC-98"),
    ARCH(0x02, OTHER, false, "", "Itanium UEFI"),
    ARCH(0x03, OTHER, false, "", "DEC Alpha"),
    ARCH(0x04, OTHER, false, "", "Arc x86"),
    ARCH(0x05, BIOS, false, "i386", "Intel Lean Client"),
    ARCH(0x06, EFI, false, "i386", "x86 UEFI"),
    ARCH(0x07, EFI, false, "x86_64", "x64 UEFI"),
    ARCH(0x08, OTHER, false, "", "Xscale UEFI"),
    ARCH(0x09, EFI, false, "x86_64", "EFI byte code"),
    ARCH(0x0a, EFI, false, "arm32", "ARM 32-bit UEFI"),
    ARCH(0x0b, EFI, false, "arm64", "ARM 64-bit UEFI"),
    ARCH(0x0c, OTHER, false, "", "PowerPC Open Firmware"),
    ARCH(0x0d, OTHER, false, "", "PowerPC ePAPR"),
    ARCH(0x0e, OTHER, false, "", "POWER OPAL v3"),
    ARCH(0x0f, EFI, true, "i386", "x86 UEFI HTTP"),
    ARCH(0x10, EFI, true, "x86_64", "x64 UEFI HTTP"),
    ARCH(0x11, EFI, true, "x86_64", "EFI byte code HTTP"),
    ARCH(0x12, EFI, true, "arm32", "ARM 32-bit UEFI HTTP"),
    ARCH(0x13, EFI, true, "arm64", "ARM 64-bit UEFI HTTP"),
    ARCH(0x14, BIOS, true, "i386", "x86 BIOS HTTP"),
    ARCH(0x15, UBOOT, false, "arm32", "ARM 32-bit U-Boot"),
    ARCH(0x16, UBOOT, false, "arm64", "ARM 64-bit U-Boot"),
    ARCH(0x17, UBOOT, true, "arm32", "ARM 32-bit U-Boot HTTP"),
    ARCH(0x18, UBOOT, true, "arm64", "ARM 64-bit U-Boot HTTP"),
    ARCH(0x19, EFI, false, "riscv32", "RISC-V 32-bit UEFI"),
    ARCH(0x1a, EFI, true, "riscv32", "RISC-V 32-bit UEFI HTTP"),
    ARCH(0x1b, EFI, false, "riscv64", "RISC-V 64-bit UEFI"),
    ARCH(0x1c, EFI, true, "riscv64", "RISC-V 64-bit UEFI HTTP"),
    ARCH(0x1d, EFI, false, "", "RISC-V 128-bit UEFI"),
    ARCH(0x1e, EFI, true, "", "RISC-V 128-bit UEFI HTTP"),
    ARCH(0x1f, OTHER, false, "", "s390 basic"),
    ARCH(0x20, OTHER, false, "", "s390 extended"),
    ARCH(0x21, EFI, false, "", "MIPS 32-bit UEFI"),
    ARCH(0x22, EFI, false, "", "MIPS 64-bit UEFI"),
    ARCH(0x23, EFI, false, "", "Sunway 32-bit UEFI"),
    ARCH(0x24, EFI, false, "", "Sunway 64-bit UEFI"),
    ARCH(0x25, EFI, false, "", "LoongArch 32-bit UEFI"),
    ARCH(0x26, EFI, true, "", "LoongArch 32-bit UEFI HTTP"),
    ARCH(0x27, EFI, false, "loong64", "LoongArch 64-bit UEFI"),
    ARCH(0x28, EFI, true, "loong64", "LoongArch 64-bit UEFI HTTP"),
    ARCH(0x29, RASPBERRY, false, "arm64", "ARM rpiboot"),
};

const struct arch *arch_from_option(uint16_t code)
{
    return code < LENGTH(archs) ? &archs[code] : NULL;
}

const char *arch_platform_to_text(enum arch_platform platform)
{
    static const char *const texts[] = {
        [ARCH_BIOS] = "bios",           [ARCH_EFI] = "efi",     [ARCH_UBOOT] = "uboot",
        [ARCH_RASPBERRY] = "raspberry", [ARCH_OTHER] = "other",
    };
    return texts[platform];
}
