# SPDX-License-Identifier: Apache-2.0
"""Addresses and options that groups of the catalog give, as real clients get them."""
import json
import subprocess

from conftest import SERVER, configuration
from lab import client as clients
from lab.server import Muster, write_configuration
from lab.world import MUSTER

MAC = "52:54:00:00:00:aa"


def group(data, name, mac, **dhcp):
    document = {"id": name, "profile": "plain", "selector": {"mac": mac}, "dhcp": dhcp}
    (data.path / "groups" / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")


def test_a_group_gives_its_machine_an_address_and_an_edit_holds_from_the_next_packet(network, server, data, client):
    (data.path / "profiles" / "plain.json").write_text('{"id": "plain", "dhcp": {"domain": "lab.example", "lease": "20m"}}')
    group(data, "node1", MAC, address="10.77.0.60", hostname="node1", options={"ntp": "10.77.0.9"})
    muster = Muster(network, server, ["serve"], configuration(data))
    machine = network.host("machine", mac=MAC)
    given = clients.dhclient(network, machine)
    assert given, f"no lease; muster said:\n{muster.log.tail()}"
    assert (given["new_ip_address"], given["new_host_name"]) == ("10.77.0.60", "node1")
    assert (given["new_ntp_servers"], given["new_domain_name"]) == ("10.77.0.9", "lab.example")
    assert (given["new_routers"], given["new_dhcp_lease_time"]) == (SERVER, "1200")
    start = muster.log.mark()
    group(data, "node1", MAC, address="10.77.0.61", hostname="renamed")
    group(data, "other", "52:54:00:00:00:ab", address="10.77.0.61")
    muster.wait_for(r"groups/other.json:\d+:\d+: 10\.77\.0\.61 is given to 52:54:00:00:00:aa by group 'node1'", 10, start)
    machine.run("ip", "address", "flush", "dev", "eth0")
    given = clients.udhcpc(network, machine, options=["-O", "hostname"])
    assert (given["ip"], given["hostname"]) == ("10.77.0.61", "renamed")
    assert clients.udhcpc(network, client, options=["-r", "10.77.0.61"])["ip"] != "10.77.0.61"
    muster.stop()


def test_check_names_both_documents_of_a_conflict(network, data):
    (data.path / "profiles" / "plain.json").write_text('{"id": "plain"}')
    group(data, "node1", MAC, address="10.77.0.10")
    settings = configuration(data)
    reservation = {"mac": "52:54:00:00:00:ab", "address": "10.77.0.10"}
    settings["dhcp"]["subnets"] = [{**settings["dhcp"]["subnets"][0], "reservations": [reservation]}]
    path = write_configuration(network.directory, settings)
    checked = subprocess.run([MUSTER, "check", path], capture_output=True, text=True, timeout=20)
    assert checked.returncode == 1
    assert "groups/node1.json" in checked.stdout and f"{path}:" in checked.stdout, checked.stdout


def test_a_machine_that_only_a_group_knows_is_served_and_others_are_not(network, server, data, client):
    (data.path / "profiles" / "plain.json").write_text('{"id": "plain"}')
    group(data, "node1", MAC)
    settings = configuration(data)
    settings["dhcp"]["unknown"] = "ignore"
    muster = Muster(network, server, ["serve"], settings)
    assert clients.udhcpc(network, network.host("machine", mac=MAC))
    assert clients.udhcpc(network, client, tries=2) is None
    muster.stop()
