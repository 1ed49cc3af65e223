/* SPDX-License-Identifier: Apache-2.0 */
/* The table of boot programs, and that of the files they load. */
#include "boot/loader.h"

#include <string.h>

#include "base/array.h"

#define FOR(choice) (1u << LOADER_CHOICE_##choice)
#define FOR_IPXE (FOR(AUTO) | FOR(IPXE))
#define INSTALLER "/usr/lib/debian-installer/images/12/"

/* undionly.kpxe uses the card through the ROM's own UNDI driver, ipxe.efi brings drivers, snponly.efi uses the
 * firmware's. Places are as in Debian's, Fedora's and Alpine's packages and in builds of iPXE by hand; GRUB for ARM is
 * Debian's signed one, which its installer for networks brings to hosts of any architecture. */
static const struct loader loaders[] = {
    {.name = "undionly.kpxe",
     .platform = PLATFORM_BIOS,
     .arch = "i386",
     .choices = FOR_IPXE | FOR(SNPONLY),
     .package = "ipxe",
     .places = {"undionly.kpxe"}},
    {.name = "ipxe.pxe",
     .platform = PLATFORM_BIOS,
     .arch = "i386",
     .choices = FOR_IPXE,
     .package = "ipxe",
     .places = {"ipxe.pxe"}},
    {.name = "lpxelinux.0",
     .platform = PLATFORM_BIOS,
     .arch = "i386",
     .choices = FOR(AUTO) | FOR(LPXELINUX),
     .package = "pxelinux",
     .starts = "ldlinux.c32",
     .places = {"lpxelinux.0", "/usr/lib/PXELINUX/lpxelinux.0", "/usr/share/syslinux/lpxelinux.0"}},
    {.name = "pxelinux.0",
     .platform = PLATFORM_BIOS,
     .arch = "i386",
     .choices = FOR(AUTO) | FOR(PXELINUX),
     .package = "pxelinux",
     .starts = "ldlinux.c32",
     .places = {"pxelinux.0", "/usr/lib/PXELINUX/pxelinux.0", "/usr/share/syslinux/pxelinux.0"}},
    {.name = "core.0",
     .platform = PLATFORM_BIOS,
     .arch = "i386",
     .choices = FOR(AUTO) | FOR(GRUB),
     .package = "grub-pc-bin",
     .advice = "make it with 'grub-mknetdir --net-directory=/srv/tftp' (packages 'grub-common' and 'grub-pc-bin')",
     .places = {"grub/i386-pc/core.0", "i386-pc/core.0", "core.0", "/srv/tftp/boot/grub/i386-pc/core.0",
                "/var/lib/tftpboot/boot/grub/i386-pc/core.0"}},
    {.name = "ipxe.efi",
     .platform = PLATFORM_EFI,
     .arch = "x86_64",
     .choices = FOR_IPXE,
     .package = "ipxe",
     .places = {"ipxe.efi", "ipxe-x86_64.efi", "bin-x86_64-efi/ipxe.efi"}},
    {.name = "snponly.efi",
     .platform = PLATFORM_EFI,
     .arch = "x86_64",
     .choices = FOR_IPXE | FOR(SNPONLY),
     .package = "ipxe",
     .places = {"snponly.efi", "ipxe-snponly-x86_64.efi", "bin-x86_64-efi/snponly.efi"}},
    {.name = "grubx64.efi",
     .platform = PLATFORM_EFI,
     .arch = "x86_64",
     .choices = FOR(AUTO) | FOR(GRUB),
     .package = "grub-efi-amd64-signed",
     .places = {"grubx64.efi", "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed",
                INSTALLER "amd64/text/debian-installer/amd64/grubx64.efi"}},
    {.name = "shimx64.efi",
     .platform = PLATFORM_EFI,
     .arch = "x86_64",
     .choices = FOR(SHIM),
     .package = "shim-signed",
     .starts = "grubx64.efi",
     .places = {"shimx64.efi", "/usr/lib/shim/shimx64.efi.signed",
                INSTALLER "amd64/text/debian-installer/amd64/bootnetx64.efi"}},
    {.name = "efi64/syslinux.efi",
     .platform = PLATFORM_EFI,
     .arch = "x86_64",
     .choices = FOR(PXELINUX) | FOR(LPXELINUX),
     .package = "syslinux-efi",
     .starts = "efi64/ldlinux.e64",
     .places = {"efi64/syslinux.efi", "/usr/lib/SYSLINUX.EFI/efi64/syslinux.efi",
                "/usr/share/syslinux/efi64/syslinux.efi"}},
    {.name = "ipxe-i386.efi",
     .platform = PLATFORM_EFI,
     .arch = "i386",
     .choices = FOR_IPXE,
     .places = {"ipxe-i386.efi", "bin-i386-efi/ipxe.efi"}},
    {.name = "snponly-i386.efi",
     .platform = PLATFORM_EFI,
     .arch = "i386",
     .choices = FOR_IPXE | FOR(SNPONLY),
     .places = {"snponly-i386.efi", "bin-i386-efi/snponly.efi"}},
    {.name = "grubia32.efi",
     .platform = PLATFORM_EFI,
     .arch = "i386",
     .choices = FOR(AUTO) | FOR(GRUB),
     .advice = "make it with 'grub-mknetdir' (package 'grub-efi-ia32-bin'), which calls it core.efi",
     .places = {"grubia32.efi", "grub/i386-efi/core.efi", "i386-efi/core.efi",
                "/usr/lib/grub/i386-efi-signed/grubnetia32.efi.signed", "/srv/tftp/boot/grub/i386-efi/core.efi"}},
    {.name = "shimia32.efi",
     .platform = PLATFORM_EFI,
     .arch = "i386",
     .choices = FOR(SHIM),
     .package = "shim-signed:i386",
     .starts = "grubia32.efi",
     .places = {"shimia32.efi", "/usr/lib/shim/shimia32.efi.signed"}},
    {.name = "efi32/syslinux.efi",
     .platform = PLATFORM_EFI,
     .arch = "i386",
     .choices = FOR(PXELINUX) | FOR(LPXELINUX), /* it does not start 64-bit kernels, which GRUB does */
     .package = "syslinux-efi",
     .starts = "efi32/ldlinux.e32",
     .places = {"efi32/syslinux.efi", "/usr/lib/SYSLINUX.EFI/efi32/syslinux.efi",
                "/usr/share/syslinux/efi32/syslinux.efi"}},
    {.name = "ipxe-arm64.efi",
     .platform = PLATFORM_EFI,
     .arch = "arm64",
     .choices = FOR_IPXE,
     .places = {"ipxe-arm64.efi", "arm64-efi/ipxe.efi", "bin-arm64-efi/ipxe.efi"}},
    {.name = "snponly-arm64.efi",
     .platform = PLATFORM_EFI,
     .arch = "arm64",
     .choices = FOR_IPXE | FOR(SNPONLY),
     .places = {"snponly-arm64.efi", "arm64-efi/snponly.efi", "bin-arm64-efi/snponly.efi"}},
    {.name = "grubaa64.efi",
     .platform = PLATFORM_EFI,
     .arch = "arm64",
     .choices = FOR(AUTO) | FOR(GRUB),
     .package = "debian-installer-12-netboot-arm64",
     .places = {"grubaa64.efi", "/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed",
                INSTALLER "arm64/text/debian-installer/arm64/grubaa64.efi"}},
    {.name = "shimaa64.efi",
     .platform = PLATFORM_EFI,
     .arch = "arm64",
     .choices = FOR(SHIM),
     .package = "debian-installer-12-netboot-arm64",
     .starts = "grubaa64.efi",
     .places = {"shimaa64.efi", "/usr/lib/shim/shimaa64.efi.signed",
                INSTALLER "arm64/text/debian-installer/arm64/bootnetaa64.efi"}},
    {.name = "ipxe-arm32.efi",
     .platform = PLATFORM_EFI,
     .arch = "arm32",
     .choices = FOR_IPXE,
     .places = {"ipxe-arm32.efi", "bin-arm32-efi/ipxe.efi"}},
    {.name = "ipxe-riscv64.efi",
     .platform = PLATFORM_EFI,
     .arch = "riscv64",
     .choices = FOR_IPXE,
     .places = {"ipxe-riscv64.efi", "bin-riscv64-efi/ipxe.efi"}},
    {.name = "ipxe-riscv32.efi",
     .platform = PLATFORM_EFI,
     .arch = "riscv32",
     .choices = FOR_IPXE,
     .places = {"ipxe-riscv32.efi", "bin-riscv32-efi/ipxe.efi"}},
    {.name = "ipxe-loong64.efi",
     .platform = PLATFORM_EFI,
     .arch = "loong64",
     .choices = FOR_IPXE,
     .places = {"ipxe-loong64.efi", "bin-loong64-efi/ipxe.efi"}},
    {.name = "ldlinux.c32",
     .platform = PLATFORM_BIOS,
     .arch = "i386",
     .package = "syslinux-common",
     .places = {"ldlinux.c32", "/usr/lib/syslinux/modules/bios/ldlinux.c32", "/usr/share/syslinux/ldlinux.c32"}},
    {.name = "efi64/ldlinux.e64",
     .platform = PLATFORM_EFI,
     .arch = "x86_64",
     .package = "syslinux-common",
     .places = {"efi64/ldlinux.e64", "/usr/lib/syslinux/modules/efi64/ldlinux.e64",
                "/usr/share/syslinux/efi64/ldlinux.e64"}},
    {.name = "efi32/ldlinux.e32",
     .platform = PLATFORM_EFI,
     .arch = "i386",
     .package = "syslinux-common",
     .places = {"efi32/ldlinux.e32", "/usr/lib/syslinux/modules/efi32/ldlinux.e32",
                "/usr/share/syslinux/efi32/ldlinux.e32"}},
};

/* Most folders that files of one kind may lie in. */
#define FILE_FOLDERS_MAX 3

/* What programs load in their turn: files of a folder as it is asked for, whatever stands before it, with an ending;
 * GRUB's folder is what was built into it. They lie below the same folder of the search path, or in one of folders. */
static const struct loader_files {
    const char *folder; /* "": none at all stands before the name */
    const char *ending;
    const char *folders[FILE_FOLDERS_MAX];
} files[] = {
    {"", ".c32", {"/usr/lib/syslinux/modules/bios", "/usr/share/syslinux"}},
    {"", "memdisk", {"/usr/lib/syslinux", "/usr/share/syslinux"}},
    {"efi64", ".c32", {"/usr/lib/syslinux/modules/efi64", "/usr/share/syslinux/efi64"}},
    {"efi64", ".e64", {"/usr/lib/syslinux/modules/efi64", "/usr/share/syslinux/efi64"}},
    {"efi32", ".c32", {"/usr/lib/syslinux/modules/efi32", "/usr/share/syslinux/efi32"}},
    {"efi32", ".e32", {"/usr/lib/syslinux/modules/efi32", "/usr/share/syslinux/efi32"}},
    {"grub/i386-pc", ".mod", {"/srv/tftp/boot/grub/i386-pc", "/usr/lib/grub/i386-pc"}},
    {"grub/i386-pc", ".lst", {"/srv/tftp/boot/grub/i386-pc", "/usr/lib/grub/i386-pc"}},
    {"grub/i386-efi", ".mod", {"/srv/tftp/boot/grub/i386-efi", "/usr/lib/grub/i386-efi"}},
    {"grub/i386-efi", ".lst", {"/srv/tftp/boot/grub/i386-efi", "/usr/lib/grub/i386-efi"}},
    {"grub/x86_64-efi", ".mod", {"/usr/lib/grub/x86_64-efi"}},
    {"grub/x86_64-efi", ".lst", {"/usr/lib/grub/x86_64-efi"}},
    {"grub/arm64-efi",
     ".mod",
     {"/usr/lib/grub/arm64-efi", INSTALLER "arm64/text/debian-installer/arm64/grub/arm64-efi"}},
    {"grub/arm64-efi",
     ".lst",
     {"/usr/lib/grub/arm64-efi", INSTALLER "arm64/text/debian-installer/arm64/grub/arm64-efi"}},
    {"grub/fonts", ".pf2", {"/usr/share/grub"}},
    {"grub", ".pf2", {"/usr/share/grub", INSTALLER "amd64/text/debian-installer/amd64/grub"}},
};

/* What shim may start beside GRUB: by exact name, signed. */
static const struct {
    const char *name;
    const char *place;
} shim_files[] = {
    {"mmx64.efi", "/usr/lib/shim/mmx64.efi.signed"},   {"fbx64.efi", "/usr/lib/shim/fbx64.efi.signed"},
    {"mmaa64.efi", "/usr/lib/shim/mmaa64.efi.signed"}, {"fbaa64.efi", "/usr/lib/shim/fbaa64.efi.signed"},
    {"mmia32.efi", "/usr/lib/shim/mmia32.efi.signed"}, {"fbia32.efi", "/usr/lib/shim/fbia32.efi.signed"},
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

static bool loader_serves(const struct loader *loader, enum loader_choice choice, enum platform platform,
                          const char *arch)
{
    return (loader->choices >> choice & 1) && loader->platform == platform && text_is(loader->arch, arch);
}

static bool debian_has(const struct loader *loader)
{
    return loader->package || loader->advice;
}

bool loader_choice_suits(enum loader_choice choice, enum platform platform, const char *arch)
{
    for (size_t i = 0; i < LENGTH(loaders); i++)
        if (loader_serves(&loaders[i], choice, platform, arch))
            return true;
    return false;
}

const struct loader *loader_for(enum loader_choice choice, enum platform platform, const char *arch,
                                bool (*is_there)(void *context, const struct loader *loader), void *context,
                                const struct loader **ret_missing)
{
    const struct loader *missing = NULL;
    for (size_t i = 0; i < LENGTH(loaders); i++) {
        const struct loader *loader = &loaders[i];
        if (!loader_serves(loader, choice, platform, arch))
            continue;
        const struct loader *started = loader->starts ? loader_named(loader->starts) : NULL;
        bool has_own = is_there(context, loader);
        if (has_own && (!started || is_there(context, started)))
            return loader;
        const struct loader *lacking = has_own ? started : loader;
        /* What Debian has or makes is easier to come by than what must be built. */
        if (!missing || (!debian_has(missing) && debian_has(lacking)))
            missing = lacking;
    }
    if (ret_missing)
        *ret_missing = missing;
    return NULL;
}

bool loader_ends_in_grub(const struct loader *loader)
{
    return loader->choices & (FOR(GRUB) | FOR(SHIM));
}

void loader_append_missing(struct text *text, const struct loader *missing)
{
    text_print(text, "boot program '%s' is not on this host: ", missing->name);
    if (missing->advice)
        text_append(text, missing->advice);
    else if (missing->package)
        text_print(text, "install the package '%s'", missing->package);
    else
        text_append(text, "build it from iPXE");
    text_append(text, ", or name the file under 'loaders:' in muster.yaml");
}

/* Whether the name's folder is the files' own, with nothing or more folders before it. */
static bool folder_is(struct bytes folder, const char *wanted)
{
    size_t size = strlen(wanted);
    if (size == 0 || folder.size < size)
        return size == 0 && folder.size == 0;
    struct bytes end = bytes_slice(folder, folder.size - size, size);
    return bytes_equal_text(end, wanted) && (folder.size == size || folder.data[folder.size - size - 1] == '/');
}

size_t loader_file_places(char *ret[LOADER_PLACES_MAX], const char *name)
{
    size_t count = 0;
    const char *slash = strrchr(name, '/');
    const char *leaf = slash ? slash + 1 : name;
    struct bytes folder = bytes_of(name, slash ? (size_t)(slash - name) : 0);
    for (size_t i = 0; i < LENGTH(shim_files); i++)
        if (text_is(name, shim_files[i].name)) {
            ret[count++] = memory_text(name);
            ret[count++] = memory_text(shim_files[i].place);
        }
    for (size_t i = 0; i < LENGTH(files) && leaf[0] != '.'; i++) {
        if (!folder_is(folder, files[i].folder) || !text_ends_with(leaf, files[i].ending))
            continue;
        ret[count++] = memory_print("%s%s%s", files[i].folder, files[i].folder[0] ? "/" : "", leaf);
        for (size_t k = 0; k < FILE_FOLDERS_MAX && files[i].folders[k]; k++)
            ret[count++] = memory_print("%s/%s", files[i].folders[k], leaf);
        break;
    }
    return count;
}

bool loader_file_is_optional(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *leaf = slash ? slash + 1 : name;
    return text_ends_with(leaf, ".efi") &&
           (text_starts_with(leaf, "revocations") || text_starts_with(leaf, "shim_certificate"));
}
