/* SPDX-License-Identifier: Apache-2.0 */
/* The table of client architectures. */
#include "proto/dhcp/arch.h"

#include "base/array.h"
#include "test.h"

static void codes_say_platform_and_program(void)
{
    const struct {
        uint16_t code;
        enum arch_platform platform;
        bool is_http;
        const char *buildarch;
    } rows[] = {
        {0x00, ARCH_BIOS, false, "i386"},       {0x06, ARCH_EFI, false, "i386"},    {0x07, ARCH_EFI, false, "x86_64"},
        {0x09, ARCH_EFI, false, "x86_64"},      {0x0a, ARCH_EFI, false, "arm32"},   {0x0b, ARCH_EFI, false, "arm64"},
        {0x0f, ARCH_EFI, true, "i386"},         {0x10, ARCH_EFI, true, "x86_64"},   {0x13, ARCH_EFI, true, "arm64"},
        {0x15, ARCH_UBOOT, false, "arm32"},     {0x16, ARCH_UBOOT, false, "arm64"}, {0x18, ARCH_UBOOT, true, "arm64"},
        {0x1b, ARCH_EFI, false, "riscv64"},     {0x1c, ARCH_EFI, true, "riscv64"},  {0x27, ARCH_EFI, false, "loong64"},
        {0x29, ARCH_RASPBERRY, false, "arm64"}, {0x0e, ARCH_OTHER, false, ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct arch *arch = arch_from_option(rows[i].code);
        CHECK_ROW(arch->name, arch->platform == rows[i].platform);
        CHECK_ROW(arch->name, arch->is_http == rows[i].is_http);
        CHECK_TEXT(arch->buildarch, rows[i].buildarch);
    }
}

static void every_assigned_code_has_a_row(void)
{
    for (uint16_t code = 0; code <= 0x29; code++) {
        const struct arch *arch = arch_from_option(code);
        CHECK(arch && arch->code == code && arch->name && arch->buildarch);
    }
    CHECK(!arch_from_option(0x2a) && !arch_from_option(0xffff));
}

static void platforms_have_names(void)
{
    CHECK_TEXT(arch_platform_to_text(ARCH_BIOS), "bios");
    CHECK_TEXT(arch_platform_to_text(ARCH_EFI), "efi");
    CHECK_TEXT(arch_platform_to_text(ARCH_OTHER), "other");
}

int main(void)
{
    RUN(codes_say_platform_and_program);
    RUN(every_assigned_code_has_a_row);
    RUN(platforms_have_names);
    return test_result();
}
