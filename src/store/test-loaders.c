/* SPDX-License-Identifier: Apache-2.0 */
#include "store/loaders.h"

#include <sys/stat.h>

#include "base/memory.h"
#include "test.h"

static char folder[] = "/tmp/muster-test-XXXXXX";

static void touch(const char *name)
{
    AUTO(free) char *path = memory_print("%s/%s", folder, name);
    fclose(fopen(path, "w"));
}

static void a_program_is_found_along_the_path_and_by_its_own_file(void)
{
    AUTO(free) char *own = memory_print("%s/own-build.efi", folder);
    touch("ipxe-arm64.efi");
    touch("own-build.efi");
    char *path[] = {folder};
    struct config_loader files[] = {{.name = (char *)"ipxe.efi", .path = own},
                                    {.name = (char *)"snponly.efi", .path = (char *)"/nonexistent"}};
    struct config config = {.loaders = {.path = path, .path_count = 1, .files = files, .file_count = 2}};
    AUTO(loaders_destroy) struct loaders *loaders = loaders_create(&config);
    AUTO(free) char *arm = loaders_find(loaders, "ipxe-arm64.efi");
    AUTO(free) char *expected = memory_print("%s/ipxe-arm64.efi", folder);
    CHECK_TEXT(arm, expected);
    AUTO(free) char *named = loaders_find(loaders, "ipxe.efi");
    CHECK_TEXT(named, own);
    /* A file that was named and is not there is not replaced by another in silence. */
    CHECK(loaders_find(loaders, "snponly.efi") == NULL);
}

static void a_program_below_the_tftp_root_is_there(void)
{
    touch("pxelinux.0");
    AUTO(free) char *expected = memory_print("%s/pxelinux.0", folder);
    struct config config = {.tftp = {.root = folder}};
    AUTO(loaders_destroy) struct loaders *loaders = loaders_create(&config);
    AUTO(free) char *path = loaders_find(loaders, "pxelinux.0");
    CHECK_TEXT(path, expected);
    CHECK(loaders_have(loaders, loader_named("pxelinux.0")));
}

static void only_boot_programs_are_found(void)
{
    touch("secret");
    char *path[] = {folder};
    struct config config = {.loaders = {.path = path, .path_count = 1}};
    AUTO(loaders_destroy) struct loaders *loaders = loaders_create(&config);
    CHECK(loaders_find(loaders, "secret") == NULL);
    CHECK(loaders_find(loaders, "../../../etc/passwd") == NULL);
    CHECK(loaders_find(loaders, "") == NULL);
}

static void what_a_program_loads_is_found_below_the_path(void)
{
    char *path[] = {folder};
    struct config config = {.loaders = {.path = path, .path_count = 1}};
    AUTO(free) char *grub = memory_print("%s/grub", folder);
    AUTO(free) char *modules = memory_print("%s/grub/i386-pc", folder);
    mkdir(grub, 0700);
    mkdir(modules, 0700);
    touch("grub/i386-pc/muster-test.mod");
    touch("grub/i386-pc/muster-test.txt");
    AUTO(loaders_destroy) struct loaders *loaders = loaders_create(&config);
    AUTO(free) char *found = loaders_find(loaders, "boot/grub/i386-pc/muster-test.mod");
    AUTO(free) char *expected = memory_print("%s/muster-test.mod", modules);
    CHECK_TEXT(found, expected);
    CHECK(loaders_find(loaders, "grub/i386-pc/muster-test.txt") == NULL);
    CHECK(loaders_find(loaders, "muster-test.mod") == NULL);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    RUN(a_program_is_found_along_the_path_and_by_its_own_file);
    RUN(a_program_below_the_tftp_root_is_there);
    RUN(only_boot_programs_are_found);
    RUN(what_a_program_loads_is_found_below_the_path);
    AUTO(free) char *remove = memory_print("rm -r %s", folder);
    return test_result() || system(remove);
}
