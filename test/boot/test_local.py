# SPDX-License-Identifier: Apache-2.0
"""Machines that are to boot from their disk, by way of each boot program: they come to what is on the disk. PXELINUX does
so in test_menu.py."""
import shutil
import subprocess

import pytest

from conftest import SERVER, configuration
from lab.machine import Machine
from lab.payload import DISK_WORDS as WORDS, boot_sector
from lab.server import Muster, dnsmasq_with_file

ONE = "52:54:00:00:00:01"
BOOT_SECONDS = 100
GRUB = "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed"


def efi_disk(directory):
    """A folder with an EFI program where firmware looks for it, GRUB that says the words."""
    program = directory / "disk/EFI/BOOT/BOOTX64.EFI"
    program.parent.mkdir(parents=True)
    script = directory / "disk.cfg"
    script.write_text(f"serial --unit=0\nterminal_output serial\necho '{WORDS}'\nsleep 100\n")
    subprocess.run(["grub-mkstandalone", "-O", "x86_64-efi", "-o", program, "--modules=normal echo sleep serial",
                    "--install-modules=normal echo sleep serial", "--fonts=", "--locales=", "--themes=",
                    f"boot/grub/grub.cfg={script}"], check=True, capture_output=True)
    return directory / "disk"


def serve(network, server, data, root=None, **dhcp):
    data.profile("disk", "/assets/vmlinuz", loader="none")
    data.group("disk", "disk", mac=ONE)
    tftp = {"tftp": {"root": str(root)}} if root else {}
    return Muster(network, server, ["serve"], configuration(data, **dhcp, **tftp))


def test_ipxe_on_bios_starts_the_first_disk(network, server, data):
    muster = serve(network, server, data)
    Machine(network, ONE, later_disk=boot_sector(network.directory / "disk.img")).wait_for(WORDS, BOOT_SECONDS)
    muster.wait_for("loader 'none'")
    muster.stop()


@pytest.mark.skipif(not shutil.which("grub-mkstandalone"), reason="grub-mkstandalone is not there (grub-efi-amd64-bin)")
def test_grub_with_efi_starts_what_is_on_the_disk(network, server, data):
    root = network.directory / "tftp"
    root.mkdir()
    shutil.copy(GRUB, root / "grubx64.efi")
    dnsmasq_with_file(network, network.host("dhcp", "10.77.0.2"), "grubx64.efi", SERVER)
    muster = serve(network, server, data, root, mode="off")
    Machine(network, ONE, "uefi", later_disk=efi_disk(network.directory)).wait_for(WORDS, BOOT_SECONDS)
    muster.stop()
