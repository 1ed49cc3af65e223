# SPDX-License-Identifier: Apache-2.0
"""One group and one profile, and the machine gets to its init by whatever loader the group names. No file is written for
a machine or a loader: what each asks for is made of the profile."""
import shutil
import subprocess

import pytest

from conftest import SERVER, configuration
from lab import payload
from lab.machine import ARM64, UBOOT, Machine
from lab.server import Muster, plain_dhcp

ONE = "52:54:00:00:00:01"
ARGS = ["console=ttyS0", "console=ttyAMA0", "panic=-1", "quiet", "machine=one"]
BOOT_SECONDS = 150
BANNER = "muster-test-program"


def choose(data, loader, overlay=({"path": "etc/node", "content": "one"},)):
    """The profile is for machines of each kind; the group names the loader."""
    files = {"i386": (payload.kernel, payload.initrd), "x86_64": (payload.kernel, payload.initrd),
             "arm64": (lambda: payload.ARM64_KERNEL, payload.arm64_initrd)}
    for arch, (kernel, initrd) in files.items():
        (data.path / "assets" / arch).mkdir(exist_ok=True)
        if kernel().exists():
            data.asset(kernel(), f"{arch}/vmlinuz")
            data.asset(initrd(), f"{arch}/initrd.gz")
    data.profile("node", "/assets/${buildarch}/vmlinuz", ["/assets/${buildarch}/initrd.gz"], ARGS,
                 overlay=list(overlay))
    data.group("node", "node", loader=loader)


def serve(network, server, data, mode="server", **more):
    return Muster(network, server, ["serve"], configuration(data, mode, **more))


def gets_to_its_init(machine, timeout=BOOT_SECONDS):
    command_line, _ = machine.wait_for_init(timeout)
    missing = [word for word in ARGS if word not in command_line.split()]
    assert not missing, f"the kernel was given '{command_line}' without {missing}"


def grub_for_bios(directory):
    """What grub-mknetdir makes, in a folder of its own; muster is told where."""
    subprocess.run(["grub-mknetdir", f"--net-directory={directory}/net", "-d", "/usr/lib/grub/i386-pc"], check=True,
                   capture_output=True)
    return {"loaders": {"path": [f"{directory}/net/boot"]}}


def efi_program(target):
    """An EFI program that says the banner: GRUB, with that as all of its configuration."""
    target.parent.mkdir(parents=True, exist_ok=True)
    script = target.parent / "banner.cfg"
    script.write_text(f"serial --unit=0\nterminal_output serial\necho '{BANNER}'\nsleep 100\n")
    subprocess.run(["grub-mkstandalone", "-O", "x86_64-efi", "-o", target, "--modules=normal echo sleep serial",
                    "--install-modules=normal echo sleep serial", "--fonts=", "--locales=", "--themes=",
                    f"boot/grub/grub.cfg={script}"], check=True, capture_output=True)


@pytest.mark.parametrize("loader, firmware, steps", [
    ("pxelinux", "bios", ["'pxelinux.0' sent", "'ldlinux.c32' sent", "'assets/i386/vmlinuz' sent"]),
    ("lpxelinux", "bios", ["'lpxelinux.0' sent", "GET /assets/i386/vmlinuz 200"]),
    ("undionly", "bios", ["'undionly.kpxe' sent", "GET /assets/i386/vmlinuz 200"]),
    ("grub", "bios", ["'core.0' sent", "'boot/grub/i386-pc/normal.mod' sent"]),
    ("pxelinux", "uefi", ["'efi64/syslinux.efi' sent", "'efi64/ldlinux.e64' sent", "'efi64/overlay.gz.* sent"]),
    ("snponly", "uefi", ["'snponly.efi' sent", "GET /assets/x86_64/vmlinuz 200"]),
    ("grub", "uefi", ["'grubx64.efi' sent"]),
    ("shim", "uefi-secure", ["'shimx64.efi' sent", "'grubx64.efi' sent"]),
    ("snponly", "uefi-ipxe", ["'snponly.efi' sent", "GET /assets/x86_64/vmlinuz 200"]),
    ("shim", "uefi-ipxe", ["shim cannot start below iPXE", "GET /assets/x86_64/vmlinuz 200"]),
    ("grub", "uefi-http", ["loader 'grub' is none for x64 UEFI HTTP", "GET /loader/ipxe.efi 200"]),
    ("auto", "arm64", ["'grubaa64.efi' sent", "'assets/arm64/vmlinuz' sent"]),
])
def test_a_machine_gets_to_its_init_by_the_loader_of_its_group(network, server, data, loader, firmware, steps):
    if firmware == "arm64" and not ARM64.exists():
        pytest.skip(f"{ARM64} is not there (qemu-efi-aarch64)")
    choose(data, loader)
    more = grub_for_bios(network.directory) if (loader, firmware) == ("grub", "bios") else {}
    muster = serve(network, server, data, **more)
    gets_to_its_init(Machine(network, ONE, firmware))
    for step in steps:
        muster.wait_for(step, 1)
    muster.stop()


def test_a_kernel_without_a_signature_is_refused_where_secure_boot_is_on(network, server, data):
    choose(data, "shim")
    kernel = data.path / "assets/x86_64/vmlinuz"
    content = bytearray(kernel.read_bytes())
    content[len(content) // 2] ^= 0xFF
    kernel.write_bytes(content)
    muster = serve(network, server, data)
    machine = Machine(network, ONE, "uefi-secure")
    machine.wait_for("bad shim signature", BOOT_SECONDS)
    machine.power_off()
    muster.stop()


@pytest.mark.parametrize("firmware, step", [("uefi-http", "GET /assets/banner.efi 200"),
                                            ("uefi", "'assets/banner.efi' sent")])
def test_firmware_boots_the_program_that_the_profile_names(network, server, data, firmware, step):
    efi_program(data.path / "assets/banner.efi")
    data.profile("node", "/assets/banner.efi")
    data.group("node", "node", loader="uki")
    muster = serve(network, server, data)
    Machine(network, ONE, firmware).wait_for(BANNER, BOOT_SECONDS)
    muster.wait_for(step, 1)
    muster.stop()


@pytest.mark.parametrize("firmware, mode, words", [("uefi", "server", "PXE-E21: Remote boot cancelled"),
                                                   ("uefi", "proxy", "PXE-E21: Remote boot cancelled"),
                                                   ("uefi-http", "proxy", "Could not retrieve NBP file size")])
def test_firmware_is_told_to_go_on_to_its_disk(network, server, data, firmware, mode, words):
    """EDK2 gives up PXE and HTTP Boot by what it is told, not because nobody answers."""
    choose(data, "local")
    if mode == "proxy":
        plain_dhcp(network, network.host("dhcp", "10.77.0.2"))
    muster = serve(network, server, data, mode)
    machine = Machine(network, ONE, firmware)
    machine.wait_for(words, BOOT_SECONDS)
    muster.wait_for("boot its own disk", 1)
    machine.power_off()
    muster.stop()


def test_grub_boots_beside_a_dhcp_server_that_names_this_one_as_next(network, server, data):
    choose(data, "grub")
    plain_dhcp(network, network.host("dhcp", "10.77.0.2"), next_server=SERVER)
    muster = serve(network, server, data, "proxy")
    gets_to_its_init(Machine(network, ONE, "uefi"))
    muster.wait_for(f"next server that the DHCP server names: is that {SERVER}", 1)
    muster.stop()


@pytest.mark.skipif(not UBOOT.exists(), reason=f"{UBOOT} is not there (u-boot-qemu)")
def test_u_boot_finds_its_configuration(network, server, data):
    """As on boards whose U-Boot has pxe among its boot targets, which that for QEMU has not. It gets to the init, but
    takes a minute for the kernel when it is emulated: that it loads it is enough here."""
    choose(data, "auto", overlay=())
    muster = serve(network, server, data)
    machine = Machine(network, ONE, "uboot", memory=1024)
    machine.wait_for("stop autoboot", BOOT_SECONDS, unfinished=True)
    machine.process.type("\n")
    machine.wait_for("=>", BOOT_SECONDS, unfinished=True)
    machine.process.type("setenv autoload no; dhcp; pxe get; pxe boot\n")
    machine.wait_for("Retrieving file: /assets/arm64/vmlinuz", BOOT_SECONDS)
    muster.wait_for("'pxelinux.cfg/01-.*' sent: .* profile 'node' of group 'node'", 1)
    muster.wait_for("'assets/arm64/initrd.gz' sent", 1)
    machine.power_off()
    muster.stop()
