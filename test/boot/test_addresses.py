# SPDX-License-Identifier: Apache-2.0
"""A machine keeps one address from its ROM to its init, though its firmware, iPXE and its system each ask as another
client; behind a relay as on the link of the server."""
import re

import pytest

from conftest import SERVER, SUBNET, configuration
from lab import payload
from lab.machine import Machine, wait_for_all
from lab.server import Muster

ONE, TWO = "52:54:00:00:00:01", "52:54:00:00:00:02"
BOOT_SECONDS = 150
FAR = {"subnet": "10.88.0.0/24", "pool": "10.88.0.50-10.88.0.60", "router": "10.88.0.1"}
DRIVERS = ["virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "failover",
           "net_failover", "virtio_net"]
# The identifier that systemd and NetworkManager send, of type 255; firmware sends its UUID, and iPXE its MAC.
INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for name in {' '.join(DRIVERS)}; do insmod /lib/$name.ko; done
ip link set eth0 up
printf '#!/bin/busybox sh\\n[ "$1" != bound ] || echo "address: $ip"\\n' > /report
chmod +x /report
udhcpc -f -q -n -t 10 -T 1 -i eth0 -s /report -C -x 0x3d:ff00112200020000ab11feedbeef
echo "{payload.MARKER}done"
poweroff -f
"""


@pytest.fixture
def muster(network, server, data):
    data.asset(payload.initrd(INIT, "address-initrd.gz", DRIVERS), "address.gz")
    data.profile("all", "/assets/vmlinuz", ["--name main /assets/address.gz"],
                 ["console=ttyS0", "panic=-1", "quiet", "initrd=main"])
    data.group("all", "all")
    settings = configuration(data)
    settings["dhcp"]["subnets"] = [SUBNET, FAR]
    muster = Muster(network, server, ["serve"], settings)
    yield muster
    muster.stop()


def have_one_address_each(muster, machines, network, by):
    """And the firmware, iPXE and the system of each asked for it."""
    wait_for_all(machines, BOOT_SECONDS)
    addresses = set()
    for machine, askers in machines.items():
        line, _ = machine.console.find(r"address: (\S+)") or (None, None)
        assert line, f"init got no address:\n{machine.console.tail()}"
        address = line.text.split()[-1]
        said = [event["text"] for event in muster.events if event.get("machine") == machine.mac]
        given = {match[1] for text in said if (match := re.search(r"(?:ack|offer) (\S+) for", text))}
        assert given == {address} and address.startswith(network), f"{machine.mac} was given {given}"
        for asker in askers:
            assert any(re.match(rf"REQUEST from {asker}.* on eth0{by}: ack {address}", text) for text in said), said
        addresses.add(address)
    assert len(addresses) == len(machines)


def machines_of(network, bridge):
    return {Machine(network, ONE, "bios", bridge=bridge): ["iPXE", "an operating system"],
            Machine(network, TWO, "uefi", bridge=bridge): ["PXE", "iPXE", "an operating system"]}


def test_machines_keep_one_address_from_rom_to_init(network, muster):
    have_one_address_each(muster, machines_of(network, "br0"), "10.77.0.", "")


def test_machines_behind_a_relay_keep_one_address_from_rom_to_init(network, server, muster):
    network.add_bridge("far")
    router = network.host("router", "10.77.0.2")
    network.plug(router, "eth1", "10.88.0.1/24", bridge="far")
    server.run("ip", "route", "add", "10.88.0.0/24", "via", "10.77.0.2")
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    relay = network.start(router, ["dhcrelay", "-4", "-d", "-a", "-id", "eth1", "-iu", "eth0", SERVER])
    relay.wait_for("Sending on", 10)
    have_one_address_each(muster, machines_of(network, "far"), "10.88.0.", " by relay 10.88.0.1")
