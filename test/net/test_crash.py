# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged is bound, whatever becomes of the server. MUSTER_CRASH_ROUNDS=200 takes a minute."""
import contextlib
import os
import random
import signal
import socket
import subprocess
import threading
import time

from conftest import configuration
from lab import client as clients
from lab.server import Muster
from lab.world import MUSTER

ROUNDS = int(os.environ.get("MUSTER_CRASH_ROUNDS", "5"))
SUBNET = {"subnet": "10.77.0.0/16", "pool": "10.77.1.0-10.77.250.250", "lease": "1h"}


def mac_at(number):
    return f"52:54:01:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


class Crowd:
    """Machines that all ask at once, without waiting for each other; what they were told last."""

    def __init__(self, namespace, first):
        self.hand = clients.DhcpHand(namespace)
        self.first = first
        self.acknowledged = {}
        self.stopped = False
        self.threads = [threading.Thread(target=self._ask), threading.Thread(target=self._hear)]
        for thread in self.threads:
            thread.start()

    def _ask(self):
        number = self.first
        while not self.stopped:
            self.hand.send(clients.dhcp_discover(mac_at(number)))
            number += 1
            time.sleep(0.0005)

    def _hear(self):
        while not self.stopped:
            heard = self.hand.receive(0.1)
            if not heard:
                continue
            reply, sender = heard
            kind, mac = clients.dhcp_options(reply)[53], reply[28:34].hex(":")
            if kind == b"\2":
                self.hand.send(clients.dhcp_discover(mac, kind=3, o50=reply[16:20], o54=clients.dhcp_options(reply)[54]))
            elif kind == b"\5":
                self.acknowledged[socket.inet_ntoa(reply[16:20])] = mac

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()
        self.hand.close()


def bound(state):
    """{address: MAC} as the state file has it."""
    said = subprocess.run([MUSTER, "leases", "--state", state], capture_output=True, text=True, timeout=60, check=True)
    return {words[0]: words[4] for words in map(str.split, said.stdout.splitlines())}


def test_no_acknowledged_lease_is_lost_by_a_server_that_is_killed(network, server, data, client):
    server.run("ip", "address", "replace", "10.77.0.1/16", "dev", "eth0")
    server.run("ip", "address", "del", "10.77.0.1/24", "dev", "eth0", check=False)
    settings = configuration(data, log_level="warning", tftp={"enabled": False})
    settings["dhcp"].update({"subnets": [SUBNET], "probe": False})
    promised = {}
    for round_number in range(ROUNDS):
        muster = Muster(network, server, ["serve"], settings)
        crowd = Crowd(client, round_number * 10000)
        time.sleep(random.uniform(0.05, 0.3))
        os.kill(muster.pid, signal.SIGKILL)
        muster.process.wait(10)
        crowd.stop()
        for address, mac in crowd.acknowledged.items():
            assert promised.setdefault(address, mac) == mac, f"{address} was given twice, in round {round_number}"
        there = bound(settings["state"])
        lost = {address: mac for address, mac in promised.items() if there.get(address) != mac}
        assert not lost, f"round {round_number}: {len(lost)} lost, {list(lost.items())[:5]}"
    assert len(promised) > 5 * ROUNDS, "there was hardly any load"


def test_a_full_disk_gives_no_new_lease_and_says_so(network, server, data, client, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], check=True)
    try:
        settings = configuration(data, state=str(folder / "state.db"))
        settings["dhcp"]["probe"] = False
        muster = Muster(network, server, ["serve"], settings)
        assert clients.udhcpc(network, client)
        with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        hand = clients.DhcpHand(client)
        silent = 0
        for number in range(40):
            offer = hand.ask(clients.dhcp_discover(mac_at(number)))
            assert offer, "an OFFER needs no disk"
            request = clients.dhcp_discover(mac_at(number), kind=3, o50=offer[16:20], o54=socket.inet_aton("10.77.0.1"))
            silent += hand.ask(request, timeout=0.5) is None
            if silent >= 2:
                break
        assert silent >= 2 and muster.said("could not be stored")
        (folder / "filler").unlink()
        assert hand.ask(request), "once there is room again, leases are given again"
        hand.close()
        muster.stop()
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
