# SPDX-License-Identifier: Apache-2.0
"""TFTP through what stands between a machine and its server: NAT, and a firewall that knows nothing of TFTP."""
import os
import pathlib

import pytest

from conftest import SERVER, configuration
from lab.client import tftp_read
from lab.server import Muster
from lab.transcript import LabError

NAT = """table ip nat {
    chain out {
        type nat hook postrouting priority srcnat;
        oifname "eth0" masquerade
    }
}
"""
FIREWALL = """table ip filter {
    chain in {
        type filter hook input priority filter; policy drop;
        udp dport { %s } accept
    }
}
"""


@pytest.fixture
def content(network):
    (network.directory / "tftp").mkdir()
    content = os.urandom(100_000)
    (network.directory / "tftp/file").write_bytes(content)
    return content


@pytest.fixture
def start(network, server, data, content):
    running = []

    def start(**tftp):
        tftp["root"] = str(network.directory / "tftp")
        running.append(Muster(network, server, ["serve"], configuration(data, mode="off", tftp=tftp)))
        return running[-1]
    yield start
    for muster in running:
        muster.stop()


def rules(network, namespace, text):
    path = network.directory / "rules"
    path.write_text(text)
    namespace.run("nft", "-f", path)


@pytest.fixture
def behind_nat(network):
    """A host in a network of its own whose router gives all of it one address."""
    network.add_bridge("br1")
    router, inside = network.host("router", "10.77.0.2"), network.namespace("inside")
    network.plug(router, "eth1", "192.168.7.1/24", bridge="br1")
    network.plug(inside, "eth0", "192.168.7.9/24", bridge="br1")
    inside.run("ip", "route", "add", "default", "via", "192.168.7.1")
    router.call(pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text, "1")
    rules(network, router, NAT)
    return inside


def test_single_port_mode_passes_nat(start, behind_nat, content):
    start(**{"single-port": True})
    assert tftp_read(behind_nat, SERVER, "file", blksize=1428, windowsize=4)[0] == content


def test_nat_needs_single_port_mode(start, behind_nat):
    """Else the test above would show nothing."""
    start()
    with pytest.raises(LabError, match="0 blocks"):
        tftp_read(behind_nat, SERVER, "file", timeout=1.5, retry=0.5)


@pytest.mark.parametrize("tftp, opened", [({"ports": "40000-40001"}, "69, 40000-40001"), ({"single-port": True}, "69")],
                         ids=["ports", "single-port"])
def test_a_firewall_needs_no_more_than_the_ports_named(network, server, client, start, content, tftp, opened):
    network.set_address(client, "eth0", "10.77.0.9")
    rules(network, server, FIREWALL % opened)
    start(**tftp)
    for _ in range(4):
        assert tftp_read(client, SERVER, "file", blksize=1428)[0] == content
