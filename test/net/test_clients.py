# SPDX-License-Identifier: Apache-2.0
"""The DHCP clients of real systems through the life of a lease: ISC's dhclient, busybox's udhcpc, dhcpcd and
systemd-networkd bind, renew, rebind, release and decline, each as far as it can be brought to. (networkd 252 finds that an
address is in use, and then has no route by which to send its DECLINE.)"""
import json
import signal
import time

import pytest

from conftest import SERVER, configuration
from lab import client as clients
from lab.server import Muster
from lab.transcript import LabError

FIRST, SECOND = "10.77.0.50", "10.77.0.51"


@pytest.fixture
def muster(network, server, data):
    settings = configuration(data)
    settings["dhcp"]["probe"] = False
    muster = Muster(network, server, ["serve"], settings)
    yield muster
    muster.stop()


@pytest.fixture
def squatter(network):
    """Has the first address of the pool and answers ARP for it."""
    return network.host("squatter", FIRST)


def acks(muster):
    """How often the first address was acknowledged."""
    return sum(f"ack {FIRST} for 3600 s" in event.get("text", "") for event in muster.events)


def test_dhclient_renews_rebinds_and_releases(muster, network, client):
    """The second renews at a machine that is not there, and so it rebinds."""
    isc = clients.staying_dhclient(network, client, "supersede dhcp-renewal-time 1;", "supersede dhcp-rebinding-time 600;")
    assert isc.wait_for("BOUND")["new_ip_address"] == FIRST
    assert isc.wait_for("RENEW")["new_ip_address"] == FIRST and acks(muster) >= 2
    client.run("dhclient", "-4", "-r", *isc.files)
    muster.wait_for(rf"RELEASE .*{FIRST} is free again", 5)
    client.run("ip", "neighbour", "replace", SERVER, "lladdr", "02:00:00:00:00:99", "dev", "eth0")
    isc = clients.staying_dhclient(network, client, "supersede dhcp-renewal-time 1;", "supersede dhcp-rebinding-time 2;")
    isc.process.wait_for("bound to")
    isc.process.wait_for(f"DHCPREQUEST for {FIRST} on eth0 to {SERVER} port 67")
    again = isc.process.output.mark()
    isc.process.wait_for("DHCPREQUEST for .* to 255.255.255.255", start=again)
    isc.process.wait_for(f"DHCPACK of {FIRST} from {SERVER}", start=again)


def test_dhclient_declines_an_address_that_its_script_refuses(muster, network, client):
    isc = clients.staying_dhclient(network, client, refuses=True)
    muster.wait_for(rf"DECLINE .*{FIRST} is in use by another machine", 10)


def test_udhcpc_renews_and_releases(muster, network, client):
    busybox = clients.staying_udhcpc(network, client, "-R")
    assert busybox.wait_for("bound")["ip"] == FIRST
    busybox.process.signal(signal.SIGUSR1)
    assert busybox.wait_for("renew")["ip"] == FIRST and acks(muster) >= 2
    busybox.process.signal(signal.SIGUSR2)
    busybox.wait_for("deconfig")
    muster.wait_for(rf"RELEASE .*{FIRST} is free again", 5)


def test_udhcpc_declines_an_address_that_is_in_use_and_gets_another(muster, network, client, squatter):
    busybox = clients.staying_udhcpc(network, client, "-a")
    assert busybox.wait_for("bound", timeout=30)["ip"] == SECOND
    muster.wait_for(rf"DECLINE .*{FIRST} is in use by another machine", 1)


def signal_until(process, number, is_done):
    """dhcpcd 9.4.1 loses a signal that comes while it is busy."""
    for _ in range(20):
        if process.running:
            process.signal(number)
        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            if is_done():
                return
            time.sleep(0.02)
    raise LabError(f"signal {number} has no effect:\n{process.output.tail()}")


def test_dhcpcd_renews_rebinds_and_releases(muster, network, server, client):
    roy = clients.staying_dhcpcd(network, client, "noarp")
    given = roy.wait_for("BOUND")
    assert (given["new_ip_address"], given["new_routers"], given["new_domain_name_servers"]) == (FIRST, SERVER, SERVER)
    signal_until(roy.process, signal.SIGUSR1, lambda: roy.settings("RENEW"))
    start = roy.process.output.mark()
    signal_until(roy.process, signal.SIGHUP, lambda: roy.process.output.find(f"rebinding lease of {FIRST}", start))
    roy.process.wait_for("executing: .* RENEW", 10, start)
    # It takes its address away at once, and what waits for ARP then is lost.
    mac = json.loads(server.run("ip", "-j", "link", "show", "eth0").stdout)[0]["address"]
    client.run("ip", "neighbour", "replace", SERVER, "lladdr", mac, "dev", "eth0")
    signal_until(roy.process, signal.SIGALRM, lambda: muster.said(rf"RELEASE .*{FIRST} is free again"))


def test_dhcpcd_declines_an_address_that_is_in_use(muster, network, client, squatter):
    clients.staying_dhcpcd(network, client)
    muster.wait_for(rf"DECLINE .*{FIRST} is in use by another machine", 15)


def test_networkd_renews_comes_back_and_releases(muster, network, client):
    networkd = clients.Networkd(network, client)
    networkd.wait_for(rf"DHCPv4 address {FIRST}/24, gateway {SERVER} acquired from {SERVER}")
    networkd.wait_for("eth0: State changed: configuring -> configured")
    start = muster.log.mark()
    networkd.control("renew", "eth0")
    muster.wait_for(f"REQUEST .*ack {FIRST}", 10, start)
    networkd.process.stop()
    muster.wait_for(rf"RELEASE .*{FIRST} is free again", 5)
    networkd = clients.Networkd(network, client)
    networkd.wait_for(rf"DHCPv4 address {FIRST}/24, gateway {SERVER} acquired from {SERVER}")
