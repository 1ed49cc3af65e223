# SPDX-License-Identifier: Apache-2.0
"""Addresses as real networks have them: relays, hosts that took an address by themselves, other servers."""
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from conftest import SERVER, SUBNET, configuration
from lab import client as clients
from lab.server import Muster, plain_dhcp, write_configuration
from lab.world import MUSTER

MAC = "52:54:00:00:00:77"
FAR = {"subnet": "10.88.0.0/24", "pool": "10.88.0.50-10.88.0.60", "router": "10.88.0.1", "boot-lease": "5m"}


def serve(network, server, data, *subnets, **dhcp):
    settings = configuration(data)
    settings["dhcp"].update({"subnets": list(subnets) or [SUBNET], **dhcp})
    return Muster(network, server, ["serve"], settings)


@pytest.fixture
def hand(client):
    hand = clients.DhcpHand(client)
    yield hand
    hand.close()


@pytest.fixture
def router(network, server):
    """With a far segment behind it."""
    network.add_bridge("far")
    router = network.host("router", "10.77.0.2")
    network.plug(router, "eth1", "10.88.0.1/24", bridge="far")
    server.run("ip", "route", "add", "10.88.0.0/24", "via", "10.77.0.2")
    router.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    return router


@pytest.fixture
def relay(network, router):
    """A client on the far segment, with ISC's relay on the router."""
    process = network.start(router, ["dhcrelay", "-4", "-d", "-a", "-id", "eth1", "-iu", "eth0", SERVER])
    process.wait_for("Sending on", 10)
    far = network.namespace("far client")
    network.plug(far, "eth0", bridge="far")
    return far


def test_a_client_behind_a_relay_gets_and_renews_its_address(network, server, data, relay):
    muster = serve(network, server, data, SUBNET, FAR)
    given = clients.dhclient(network, relay)
    assert given, f"no lease; muster said:\n{muster.log.tail()}"
    assert given["new_ip_address"].startswith("10.88.0.") and given["new_routers"] == "10.88.0.1"
    again = clients.udhcpc(network, relay)
    assert again["ip"] == given["new_ip_address"]
    relay.run("ip", "route", "add", "default", "via", "10.88.0.1")
    renewal = bytearray(clients.dhcp_discover(MAC, kind=3))
    address = given["new_ip_address"]
    renewal[12:16], renewal[10:12] = socket.inet_aton(address), b"\0\0"
    renewal[28:34] = bytes.fromhex(mac_of(relay).replace(":", ""))
    hand = clients.DhcpHand(relay)
    answer = hand.ask(bytes(renewal), destination=SERVER)
    assert answer and clients.dhcp_options(answer)[53] == b"\5" and answer[16:20] == socket.inet_aton(address)
    hand.close()
    muster.stop()


def mac_of(namespace, interface="eth0"):
    return json.loads(namespace.run("ip", "-j", "link", "show", interface).stdout)[0]["address"]


def test_a_client_behind_a_relay_that_comes_with_a_foreign_address_is_refused_there(network, server, data, relay):
    muster = serve(network, server, data, SUBNET, FAR)
    hand = clients.DhcpHand(relay)
    answer = hand.ask(clients.dhcp_discover(MAC, kind=3, o50=socket.inet_aton("192.168.1.7")), timeout=5)
    assert answer and clients.dhcp_options(answer)[53] == b"\6" and answer[16:20] == bytes(4)
    hand.close()
    muster.stop()


# Packets that muster put together itself have no identification; the kernel gives each of its own one.
OWN_PACKETS = """table ip filter {
    chain in {
        type filter hook %s priority filter;
        ip id 0 ip daddr 10.88.0.1 udp dport 67 counter %s
    }
}
"""


def count_own_packets(network, router, verdict="accept", hook="input"):
    (network.directory / "rules").write_text(OWN_PACKETS % (hook, verdict))
    router.run("nft", "-f", network.directory / "rules")
    return lambda: int(re.search(r"counter packets (\d+)", router.run("nft", "list", "ruleset").stdout).group(1))


def offers_to_crowd(muster, relay_hand, macs):
    """{MAC: its offer} of those that are answered when all messages wait for the server at the same time."""
    packets = {mac: relayed(mac) for mac in macs}
    muster.process.signal(signal.SIGSTOP)
    for packet in packets.values():
        relay_hand.send(packet, SERVER)
    time.sleep(0.3)
    muster.process.signal(signal.SIGCONT)
    offers = {}
    while len(offers) < len(packets) and (answer := relay_hand.receive(1)):
        offer = answer[0]
        mac = offer[28:34].hex(":")
        assert offer[4:8] == packets[mac][4:8] and mac not in offers
        offers[mac] = offer
    return offers


@pytest.fixture
def muster_for_crowds(network, server, data):
    muster = serve(network, server, data, SUBNET, {**FAR, "pool": "10.88.0.50-10.88.0.200"}, probe=False)
    yield muster
    muster.stop()


CROWD = [f"52:54:00:00:01:{number:02x}" for number in range(64)]


@pytest.fixture
def relay_hand(router):
    """A relay agent by hand."""
    hand = clients.DhcpHand(router, port=67)
    yield hand
    hand.close()


def relayed(mac, **options):
    packet = bytearray(clients.dhcp_discover(mac, **options))
    packet[3], packet[24:28] = 1, socket.inet_aton("10.88.0.1")
    return bytes(packet)


def meet(relay_hand):
    """The kernel learns where the relay is from the first reply, and is asked for it a second later."""
    assert relay_hand.ask(relayed(MAC), destination=SERVER)
    time.sleep(1.1)


def take(relay_hand, mac, offer):
    return relay_hand.ask(relayed(mac, kind=3, o50=offer[16:20], o54=socket.inet_aton(SERVER)), destination=SERVER)


def test_packets_of_our_own_answer_a_crowd_behind_a_relay_once_one_of_them_arrived(network, muster_for_crowds, router,
                                                                                   relay_hand):
    own_packets = count_own_packets(network, router)
    meet(relay_hand)
    offers = offers_to_crowd(muster_for_crowds, relay_hand, CROWD)
    assert len(offers) == 64 and own_packets() == 1
    assert all(take(relay_hand, mac, offer) for mac, offer in offers.items())
    assert len(offers_to_crowd(muster_for_crowds, relay_hand, CROWD)) == 64
    assert 32 <= own_packets() <= 65


def test_where_packets_of_our_own_are_lost_one_machine_of_a_crowd_asks_again(network, muster_for_crowds, router,
                                                                             relay_hand):
    own_packets = count_own_packets(network, router, "drop")
    meet(relay_hand)
    assert len(offers_to_crowd(muster_for_crowds, relay_hand, CROWD)) == 63
    # These machines never tell how long they have been asking: secs is 0.
    for _ in range(3):
        assert len(offers_to_crowd(muster_for_crowds, relay_hand, CROWD)) == 64
    assert own_packets() == 1


def test_a_rule_for_the_port_leads_packets_of_our_own_too(network, server, muster_for_crowds, router, relay_hand):
    """To another router."""
    other = network.host("other router", "10.77.0.3")
    other.run("ip", "route", "add", "10.88.0.0/24", "via", "10.77.0.2")
    other.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.send_redirects=0",
              "net.ipv4.conf.eth0.send_redirects=0")
    server.run("ip", "route", "add", "10.88.0.0/24", "via", "10.77.0.3", "table", "100")
    server.run("ip", "rule", "add", "ipproto", "udp", "sport", "67", "lookup", "100")
    passed = count_own_packets(network, other, hook="forward")
    meet(relay_hand)
    for mac, offer in offers_to_crowd(muster_for_crowds, relay_hand, CROWD).items():
        take(relay_hand, mac, offer)
    assert len(offers_to_crowd(muster_for_crowds, relay_hand, CROWD)) == 64
    assert 32 <= passed() <= 65


def test_nothing_is_sent_past_a_route_that_wraps_packets(network, server, muster_for_crowds, router, relay_hand):
    own_packets = count_own_packets(network, router)
    if server.run("ip", "route", "replace", "10.88.0.0/24", "encap", "ip", "id", "7", "dst", "10.77.0.2",
                  "via", "10.77.0.2", check=False).returncode != 0:
        pytest.skip("this kernel has no such routes")
    meet(relay_hand)
    meet(relay_hand)
    assert len(offers_to_crowd(muster_for_crowds, relay_hand, CROWD)) == 64
    assert own_packets() == 0


def test_a_relay_of_an_unknown_network_hears_nothing_and_the_log_names_it_once(network, server, data, relay):
    muster = serve(network, server, data, SUBNET)
    hand = clients.DhcpHand(relay)
    for _ in range(5):
        assert hand.ask(clients.dhcp_discover(MAC), timeout=0.3) is None
    hand.close()
    said = [event for event in muster.events if "no subnet for this relay" in event.get("text", "")]
    assert len(said) == 1 and said[0]["level"] == "warning", said
    muster.stop()


def test_an_address_that_a_host_took_by_itself_is_not_offered(network, server, data, hand):
    muster = serve(network, server, data)
    network.host("squatter", "10.77.0.50")
    start = muster.log.mark()
    offer = hand.ask(clients.dhcp_discover(MAC), timeout=4)
    assert offer and offer[16:20] == socket.inet_aton("10.77.0.51")
    muster.wait_for(r"10\.77\.0\.50 is in use by", 5, start)
    muster.stop()


def test_an_address_that_the_server_has_beside_its_first_is_not_offered(network, server, data, hand):
    network.set_address(server, "eth0", "10.77.0.50")
    muster = serve(network, server, data, probe=False)
    offer = hand.ask(clients.dhcp_discover(MAC))
    assert offer and offer[16:20] == socket.inet_aton("10.77.0.51")
    muster.reload()
    muster.wait_for("reload")
    offer = hand.ask(clients.dhcp_discover("52:54:00:00:00:78", o50=socket.inet_aton("10.77.0.50")))
    assert offer and offer[16:20] == socket.inet_aton("10.77.0.52")
    muster.stop()


def test_the_question_for_an_address_holds_up_nobody_else_and_is_asked_once(network, server, data, client, hand):
    muster = serve(network, server, data)
    given = clients.udhcpc(network, client)
    known = mac_of(client)
    fresh = clients.dhcp_discover(MAC)
    begin = time.monotonic()
    hand.send(fresh)
    assert hand.ask(clients.dhcp_discover(known))[16:20] == socket.inet_aton(given["ip"])
    assert time.monotonic() - begin < 0.25, "a known machine waited for the question about another's address"
    assert hand.receive(2, fresh[4:8]), "the fresh address was offered in the end"
    assert time.monotonic() - begin > 0.25, "and had been asked for"
    begin = time.monotonic()
    assert hand.ask(clients.dhcp_discover(MAC)) and time.monotonic() - begin < 0.25
    muster.stop()


def far_host(network, name, address):
    host = network.namespace(name)
    network.plug(host, "eth0", f"{address}/24", bridge="far")
    host.run("ip", "route", "add", "default", "via", "10.88.0.1")
    return host


def test_an_address_that_a_host_behind_a_relay_took_by_itself_is_not_offered(network, server, data, relay):
    muster = serve(network, server, data, SUBNET, FAR)
    far_host(network, "squatter", "10.88.0.50")
    hand, start = clients.DhcpHand(relay), muster.log.mark()
    offer = hand.ask(clients.dhcp_discover(MAC), timeout=4)
    assert offer and offer[16:20] == socket.inet_aton("10.88.0.51")
    muster.wait_for(r"10\.88\.0\.50 is in use by a host behind the relay 10\.88\.0\.1 without a lease", 5, start)
    hand.close()
    muster.stop()


def test_the_question_for_an_address_behind_a_relay_holds_up_nobody_else(network, server, data, relay, client):
    muster = serve(network, server, data, SUBNET, FAR)
    far, near = clients.udhcpc(network, relay)["ip"], clients.udhcpc(network, client)["ip"]
    hand, near_hand = clients.DhcpHand(relay), clients.DhcpHand(client)
    fresh, begin = clients.dhcp_discover(MAC), time.monotonic()
    hand.send(fresh)
    assert near_hand.ask(clients.dhcp_discover(mac_of(client)))[16:20] == socket.inet_aton(near)
    assert hand.ask(clients.dhcp_discover(mac_of(relay)))[16:20] == socket.inet_aton(far)
    assert time.monotonic() - begin < 0.25, "known machines waited for the question about another's address"
    assert hand.receive(2, fresh[4:8]), "the fresh address was offered in the end"
    assert 0.25 < time.monotonic() - begin < 1, "as soon as nobody had answered in time"
    begin = time.monotonic()
    assert hand.ask(clients.dhcp_discover(MAC)) and time.monotonic() - begin < 0.25, "and asked for once"
    hand.close()
    near_hand.close()
    muster.stop()


@pytest.mark.parametrize("probe", [True, False])
def test_in_a_storm_behind_a_relay_so_many_offers_wait_for_an_answer_and_no_more(network, server, data, relay, probe):
    muster = serve(network, server, data, SUBNET, {**FAR, "pool": "10.88.0.50-10.88.0.200"}, probe=probe)
    hand, begin = clients.DhcpHand(relay), time.monotonic()
    for i in range(100):
        hand.send(clients.dhcp_discover(f"52:54:00:00:01:{i:02x}"))
    offers = [(offer[0][16:20], time.monotonic() - begin) for _ in range(100) if (offer := hand.receive(2))]
    assert len({address for address, _ in offers}) == 100
    at_once = sum(when < 0.25 for _, when in offers)
    assert 0 < at_once <= 36 if probe else at_once > 36, at_once
    hand.close()
    muster.stop()


def checksum(octets):
    total = sum(int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return (~total & 0xffff).to_bytes(2, "big")


@pytest.mark.parametrize("wrong", [None, "identifier", "sequence", "nonce", "sender"])
def test_an_echo_counts_only_as_the_answer_to_its_question(network, server, data, relay, wrong):
    muster = serve(network, server, data, SUBNET, FAR)
    squatter = far_host(network, "squatter", "10.88.0.50")
    network.set_address(squatter, "eth0", "10.88.0.9/24")
    squatter.run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1")
    ears = squatter.call(socket.socket, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    ears.settimeout(2)
    hand, fresh = clients.DhcpHand(relay), clients.dhcp_discover(MAC)
    hand.send(fresh)
    while (question := ears.recv(200))[20] != 8:
        pass
    answer = bytearray(b"\0\0\0\0" + question[24:])
    changed = {"identifier": 5, "sequence": 7, "nonce": 15}.get(wrong)
    if changed:
        answer[changed] ^= 1
    answer[2:4] = checksum(answer)
    ears.bind(("10.88.0.9" if wrong == "sender" else "10.88.0.50", 0))
    ears.sendto(answer, (SERVER, 0))
    offer, _ = hand.receive(4, fresh[4:8])
    assert offer[16:20] == socket.inet_aton("10.88.0.50" if wrong else "10.88.0.51")
    hand.close()
    ears.close()
    muster.stop()


def test_options_by_name_and_number_reach_a_client(network, server, data, client):
    muster = serve(network, server, data, {**SUBNET, "options": {"ntp": ["10.77.0.1"], "mtu": 1400}})
    given = clients.dhclient(network, client)
    assert (given["new_interface_mtu"], given["new_ntp_servers"]) == ("1400", "10.77.0.1")
    muster.stop()


def test_a_machine_that_asks_without_end_does_not_starve_the_rest(network, server, data, client, hand):
    muster = serve(network, server, data)
    start = muster.log.mark()
    for _ in range(2000):
        hand.send(clients.dhcp_discover("52:54:00:00:00:66"))
    assert clients.udhcpc(network, client)
    muster.wait_for(r"messages not answered in the last 10 s: .*of clients that ask too often", 12, start)
    muster.stop()


def test_a_server_gives_way_to_another_on_its_link_until_that_is_gone(network, server, data, client):
    rival = plain_dhcp(network, network.host("dhcp", "10.77.0.2"))
    muster = serve(network, server, data)
    muster.wait_for(r"another DHCP server, 10\.77\.0\.2, answers on eth0: until it is gone", 6)
    assert clients.udhcpc(network, client)["serverid"] == "10.77.0.2"
    rival.stop()
    muster.wait_for(r"no other DHCP server answers on eth0 any more", 30)
    assert clients.udhcpc(network, client)["serverid"] == SERVER
    muster.stop()


@pytest.mark.parametrize("key", ["authoritative", "force"])
def test_a_server_that_is_told_to_stays_and_says_that_there_is_another(network, server, data, hand, key):
    plain_dhcp(network, network.host("dhcp", "10.77.0.2"))
    muster = serve(network, server, data, **{key: True})
    muster.wait_for(r"another DHCP server, 10\.77\.0\.2, answers on eth0: machines may get", 6)
    packet = clients.dhcp_discover(MAC)
    hand.send(packet)
    assert {hand.receive(4, packet[4:8])[1][0] for _ in range(2)} == {SERVER, "10.77.0.2"}
    muster.stop()


def test_a_proxy_stands_beside_a_server_on_the_same_host(network, server, data, client, hand):
    """dnsmasq holds port 67, gives addresses and has muster's own address; muster says what to boot."""
    plain_dhcp(network, server)
    muster = Muster(network, server, ["serve"], configuration(data, "proxy"))
    assert muster.said(r"UDP port 67 is taken by process 'dnsmasq' .* hears the port beside it")
    packet = clients.dhcp_discover(MAC, 7)
    hand.send(packet)
    offers = [hand.receive(4, packet[4:8])[0] for _ in range(2)]
    assert sorted(offer[16:20] != bytes(4) for offer in offers) == [False, True], "one address, and one proxy's offer"
    request = clients.dhcp_discover(MAC, 7, kind=3, o54=socket.inet_aton(SERVER),
                                    o50=max(offer[16:20] for offer in offers))
    hand.send(request)
    assert hand.receive(4, request[4:8])[0][16:20] != bytes(4), "the server's"
    assert hand.receive(1, request[4:8]) is None, "and no word of the proxy"
    given = clients.dhclient(network, client)
    assert given["new_dhcp_server_identifier"] == SERVER
    muster.stop()


@pytest.mark.parametrize("beside", [False, True])
def test_a_proxy_says_when_there_is_no_server_beside_it(network, server, data, beside):
    """Not while one may still answer that asks first who uses an address."""
    if beside:
        plain_dhcp(network, network.host("dhcp", "10.77.0.2"), ping=True)
    muster = Muster(network, server, ["serve"], configuration(data, "proxy"))
    time.sleep(6)
    assert not muster.said(r"no DHCP server answers on eth0")
    time.sleep(1.5)
    assert muster.said(r"no DHCP server answers on eth0") != beside
    muster.stop()


def test_a_server_notices_another_that_looks_first_who_uses_an_address(network, server, data):
    plain_dhcp(network, network.host("dhcp", "10.77.0.2"), ping=True)
    muster = serve(network, server, data)
    muster.wait_for(r"another DHCP server, 10\.77\.0\.2, answers on eth0", 8)
    muster.stop()


def test_a_server_that_gives_way_serves_relays_and_who_renews(network, server, data, relay, client, hand):
    muster = serve(network, server, data, SUBNET, FAR)
    given = clients.udhcpc(network, client)["ip"]
    stray = plain_dhcp(network, network.host("stray", "10.77.0.9"), pool="10.77.0.201,10.77.0.220")
    muster.stop()
    muster = serve(network, server, data, SUBNET, FAR)
    muster.wait_for(r"another DHCP server, 10\.77\.0\.9, answers on eth0: until it is gone, only machines that renew .* relays", 8)
    far = clients.udhcpc(network, relay)
    assert far and far["ip"].startswith("10.88.0."), "a network behind a relay"
    renewal = bytearray(clients.dhcp_discover(mac_of(client), kind=3))
    renewal[12:16] = socket.inet_aton(given)
    answer = hand.ask(bytes(renewal), destination=SERVER) or hand.ask(bytes(renewal))
    assert answer and clients.dhcp_options(answer)[54] == socket.inet_aton(SERVER)
    assert clients.dhcp_options(answer)[53] == b"\5" and answer[16:20] == socket.inet_aton(given)
    fresh = clients.dhcp_discover(MAC)
    hand.send(fresh)
    offer, sender = hand.receive(4, fresh[4:8])
    assert sender[0] == "10.77.0.9" and hand.receive(1, fresh[4:8]) is None, "and nobody new"
    stray.stop()
    muster.stop()


@pytest.mark.parametrize("taken", [False, True])
def test_of_two_relays_that_pass_a_question_on_both_have_the_offer(network, server, data, router, taken):
    muster = serve(network, server, data, SUBNET, FAR)
    if taken:
        far_host(network, "squatter", "10.88.0.50")
    other = network.host("other router", "10.77.0.3")
    network.plug(other, "eth1", "10.88.0.2/24", bridge="far")
    server.run("ip", "route", "add", "10.88.0.2", "via", "10.77.0.3")
    hands = {relay: clients.DhcpHand(namespace, port=67) for relay, namespace in (("10.88.0.1", router), ("10.88.0.2", other))}
    question = clients.dhcp_discover(MAC)
    for relay, hand in hands.items():
        hand.send(question[:24] + socket.inet_aton(relay) + question[28:], destination=SERVER)
    offers = [hand.receive(3, question[4:8]) for hand in hands.values()]
    assert all(offers), "each has one"
    assert {offer[0][16:20] for offer in offers} == {socket.inet_aton("10.88.0.51" if taken else "10.88.0.50")}
    for hand in hands.values():
        hand.close()
    muster.stop()


@pytest.mark.parametrize("mode", ["server", "proxy"])
def test_a_server_does_not_take_itself_for_another_behind_a_relay_on_its_segment(network, server, data, client, mode):
    near = network.host("near relay", "10.77.0.3")
    network.start(near, ["dhcrelay", "-4", "-d", "-i", "eth0", SERVER]).wait_for("Sending on", 10)
    muster = Muster(network, server, ["serve"], configuration(data, mode, log_level="debug"))
    time.sleep(7.5)
    assert not muster.said(r"DHCP server,? 10\.77")
    assert muster.said("no DHCP server answers on eth0") == (mode == "proxy")
    assert not muster.said(r'"offer 10\.'), "nor keeps an address for its own question"
    if mode == "server":
        assert clients.udhcpc(network, client)["serverid"] == SERVER
    muster.stop()


def test_a_server_with_two_interfaces_on_one_network_does_not_give_way_to_itself(network, server, data, client):
    network.plug(server, "eth1", "10.77.0.4/24")
    muster = Muster(network, server, ["serve"], configuration(data, interfaces=["eth0", "eth1"], log_level="debug"))
    time.sleep(7.5)
    assert not muster.said(r"another DHCP server") and not muster.said(r'"offer 10\.')
    assert clients.udhcpc(network, client)
    muster.stop()


def test_an_answer_that_names_the_server_itself_is_no_other_servers(network, server, data):
    """As where a bridge of two networks, or a relay with another name for us, hides whose question it was."""
    hand = clients.DhcpHand(network.host("echo", "10.77.0.3"), port=67)
    muster = serve(network, server, data)
    question = hand.socket.recvfrom(2000)[0]
    offer = bytearray(question)
    offer[0], offer[16:20] = 2, socket.inet_aton("10.77.0.99")
    offer = bytes(offer[:240]) + b"\x35\1\2" + b"\x36\4" + socket.inet_aton(SERVER) + b"\xff"
    hand.send(offer, port=68)
    time.sleep(0.5)
    assert not muster.said("another DHCP server")
    hand.send(offer.replace(socket.inet_aton(SERVER), socket.inet_aton("10.77.0.9")), port=68)
    muster.wait_for(r"another DHCP server, 10\.77\.0\.9, answers", 2)
    hand.close()
    muster.stop()


@pytest.mark.parametrize("bound", ["--bind-interfaces", "--bind-dynamic"])
def test_a_server_of_this_host_that_keeps_to_another_interface_is_started_first(network, server, data, client, bound):
    """As the manual says, and the unit's order has it."""
    network.add_bridge("br1")
    network.plug(server, "eth1", "10.88.0.1/24", bridge="br1")
    other = network.namespace("client of the other server")
    network.plug(other, "eth0", bridge="br1")
    plain_dhcp(network, server, pool="10.88.0.50,10.88.0.60", options=["--interface=eth1", "--except-interface=lo", bound])
    muster = serve(network, server, data)
    assert clients.udhcpc(network, client)["serverid"] == SERVER
    assert clients.udhcpc(network, other)["serverid"] == "10.88.0.1"
    assert not muster.said("another DHCP server")
    muster.stop()


def test_a_server_of_this_host_for_the_same_interface_is_named(network, server, data):
    plain_dhcp(network, server, options=["--interface=eth0", "--bind-interfaces"])
    muster = Muster(network, server, ["serve"], configuration(data), ready=False)
    muster.wait_for(r"UDP port 67 is taken by process 'dnsmasq'")
    assert muster.process.wait(5) == 1


def test_a_reload_that_takes_the_subnet_of_an_interface_away_is_noticed(network, server, data):
    muster = serve(network, server, data)
    warning = r"eth0 is in no subnet of 'dhcp\.subnets'"
    assert not muster.said(warning)
    settings = configuration(data)
    settings["dhcp"]["subnets"] = [FAR]
    muster.file.write_text(json.dumps(settings))
    muster.reload()
    muster.wait_for("reloaded")
    muster.wait_for(warning)
    muster.stop()


def test_proxy_on_one_interface_and_server_on_another(network, server, data, hand):
    network.add_bridge("br1")
    network.plug(server, "eth1", "10.88.0.1/24", bridge="br1")
    settings = configuration(data, "proxy", interfaces=["eth0", "eth1"])
    settings["dhcp"].update({"modes": {"eth1": "server"}, "subnets": [FAR]})
    muster = Muster(network, server, ["serve"], settings)
    other = network.namespace("client of the server")
    network.plug(other, "eth0", bridge="br1")
    other_hand = clients.DhcpHand(other)
    assert hand.ask(clients.dhcp_discover(MAC, 0))[16:20] == bytes(4), "a proxy's offer"
    offer = other_hand.ask(clients.dhcp_discover(MAC, 0))
    assert offer[16:20].startswith(socket.inet_aton("10.88.0.0")[:3])
    assert clients.dhcp_options(offer)[51] == (300).to_bytes(4, "big"), "the lease of a boot stage"
    other_hand.close()
    muster.stop()


def test_a_mode_for_an_interface_that_is_not_there_is_named(network, server, data):
    network.add_bridge("br1")
    network.plug(server, "eth1", "10.88.0.1/24", bridge="br1")
    settings = configuration(data, "server", interfaces=["eth0", "eth1"])
    settings["dhcp"]["modes"] = {"eth1": "off", "ethl": "proxy"}
    muster = Muster(network, server, ["serve"], settings)
    assert muster.said(r"'dhcp\.modes' names ethl, which is not there")
    assert not muster.said("eth1 has no IPv4 address"), "it has, and no DHCP is wanted there"
    muster.stop()


def leases(state, *words):
    return subprocess.run([MUSTER, "leases", "--state", state, *words], capture_output=True, text=True, timeout=20)


def test_leases_are_listed_and_released_while_the_server_runs_and_without_it(network, server, data, client):
    muster = serve(network, server, data)
    given = clients.udhcpc(network, client)["ip"]
    state = str(data.path.parent / "state.db")
    for running in (True, False):
        if not running:
            assert clients.udhcpc(network, client)["ip"] == given, "the machine has the first right to it"
            muster.stop()
        listed = leases(state)
        assert listed.returncode == 0 and given in listed.stdout and mac_of(client) in listed.stdout
        assert leases(state, "release", given).returncode == 0
        assert leases(state).stdout == "" and given in leases(state, "--all").stdout
        refused = leases(state, "release", given)
        assert refused.returncode == 1 and f"nobody has {given}" in refused.stderr
    assert leases(state, "steal", given).returncode == 2


def test_a_client_without_a_mac_is_named_by_its_identifier(network, server, data, hand):
    muster = serve(network, server, data)
    nobody, identifier = "00:00:00:00:00:00", b"\xff\x01\x02"
    offered = hand.ask(clients.dhcp_discover(nobody, o61=identifier), timeout=4)[16:20]
    server_id = socket.inet_aton(SERVER)
    assert hand.ask(clients.dhcp_discover(nobody, kind=3, o50=offered, o54=server_id, o61=identifier))
    listed = leases(str(data.path.parent / "state.db")).stdout
    assert "0xff0102" in listed and nobody not in listed
    assert {event["machine"] for event in muster.events if "DISCOVER" in event.get("text", "")} == {
        "client identifier ff:01:02"}
    muster.stop()


@pytest.mark.parametrize("running", [True, False])
def test_an_address_is_reserved_by_command_and_that_survives_a_kill(network, server, data, client, running):
    settings = configuration(data)
    path = str(write_configuration(network.directory, settings))
    muster = Muster(network, server, ["serve"], settings) if running else None

    def command(*words):
        return server.run(MUSTER, "leases", "-c", path, *words, check=False)

    mac = mac_of(client)
    done = command("reserve", mac, "10.77.0.7")
    assert done.returncode == 0 and f"10.77.0.7 is reserved for {mac}" in done.stdout, done
    if running:
        assert clients.udhcpc(network, client)["ip"] == "10.77.0.7"
        muster.process.kill()
    muster = Muster(network, server, ["serve"], settings)
    assert clients.udhcpc(network, client)["ip"] == "10.77.0.7"
    assert "reserved" in command("list").stdout
    for words, reason in ((("reserve", MAC, "10.77.0.7"), f"10.77.0.7 is reserved for {mac} already, by muster leases"),
                          (("reserve", mac, "10.77.0.8"), f"{mac} has 10.77.0.7 reserved already"),
                          (("reserve", MAC, SERVER), "is the router's"),
                          (("reserve", MAC, "192.168.1.1"), "is in no subnet of 'dhcp.subnets'")):
        refused = command(*words)
        assert refused.returncode == 1 and reason in refused.stdout, (words, refused.stdout)
    assert command("unreserve", "10.77.0.7").returncode == 0
    client.run("ip", "address", "flush", "dev", "eth0")
    assert clients.udhcpc(network, client)["ip"] != "10.77.0.7"
    muster.stop()


def test_leases_of_another_server_are_taken_over_while_the_server_runs(network, server, data, client):
    muster = serve(network, server, data)
    taken = data.path.parent / "dnsmasq.leases"
    taken.write_text(f"{int(time.time()) + 3600} {mac_of(client)} 10.77.0.99 node *\n")
    done = leases(str(data.path.parent / "state.db"), "import", str(taken))
    assert done.returncode == 0 and "1 of them taken over" in done.stdout, done
    assert clients.udhcpc(network, client)["ip"] == "10.77.0.99"
    muster.stop()


def test_a_server_is_asked_by_whatever_link_leads_to_its_state(network, server, data, client):
    muster = serve(network, server, data)
    given = clients.udhcpc(network, client)["ip"]
    (data.path.parent / "elsewhere").mkdir()
    link = data.path.parent / "elsewhere" / "leases.db"
    link.symlink_to("../state.db")
    assert f"{given} is free" in leases(str(link), "release", given).stdout
    muster.wait_for(f"by command: {given} is free", 5)
    muster.stop()


def test_a_file_that_stands_in_the_place_of_the_socket_is_left_alone(network, server, data):
    there = data.path.parent / "state.db.control"
    there.write_text("somebody's\n")
    muster = serve(network, server, data)
    assert muster.said(f"no commands are taken while muster runs: '{there}' is there and no socket; move it away")
    assert there.read_text() == "somebody's\n"
    there.unlink()
    muster.wait_for("commands are taken by now", 10)
    assert leases(str(data.path.parent / "state.db")).returncode == 0
    muster.stop()


@pytest.mark.parametrize("words", [["list"], ["release", "10.77.0.50"], ["unreserve", "10.77.0.50"]], ids=lambda words: words[0])
def test_a_state_file_mistyped_is_named_and_not_made(tmp_path, words):
    done = leases(str(tmp_path / "there" / "state.db"), *words)
    assert done.returncode == 1 and "No such file" in done.stderr, done
    assert not list(tmp_path.iterdir())


def test_what_root_takes_over_before_the_first_start_is_the_servers(tmp_path):
    folder = tmp_path / "muster"
    folder.mkdir()
    try:
        os.chown(folder, 65534, 65534)
    except OSError:
        pytest.skip("root of a user namespace has no other users")
    (tmp_path / "dnsmasq.leases").write_text(f"{int(time.time()) + 3600} {MAC} 10.77.0.99 node *\n")
    done = leases(str(folder / "state.db"), "import", str(tmp_path / "dnsmasq.leases"))
    assert done.returncode == 0, done
    owners = {path.name: path.stat().st_uid for path in folder.iterdir()}
    assert "state.db" in owners and set(owners.values()) == {65534}, owners


def test_a_machine_keeps_the_address_that_dnsmasq_gave_it(network, server, data, client):
    taken = data.path.parent / "dnsmasq.leases"
    taken.write_text(f"{int(time.time()) + 3600} {mac_of(client)} 10.77.0.99 node *\nnonsense\n")
    state = str(data.path.parent / "state.db")
    done = leases(state, "import", str(taken))
    assert done.returncode == 0 and "1 kept aside" in done.stdout and ":2: warning" in done.stderr, done
    muster = serve(network, server, data)
    assert clients.udhcpc(network, client)["ip"] == "10.77.0.99"
    muster.stop()


def test_a_lease_for_ever_is_listed_as_one(tmp_path):
    state = str(tmp_path / "state.db")
    (tmp_path / "dhcpd.leases").write_text("".join(
        f"lease 10.77.0.{i} {{\n  ends {ends};\n  binding state active;\n  hardware ethernet 52:54:00:00:00:0{i};\n}}\n"
        for i, ends in enumerate(["epoch 9223372036854775807", "never"], 1)))
    done = leases(state, "import", str(tmp_path / "dhcpd.leases"))
    assert done.returncode == 0 and "2 kept aside" in done.stdout, done
    with contextlib.closing(sqlite3.connect(state)) as database, database:
        database.execute("INSERT INTO lease (address, state, mac, client_id, hostname, expires) "
                         "VALUES ('10.77.0.3', 'bound', ?, '', '', ?)",
                         (MAC, (1 << 63) - 1))
    listed = leases(state)
    assert listed.returncode == 0 and [line.split()[2] for line in listed.stdout.splitlines()] == 3 * ["forever"], listed


def test_a_file_that_is_no_lease_file_is_refused(tmp_path):
    state = str(tmp_path / "state.db")
    (tmp_path / "random").write_bytes(bytes(range(256)))
    for file, reason in (("random", "is no lease file of dnsmasq, ISC dhcpd or Kea: it is no text"), ("none", "No such file")):
        done = leases(state, "import", str(tmp_path / file))
        assert done.returncode == 1 and reason in done.stderr and done.stdout == "", done
    assert not (tmp_path / "state.db").exists()


def test_a_machine_keeps_the_address_that_kea_gave_it(network, server, data, client):
    taken = data.path.parent / "kea-leases4.csv"
    ends = int(time.time()) + 3600
    taken.write_text("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"
                     f"10.77.0.99,{mac_of(client)},,3600,{ends},1,0,0,node,0,\n"
                     f"10.77.0.98,zz,,3600,{ends},1,0,0,node,0,\n")
    muster = serve(network, server, data)
    done = leases(str(data.path.parent / "state.db"), "import", str(taken))
    assert done.returncode == 0 and "1 of them taken over" in done.stdout, done
    assert f"{taken}:3: warning: skipped: 'zz' is no hardware address" in done.stderr
    assert clients.udhcpc(network, client)["ip"] == "10.77.0.99"
    muster.stop()


@pytest.mark.parametrize("running", [True, False])
def test_it_is_said_of_each_lease_why_it_is_not_taken_over(network, server, data, running):
    settings = configuration(data)
    path = str(write_configuration(network.directory, settings))
    muster = Muster(network, server, ["serve"], settings) if running else None
    ends = int(time.time()) + 3600
    addresses = ["0.0.0.0", "10.77.0.0", SERVER, "10.77.0.255", "10.99.0.7", "10.77.0.99"]
    taken = data.path.parent / "dnsmasq.leases"
    taken.write_text("".join(f"{ends} 52:54:00:00:00:0{i} {address} * *\n" for i, address in enumerate(addresses)))
    done = server.run(MUSTER, "leases", "-c", path, "import", str(taken), check=False)
    assert done.returncode == 0 and "1 of them taken over, 1 kept aside until 'dhcp.subnets' has their subnets, " \
        "4 not taken over" in done.stdout, done
    for address in addresses[:4]:
        assert f"{taken}: warning: not taken over: {address} is " in done.stdout, done
    if running:
        assert muster.said("by command: 1 leases of another server taken over, 1 kept aside")
        muster.stop()


@pytest.mark.parametrize("words", [["list"], ["release", "10.77.0.50"], ["reserve", MAC, "10.77.0.50"]], ids=lambda words: words[0])
def test_a_state_file_that_is_a_pipe_is_refused(tmp_path, words):
    os.mkfifo(tmp_path / "state.db")
    done = leases(str(tmp_path / "state.db"), *words)
    assert done.returncode == 1 and "is no regular file" in done.stderr, done
