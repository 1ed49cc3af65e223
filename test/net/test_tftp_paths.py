# SPDX-License-Identifier: Apache-2.0
"""TFTP through what stands between a machine and its server: NAT, a firewall that knows nothing of TFTP, and a link that
carries less than the server's own."""
import json
import os
import pathlib
import re
import socket
import struct
import time

import pytest

from conftest import SERVER, configuration
from lab.client import tftp_read, tftp_request
from lab.server import Muster
from lab.transcript import LabError
from lab.world import BUILD

LOAD = "02:00:00:00:00:99"
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


# Packets that muster put together itself have no identification; the kernel gives each of its own one.
OWN_PACKETS = """table ip filter {
    chain in {
        type filter hook input priority filter;
        ip id 0 udp length > 100 counter %s
    }
}
"""

# NAT that keeps no state.
OTHER_ADDRESS = """table ip nat {
    chain out {
        type filter hook postrouting priority 0;
        udp sport != 69 ip saddr 10.77.0.1 ip saddr set 10.77.0.2
    }
    chain in {
        type filter hook prerouting priority -400;
        udp dport != 69 ip daddr 10.77.0.2 ip daddr set 10.77.0.1
    }
}
"""
NO_ARP = """table arp filter {
    chain in {
        type filter hook input priority filter;
        arp operation request drop
    }
}
"""


@pytest.fixture
def content(network):
    (network.directory / "tftp").mkdir()
    content = os.urandom(100_001)
    (network.directory / "tftp/file").write_bytes(content)
    return content


@pytest.fixture
def start(network, server, data, content):
    running = []

    def start(interfaces=("eth0",), **tftp):
        tftp["root"] = str(network.directory / "tftp")
        running.append(Muster(network, server, ["serve"], configuration(data, mode="off", interfaces=interfaces, tftp=tftp)))
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


def own_packets(client):
    return int(re.search(r"counter packets (\d+)", client.run("nft", "list", "ruleset").stdout).group(1))


@pytest.mark.parametrize("shortcut, windowsize", [(True, 1), (False, 1), (True, 4)])
def test_blocks_in_lockstep_take_the_shortcut_unless_told_not_to(network, client, start, content, shortcut, windowsize):
    network.set_address(client, "eth0", "10.77.0.9")
    rules(network, client, OWN_PACKETS % "accept")
    start(shortcut=shortcut)
    assert tftp_read(client, SERVER, "file", blksize=1000, windowsize=windowsize)[0] == content
    if shortcut and windowsize == 1:
        assert 90 <= own_packets(client) <= 97
    else:
        assert own_packets(client) <= 1


def test_where_the_shortcut_leads_nowhere_transfers_leave_it_and_soon_nobody_takes_it(network, server, client, start, content):
    """On that interface; on another one all do."""
    network.set_address(client, "eth0", "10.77.0.9")
    network.add_bridge("br1")
    network.plug(server, "eth1", "192.168.7.1/24", bridge="br1")
    other = network.namespace("other")
    network.plug(other, "eth0", "192.168.7.9/24", bridge="br1")
    rules(network, client, OWN_PACKETS % "drop")
    rules(network, other, OWN_PACKETS % "accept")
    muster = start(interfaces=["eth0", "eth1"])
    for number in range(4):
        assert tftp_read(client, SERVER, "file", blksize=1000)[0] == content
        assert 0 < own_packets(client) <= 3
        assert tftp_read(other, "192.168.7.1", "file", blksize=1000)[0] == content
        assert own_packets(other) >= 90 * (number + 1)
    muster.wait_for("packets of our own do not arrive by eth0")


def test_a_last_block_that_is_not_acknowledged_says_nothing_of_the_shortcut(network, client, start, content):
    """Some ROMs have what they want then, and go on."""
    network.set_address(client, "eth0", "10.77.0.9")
    (network.directory / "tftp/short").write_bytes(content[:5 * 512 - 1])
    rules(network, client, OWN_PACKETS % "accept")
    muster = start()
    for _ in range(3):
        with client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM) as machine:
            begin(machine, "short")
            machine.recv(600)
            machine.recv(600)  # it is sent again
    assert tftp_read(client, SERVER, "file", blksize=1000)[0] == content
    assert own_packets(client) >= 90 and not muster.said("do not arrive")


def begin(machine, name):
    """Acknowledges the first four blocks of 512 octets; the fifth takes the shortcut. Yields the server's address and port."""
    machine.settimeout(5)
    machine.sendto(tftp_request(name), (SERVER, 69))
    for _ in range(4):
        block, peer = machine.recvfrom(600)
        machine.sendto(b"\0\4" + block[2:4], peer)
    return peer


def test_a_client_that_takes_the_shortcut_for_a_strangers_gets_the_rest_by_the_kernel(network, server, client, start, content):
    """Behind NAT on the server itself: what the kernel sends is another address's."""
    network.set_address(client, "eth0", "10.77.0.9")
    server.run("ip", "address", "add", "10.77.0.2/24", "dev", "eth0")
    rules(network, server, OTHER_ADDRESS)
    start()
    machine = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with machine:
        peer = begin(machine, "file")
        block, stranger = machine.recvfrom(600)
        assert peer[0] == "10.77.0.2" and stranger[0] == SERVER and block[:4] == b"\0\3\0\5"
        machine.sendto(b"\0\5\0\5unknown transfer\0", stranger)
        for number in range(5, 20):
            assert machine.recvfrom(600) == (struct.pack("!HH", 3, number) + content[number * 512 - 512:number * 512], peer)
            machine.sendto(struct.pack("!HH", 4, number), peer)


def test_what_is_sent_again_as_there_is_room_does_not_take_the_shortcut(network, client, start, content):
    """When a transfer ends another one is hurried, once a block was lost."""
    network.set_address(client, "eth0", "10.77.0.9")
    other = network.host("other", "10.77.0.11")
    rules(network, client, OWN_PACKETS % "drop")
    start()
    assert tftp_read(client, SERVER, "file")[0] == content
    before = own_packets(client)
    machine = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with machine:
        begin(machine, "file")
        while own_packets(client) == before:
            time.sleep(0.005)
        time.sleep(0.03)
        assert tftp_read(other, SERVER, "file", blksize=1468)[0] == content
        assert machine.recv(600)[:4] == b"\0\3\0\5"
    assert own_packets(client) == before + 1


@pytest.fixture
def narrow(network, server):
    """A host behind a router whose link to it carries 1,400 octets."""
    network.add_bridge("br1")
    router, narrow = network.host("router", "10.77.0.2"), network.namespace("narrow")
    network.plug(router, "eth1", "192.168.7.1/24", mtu=1400, bridge="br1")
    network.plug(narrow, "eth0", "192.168.7.9/24", mtu=1400, bridge="br1")
    narrow.run("ip", "route", "add", "default", "via", "192.168.7.1")
    router.call(pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text, "1")
    server.run("ip", "route", "add", "192.168.7.0/24", "via", "10.77.0.2")
    return narrow


def discover_path(server):
    """What TCP does all the time: sends what may not be cut, so that the router says what it can carry."""
    probe = server.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with probe:
        probe.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO
        probe.sendto(bytes(1450), ("192.168.7.9", 9))
    deadline = time.monotonic() + 5
    while "mtu 1400" not in server.run("ip", "route", "get", "192.168.7.9").stdout:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("learn", ["route", "discovery"])
def test_blocks_are_no_longer_than_the_way_carries(network, server, client, start, narrow, content, learn):
    network.set_address(client, "eth0", "10.77.0.9")
    if learn == "route":
        server.run("ip", "route", "change", "192.168.7.0/24", "via", "10.77.0.2", "mtu", "1400")
    else:
        discover_path(server)
    start()
    got, agreed = tftp_read(narrow, SERVER, "file", blksize=1468)
    assert got == content and agreed["blksize"] == "1368"
    assert tftp_read(client, SERVER, "file", blksize=1468)[1]["blksize"] == "1468"


def confirmed_seconds_ago(server, address):
    """When the kernel last knew that a neighbour is there."""
    shown = server.run("ip", "-s", "neigh", "show", address).stdout
    return int(re.search(r"used \d+/(\d+)/\d+", shown).group(1))


def test_a_machine_that_answers_no_arp_gets_what_was_lost_late_in_a_transfer(network, server, client, start, content):
    """The kernel asks whether a machine is still there that it sent something to, here after two seconds and in vain."""
    network.set_address(client, "eth0", "10.77.0.9")
    macs = [json.loads(host.run("ip", "-json", "link", "show", "eth0").stdout)[0]["address"] for host in (server, client)]
    server.run("ip", "neighbour", "replace", "10.77.0.9", "lladdr", macs[1], "dev", "eth0", "nud", "stale")
    server.call(pathlib.Path("/proc/sys/net/ipv4/neigh/eth0/delay_first_probe_time").write_text, "2")
    client.run("ip", "neighbour", "replace", SERVER, "lladdr", macs[0], "dev", "eth0", "nud", "permanent")
    rules(network, client, NO_ARP)
    start()
    machine = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with machine:
        machine.settimeout(5)
        machine.sendto(tftp_request("file"), (SERVER, 69))
        begun = time.monotonic()
        while time.monotonic() - begun < 7:
            block, peer = machine.recvfrom(600)
            if block[2:4] > b"\0\5":
                time.sleep(0.05)
            machine.sendto(b"\0\4" + block[2:4], peer)
        assert machine.recv(600)[2:4] != block[2:4]
        assert machine.recv(600)[2:4] != block[2:4], "what is not acknowledged must be sent again"


def test_a_machine_in_a_transfer_is_not_asked_whether_it_is_there(network, server, client, start):
    """ROMs that are busy may not answer ARP; an acknowledgement is proof enough."""
    network.set_address(client, "eth0", "10.77.0.9")
    start()
    machine = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with machine:
        machine.settimeout(5)
        machine.sendto(tftp_request("file"), (SERVER, 69))
        peer = machine.recvfrom(600)[1]
        while confirmed_seconds_ago(server, "10.77.0.9") < 3:
            time.sleep(0.1)
        machine.sendto(b"\0\4\0\1", peer)
        while machine.recv(600)[:4] != b"\0\3\0\2":
            pass
        assert confirmed_seconds_ago(server, "10.77.0.9") < 3


def test_a_machine_on_a_link_whose_mtu_becomes_less_loses_nothing(network, server, client, start, content):
    network.set_address(client, "eth0", "10.77.0.9")
    muster = start()
    machine = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with machine:
        machine.settimeout(5)
        machine.sendto(tftp_request("file", blksize=1468), (SERVER, 69))
        peer = machine.recvfrom(2000)[1]
        for number in range(len(content) // 1468 + 1):
            if number == 20:
                server.run("ip", "link", "set", "eth0", "mtu", "1400")
            machine.sendto(struct.pack("!HH", 4, number), peer)
            assert machine.recv(2000)[2:] == struct.pack("!H", number + 1) + content[number * 1468:(number + 1) * 1468]
        machine.sendto(struct.pack("!HH", 4, number + 1), peer)
    muster.wait_for("'file' sent")
    assert not muster.said("sent again")


@pytest.fixture
def crowd(network, server, client):
    """190 clients that each give up after ten seconds without a block, behind a switch with a queue of so many octets."""
    def crowd(limit, content):
        server.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "100mbit", "burst", "15k", "limit", limit)
        return client.run(BUILD / "src/serve/tftp-load", "eth0", LOAD, mac, SERVER, "10.77.0.64", "file", len(content), 190, 1428, 1).stdout

    neighbours = network.directory / "neighbours"
    neighbours.write_text("".join(f"neighbour add 10.77.0.{number} lladdr {LOAD} dev eth0 nud permanent\n" for number in range(64, 254)))
    server.run("ip", "-batch", neighbours)
    mac = json.loads(server.run("ip", "-json", "link", "show", "eth0").stdout)[0]["address"]
    return crowd


def test_nobody_starves_on_a_full_network(start, crowd, content):
    """A switch with room for twenty datagrams."""
    muster = start()
    said = crowd("30k", content)
    assert "failed=0 " in said, f"{said}\n{muster.log.tail(20)}"


def test_nothing_is_lost_that_a_slow_link_has_a_queue_for(start, crowd, content):
    muster = start()
    said = crowd("2m", content)
    assert "failed=0 " in said and not muster.said("sent again"), f"{said}\n{muster.log.tail(20)}"
