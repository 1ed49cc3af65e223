# SPDX-License-Identifier: Apache-2.0
"""What is no kernel with an initrd: a unified kernel image, an ISO, a memory test."""
from conftest import configuration
from lab import payload
from lab.machine import Machine, wait_for_all
from lab.server import Muster

ONE, TWO, THREE = (f"52:54:00:00:00:0{number}" for number in (1, 2, 3))
ARGUMENTS = "console=ttyS0 panic=-1 quiet"
BOOT_SECONDS = 150



def test_a_memory_test_shows_itself_on_bios_and_uefi(network, server, data):
    programs = {kind: data.asset(payload.MEMTEST / f"memtest86+x64.{kind}", f"memtest.{kind}") for kind in ("bin", "efi")}
    data.profile("memtest", "", boot={"kernel": programs["bin"], "efi": programs["efi"], "args": ["console=ttyS0,115200"]})
    data.group("all", "memtest")
    muster = Muster(network, server, ["serve"], configuration(data))
    machines = [Machine(network, ONE, "bios"), Machine(network, TWO, "uefi-screen")]
    for machine in machines:
        machine.wait_for("Memtest86", BOOT_SECONDS, unfinished=True)
        machine.power_off()
    muster.stop()


def test_a_unified_kernel_image_is_started_by_ipxe_and_by_the_firmware_itself(network, server, data):
    """systemd's stub takes the arguments that it is given for those that are in the image."""
    path = data.asset(payload.uki(f"{ARGUMENTS} from=image"), "uki.efi")
    data.profile("chained", "", boot={"efi": path, "args": [*ARGUMENTS.split(), "from=profile"]})
    data.profile("direct", "", boot={"efi": path}, loader="uki")
    for name, mac in (("chained", ONE), ("direct", TWO)):
        data.group(name, name, mac=mac)
    muster = Muster(network, server, ["serve"], configuration(data))
    machines = [Machine(network, ONE, "uefi"), Machine(network, TWO, "uefi-http")]
    (chained, _), (direct, _) = wait_for_all(machines, BOOT_SECONDS)
    assert "from=profile" in chained.split() and "from=image" in direct.split()
    muster.stop()


def test_an_iso_is_booted_over_the_network_and_from_memory(network, server, data):
    path = data.asset(payload.iso(f"{ARGUMENTS} from=iso"), "test.iso")
    for name, mac, more in (("disk", ONE, {}), ("memory", TWO, {"memdisk": True})):
        data.profile(name, "", boot={"iso": path, **more})
        data.group(name, name, mac=mac)
    muster = Muster(network, server, ["serve"], configuration(data))
    machines = [Machine(network, ONE, "bios"), Machine(network, TWO, "bios")]
    for command_line, _ in wait_for_all(machines, BOOT_SECONDS):
        assert "from=iso" in command_line.split()
    muster.stop()


def test_an_iso_is_booted_on_uefi_by_ipxe_and_by_the_firmware_itself(network, server, data):
    path = data.asset(payload.iso(f"{ARGUMENTS} from=iso"), "test.iso")
    for name, mac, more in (("chained", ONE, {}), ("direct", TWO, {"loader": "uki"})):
        data.profile(name, "", boot={"iso": path}, **more)
        data.group(name, name, mac=mac)
    muster = Muster(network, server, ["serve"], configuration(data))
    machines = [Machine(network, ONE, "uefi"), Machine(network, TWO, "uefi-http")]
    for command_line, _ in wait_for_all(machines, BOOT_SECONDS):
        assert "from=iso" in command_line.split()
    muster.stop()
