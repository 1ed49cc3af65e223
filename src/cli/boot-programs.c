/* SPDX-License-Identifier: Apache-2.0 */
/* Boot programs of this host. */
#include "cli/boot-programs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/text.h"
#include "boot/loader.h"
#include "store/loaders.h"

/* The firmware that people have; the first two are those of x86-64 machines. */
static const struct firmware {
    enum platform platform;
    const char *label; /* as the label "platform" names it */
    const char *arch;
    const char *name;
} firmwares[] = {
    {PLATFORM_BIOS, "pcbios", "i386", "BIOS"},
    {PLATFORM_EFI, "efi", "x86_64", "UEFI x86-64"},
    {PLATFORM_EFI, "efi", "i386", "UEFI IA-32"},
    {PLATFORM_EFI, "efi", "arm64", "UEFI ARM64"},
};
enum { FIRMWARES_OF_X86_64 = 2 };

/* Whether such a machine may be one with these labels; one that is not there says nothing. */
static bool firmware_is_possible(const struct firmware *firmware, const struct labels *labels)
{
    const char *arch = labels_get(labels, "arch");
    const char *platform = labels_get(labels, "platform");
    return (!arch || text_is(arch, firmware->arch)) && (!platform || text_is(platform, firmware->label));
}

static const struct loader *find_program(const struct loader **ret_missing, enum loader_choice choice,
                                         const struct firmware *firmware, const struct loaders *loaders)
{
    return loader_for(choice, firmware->platform, firmware->arch, loaders_have, (void *)loaders, ret_missing);
}

static void print_program(enum loader_choice choice, const struct firmware *firmware, const struct loaders *loaders)
{
    const struct loader *missing = NULL;
    bool suits = loader_choice_suits(choice, firmware->platform, firmware->arch);
    const struct loader *loader = find_program(&missing, suits ? choice : LOADER_CHOICE_AUTO, firmware, loaders);
    printf("  %s: %s", firmware->name, suits ? "" : "as auto, ");
    if (loader) {
        AUTO(free) char *path = loaders_find(loaders, loader->name);
        printf("%s (%s)\n", loader->name, path);
        return;
    }
    AUTO(text_finish) struct text words = {0};
    if (missing)
        loader_append_missing(&words, missing);
    printf("nothing: %s\n", missing ? text_characters(&words) : "there is no boot program for it");
}

static void print_firmware_program(const struct firmware *firmware, const struct profile *profile)
{
    const char *program = profile_firmware_program(profile);
    printf("  %s: %s\n", firmware->name, program ? program : "nothing: the profile names no EFI program ('boot.efi')");
}

void boot_programs_print(const struct decision *decision, const struct labels *labels, const struct config *config)
{
    const struct group *group = decision->group;
    const struct profile *profile = decision->profile;
    AUTO(loaders_destroy) struct loaders *loaders = loaders_create(config);
    enum loader_choice choice = decision_loader(decision, config->loaders.fallback);
    const char *source = group->loader != LOADER_CHOICE_UNSET     ? group->source
                         : profile->loader != LOADER_CHOICE_UNSET ? profile->source
                                                                  : "loaders.default";
    printf("Loader: %s (%s)\n", loader_choice_to_text(choice), source ? source : "");
    if (choice == LOADER_CHOICE_NONE) {
        puts("  every machine: its own disk");
        return;
    }
    for (size_t i = 0; i < LENGTH(firmwares); i++)
        if (choice == LOADER_CHOICE_UKI && firmwares[i].platform == PLATFORM_EFI) {
            if (firmware_is_possible(&firmwares[i], labels))
                print_firmware_program(&firmwares[i], profile);
        } else if (firmware_is_possible(&firmwares[i], labels)) {
            print_program(choice, &firmwares[i], loaders);
        }
}

/* A warning for each firmware of x86-64 that would get nothing. */
static void check_choice(enum loader_choice choice, const struct labels *labels, const struct loaders *loaders,
                         const char *file, struct faults *faults)
{
    for (size_t i = 0; i < FIRMWARES_OF_X86_64; i++) {
        const struct loader *missing = NULL;
        if (!firmware_is_possible(&firmwares[i], labels) || find_program(&missing, choice, &firmwares[i], loaders) ||
            !missing)
            continue;
        AUTO(text_finish) struct text words = {0};
        loader_append_missing(&words, missing);
        faults_add(faults, FAULT_WARNING, file, 0, 0, "machines with %s get nothing by loader '%s': %s",
                   firmwares[i].name, loader_choice_to_text(choice), text_characters(&words));
    }
}

/* A profile that leaves the machine to its firmware must have something for that. */
static void check_firmware_program(const struct profile *profile, const char *file, struct faults *faults)
{
    if (profile->loader == LOADER_CHOICE_UKI && !profile_firmware_program(profile))
        faults_add(faults, FAULT_WARNING, file, 0, 0,
                   "loader 'uki' boots an EFI program, and the profile names none: give it 'boot.efi'");
}

/* iPXE, PXELINUX and GRUB copy an image into memory by MEMDISK. */
static void check_memdisk(const struct profile *profile, const struct loaders *loaders, const char *file,
                          struct faults *faults)
{
    if (!profile->boot.memdisk)
        return;
    AUTO(free) char *path = loaders_find(loaders, "memdisk");
    if (!path)
        faults_add(
            faults, FAULT_WARNING, file, 0, 0,
            "machines with BIOS get nothing by 'memdisk': boot program 'memdisk' is not on this host: install the "
            "package 'syslinux-common', or name the file under 'loaders:' in muster.yaml");
}

static char *path_of(const struct config *config, const char *source)
{
    return source ? memory_print("%s/%s", config->data, source) : NULL;
}

void boot_programs_check(const struct catalog *catalog, const struct config *config, const char *file,
                         struct faults *faults)
{
    AUTO(loaders_destroy) struct loaders *loaders = loaders_create(config);
    const struct labels none = {0};
    if (config->loaders.fallback != LOADER_CHOICE_AUTO)
        check_choice(config->loaders.fallback, &none, loaders, file, faults);
    for (size_t i = 0; i < catalog_group_count(catalog); i++) {
        const struct group *group = catalog_group_at(catalog, i);
        AUTO(free) char *path = path_of(config, group->source);
        if (group->loader != LOADER_CHOICE_UNSET && group->loader != config->loaders.fallback)
            check_choice(group->loader, &group->selector, loaders, path, faults);
    }
    for (size_t i = 0; i < catalog_profile_count(catalog); i++) {
        const struct profile *profile = catalog_profile_at(catalog, i);
        AUTO(free) char *path = path_of(config, profile->source);
        if (profile->loader != LOADER_CHOICE_UNSET && profile->loader != config->loaders.fallback)
            check_choice(profile->loader, &none, loaders, path, faults);
        check_firmware_program(profile, path, faults);
        check_memdisk(profile, loaders, path, faults);
    }
}
