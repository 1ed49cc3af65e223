# SPDX-License-Identifier: Apache-2.0
"""Files of an overlay in the root of a machine's init."""
import pytest

from conftest import configuration
from lab import payload
from lab.machine import Machine, wait_for_all
from lab.server import Muster

ONE, TWO, THREE, FOUR = (f"52:54:00:00:00:0{number}" for number in (1, 2, 3, 4))
BOOT_SECONDS = 150
INIT = f"""#!/bin/busybox sh
echo "oem: $(/bin/busybox cat /usr/share/oem/cloud-config.yml | /bin/busybox tail -n 1)"
/bin/busybox stat -c 'mode: %a %u:%g %n' /etc/secret /var/lib/node /bin
/etc/run
echo "{payload.MARKER}done"
/bin/busybox poweroff -f
"""
OVERLAY = [
    {"path": "usr/share/oem/cloud-config.yml", "cloud": True},
    {"path": "etc/secret", "content": "{{.mac}}", "mode": "0400", "uid": 500},
    {"path": "var/lib/node", "directory": True, "mode": "1770"},
    {"path": "opt/run", "content": "#!/bin/busybox sh\necho \"ran: $(/bin/busybox cat /etc/secret)\"\n", "mode": "0755"},
    {"path": "etc/run", "link": "../opt/run"},
]


@pytest.fixture
def muster(network, server, data):
    """A profile with an overlay for each way of loading it."""
    initrd = payload.initrd(INIT, "overlay-initrd.gz").read_bytes()
    odd = bytes((1 - len(initrd)) % 4)  # the size is no multiple of four, so that something must pad what comes next
    (data.path / "assets/initrd.gz").write_bytes(initrd + odd)
    (data.path / "cloud/oem.yml").write_text("#cloud-config\nhostname: node-{{.mac}}\n")
    for mac, loader, args in ((ONE, "auto", []), (TWO, "auto", ["initrd=main"]), (THREE, "pxelinux", []),
                              (FOUR, "grub", [])):
        name = mac[-2:]
        data.profile(name, "/assets/vmlinuz", ["--name main /assets/initrd.gz"],
                     ["console=ttyS0", "panic=-1", "quiet", *args], cloud_id="oem.yml", overlay=OVERLAY, loader=loader)
        data.group(name, name, mac=mac)
    muster = Muster(network, server, ["serve"], configuration(data))
    yield muster
    muster.stop()


def found_their_files(machines):
    wait_for_all(machines, BOOT_SECONDS)
    for machine in machines:
        for line in (f"oem: hostname: node-{machine.mac}", "mode: 400 500:0 /etc/secret", "mode: 1770 0:0 /var/lib/node",
                     f"ran: {machine.mac}"):
            assert machine.console.find(line), f"init of {machine.mac} found no '{line}':\n{machine.console.tail()}"


def test_init_finds_the_files_that_its_machine_was_given_on_bios_and_uefi(network, muster):
    found_their_files([Machine(network, ONE, "bios"), Machine(network, TWO, "uefi")])


def test_init_finds_them_by_pxelinux_and_grub_too(network, muster):
    """Both ask for them over TFTP."""
    found_their_files([Machine(network, THREE, "bios"), Machine(network, FOUR, "uefi")])
    assert muster.said("boot 'pxelinux.0'") and muster.said("boot 'grubx64.efi'")
    assert not muster.said("HEAD /overlay|GET /overlay")
