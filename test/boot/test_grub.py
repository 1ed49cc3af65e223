# SPDX-License-Identifier: Apache-2.0
"""GRUB itself, from the script of /grub to an init that says what its kernel was given. It starts from a disk that has
nothing else on it, as where GRUB is what the firmware trusts."""
import shutil
import subprocess

import pytest

from conftest import SERVER, configuration
from lab.machine import Machine, wait_for_all
from lab.server import Muster

ONE, TWO, THREE = (f"52:54:00:00:00:0{number}" for number in (1, 2, 3))
URL = f"http://{SERVER}:8080"
MODULES = "efinet http net normal configfile echo sleep linux serial"
BOOT_SECONDS = 150
SCRIPT = f"""serial --unit=0
terminal_output serial
net_dhcp
configfile (http,{SERVER}:8080)/grub?mac="""
# What GRUB would act on in an argument, and how the kernel is given it.
ARGS = {"url=http://h/i?a=1&b=2": "url=http://h/i?a=1&b=2", "p=$6$x;y|z": "p=$6$x;y|z", "q=#{a}": "q=#{a}",
        'r="a b"': '"r=a b"', "mac=${mac:hexhyp}": "mac=" + ONE.replace(":", "-")}


def disk(directory, name, mac, modules):
    """A folder with GRUB on it, where the firmware looks for it."""
    program = directory / name / "EFI/BOOT/BOOTX64.EFI"
    program.parent.mkdir(parents=True)
    script = directory / f"{name}.cfg"
    script.write_text(f"{SCRIPT}{mac}\n")
    subprocess.run(["grub-mkstandalone", "-O", "x86_64-efi", "-o", program, f"--modules={modules}",
                    f"--install-modules={modules}", "--fonts=", "--locales=", "--themes=", f"boot/grub/grub.cfg={script}"],
                   check=True, capture_output=True)
    return directory / name


@pytest.mark.skipif(not shutil.which("grub-mkstandalone"), reason="grub-mkstandalone is not there (grub-efi-amd64-bin)")
def test_grub_boots_with_its_own_commands_for_uefi_and_without_and_shows_a_reason(network, server, data):
    for name, mac in (("one", ONE), ("two", TWO)):
        data.profile(name, f"{URL}/assets/vmlinuz", [f"--name main {URL}/assets/initrd.gz"],
                     ["console=ttyS0 panic=-1 quiet", f"machine={name}", *ARGS])
        data.group(name, name, mac=mac)
    muster = Muster(network, server, ["serve"], configuration(data))
    here = network.directory
    one = Machine(network, ONE, "uefi", disk=disk(here, "one", ONE, f"{MODULES} linuxefi"))
    two = Machine(network, TWO, "uefi", disk=disk(here, "two", TWO, MODULES))
    (first, _), (second, _) = wait_for_all([one, two], BOOT_SECONDS)
    assert "machine=one" in first and "machine=two" in second
    for given in ARGS.values():
        assert f" {given}" in first, f"{given} is not in {first}"
    assert not one.console.find("linuxefi") and two.console.find("linuxefi")
    three = Machine(network, THREE, "uefi", disk=disk(here, "three", THREE, MODULES))
    three.wait_for("no group selects", BOOT_SECONDS)
    muster.stop()
