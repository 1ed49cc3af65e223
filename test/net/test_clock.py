# SPDX-License-Identifier: Apache-2.0
"""The wall clock is set by hours, as a time server does on a host whose battery is empty: no lease ends early by it, and
none is kept for longer than it was given for."""
import socket

import pytest

from conftest import SERVER, SUBNET, configuration
from lab import client as clients
from lab.server import Muster
from lab.world import clock_step

HOUR = 3600
ONE, TWO, THREE = (f"52:54:00:00:00:0{number}" for number in (1, 2, 3))
FIRST, SECOND = "10.77.0.50", "10.77.0.51"


class Clock:
    """Two addresses for an hour each, and a server whose wall clock the test sets."""

    def __init__(self, network, server, data):
        self.file = network.directory / "step"
        self.set(0)
        self.network, self.server = network, server
        self.settings = configuration(data)
        self.settings["dhcp"].update({"subnets": [{**SUBNET, "pool": f"{FIRST}-{SECOND}", "lease": "1h"}], "probe": False})

    def set(self, seconds):
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(str(seconds))
        fresh.rename(self.file)

    def serve(self):
        return Muster(self.network, self.server, ["serve"], self.settings,
                      environment={"LD_PRELOAD": str(clock_step()), "CLOCK_STEP": str(self.file)})


@pytest.fixture
def clock(network, server, data):
    return Clock(network, server, data)


@pytest.fixture
def hand(client):
    hand = clients.DhcpHand(client)
    yield hand
    hand.close()


def bind(hand, mac, timeout=5):
    """The address that a machine gets, or None."""
    offer = hand.ask(clients.dhcp_discover(mac), timeout=timeout)
    if not offer:
        return None
    ack = hand.ask(clients.dhcp_discover(mac, kind=3, o50=offer[16:20], o54=socket.inet_aton(SERVER)), timeout=timeout)
    assert clients.dhcp_options(ack)[53] == b"\5"
    return socket.inet_ntoa(ack[16:20])


@pytest.mark.parametrize("hours", [5, -5])
def test_a_lease_outlives_a_clock_that_is_set(clock, hand, hours):
    muster = clock.serve()
    assert [bind(hand, mac) for mac in (ONE, TWO)] == [FIRST, SECOND]
    start = muster.log.mark()
    clock.set(hours * HOUR)
    assert bind(hand, THREE, 1) is None, "both addresses are still bound"
    muster.wait_for(r"the clock was set (back|forward) by \d+ s", 5, start)
    assert bind(hand, ONE) == FIRST
    muster.stop()
    muster = clock.serve()
    assert bind(hand, THREE, 1) is None
    assert bind(hand, TWO) == SECOND
    muster.stop()


@pytest.mark.parametrize("hours", [5, -5])
def test_a_lease_outlives_a_clock_that_is_set_between_two_runs(clock, hand, hours):
    muster = clock.serve()
    assert [bind(hand, mac) for mac in (ONE, TWO)] == [FIRST, SECOND]
    muster.stop()
    clock.set(hours * HOUR)
    muster = clock.serve()
    assert muster.said("the clock was set")
    assert bind(hand, THREE, 1) is None and bind(hand, TWO) == SECOND
    muster.stop()
