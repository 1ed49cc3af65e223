/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/loader.h"

#include "base/text.h"
#include "test.h"

/* context is the name of the only program that is there. */
static bool is_there(void *context, const struct loader *loader)
{
    return text_is(loader->name, context);
}

static void the_best_program_that_is_there_is_chosen(void)
{
    CHECK_TEXT(loader_for(PLATFORM_EFI, "x86_64", is_there, (char *)"ipxe.efi", NULL)->name, "ipxe.efi");
    CHECK_TEXT(loader_for(PLATFORM_EFI, "x86_64", is_there, (char *)"snponly.efi", NULL)->name, "snponly.efi");
    CHECK_TEXT(loader_for(PLATFORM_BIOS, "i386", is_there, (char *)"undionly.kpxe", NULL)->name, "undionly.kpxe");
}

static void a_missing_program_is_named(void)
{
    const struct loader *missing = NULL;
    CHECK(loader_for(PLATFORM_EFI, "arm64", is_there, (char *)"ipxe.efi", &missing) == NULL);
    CHECK_TEXT(missing->name, "ipxe-arm64.efi");
    CHECK(loader_for(PLATFORM_EFI, "itanium", is_there, (char *)"ipxe.efi", &missing) == NULL && missing == NULL);
}

static void every_program_is_found_by_its_name(void)
{
    for (size_t i = 0; loader_at(i); i++)
        CHECK_ROW(loader_at(i)->name, loader_named(loader_at(i)->name) == loader_at(i));
    CHECK(loader_named("../../etc/shadow") == NULL);
}

int main(void)
{
    RUN(the_best_program_that_is_there_is_chosen);
    RUN(a_missing_program_is_named);
    RUN(every_program_is_found_by_its_name);
    return test_result();
}
