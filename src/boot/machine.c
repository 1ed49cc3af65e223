/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's facts as labels. */
#include "boot/machine.h"

static void add_label(struct labels *labels, const char *name, const char *value)
{
    if (value[0] != '\0' && !labels_get(labels, name))
        labels_set(labels, name, value);
}

void machine_add_labels(struct labels *labels, const struct machine *machine)
{
    /* As iPXE's ${platform} spells them. */
    static const char *const platforms[] = {
        [PLATFORM_UNKNOWN] = "", [PLATFORM_BIOS] = "pcbios", [PLATFORM_EFI] = "efi"};
    char mac[MAC_TEXT_MAX] = "";
    char uuid[UUID_TEXT_MAX] = "";
    char address[IPV4_TEXT_MAX] = "";
    if (machine->mac.size > 0)
        mac_to_text(mac, &machine->mac, ':');
    if (machine->has_uuid)
        uuid_to_text(uuid, &machine->uuid);
    if (ipv4_is_set(machine->address))
        ipv4_to_text(address, machine->address);
    add_label(labels, "mac", mac);
    add_label(labels, "uuid", uuid);
    add_label(labels, "arch", machine->arch);
    add_label(labels, "platform", platforms[machine->platform]);
    add_label(labels, "ip", address);
}
