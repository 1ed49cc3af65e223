# SPDX-License-Identifier: Apache-2.0
"""Machines that boot what somebody else's boot service says, through muster's DHCP, TFTP and HTTP, to their init."""
from conftest import configuration
from lab import payload
from lab.machine import Machine, wait_for_all
from lab.origin import File, Origin
from lab.server import Data, Muster

ONE, TWO = "52:54:00:00:00:01", "52:54:00:00:00:02"
CONSOLE = "console=ttyS0 panic=-1 quiet"
BOOT_SECONDS = 150


def test_a_bios_and_a_uefi_machine_boot_what_a_service_says(network, server, data):
    """Both ask for one kernel and one initrd, which are fetched once. One machine more is refused, and shown that."""
    origin = Origin(network.host("api", "10.77.0.2"), "10.77.0.2")
    origin.files = {"/linux": File(payload.kernel().read_bytes(), tag='"k"'),
                    "/initrd": File(payload.initrd().read_bytes(), tag='"i"')}
    for mac, name in ((ONE, "one"), (TWO, "two")):
        origin.machines[mac] = {"kernel": "/linux", "initrd": [f"{origin.url}/initrd"], "cmdline": f"{CONSOLE} api={name}"}
    muster = Muster(network, server, ["serve"], configuration(data, api=origin.url))
    machines = [Machine(network, ONE, "bios"), Machine(network, TWO, "uefi")]
    (one, _), (two, _) = wait_for_all(machines, BOOT_SECONDS)
    assert "api=one" in one.split() and "api=two" in two.split()
    assert origin.count("/linux") == 1 and origin.count("/initrd") == 1
    assert muster.said(f"{ONE}.*says what to boot")
    origin.machines.clear()
    refused = Machine(network, "52:54:00:00:00:03")
    refused.wait_for(r"the api said no \(404", 60)
    muster.stop()
    origin.close()


def test_a_machine_with_lpxelinux_boots_what_a_service_says(network, server, data):
    """Its configuration by its name, and images of another server while they come."""
    origin = Origin(network.host("api", "10.77.0.2"), "10.77.0.2")
    origin.files = {"/linux": File(payload.kernel().read_bytes()), "/initrd": File(payload.initrd().read_bytes())}
    origin.machines[ONE] = {"kernel": "/linux", "initrd": ["/initrd"], "cmdline": {"console": "ttyS0", "panic": "-1", "api": True}}
    muster = Muster(network, server, ["serve"],
                    configuration(data, api=origin.url, loaders={"default": "lpxelinux"}))
    command_line, _ = Machine(network, ONE).wait_for_init(BOOT_SECONDS)
    assert "api" in command_line.split() and "console=ttyS0" in command_line.split()
    assert muster.said("image/kernel/.*linux 200")
    muster.stop()
    origin.close()


def test_a_machine_boots_from_a_muster_that_asks_a_muster(network, server, data):
    service = network.host("service", "10.77.0.2")
    data.profile("theirs", "/assets/vmlinuz", ["/assets/initrd.gz"], [*CONSOLE.split(), "profile=theirs"])
    data.group("theirs", "theirs", mac=ONE)
    theirs = Muster(network, service, ["serve"], {**configuration(data, "off"), "state": str(network.directory / "other.db")})
    ours = Muster(network, server, ["serve"], configuration(Data(network.directory / "ours"), api="http://10.77.0.2:8080"))
    command_line, _ = Machine(network, ONE).wait_for_init(BOOT_SECONDS)
    assert "profile=theirs" in command_line.split()
    ours.stop()
    theirs.stop()
