/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/loader.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "test.h"

/* context names the programs that are there, spaces around each. */
static bool is_there(void *context, const struct loader *loader)
{
    AUTO(free) char *name = memory_print(" %s ", loader->name);
    return strstr(context, name) != NULL;
}

static const char *name_of(const struct loader *loader)
{
    return loader ? loader->name : "";
}

static void the_best_program_that_is_there_is_chosen(void)
{
    const struct {
        enum loader_choice choice;
        enum platform platform;
        const char *arch, *there, *name, *missing;
    } rows[] = {
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "x86_64", " ipxe.efi grubx64.efi ", "ipxe.efi", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "x86_64", " snponly.efi ", "snponly.efi", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "x86_64", " grubx64.efi shimx64.efi ", "grubx64.efi", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "arm64", " ipxe.efi grubaa64.efi ", "grubaa64.efi", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "arm64", " ", "", "grubaa64.efi"},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "i386", " efi32/syslinux.efi ", "", "grubia32.efi"},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "arm32", " ", "", "ipxe-arm32.efi"},
        {LOADER_CHOICE_AUTO, PLATFORM_EFI, "itanium", " ", "", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_BIOS, "i386", " pxelinux.0 ldlinux.c32 undionly.kpxe ", "undionly.kpxe", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_BIOS, "i386", " pxelinux.0 ldlinux.c32 ", "pxelinux.0", ""},
        {LOADER_CHOICE_AUTO, PLATFORM_BIOS, "i386", " ", "", "undionly.kpxe"},
        {LOADER_CHOICE_SNPONLY, PLATFORM_EFI, "x86_64", " ipxe.efi snponly.efi ", "snponly.efi", ""},
        {LOADER_CHOICE_PXELINUX, PLATFORM_BIOS, "i386", " lpxelinux.0 pxelinux.0 ldlinux.c32 ", "pxelinux.0", ""},
        {LOADER_CHOICE_LPXELINUX, PLATFORM_BIOS, "i386", " lpxelinux.0 pxelinux.0 ldlinux.c32 ", "lpxelinux.0", ""},
        {LOADER_CHOICE_PXELINUX, PLATFORM_EFI, "i386", " efi64/syslinux.efi ", "", "efi32/syslinux.efi"},
        {LOADER_CHOICE_PXELINUX, PLATFORM_BIOS, "i386", " pxelinux.0 ", "", "ldlinux.c32"},
        {LOADER_CHOICE_PXELINUX, PLATFORM_EFI, "x86_64", " efi64/syslinux.efi ", "", "efi64/ldlinux.e64"},
        {LOADER_CHOICE_AUTO, PLATFORM_BIOS, "i386", " pxelinux.0 lpxelinux.0 core.0 ", "core.0", ""},
        {LOADER_CHOICE_SHIM, PLATFORM_EFI, "x86_64", " shimx64.efi grubx64.efi ", "shimx64.efi", ""},
        {LOADER_CHOICE_SHIM, PLATFORM_EFI, "x86_64", " shimx64.efi ", "", "grubx64.efi"},
        {LOADER_CHOICE_SHIM, PLATFORM_EFI, "x86_64", " grubx64.efi ", "", "shimx64.efi"},
        {LOADER_CHOICE_GRUB, PLATFORM_BIOS, "i386", " core.0 ", "core.0", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct loader *missing = NULL;
        const struct loader *loader =
            loader_for(rows[i].choice, rows[i].platform, rows[i].arch, is_there, (void *)rows[i].there, &missing);
        CHECK_TEXT(name_of(loader), rows[i].name);
        CHECK_TEXT(name_of(missing), rows[i].missing);
    }
}

static void a_choice_suits_only_firmware_that_programs_are_made_for(void)
{
    CHECK(loader_choice_suits(LOADER_CHOICE_SHIM, PLATFORM_EFI, "arm64"));
    CHECK(!loader_choice_suits(LOADER_CHOICE_SHIM, PLATFORM_BIOS, "i386"));
    CHECK(!loader_choice_suits(LOADER_CHOICE_PXELINUX, PLATFORM_EFI, "arm64"));
    CHECK(!loader_choice_suits(LOADER_CHOICE_UKI, PLATFORM_EFI, "x86_64"));
}

static void what_is_missing_says_how_to_have_it(void)
{
    const struct {
        const char *name, *words;
    } rows[] = {
        {"shimx64.efi", "install the package 'shim-signed', or name the file under 'loaders:' in muster.yaml"},
        {"core.0", "make it with 'grub-mknetdir --net-directory=/srv/tftp'"},
        {"ldlinux.c32", "install the package 'syslinux-common'"},
        {"ipxe-arm32.efi", "build it from iPXE, or name"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text words = {0};
        loader_append_missing(&words, loader_named(rows[i].name));
        CHECK_ROW(rows[i].name, strstr(text_characters(&words), rows[i].words) != NULL);
    }
}

static bool is_started(const struct loader *loader)
{
    for (size_t i = 0; loader_at(i); i++)
        if (text_is(loader_at(i)->starts, loader->name))
            return true;
    return false;
}

static void every_program_is_found_by_its_name(void)
{
    for (size_t i = 0; loader_at(i); i++) {
        const struct loader *loader = loader_at(i);
        CHECK_ROW(loader->name, loader_named(loader->name) == loader);
        CHECK_ROW(loader->name, loader->places[0] && (loader->choices != 0 || is_started(loader)));
        CHECK_ROW(loader->name, !loader->starts || loader_named(loader->starts));
    }
    CHECK(loader_named("../../etc/shadow") == NULL);
}

static void what_programs_load_is_known_by_folder_and_ending(void)
{
    const struct {
        const char *name, *first, *last;
    } rows[] = {
        {"ldlinux.c32", "ldlinux.c32", "/usr/share/syslinux/ldlinux.c32"},
        {"efi64/ldlinux.e64", "efi64/ldlinux.e64", "/usr/share/syslinux/efi64/ldlinux.e64"},
        {"boot/grub/i386-pc/normal.mod", "grub/i386-pc/normal.mod", "/usr/lib/grub/i386-pc/normal.mod"},
        {"grub/x86_64-efi/fs.lst", "grub/x86_64-efi/fs.lst", "/usr/lib/grub/x86_64-efi/fs.lst"},
        {"grub/fonts/unicode.pf2", "grub/fonts/unicode.pf2", "/usr/share/grub/unicode.pf2"},
        {"mmx64.efi", "mmx64.efi", "/usr/lib/shim/mmx64.efi.signed"},
        {"memdisk", "memdisk", "/usr/share/syslinux/memdisk"},
        {"boot/isolinux/ldlinux.c32", NULL, NULL},
        {"mygrub/i386-pc/normal.mod", NULL, NULL},
        {"grub/i386-pc/../../../etc/shadow", NULL, NULL},
        {"grub/i386-pc/.mod", NULL, NULL},
        {"grub/grub.cfg", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char *places[LOADER_PLACES_MAX];
        size_t count = loader_file_places(places, rows[i].name);
        CHECK_ROW(rows[i].name, (count > 0) == (rows[i].first != NULL));
        if (count > 0) {
            CHECK_TEXT(places[0], rows[i].first);
            CHECK_TEXT(places[count - 1], rows[i].last);
        }
        while (count-- > 0)
            free(places[count]);
    }
}

static void what_shim_looks_for_need_not_be_there(void)
{
    const char *const names[] = {"revocations.efi", "revocations_sku.efi", "loader/revocations_sbat.efi",
                                 "shim_certificate_0.efi"};
    for (size_t i = 0; i < LENGTH(names); i++)
        CHECK_ROW(names[i], loader_file_is_optional(names[i]));
    CHECK(!loader_file_is_optional("grubx64.efi"));
    CHECK(!loader_file_is_optional("revocations/grubx64.efi"));
}

int main(void)
{
    RUN(the_best_program_that_is_there_is_chosen);
    RUN(a_choice_suits_only_firmware_that_programs_are_made_for);
    RUN(what_is_missing_says_how_to_have_it);
    RUN(every_program_is_found_by_its_name);
    RUN(what_programs_load_is_known_by_folder_and_ending);
    RUN(what_shim_looks_for_need_not_be_there);
    return test_result();
}
