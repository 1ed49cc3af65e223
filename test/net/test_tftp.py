# SPDX-License-Identifier: Apache-2.0
"""TFTP as real clients, and hostile ones, see it."""
import concurrent.futures
import os
import pathlib
import socket
import struct
import time
from random import Random

import pytest

from conftest import SERVER, configuration
from lab import client as clients, payload
from lab.client import TftpError, tftp_read, tftp_request
from lab.server import Muster

BIG = 3_000_000


@pytest.fixture
def root(network):
    """Plain files beside the generated ones."""
    root = network.directory / "tftp"
    (root / "sub").mkdir(parents=True)
    contents = {"empty": b"", "small": b"small\n", "block": os.urandom(512), "two": os.urandom(1024),
                "sub/file": b"below", "big": os.urandom(BIG), "middle": os.urandom(60_000), "short": os.urandom(20_000), "several": os.urandom(400_000)}
    for name, content in contents.items():
        (root / name).write_bytes(content)
    (network.directory / "secret").write_text("secret")
    (root / "link").symlink_to(root / "small")
    return root


@pytest.fixture
def muster(network, server, data, root, client):
    network.set_address(client, "eth0", "10.77.0.9")
    muster = Muster(network, server, ["serve"], configuration(data, tftp={"root": str(root)}))
    yield muster
    muster.stop()


@pytest.mark.parametrize("name", ["empty", "small", "block", "two", "sub/file", "link", "big"])
def test_tftp_hpa_reads_every_file_whole(muster, network, client, root, name):
    target = network.directory / "got"
    assert "rror" not in clients.tftp(client, SERVER, name, target)
    assert target.read_bytes() == (root / name).read_bytes()


@pytest.mark.parametrize("options", [{"blksize": 1468}, {"blksize": 1468, "windowsize": 16}, {"tsize": True},
                                     {"timeout": 3}, {"blksize": 512, "tsize": True, "timeout": 2}])
def test_atftp_reads_with_options(muster, network, client, root, options):
    target = network.directory / "got"
    status, words = clients.atftp(client, SERVER, "big", target, **options)
    assert status == 0, words
    assert target.read_bytes() == (root / "big").read_bytes()


def test_curl_reads(muster, client, root):
    status, body, _ = clients.curl(client, f"tftp://{SERVER}/big", "--tftp-blksize", "1428")
    assert status == 0 and body == (root / "big").read_bytes()


def test_busybox_reads(muster, network, client, root):
    target = network.directory / "got"
    client.run(payload.busybox(), "tftp", "-g", "-b", 1428, "-r", "big", "-l", target, SERVER, timeout=60)
    assert target.read_bytes() == (root / "big").read_bytes()


def test_options_are_acknowledged_as_asked(muster, client, root):
    content, acknowledged = tftp_read(client, SERVER, "big", blksize=1468, tsize=0, windowsize=1)
    assert content == (root / "big").read_bytes()
    assert acknowledged["blksize"] == "1468" and acknowledged["tsize"] == str(BIG)


def test_the_longest_blocks_arrive_where_a_link_carries_them(muster, server, root):
    content, acknowledged = tftp_read(server, "127.0.0.1", "big", blksize=65464)
    assert content == (root / "big").read_bytes()
    assert 60000 < int(acknowledged["blksize"]) <= 65464


def test_an_option_nobody_knows_is_left_out(muster, client):
    content, acknowledged = tftp_read(client, SERVER, "small", colour="blue", tsize=0)
    assert content == b"small\n" and acknowledged == {"tsize": "6"}


def test_the_boot_programs_of_this_host_are_served(muster, client):
    for name in ("undionly.kpxe", "ipxe.efi"):
        content, _ = tftp_read(client, SERVER, name, blksize=1468)
        assert content == pathlib.Path("/usr/lib/ipxe", name).read_bytes()


@pytest.mark.parametrize("name", ["../../etc/shadow", "../secret", "/etc/shadow", "..\\..\\etc\\shadow", "sub/../../secret",
                                  "....//....//etc/shadow", "%2e%2e/secret", "sub/../../../../../../etc/passwd",
                                  "nothing", "sub", "", "a" * 400])
def test_what_is_not_in_the_root_is_refused(muster, client, name):
    start = muster.log.mark()
    with pytest.raises(TftpError) as refused:
        tftp_read(client, SERVER, name, timeout=4)
    assert refused.value.code in (1, 2, 0, 4)
    assert refused.value.text, "the error must say something"
    muster.wait_for(r"tftp", 3, start)


def test_writing_is_refused(muster, client):
    outbox = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with outbox:
        outbox.settimeout(3)
        outbox.sendto(tftp_request("small", opcode=2), (SERVER, 69))
        answer = outbox.recv(600)
    assert struct.unpack("!HH", answer[:4]) in ((5, 2), (5, 4))


@pytest.mark.parametrize("packet", [b"", b"\0", b"\0\1", b"\0\1name", b"\0\1name\0", b"\0\1name\0octet", b"\0\7rest", bytes(range(256)) * 2,
                                    b"\0\1" + b"x" * 9000 + b"\0octet\0", b"\0\1small\0octet\0blksize\0", b"\0\1small\0weird\0",
                                    b"\0\1small\0octet\0blksize\0000\0", b"\0\1small\0octet\0blksize\099999999999999999999\0",
                                    b"\0\1small\0octet\0windowsize\0000\0", b"\0\1small\0octet\0tsize\0-1\0"],
                         ids=lambda packet: repr(packet[:40]))
def test_a_hostile_request_is_survived(muster, client, packet):
    outbox = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with outbox:
        outbox.sendto(packet, (SERVER, 69))
    assert tftp_read(client, SERVER, "small", timeout=4)[0] == b"small\n"


def test_netascii_turns_line_ends(muster, client):
    assert tftp_read(client, SERVER, "small", mode="netascii")[0] == b"small\r\n"


def test_a_size_probe_that_is_broken_off_leaves_nothing_behind(muster, client, root):
    """EDK2 asks for the size first and ends that with error 8."""
    outbox = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with outbox:
        outbox.settimeout(3)
        outbox.sendto(tftp_request("big", tsize=0, blksize=1468), (SERVER, 69))
        answer, peer = outbox.recvfrom(2000)
        assert answer[:2] == b"\0\6"
        outbox.sendto(b"\0\5\0\10User aborted the transfer\0", peer)
        outbox.settimeout(2)
        with pytest.raises(TimeoutError):
            outbox.recv(2000)
    assert not muster.log.find(r'(?i)"level":\s*"(warning|error)".*abort')


@pytest.fixture
def bad_cable(network):
    def plug(**faults):
        far = network.namespace("far")
        return far, network.plug_lossy(far, "eth0", "10.77.0.10", **faults)
    return plug


def test_two_hundred_transfers_at_once_over_a_cable_that_loses_5_percent(muster, network, root, bad_cable):
    """All with real clients. Not atftp: it gives up on a second OACK, and repeats no lost ACK of a repeated block."""
    far, link = bad_cable(drop=5)
    expected = (root / "middle").read_bytes()
    commands = [lambda target: ["curl", "-sS", "--tftp-blksize", 1428, "-o", target, f"tftp://{SERVER}/middle"],
                lambda target: [payload.busybox(), "tftp", "-g", "-b", 1428, "-r", "middle", "-l", target, SERVER],
                lambda target: ["tftp", "-m", "binary", SERVER, "-c", "get", "middle", target]]

    def read(number):
        """"" or what went wrong."""
        target = network.directory / f"got.{number}"
        command = commands[number % len(commands)](target)
        done = far.run(*command, timeout=150, check=False)
        if done.returncode != 0:
            return f"{command[0]}: {done.returncode} {done.stdout.strip()}"
        return "" if target.read_bytes() == expected else f"{command[0]}: not the same content"

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        faults = [fault for fault in pool.map(read, range(200)) if fault]
    link.stop()
    assert not faults, f"{len(faults)} of 200: {faults}; {link.output.text()}"


BAD_CABLES = pytest.mark.parametrize("faults", [{"drop": 10}, {"duplicate": 20}, {"reorder": 10}, {"delay": 5, "drop": 3}],
                                     ids=lambda faults: "-".join(faults))


CLIENTS = {
    "tftp-hpa": lambda target: ["tftp", "-m", "binary", SERVER, "-c", "get", "short", target],
    "atftp": lambda target: ["atftp", "--get", "--remote-file", "short", "--local-file", target, SERVER],
    "atftp-multicast": lambda target: ["atftp", "--option", "multicast", "--get", "--remote-file", "short", "--local-file",
                                       target, SERVER],
    "curl": lambda target: ["curl", "-sS", "--tftp-blksize", 1428, "-o", target, f"tftp://{SERVER}/short"],
    "busybox": lambda target: [payload.busybox(), "tftp", "-g", "-b", 1428, "-r", "short", "-l", target, SERVER],
}


@pytest.mark.parametrize("faults", [{"drop": 10}, {"duplicate": 20}, {"reorder": 10}], ids="".join)
@pytest.mark.parametrize("name", CLIENTS)
def test_real_clients_read_whole_over_a_bad_cable(muster, network, root, bad_cable, name, faults):
    """atftp without options, for it takes a second OACK for an error; multicast is refused by leaving it out."""
    far, _ = bad_cable(**faults)
    target = network.directory / "got"
    done = far.run(*CLIENTS[name](target), timeout=120, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{muster.log.tail(10)}"
    assert target.read_bytes() == (root / "short").read_bytes(), muster.log.tail(10)


@BAD_CABLES
@pytest.mark.parametrize("windowsize", [4, 16, 64])
def test_a_windowed_transfer_is_whole_over_a_bad_cable(muster, root, bad_cable, faults, windowsize):
    far, _ = bad_cable(**faults)
    content, acknowledged = tftp_read(far, SERVER, "several", timeout=90, retry=1, blksize=1428, windowsize=windowsize)
    assert acknowledged["windowsize"] == str(windowsize)
    assert content == (root / "several").read_bytes()


def test_a_transfer_nobody_reads_ends(muster, client):
    """A client that vanishes after its request must not be sent to for ever."""
    outbox = client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with outbox:
        outbox.sendto(tftp_request("big", timeout=1), (SERVER, 69))
        last = time.monotonic()
        outbox.settimeout(8)
        received = 0
        try:
            while time.monotonic() - last < 60:
                outbox.recv(2000)
                received += 1
        except TimeoutError:
            pass
    assert 1 <= received <= 12


def mutated(random, packet):
    """A packet with some octets changed, cut off or put in."""
    octets = bytearray(packet)
    for _ in range(random.randrange(4)):
        at = random.randrange(len(octets) + 1)
        octets[at:at + random.choice([0, 1, 2, len(octets)])] = random.randbytes(random.choice([0, 1, 2, 40]))
    return bytes(octets)


def test_hostile_peers_disturb_no_transfer(muster, client, root):
    """Thousands of mutated packets to port 69 and to a running transfer, from other ports of its own client."""
    random = Random(1)
    good = [tftp_request("big"), tftp_request("big", tsize=0, blksize=1428, windowsize=64, timeout=255), tftp_request("nothing"),
            struct.pack("!HH", 4, 0), struct.pack("!HH", 4, 1), struct.pack("!HH", 4, 65535), b"\0\5\0\0gone\0", b"\0\6tsize\0001\0",
            struct.pack("!HH", 3, 1) + bytes(512)]
    reader, *peers = [client.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM) for _ in range(30)]
    reader.settimeout(5)
    reader.sendto(tftp_request("several", blksize=1428), (SERVER, 69))
    port, block, content = reader.recvfrom(2000)[1], 0, b""
    while block == 0 or len(content) == block * 1428:
        for _ in range(8):
            random.choice(peers).sendto(mutated(random, random.choice(good)), random.choice([(SERVER, 69), port]))
        reader.sendto(struct.pack("!HH", 4, block), port)
        while (data := reader.recv(2000))[:4] != struct.pack("!HH", 3, block + 1):
            pass
        block, content = block + 1, content + data[4:]
    reader.sendto(struct.pack("!HH", 4, block), port)
    for opened in (reader, *peers):
        opened.close()
    assert content == (root / "several").read_bytes()
    assert tftp_read(client, SERVER, "small")[0] == b"small\n"
