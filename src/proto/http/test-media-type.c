/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/media-type.h"

#include "base/array.h"
#include "test.h"

static void firmware_is_told_what_it_gets(void)
{
    const struct {
        const char *name, *type;
    } rows[] = {
        {"ipxe.efi", "application/efi"},
        {"BOOTX64.EFI", "application/efi"},
        {"debian/netinst.iso", "application/vnd.efi-iso"},
        {"disk.img", "application/vnd.efi-img"},
        {"boot.ipxe", "text/plain; charset=utf-8"},
        {"node.ign", "text/plain; charset=utf-8"},
        {"index.html", "text/html; charset=utf-8"},
        {"vmlinuz", "application/octet-stream"},
        {"initrd.gz", "application/octet-stream"},
        {"debian.iso/vmlinuz", "application/octet-stream"},
        {"efi", "application/octet-stream"},
        {"x.", "application/octet-stream"},
        {"", "application/octet-stream"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_TEXT(http_media_type(rows[i].name), rows[i].type);
}

int main(void)
{
    RUN(firmware_is_told_what_it_gets);
    return test_result();
}
