# SPDX-License-Identifier: Apache-2.0
"""Machines that send without end, and a server that was held up: the others are served, and an operator is told."""
import contextlib
import re
import signal
import socket
import threading
import time

import pytest

from conftest import SERVER, configuration
from lab import client as clients
from lab.server import Muster

RATE = 10_000
BROKEN = "52:54:00:00:00:66"


@pytest.fixture
def muster(network, server, data):
    settings = configuration(data, tftp={"enabled": False})
    settings["dhcp"]["probe"] = False
    muster = Muster(network, server, ["serve"], settings)
    yield muster
    muster.stop()


class Flood:
    """Sends packets from a namespace at the rate; counts them."""

    def __init__(self, namespace, packet_of):
        self.hand = clients.DhcpHand(namespace, port=0)
        self.count, self.stopped = 0, False
        self.thread = threading.Thread(target=self._send, args=(packet_of,))
        self.began = time.monotonic()
        self.thread.start()

    def _send(self, packet_of):
        while not self.stopped:
            due = int((time.monotonic() - self.began) * RATE)
            while self.count < due:
                with contextlib.suppress(OSError):
                    self.hand.send(packet_of(self.count))
                self.count += 1
            time.sleep(0.005)

    def stop(self):
        self.stopped = True
        self.thread.join()
        self.hand.close()
        return self.count / (time.monotonic() - self.began)


def many_discovers(mac):
    """One after the other, each another transaction."""
    packet = clients.dhcp_discover(mac)
    return lambda number: packet[:4] + number.to_bytes(4, "big") + packet[8:]


def bind(hand, mac):
    """Whether a machine got an address, each of its messages sent once."""
    offer = hand.ask(clients.dhcp_discover(mac), timeout=2)
    request = offer and clients.dhcp_discover(mac, kind=3, o50=offer[16:20], o54=socket.inet_aton(SERVER))
    return bool(request and hand.ask(request, timeout=2))


@pytest.mark.parametrize("what", ["discovers", "noise", "half a message"])
def test_one_machine_with_10000_messages_a_second_starves_nobody(muster, network, client, what):
    other = network.host("other")
    packet = clients.dhcp_discover(BROKEN)
    flood = Flood(other, {"discovers": many_discovers(BROKEN), "noise": lambda number: b"noise",
                          "half a message": lambda number: packet[:240] + b"\x35\x09\1"}[what])
    hand = clients.DhcpHand(client)
    time.sleep(0.5)
    start, lines = time.monotonic(), len(muster.events)
    served = [bind(hand, f"52:54:00:00:01:{number:02x}") for number in range(40)]
    seconds = time.monotonic() - start
    assert flood.stop() > RATE / 3, "there was no flood"
    hand.close()
    assert all(served), f"{served.count(False)} of 40 machines were starved"
    of_flood = [event for event in muster.events[lines:] if "52:54:00:00:01" not in event.get("machine", "")]
    assert len(of_flood) < 20 * seconds + 40, "its messages fill the log"
    if what == "discovers":
        muster.wait_for(rf"messages not answered in the last 10 s: .*of clients that ask too often \(most of {BROKEN}\)", 12)


def test_what_waited_for_more_than_a_second_is_not_answered(muster, client):
    hand = clients.DhcpHand(client)
    assert bind(hand, BROKEN)
    start = muster.log.mark()
    muster.process.signal(signal.SIGSTOP)
    old = clients.dhcp_discover("52:54:00:00:00:01")
    hand.send(old)
    time.sleep(1.2)
    fresh = clients.dhcp_discover("52:54:00:00:00:02")
    hand.send(fresh)
    muster.process.signal(signal.SIGCONT)
    answers = [hand.receive(5), hand.receive(0.5)]
    assert answers[0][0][4:8] == fresh[4:8] and answers[1] is None
    hand.close()
    muster.stop()
    muster.wait_for("messages not answered since the start: 1 older than a second", 1, start)


def test_what_the_kernel_had_no_room_for_is_counted_on_sigusr1(muster, network, server, client):
    start = muster.log.mark()
    muster.process.signal(signal.SIGUSR1)
    muster.wait_for("messages not answered since the start: none was dropped", 5, start)
    hand = clients.DhcpHand(client)
    muster.process.signal(signal.SIGSTOP)
    packet_of = many_discovers(BROKEN)
    for number in range(40_000):
        hand.send(packet_of(number))
    lines = server.run("cat", "/proc/net/udp").stdout.splitlines()
    lost = sum(int(line.split()[-1]) for line in lines if ":0043 " in line)
    assert lost > 0, "there was room for all"
    muster.process.signal(signal.SIGCONT)
    muster.process.signal(signal.SIGUSR1)
    muster.wait_for(f"messages not answered since the start: .*{lost} that the kernel had no room for", 5, start)
    hand.close()


def test_a_message_that_waits_is_answered_once(muster, client):
    hand = clients.DhcpHand(client)
    muster.process.signal(signal.SIGSTOP)
    packet = clients.dhcp_discover(BROKEN)
    for _ in range(20):
        hand.send(packet)
    muster.process.signal(signal.SIGCONT)
    assert hand.receive(5, packet[4:8]) and hand.receive(0.3, packet[4:8]) is None
    hand.close()


def test_a_burst_of_thousands_of_machines_is_served(muster, client):
    """More than the pool holds: 151 get an address within a second, the rest cost nothing but a line each."""
    hand = clients.DhcpHand(client)
    hand.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    for number in range(3000):
        hand.send(clients.dhcp_discover(f"52:54:00:01:{number >> 8:02x}:{number & 255:02x}"))
    offered = set()
    while reply := hand.receive(0.7):
        offered.add(reply[0][16:20])
    assert len(offered) == 151
    assert not re.search("too often|older than", muster.log.text())
    hand.close()
