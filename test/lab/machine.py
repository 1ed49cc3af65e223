# SPDX-License-Identifier: Apache-2.0
"""Machines with nothing on them: QEMU with the firmware that real ones have, its serial console as a transcript."""
import os
import pathlib
import shutil
import time

from .payload import MARKER
from .transcript import LabError
from .world import Process

OVMF = pathlib.Path("/usr/share/OVMF")

# QEMU's own EFI ROM would put iPXE in the place of the firmware's network client; no ROM leaves EDK2's.
# Without the switches EDK2 tries PXE over IPv4 and IPv6, a minute each, before it comes to HTTP.
NO_PXE = [word for version in (4, 6)
          for word in ("-fw_cfg", f"name=opt/org.tianocore/IPv{version}PXESupport,string=n")]
NO_IPV6 = ["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"]

# The variables with Microsoft's keys can then be written by nobody but the firmware in system management mode.
SECURE = ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"]
ARM64 = pathlib.Path("/usr/share/qemu-efi-aarch64/QEMU_EFI.fd")
UBOOT = pathlib.Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")

FIRMWARE = {
    "bios": {},                                                  # SeaBIOS, and iPXE as the ROM of the network card
    "uefi": {"ovmf": True, "rom": "", "options": NO_IPV6},       # EDK2's own PXE client
    "uefi-screen": {"ovmf": True, "rom": "", "options": [*NO_IPV6, "-device", "VGA"]},  # with a screen beside the console
    "uefi-http": {"ovmf": True, "rom": "", "options": NO_PXE},   # EDK2's own HTTP Boot client
    "uefi-ipxe": {"ovmf": True, "options": NO_IPV6},             # EFI firmware with iPXE as the card's ROM
    "uefi-secure": {"ovmf": True, "rom": "", "secure": True, "options": [*NO_IPV6, *SECURE]},  # only what is signed runs
    "arm64": {"system": "aarch64", "rom": "", "firmware": ARM64, "options": NO_IPV6},  # EDK2 for a 64-bit ARM machine
    "uboot": {"system": "aarch64", "rom": "", "firmware": UBOOT},  # U-Boot on such a machine
}

# Emulated without KVM so that a run is the same everywhere, also inside virtual machines; set QEMU_ACCEL=kvm to use it.
ACCELERATOR = os.environ.get("QEMU_ACCEL", "tcg")


def uuid_of(mac):
    """The UUID in the firmware of the machine with this card."""
    return f"6d757374-6572-4000-8000-{mac.replace(':', '')}"


class Machine:
    """One machine on a network, powered on at once. It ends when its system powers off, and with the network."""

    def __init__(self, network, mac="52:54:00:00:00:01", firmware="bios", memory=512, name=None, listener=None,
                 bridge="br0", disk=None,
                 later_disk=None):
        """disk is a folder that the machine sees as a file system and boots from, before the network; later_disk is such
        a folder, or the image of a disk, that it comes to when the network gives it nothing to boot."""
        self.mac = mac
        self.name = name or f"machine {mac}"
        kind = FIRMWARE[firmware]
        card = f"virtio-net-pci,netdev=n0,bootindex=1,mac={mac}"
        if "rom" in kind:
            card += f",romfile={kind['rom']}"
        command = [*self._system(kind), "-m", str(memory), "-uuid", uuid_of(mac), "-nographic", "-no-reboot", "-nodefaults",
                   "-serial", "stdio", "-boot", "n", "-device", "virtio-rng-pci",
                   "-netdev", f"tap,id=n0,ifname={network.tap(bridge)},script=no,downscript=no", "-device", card,
                   *kind.get("options", [])]
        if kind.get("ovmf"):
            command += self._firmware_files(network.directory, ".ms" if kind.get("secure") else "")
        if disk:
            command += ["-drive", f"if=none,id=disk,format=raw,readonly=on,file=fat:{disk}",
                        "-device", "virtio-blk-pci,drive=disk,bootindex=0"]
        if later_disk:
            image = f"fat:{later_disk}" if os.path.isdir(later_disk) else later_disk
            command += ["-drive", f"if=none,id=later,format=raw,readonly=on,file={image}",
                        "-device", "virtio-blk-pci,drive=later,bootindex=2"]
        self.process = Process(network.switch, command, name=self.name, listener=listener, stdin=True)
        network.on_close(self.process.kill)
        self.console = self.process.output
        self.powered_on = self.process.started

    @staticmethod
    def _system(kind):
        if kind.get("system") == "aarch64":
            return ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a57", "-accel", "tcg", "-bios",
                    str(kind["firmware"])]
        return ["qemu-system-x86_64", "-machine", "q35,smm=on" if kind.get("secure") else "q35", "-accel", ACCELERATOR]

    def _firmware_files(self, directory, keys):
        variables = directory / f"{self.mac.replace(':', '')}.vars.fd"
        shutil.copy(OVMF / f"OVMF_VARS_4M{keys}.fd", variables)
        return ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF / f'OVMF_CODE_4M{keys}.fd'}",
                "-drive", f"if=pflash,format=raw,unit=1,file={variables}"]

    def wait_for(self, pattern, timeout, unfinished=False):
        return self.console.wait_for(pattern, timeout, unfinished=unfinished)

    def wait_for_init(self, timeout=120):
        """Waits until init runs. Returns (the kernel's command line, seconds since power-on)."""
        line, _ = self.wait_for(MARKER, timeout)
        return line.text.split(MARKER, 1)[1], line.when - self.powered_on

    def seconds(self):
        return time.monotonic() - self.powered_on

    def power_off(self):
        self.process.kill()


def wait_for_all(machines, timeout):
    """(command line, seconds) of each machine; a LabError tells what every one of them last said."""
    deadline = time.monotonic() + timeout
    try:
        return [machine.wait_for_init(max(0.0, deadline - time.monotonic())) for machine in machines]
    except LabError as error:
        raise LabError("\n".join([str(error), *(f"{machine.name}:\n{machine.console.tail()}" for machine in machines)]))
