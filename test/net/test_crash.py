# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged is bound, whatever becomes of the server. MUSTER_CRASH_ROUNDS=200 takes a minute and a half."""
import contextlib
import os
import pathlib
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from conftest import SERVER, SUBNET, configuration, wait_until
from lab import client as clients
from lab.server import Muster
from lab.world import MUSTER, roomy_socket, slow_disk

ROUNDS = int(os.environ.get("MUSTER_CRASH_ROUNDS", "5"))
WIDE = {"subnet": "10.77.0.0/16", "pool": "10.77.1.0-10.77.250.250", "lease": "1h"}
MACHINES = 30_000
MAC = "52:54:00:00:00:77"


class Ear:
    """Hears every ACK that arrives at an interface: {address: {MAC, ...}} of those that were acknowledged."""

    def __init__(self, namespace, interface="eth0"):
        self.socket = namespace.call(self._open, interface)
        self.acknowledged = {}
        self.count = 0
        self.stopped = False
        self.thread = threading.Thread(target=self._hear)
        self.thread.start()

    @staticmethod
    def _open(interface):
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        with contextlib.suppress(PermissionError):
            opened.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        opened.bind((interface, 0))
        opened.settimeout(0.05)
        return opened

    def _hear(self):
        while True:
            try:
                packet, (_, _, kind, *_) = self.socket.recvfrom(2048)
            except TimeoutError:
                if self.stopped:
                    return
                continue
            message = packet[(packet[0] & 15) * 4 + 8:]
            if kind != socket.PACKET_OUTGOING and packet[9] == 17 and message[:1] == b"\2" and message[240:243] == b"\x35\1\5":
                self.count += 1
                self.acknowledged.setdefault(socket.inet_ntoa(message[16:20]), set()).add(message[28:34].hex(":"))

    def stop(self):
        self.stopped = True
        self.thread.join()
        self.socket.close()


@contextlib.contextmanager
def load(network, client, rate, machines=MACHINES):
    """perfdhcp without end, so that many exchanges are under way at any moment."""
    ear = Ear(client)
    process = network.start(client, ["perfdhcp", "-4", "-g", "single", "-r", rate, "-R", machines, "-p", 3600, "-l", "eth0",
                                     "-B"], environment={"LD_PRELOAD": str(roomy_socket())})
    try:
        yield ear
    finally:
        process.kill()
        ear.stop()


def bound(state):
    """{address: MAC} as the state file has it."""
    with contextlib.closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT address, mac FROM lease WHERE state = 'bound'"))


@pytest.fixture
def wide(server, client):
    """A /16 on the segment."""
    server.run("ip", "address", "replace", f"{SERVER}/16", "dev", "eth0")
    server.run("ip", "address", "del", f"{SERVER}/24", "dev", "eth0", check=False)
    client.run("ip", "address", "add", "10.77.0.2/16", "dev", "eth0")


def test_no_acknowledged_lease_is_lost_by_a_server_that_is_killed(network, server, data, client, wide):
    settings = configuration(data, log_level="warning", tftp={"enabled": False})
    settings["dhcp"].update({"subnets": [WIDE], "probe": False, "authoritative": True})
    rounds_with_load, count = 0, 0
    with load(network, client, 3000) as ear:
        for number in range(ROUNDS):
            muster = Muster(network, server, ["serve"], settings)
            time.sleep(random.uniform(0.02, 0.2))
            os.kill(muster.pid, signal.SIGKILL)
            muster.process.wait(10)
            time.sleep(0.03)
            promised = dict(ear.acknowledged)
            twice = {address: macs for address, macs in promised.items() if len(macs) > 1}
            assert not twice, f"round {number}: given to two machines: {list(twice.items())[:5]}"
            there = bound(settings["state"])
            lost = {address: macs for address, macs in promised.items() if {there.get(address)} != macs}
            assert not lost, f"round {number}: {len(lost)} lost, {list(lost.items())[:5]}"
            rounds_with_load += ear.count > count + 10
            count = ear.count
    assert rounds_with_load >= 0.6 * ROUNDS, f"there was hardly any load: {count} leases"


def test_a_server_that_is_stopped_under_load_ends_well_and_keeps_what_it_acknowledged(network, server, data, client, wide):
    settings = configuration(data, log_level="warning", tftp={"enabled": False})
    settings["dhcp"].update({"subnets": [WIDE], "probe": False, "authoritative": True})
    with load(network, client, 3000) as ear:
        for number in range(ROUNDS):
            muster = Muster(network, server, ["serve"], settings)
            heard = ear.count
            wait_until(lambda: ear.count > heard + 20)
            muster.stop()
            time.sleep(0.03)
            there = bound(settings["state"])
            lost = {address: macs for address, macs in dict(ear.acknowledged).items() if {there.get(address)} != macs}
            assert not lost, f"round {number}: {len(lost)} lost, {list(lost.items())[:5]}"


def renew(hand, mac, address):
    """What a machine that has the address hears when it renews it: (kind of reply, seconds), or None."""
    packet = bytearray(clients.dhcp_discover(mac, kind=3))
    packet[12:16] = socket.inet_aton(address)
    reply = hand.ask(bytes(packet), timeout=5)
    options = clients.dhcp_options(reply) if reply else {}
    return (options[53], int.from_bytes(options[51], "big")) if reply else None


def bind(hand, mac, timeout=5):
    """The address that a machine gets, or None."""
    offer = hand.ask(clients.dhcp_discover(mac), timeout=timeout)
    request = offer and clients.dhcp_discover(mac, kind=3, o50=offer[16:20], o54=socket.inet_aton(SERVER))
    ack = request and hand.ask(request, timeout=timeout)
    return ack and socket.inet_ntoa(ack[16:20])


@contextlib.contextmanager
def small_disk(folder, size):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


class Hog:
    """Takes whatever room there is on a disk, and what becomes free too."""

    def __init__(self, file):
        self.file = file
        self.stopped = False
        self.thread = threading.Thread(target=self._fill)
        self.thread.start()

    def _fill(self):
        with open(self.file, "ab", buffering=0) as filler:
            while not self.stopped:
                try:
                    filler.write(bytes(4096))
                except OSError:
                    time.sleep(0.002)

    def stop(self):
        self.stopped = True
        self.thread.join()
        self.file.unlink()


@pytest.fixture
def hand(client):
    hand = clients.DhcpHand(client)
    yield hand
    hand.close()


def test_a_full_disk_gives_no_new_lease_and_keeps_the_old_ones(network, server, data, client, wide, hand, tmp_path):
    with small_disk(tmp_path / "small", "3m") as folder:
        settings = configuration(data, state=str(folder / "state.db"), tftp={"enabled": False})
        settings["dhcp"].update({"subnets": [WIDE], "probe": False})
        muster = Muster(network, server, ["serve"], settings)
        address = bind(hand, MAC)
        network.set_address(client, "eth0", f"{address}/32")
        assert renew(hand, MAC, address) == (b"\5", 3600)
        start = muster.log.mark()
        with load(network, client, 500):
            hog = Hog(folder / "hog")
            muster.wait_for(r"leases could not be stored, so that no new ones are given", 20, start)
            time.sleep(1.1)
            left = [renew(hand, MAC, address) for _ in range(5)]
            assert any(left) and all(kind == b"\5" for kind, _ in filter(None, left))
            assert min(seconds for _, seconds in filter(None, left)) < 3600, "what it has for sure, and no more"
            muster.wait_for(r"messages not answered in the last 10 s: .*whose lease could not be stored", 12, start)
            again = muster.log.mark()
            hog.stop()
            muster.wait_for("leases can be stored again", 20, again)
        assert bind(hand, "52:54:00:00:00:78")
        assert renew(hand, MAC, address) == (b"\5", 3600)
        muster.stop()


@pytest.fixture
def disk(network):
    """Hangs or fails while its files are there."""
    hangs, fails = network.directory / "hangs", network.directory / "fails"
    yield {"hangs": hangs, "fails": fails,
           "environment": {"LD_PRELOAD": str(slow_disk()), "SLOW_DISK": str(hangs), "FAILING_DISK": str(fails)}}
    hangs.unlink(missing_ok=True)


def discover_offered(hand, mac, timeout=3):
    return hand.ask(clients.dhcp_discover(mac), timeout=timeout)


def request_offered(hand, mac, offer, timeout=3):
    return hand.ask(clients.dhcp_discover(mac, kind=3, o50=offer[16:20], o54=socket.inet_aton(SERVER)), timeout=timeout)


def test_a_disk_that_hangs_gives_no_lease_and_the_log_says_so(network, server, data, hand, disk):
    settings = configuration(data, tftp={"enabled": False})
    settings["dhcp"]["probe"] = False
    muster = Muster(network, server, ["serve"], settings, environment=disk["environment"])
    assert bind(hand, MAC)
    offers = [discover_offered(hand, f"52:54:00:00:01:0{number}") for number in range(2)]
    disk["hangs"].touch()
    assert request_offered(hand, "52:54:00:00:01:00", offers[0], timeout=2.2) is None
    assert request_offered(hand, "52:54:00:00:01:01", offers[1], timeout=0.5) is None
    muster.wait_for("the disk of the state file has not answered for 2 s: no leases are given", 5)
    assert discover_offered(hand, "52:54:00:00:01:02", timeout=0.5) is None
    inform = bytearray(clients.dhcp_discover(MAC, kind=8))
    inform[12:16] = socket.inet_aton("10.77.0.9")
    hand.send(bytes(inform))
    muster.wait_for("ack its parameters", 5)
    disk["hangs"].unlink()
    muster.wait_for("the disk of the state file answers again", 5)
    given = [bind(hand, f"52:54:00:00:01:0{number}") for number in range(3)]
    assert None not in given and len(set(given)) == 3
    muster.stop()
    assert set(given) < bound(settings["state"]).keys()


def test_a_disk_that_fails_and_works_by_turns_does_not_fill_the_log(network, server, data, hand, disk):
    settings = configuration(data, tftp={"enabled": False})
    settings["dhcp"]["probe"] = False
    muster = Muster(network, server, ["serve"], settings, environment=disk["environment"])
    machines = [f"52:54:00:00:01:{number:02x}" for number in range(11)]
    offers = {mac: discover_offered(hand, mac) for mac in machines}
    for mac in machines[:-1]:
        disk["fails"].touch()
        assert request_offered(hand, mac, offers[mac], timeout=0.3) is None
        disk["fails"].unlink()
        assert bind(hand, mac, timeout=0.3) or bind(hand, mac)
    assert len(re.findall("leases could not be stored, so", muster.log.text())) == 1
    assert len(re.findall("leases can be stored again", muster.log.text())) == 1
    disk["fails"].touch()
    start = muster.log.mark()
    assert request_offered(hand, machines[-1], offers[machines[-1]], timeout=0.3) is None
    muster.wait_for("leases could not be stored, so", 15, start)
    muster.stop()


def test_a_disk_as_small_as_the_leases_is_enough(network, server, data, client, wide, tmp_path):
    """The journal takes no more room than there is."""
    with small_disk(tmp_path / "small", "1m") as folder:
        settings = configuration(data, state=str(folder / "state.db"), log_level="warning", tftp={"enabled": False})
        settings["dhcp"].update({"subnets": [WIDE], "probe": False})
        muster = Muster(network, server, ["serve"], settings)
        with load(network, client, 1000, 2000) as ear:
            time.sleep(2)
            assert len(ear.acknowledged) > 1000 and not muster.said("could not be stored")
        muster.stop()


def test_what_a_command_could_not_store_is_given_to_nobody_else(network, server, data, client, hand, tmp_path):
    with small_disk(tmp_path / "small", "4m") as folder:
        settings = configuration(data, state=str(folder / "state.db"))
        settings["dhcp"].update({"subnets": [{**SUBNET, "pool": "10.77.0.50-10.77.0.52"}], "probe": False})
        muster = Muster(network, server, ["serve"], settings)
        machines = [MAC, "52:54:00:00:00:78"]
        given = {bind(hand, machine) for machine in machines}
        assert len(given) == 2
        os.kill(muster.pid, signal.SIGKILL)
        muster.process.wait(10)
        state = folder / "state.db"
        subprocess.run(["mount", "--bind", state, state], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", state], check=True)
        muster = Muster(network, server, ["serve"], settings)
        free, = {"10.77.0.50", "10.77.0.51", "10.77.0.52"} - given
        taken = tmp_path / "dnsmasq.leases"
        taken.write_text(f"{int(time.time()) + 3600} 52:54:00:00:00:99 {free} node *\n")

        def command(*words):
            return subprocess.run([MUSTER, "leases", "--state", str(state), *words], capture_output=True,
                                  text=True, timeout=20)

        for words in (["release", min(given)], ["import", str(taken)]):
            done = command(*words)
            assert done.returncode == 1 and "it could not be stored" in done.stderr, done
        subprocess.run(["mount", "-o", "remount,bind,rw", state], check=True)
        assert command("import", str(taken)).stdout.endswith("1 of them taken over\n")
        assert bind(hand, "52:54:00:00:00:79") is None, "the addresses are all taken"
        assert {bind(hand, machine) for machine in machines} == given
        muster.stop()
        assert free in command().stdout
        subprocess.run(["umount", state], check=True)


@pytest.mark.parametrize("size", ["8k", "24k", "40k", "56k"])
def test_a_disk_that_is_full_at_the_first_start_leaves_nothing(tmp_path, size):
    """An empty file, or a journal alone, is what the next start would warn of."""
    with small_disk(tmp_path / "small", size) as folder:
        done = subprocess.run([MUSTER, "leases", "--state", folder / "state.db", "reserve", MAC, "10.77.0.7"],
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and re.search(r"disk is full|No space left", done.stderr), done
        assert not list(folder.iterdir())


def leases(state, *words, environment=None):
    return subprocess.run([MUSTER, "leases", "--state", state, *words], capture_output=True, text=True, timeout=20,
                          env=os.environ | (environment or {}))


@pytest.mark.parametrize("journal", [None, "-wal", "-wal and -shm"])
def test_a_state_file_that_is_read_only_is_listed(tmp_path, journal):
    with small_disk(tmp_path / "small", "4m") as folder:
        state = folder / "state.db"
        (tmp_path / "dnsmasq.leases").write_text(f"{int(time.time()) + 3600} {MAC} 10.77.0.7 node *\n")
        assert leases(state, "import", tmp_path / "dnsmasq.leases").returncode == 0
        if journal:
            # As a server leaves it that is killed.
            code = ("import os, sqlite3, sys; database = sqlite3.connect(sys.argv[1]);"
                    "database.execute(\"UPDATE lease SET address = '10.77.0.8'\"); database.commit(); os._exit(0)")
            subprocess.run([sys.executable, "-c", code, state], check=True)
        if journal == "-wal":
            (folder / "state.db-shm").unlink()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        listed = leases(state)
        assert listed.returncode == 0 and ("10.77.0.8" if journal else "10.77.0.7") in listed.stdout, listed


@pytest.mark.parametrize("lost", [[], ["state.db-shm"]], ids=["", "without -shm"])
def test_a_state_file_that_is_read_only_is_honoured_until_it_can_be_written(network, server, data, client, hand, tmp_path,
                                                                            lost):
    with small_disk(tmp_path / "small", "4m") as folder:
        settings = configuration(data, state=str(folder / "state.db"))
        settings["dhcp"].update({"subnets": [SUBNET], "probe": False})
        muster = Muster(network, server, ["serve"], settings)
        address = bind(hand, MAC)
        network.set_address(client, "eth0", address)
        os.kill(muster.pid, signal.SIGKILL)
        muster.process.wait(10)
        for name in lost:
            (folder / name).unlink()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        time.sleep(1.1)
        muster = Muster(network, server, ["serve"], settings)
        assert muster.said("Read-only file system: until it can be written no new lease is given, and the 1 leases in it")
        start = muster.log.mark()
        kind, seconds = renew(hand, MAC, address)
        assert kind == b"\5" and seconds < 3600
        assert hand.ask(clients.dhcp_discover("52:54:00:00:00:78"), timeout=1) is None
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
        hand.send(clients.dhcp_discover("52:54:00:00:00:78"))
        muster.wait_for("leases can be stored again", 5, start)
        assert bind(hand, "52:54:00:00:00:78") not in (None, address)
        assert renew(hand, MAC, address) == (b"\5", 3600)
        muster.wait_for("commands are taken by now", 10, start)
        assert f"{address} is free" in leases(settings["state"], "release", address).stdout
        assert renew(hand, MAC, address) == (b"\5", 3600)
        muster.stop()
        assert bound(settings["state"])[address] == MAC


def test_a_state_file_that_is_damaged_is_set_aside_and_its_leases_are_kept(network, server, data, hand):
    settings = configuration(data)
    settings["dhcp"]["probe"] = False
    muster = Muster(network, server, ["serve"], settings)
    address = bind(hand, MAC)
    muster.stop()
    state = pathlib.Path(settings["state"])
    octets = bytearray(state.read_bytes())
    octets[-100:] = os.urandom(100)
    octets[-4096:-4088] = os.urandom(8)
    state.write_bytes(octets)
    muster = Muster(network, server, ["serve"], settings)
    aside = min(state.parent.glob("state.db.corrupt-*"), key=lambda path: len(path.name))
    assert aside.read_bytes() == octets and muster.said(f"damaged and is set aside as '{aside}'")
    assert bind(hand, MAC) == address
    muster.stop()


def test_a_state_that_can_be_neither_read_nor_made_is_named(network, server, data):
    settings = configuration(data, state="/proc/state.db")
    muster = Muster(network, server, ["serve"], settings, ready=False)
    assert muster.process.wait(10) == 1
    assert muster.said(r"open state file '/proc/state\.db' for writing: ")
