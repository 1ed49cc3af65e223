# SPDX-License-Identifier: Apache-2.0
"""DHCP and proxyDHCP as real clients, and hostile ones, see them."""
import socket
import struct
import threading
import time

import pytest

from conftest import SERVER, configuration
from lab import client as clients
from lab.server import Muster, plain_dhcp

BIOS, EFI_X64, EFI_HTTP_X64 = 0, 7, 16
MAC = "52:54:00:00:00:77"


@pytest.fixture
def muster(request, network, server, data):
    """muster in the mode the test asks for: server, unless it is marked otherwise."""
    mode = getattr(request, "param", "server")
    muster = Muster(network, server, ["serve"], configuration(data, mode))
    yield muster
    muster.stop()


@pytest.fixture
def hand(client):
    hand = clients.DhcpHand(client)
    yield hand
    hand.close()


proxy = pytest.mark.parametrize("muster", ["proxy"], indirect=True)
both = pytest.mark.parametrize("muster", ["server", "proxy"], indirect=True)


def test_dhclient_gets_an_address_router_and_dns(muster, network, client):
    given = clients.dhclient(network, client)
    assert given, f"no lease; muster said:\n{muster.log.tail()}"
    assert given["new_ip_address"].startswith("10.77.0.")
    assert given["new_subnet_mask"] == "255.255.255.0"
    assert given["new_routers"] == given["new_domain_name_servers"] == SERVER
    assert given["new_dhcp_lease_time"] == "3600"


def test_udhcpc_gets_an_address_router_and_dns(muster, network, client):
    given = clients.udhcpc(network, client)
    assert given, f"no lease; muster said:\n{muster.log.tail()}"
    assert (given["subnet"], given["router"], given["dns"]) == ("255.255.255.0", SERVER, SERVER)
    assert given["lease"] == "3600"


def test_a_client_that_comes_back_gets_its_address_again(muster, network, client):
    first = clients.dhclient(network, client)["new_ip_address"]
    client.run("ip", "address", "flush", "dev", "eth0")
    assert clients.udhcpc(network, client)["ip"] == first
    client.run("ip", "address", "flush", "dev", "eth0")
    assert clients.dhclient(network, client, address=first)["new_ip_address"] == first


def test_a_reserved_address_is_given_to_its_machine(network, server, data, client):
    settings = configuration(data)
    reservation = {"mac": "52:54:00:00:00:aa", "address": "10.77.0.10", "hostname": "node1"}
    settings["dhcp"]["subnets"] = [{**settings["dhcp"]["subnets"][0], "reservations": [reservation]}]
    muster = Muster(network, server, ["serve"], settings)
    reserved = network.host("reserved", mac="52:54:00:00:00:aa")
    given = clients.dhclient(network, reserved)
    assert (given["new_ip_address"], given["new_host_name"]) == ("10.77.0.10", "node1")
    assert clients.dhclient(network, client)["new_ip_address"] != "10.77.0.10"
    muster.stop()


def test_a_reserved_address_follows_its_client_identifier_to_another_mac(network, server, data, client):
    settings = configuration(data)
    reservation = {"client-id": "node", "address": "10.77.0.10"}
    settings["dhcp"]["subnets"] = [{**settings["dhcp"]["subnets"][0], "reservations": [reservation]}]
    muster = Muster(network, server, ["serve"], settings)
    hand = clients.DhcpHand(client)
    server_id = socket.inet_aton(SERVER)

    def take(mac):
        offered = hand.ask(clients.dhcp_discover(mac, o61=b"node"), timeout=4)[16:20]
        answer = hand.ask(clients.dhcp_discover(mac, kind=3, o50=offered, o54=server_id, o61=b"node"))
        return socket.inet_ntoa(answer[16:20])

    def come_back(mac):
        request = clients.dhcp_discover(mac, kind=3, o50=socket.inet_aton("10.77.0.10"), o61=b"node")
        return clients.dhcp_options(hand.ask(request))[53]

    other = "52:54:00:00:00:78"
    assert take(MAC) == "10.77.0.10" and come_back(MAC) == b"\5"
    assert take(other) == "10.77.0.10" and come_back(MAC) == b"\6" and come_back(other) == b"\5"
    assert take(MAC) == "10.77.0.10" and come_back(other) == b"\6"
    muster.wait_for(f"taken back from {other}", 5)
    said = [event for event in muster.events if "taken back from" in event.get("text", "")]
    assert len(said) == 1 and (said[0]["level"], said[0]["machine"]) == ("warning", MAC), said
    hand.close()
    muster.stop()


def test_a_network_without_a_free_address_is_named_once_however_many_ask(network, server, data, hand):
    settings = configuration(data)
    settings["dhcp"]["subnets"] = [{**settings["dhcp"]["subnets"][0], "pool": "10.77.0.50-10.77.0.50"}]
    muster = Muster(network, server, ["serve"], settings)
    assert hand.ask(clients.dhcp_discover(MAC))
    for number in range(5):
        assert hand.ask(clients.dhcp_discover(f"52:54:00:00:01:{number:02x}"), timeout=0.3) is None
    muster.wait_for("no offer: every address of the pool", 5)
    said = [event for event in muster.events if "no offer: every address" in event.get("text", "")]
    assert len(said) == 1 and said[0]["level"] == "warning", said
    muster.stop()


@pytest.mark.parametrize("take", [clients.dhclient, clients.udhcpc])
def test_more_options_than_fit_stand_in_the_fields_for_boot_files(network, server, data, client, take):
    """Neither client says in option 57 that it takes more than 548 octets."""
    settings = configuration(data)
    texts = {"root-path": "r", "nis-domain": "n", "merit-dump": "m"}
    settings["dhcp"]["options"] = {name: {"value": letter * 110, "force": True} for name, letter in texts.items()}
    muster = Muster(network, server, ["serve"], settings)
    given = take(network, client)
    names = {name: name.replace("-", "_") for name in texts} if take is clients.dhclient else {"root-path": "rootpath"}
    prefix = "new_" if take is clients.dhclient else ""
    assert given, f"no lease; muster said:\n{muster.log.tail()}"
    for name, variable in names.items():
        assert given[prefix + variable] == texts[name] * 110
    assert "left out" not in muster.log.tail()
    muster.stop()


def test_an_ordinary_client_gets_no_boot_options(muster, hand):
    offer = hand.ask(clients.dhcp_discover(MAC))
    options = clients.dhcp_options(offer)
    assert options[53] == b"\2" and options[54] == socket.inet_aton(SERVER)
    assert not options.keys() & {43, 60, 66, 67}
    assert offer[108:236] == bytes(128), "no boot file"


@proxy
def test_a_client_that_is_no_pxe_client_hears_nothing_in_proxy_mode(muster, network, client, hand):
    assert hand.ask(clients.dhcp_discover(MAC)) is None
    assert hand.ask(clients.dhcp_discover(MAC, kind=3, o50=socket.inet_aton("10.77.0.9"))) is None
    hand.close()
    assert clients.udhcpc(network, client, tries=2) is None


@proxy
def test_an_ordinary_client_still_gets_its_address_from_the_other_server(muster, network, client):
    plain_dhcp(network, network.host("dhcp", "10.77.0.2"))
    assert clients.dhclient(network, client)["new_dhcp_server_identifier"] == "10.77.0.2"


@proxy
@pytest.mark.parametrize("arch", [BIOS, EFI_X64])
def test_a_pxe_client_gets_a_proxy_offer_without_an_address(muster, hand, arch):
    offer = hand.ask(clients.dhcp_discover(MAC, arch))
    options = clients.dhcp_options(offer)
    assert offer[16:20] == bytes(4), "yiaddr"
    assert offer[20:24] == socket.inet_aton(SERVER), "siaddr"
    assert options[60].rstrip(b"\0") == b"PXEClient"
    assert options[54] == socket.inet_aton(SERVER)
    assert options[97] == clients.dhcp_options(clients.dhcp_discover(MAC, arch))[97]


@proxy
def test_port_4011_tells_a_uefi_client_its_boot_file(muster, network, client):
    network.set_address(client, "eth0", "10.77.0.9")
    hand = clients.DhcpHand(client, port=4011)
    request = bytearray(clients.dhcp_discover(MAC, EFI_X64, kind=3))
    request[12:16] = socket.inet_aton("10.77.0.9")
    answer = hand.ask(bytes(request), destination=SERVER, port=4011)
    assert answer, f"silence; muster said:\n{muster.log.tail()}"
    assert clients.dhcp_options(answer)[53] == b"\5"
    assert b".efi" in answer[108:236]
    hand.close()


def test_http_boot_is_offered_a_url(muster, hand):
    offer = hand.ask(clients.dhcp_discover(MAC, EFI_HTTP_X64, "HTTPClient:Arch:00016:UNDI:003016"))
    options = clients.dhcp_options(offer)
    assert options[60].rstrip(b"\0") == b"HTTPClient"
    assert (options.get(67) or offer[108:236]).startswith(b"http://10.77.0.1:8080/")


def test_an_unknown_architecture_gets_an_address_and_the_log_names_it(muster, hand):
    start = muster.log.mark()
    offer = hand.ask(clients.dhcp_discover(MAC, arch=0x7777))
    assert offer and offer[16:20] != bytes(4)
    assert offer[108:236] == bytes(128) and 67 not in clients.dhcp_options(offer)
    muster.wait_for(r"(?i)arch", 5, start)


@proxy
def test_an_unknown_architecture_hears_nothing_in_proxy_mode_and_the_log_names_it(muster, hand):
    start = muster.log.mark()
    assert hand.ask(clients.dhcp_discover(MAC, arch=0x7777)) is None
    muster.wait_for(r"(?i)arch", 5, start)


def hostile_datagrams():
    good = clients.dhcp_discover(MAC, EFI_X64)
    return {
        "nothing": b"",
        "one octet": b"\1",
        "noise": bytes(range(256)) * 2,
        "text": b"GET / HTTP/1.0\r\n\r\n",
        "half a header": good[:120],
        "no cookie": good[:236] + bytes(4) + good[240:],
        "an option that ends early": good[:-1] + bytes([12, 200]) + b"short",
        "an option without its length": good[:-1] + bytes([12]),
        "option 53 of length 0": good.replace(bytes([53, 1, 1]), bytes([53, 0])),
        "option 93 of odd length": good.replace(struct.pack("!BBH", 93, 2, 7), bytes([93, 1, 7])),
        "option 97 of length 3": clients.dhcp_discover(MAC, EFI_X64, o97=b"\0ab"),
        "hardware address of 255": good[:2] + b"\xff" + good[3:],
        "a reply": b"\2" + good[1:],
        "9,000 octets": good[:-1] + bytes([224, 250] + [7] * 250) * 34 + b"\xff",
        "65,000 octets": good + bytes(65000 - len(good)),
        "unknown message type": clients.dhcp_discover(MAC, EFI_X64, kind=200),
        "options overloaded in a circle": good[:-1] + bytes([52, 1, 3, 255]),
    }


@both
@pytest.mark.parametrize("name", hostile_datagrams())
def test_a_hostile_datagram_is_survived(muster, hand, client, network, name):
    """On 67 and on 4011, and the next machine is served as if nothing had been."""
    network.set_address(client, "eth0", "10.77.0.9")
    packet = hostile_datagrams()[name]
    for port in (67, 4011):
        hand.send(packet, SERVER, port)
    time.sleep(0.1)
    answer = hand.ask(clients.dhcp_discover("52:54:00:00:00:78", EFI_X64))
    assert answer, f"silence after {name}; muster said:\n{muster.log.tail()}"


def test_a_malformed_datagram_is_named_in_the_log(muster, hand):
    start = muster.log.mark()
    hand.send(hostile_datagrams()["an option that ends early"])
    muster.wait_for(r"option 12 .* says 200 octets where 5 are left", 5, start)


def test_a_relayed_request_is_answered_at_the_relay(muster, hand, client, network):
    network.set_address(client, "eth0", "10.77.0.9")
    relay = clients.DhcpHand(client, port=67)
    request = bytearray(clients.dhcp_discover(MAC, BIOS))
    request[24:28] = socket.inet_aton("10.77.0.9")
    request[3] = 1
    relay.send(bytes(request), SERVER)
    answer, sender = relay.receive(3, bytes(request[4:8]))
    assert sender == (SERVER, 67) and answer[24:28] == socket.inet_aton("10.77.0.9")
    relay.close()


def test_every_interface_tells_its_own_address(network, server, data):
    network.add_bridge("br1")
    network.plug(server, "eth1", "10.88.0.1/24", bridge="br1")
    settings = configuration(data, interfaces=["eth0", "eth1"])
    settings["dhcp"]["subnets"] = [settings["dhcp"]["subnets"][0],
                                   {"subnet": "10.88.0.0/24", "pool": "10.88.0.50-10.88.0.60"}]
    muster = Muster(network, server, ["serve"], settings)
    for bridge, expected in (("br0", "10.77.0.1"), ("br1", "10.88.0.1")):
        namespace = network.namespace(f"client on {bridge}")
        network.plug(namespace, "eth0", bridge=bridge)
        hand = clients.DhcpHand(namespace)
        offer = hand.ask(clients.dhcp_discover(MAC, BIOS))
        assert offer, f"silence on {bridge}; muster said:\n{muster.log.tail()}"
        assert offer[20:24] == clients.dhcp_options(offer)[54] == socket.inet_aton(expected)
        hand.close()
    muster.stop()


def test_a_crowd_of_machines_gets_different_addresses(muster, client):
    """100 machines ask at once, twice each; one address for each machine, and the same both times."""
    hand = clients.DhcpHand(client)
    packets = {f"52:54:00:00:01:{number:02x}": None for number in range(100)}
    for mac in packets:
        packets[mac] = clients.dhcp_discover(mac, BIOS)
    got = {}

    def collect():
        deadline = time.monotonic() + 10
        while len(got) < 100 and time.monotonic() < deadline:
            answer = hand.receive(1)
            if answer:
                got.setdefault(answer[0][28:34].hex(":"), set()).add(answer[0][16:20])

    collector = threading.Thread(target=collect)
    collector.start()
    for _ in range(2):
        for packet in packets.values():
            hand.send(packet)
    collector.join()
    assert got.keys() == packets.keys()
    assert all(len(addresses) == 1 for addresses in got.values())
    assert len({address for addresses in got.values() for address in addresses}) == 100
    hand.close()
