/* SPDX-License-Identifier: Apache-2.0 */
/* The table of boot programs. */
#include "boot/loader.h"

#include "base/array.h"
#include "base/text.h"

/* undionly.kpxe uses the card through the ROM's own UNDI driver, ipxe.efi brings drivers, snponly.efi uses the
 * firmware's. Places are as in Debian's, Fedora's and Alpine's packages and in builds of iPXE by hand. */
static const struct loader loaders[] = {
    {"undionly.kpxe", PLATFORM_BIOS, "i386", "ipxe", {"undionly.kpxe"}},
    {"ipxe.pxe", PLATFORM_BIOS, "i386", "ipxe", {"ipxe.pxe"}},
    {"ipxe.efi", PLATFORM_EFI, "x86_64", "ipxe", {"ipxe.efi", "ipxe-x86_64.efi", "bin-x86_64-efi/ipxe.efi"}},
    {"snponly.efi",
     PLATFORM_EFI,
     "x86_64",
     "ipxe",
     {"snponly.efi", "ipxe-snponly-x86_64.efi", "bin-x86_64-efi/snponly.efi"}},
    {"ipxe-i386.efi", PLATFORM_EFI, "i386", NULL, {"ipxe-i386.efi", "bin-i386-efi/ipxe.efi"}},
    {"snponly-i386.efi", PLATFORM_EFI, "i386", NULL, {"snponly-i386.efi", "bin-i386-efi/snponly.efi"}},
    {"ipxe-arm64.efi", PLATFORM_EFI, "arm64", NULL, {"ipxe-arm64.efi", "arm64-efi/ipxe.efi", "bin-arm64-efi/ipxe.efi"}},
    {"snponly-arm64.efi",
     PLATFORM_EFI,
     "arm64",
     NULL,
     {"snponly-arm64.efi", "arm64-efi/snponly.efi", "bin-arm64-efi/snponly.efi"}},
    {"ipxe-arm32.efi", PLATFORM_EFI, "arm32", NULL, {"ipxe-arm32.efi", "bin-arm32-efi/ipxe.efi"}},
    {"ipxe-riscv64.efi", PLATFORM_EFI, "riscv64", NULL, {"ipxe-riscv64.efi", "bin-riscv64-efi/ipxe.efi"}},
    {"ipxe-riscv32.efi", PLATFORM_EFI, "riscv32", NULL, {"ipxe-riscv32.efi", "bin-riscv32-efi/ipxe.efi"}},
    {"ipxe-loong64.efi", PLATFORM_EFI, "loong64", NULL, {"ipxe-loong64.efi", "bin-loong64-efi/ipxe.efi"}},
};

const struct loader *loader_at(size_t index)
{
    return index < LENGTH(loaders) ? &loaders[index] : NULL;
}

const struct loader *loader_named(const char *name)
{
    for (size_t i = 0; i < LENGTH(loaders); i++)
        if (text_is(loaders[i].name, name))
            return &loaders[i];
    return NULL;
}

const struct loader *loader_for(enum platform platform, const char *arch,
                                bool (*is_there)(void *context, const struct loader *loader), void *context,
                                const struct loader **ret_missing)
{
    const struct loader *missing = NULL;
    for (size_t i = 0; i < LENGTH(loaders); i++) {
        if (loaders[i].platform != platform || !text_is(loaders[i].arch, arch))
            continue;
        if (is_there(context, &loaders[i]))
            return &loaders[i];
        missing = missing ? missing : &loaders[i];
    }
    if (ret_missing)
        *ret_missing = missing;
    return NULL;
}
