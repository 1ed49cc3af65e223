# SPDX-License-Identifier: Apache-2.0
"""The laboratory itself: what the other tests take for granted."""
import re
import socket

from lab import client as clients
from lab.server import plain_dhcp


def count_received(network, receiver, sender, packets):
    """How many of a burst of datagrams arrive, and in which order."""
    inbox = receiver.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    outbox = sender.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with inbox, outbox:
        inbox.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        inbox.bind(("10.77.0.1", 9))
        inbox.settimeout(0.5)
        outbox.sendto(b"first", ("10.77.0.1", 9))
        receive_all(inbox, 0.5)  # with it the address is known: what waits for ARP is overtaken
        got = []
        for number in range(packets):
            outbox.sendto(number.to_bytes(4, "big"), ("10.77.0.1", 9))
            if number % 50 == 49:
                got += receive_all(inbox, 0.01)
        return got + receive_all(inbox, 0.5)


def receive_all(inbox, timeout):
    got = []
    inbox.settimeout(timeout)
    while True:
        try:
            got.append(int.from_bytes(inbox.recv(16), "big"))
        except TimeoutError:
            return got


def test_a_lossy_cable_loses_doubles_and_reorders_what_it_is_told_to(network, server):
    far = network.namespace("far")
    link = network.plug_lossy(far, "eth0", "10.77.0.2", drop=10, duplicate=5, reorder=5, seed=7)
    got = count_received(network, server, far, 2000)
    different = len(set(got))
    assert 1700 < different < 1900
    assert 50 < len(got) - different < 150
    assert got != sorted(got)
    assert link.stop() == 0
    assert re.search(r"\d{3} lost, \d+ doubled, \d+ reordered", link.output.text())


def test_a_whole_cable_loses_nothing(network, server):
    far = network.namespace("far")
    network.plug_lossy(far, "eth0", "10.77.0.2")
    assert count_received(network, server, far, 2000) == list(range(2000))


def test_the_plain_dhcp_server_gives_addresses_and_no_boot_file(network, server, client):
    plain_dhcp(network, server)
    assert clients.udhcpc(network, client)["ip"].startswith("10.77.0.")
    assert clients.dhclient(network, client)["new_routers"] == "10.77.0.1"
    hand = clients.DhcpHand(client)
    offer = hand.ask(clients.dhcp_discover("52:54:00:00:00:09", arch=7))
    assert offer[108:236] == bytes(128) and 67 not in clients.dhcp_options(offer)
