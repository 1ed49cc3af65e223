# SPDX-License-Identifier: Apache-2.0
"""The TFTP service alone, on this host's loopback: its settings, its sockets and its log."""
import os
import re
import socket
import struct
import subprocess
import time

import pytest

from lab.world import MUSTER

SERVICE = MUSTER.parent / "src/serve/tftp-service"


class Service:
    """tftp-service on a free port; log() is what it said so far."""

    def __init__(self, folder, *settings):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.path = folder / "log"
        self.told = False
        with self.path.open("w") as log:
            self.process = subprocess.Popen([SERVICE, str(self.port), folder / "root", "log=debug", *settings], stderr=log,
                                            stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def log(self):
        return self.path.read_text()

    def wait_for(self, pattern, timeout=5):
        deadline = time.monotonic() + timeout
        while not re.search(pattern, self.log()):
            assert time.monotonic() < deadline, f"'{pattern}' is not in:\n{self.log()}"
            time.sleep(0.02)

    def tell_to_stop(self):
        """Once: a second signal, after its handler is gone, would end it as signals do."""
        if not self.told:
            self.process.terminate()
        self.told = True

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


@pytest.fixture
def start(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "loader").write_bytes(b"loader")
    services = []

    def start(*settings):
        services.append(Service(tmp_path, *settings))
        return services[-1]

    yield start
    for service in services:
        service.tell_to_stop()
        assert service.process.wait(5) == 0, service.log()


class Client:
    """One client, step by step."""

    def __init__(self, service):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.service = service
        self.peer = None

    def ask(self, name, **options):
        words = [name, "octet", *(str(word) for option in options.items() for word in option)]
        self.socket.sendto(b"\0\1" + b"".join(word.encode() + b"\0" for word in words), ("127.0.0.1", self.service.port))

    def receive(self):
        """(opcode, number or None, rest)"""
        data, self.peer = self.socket.recvfrom(70000)
        opcode = struct.unpack("!H", data[:2])[0]
        return (opcode, None, data[2:]) if opcode == 6 else (opcode, struct.unpack("!H", data[2:4])[0], data[4:])

    def acknowledge(self, block):
        self.socket.sendto(struct.pack("!HH", 4, block), self.peer)

    def is_quiet(self, seconds=0.15):
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(70000)
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)

    def read_rest(self):
        content, block = b"", 0
        while True:
            opcode, number, data = self.receive()
            assert opcode == 3 and number == (block + 1) % 65536, (opcode, number, data)
            content, block = content + data, number
            self.acknowledge(block)
            if len(data) < 512:
                return content


def write(folder, name, size):
    content = os.urandom(size)
    (folder / "root" / name).write_bytes(content)
    return content


def test_one_line_says_what_was_sent(start, tmp_path):
    service = start()
    content = write(tmp_path, "file", 5000)
    client = Client(service)
    client.ask("/file")
    assert client.read_rest() == content
    service.wait_for(r"tftp 127\.0\.0\.1: 'file' sent: 5000 octets in \d\.\d+ s \(\d+\.\d MB/s\), blksize 512\n")


def test_a_boot_program_and_made_content_are_sent(start):
    service = start()
    for name, content in (("loader", b"loader"), ("made/it", b"made/it\n")):
        client = Client(service)
        client.ask(name)
        assert client.read_rest() == content


def test_in_single_port_mode_everything_comes_from_the_one(start, tmp_path):
    service = start("single-port=1")
    content = write(tmp_path, "file", 3000)
    for client in (Client(service), Client(service)):
        client.ask("file")
        assert client.read_rest() == content
        assert client.peer == ("127.0.0.1", service.port)


def test_transfers_leave_from_the_ports_given(start, tmp_path):
    service = start("first-port=47321", "last-port=47322")
    write(tmp_path, "file", 100)
    ports = set()
    for _ in range(4):
        client = Client(service)
        client.ask("file")
        client.read_rest()
        ports.add(client.peer[1])
    assert ports == {47321, 47322}


def test_a_repeated_request_is_answered_again_and_opens_nothing(start, tmp_path):
    service = start()
    write(tmp_path, "file", 3000)
    client = Client(service)
    client.ask("file")
    first = client.receive()
    client.ask("file")
    assert client.receive() == first
    client.acknowledge(1)
    assert client.receive()[:2] == (3, 2)
    client.acknowledge(1)
    client.ask("file")
    assert client.is_quiet()


@pytest.mark.parametrize("level", ["debug", "info"])
def test_a_probe_is_no_failure(start, tmp_path, level):
    service = start(f"log={level}")
    write(tmp_path, "file", 3000)
    client = Client(service)
    client.ask("file", tsize=0)
    assert client.receive() == (6, None, b"tsize\x003000\0")
    client.socket.sendto(b"\0\5\0\10User aborted the transfer\0", client.peer)
    if level == "debug":
        service.wait_for("'file' was asked for its size or options only")
    client.ask("file")
    client.read_rest()
    service.wait_for("'file' sent: 3000 octets")
    assert ("'file' was asked for its size or options only" in service.log()) == (level == "debug")
    assert "warning" not in service.log()


def test_a_stranger_is_refused_and_disturbs_nothing(start, tmp_path):
    service = start()
    content = write(tmp_path, "file", 1000)
    client, stranger = Client(service), Client(service)
    client.ask("file")
    opcode, block, data = client.receive()
    stranger.peer = client.peer
    stranger.acknowledge(1)
    assert stranger.receive()[:2] == (5, 5)
    assert client.is_quiet(0.1)
    client.acknowledge(1)
    assert data + client.receive()[2] == content


def test_who_stops_answering_is_named_with_the_place(start, tmp_path):
    service = start()
    write(tmp_path, "file", 512 * 249 + 1)
    client = Client(service)
    client.ask("file")
    for block in range(1, 18):
        client.receive()
        client.acknowledge(block)
    client.receive()
    client.socket.sendto(b"\0\5\0\3disk full\0", client.peer)
    service.wait_for(r"warning: 'file' not sent: the client ended the transfer after block 17 of 250: disk full \(disk full\)")


def test_a_file_replaced_meanwhile_is_sent_as_it_was(start, tmp_path):
    service = start()
    content = write(tmp_path, "file", 600_000)
    client = Client(service)
    client.ask("file")
    data = client.receive()[2]
    write(tmp_path, "new", 600_000)
    os.rename(tmp_path / "root/new", tmp_path / "root/file")
    client.acknowledge(1)
    block = 1
    while len(data) < len(content):
        data += client.receive()[2]
        block += 1
        client.acknowledge(block)
    assert data == content


def test_a_file_cut_meanwhile_ends_with_an_error(start, tmp_path):
    service = start()
    write(tmp_path, "file", 600_000)
    client = Client(service)
    client.ask("file")
    client.receive()
    os.truncate(tmp_path / "root/file", 300_000)
    client.acknowledge(1)
    block = 2
    while (answer := client.receive())[0] == 3:
        client.acknowledge(block)
        block += 1
    assert answer == (5, 0, b"the file changed while it was sent\0")
    service.wait_for("error: 'file' not sent: the file was written to meanwhile")


def test_the_size_of_blocks_has_bounds(start, tmp_path):
    service = start("blksize-max=1024", "windowsize-max=8")
    write(tmp_path, "file", 3000)
    client = Client(service)
    client.ask("file", BLKSIZE=65464, windowSize=64, timeout=7, unknown=1)
    assert client.receive() == (6, None, b"BLKSIZE\x001024\0windowSize\x008\0timeout\x007\0")


def test_a_thousand_transfers_take_a_handful_of_descriptors(start, tmp_path):
    service = start()
    content = write(tmp_path, "file", 700)
    before = service.descriptors()
    clients = [Client(service) for _ in range(1000)]
    for client in clients:
        client.ask("file")
    answers = [client.receive() for client in clients]
    assert all(answer[:2] == (3, 1) for answer in answers)
    assert service.descriptors() <= before + 1
    for client in clients:
        client.acknowledge(1)
    assert all(client.receive()[2] == content[512:] for client in clients)
    for client in clients:
        client.acknowledge(2)
        client.socket.close()


def test_stopping_lets_transfers_end_and_tells_those_that_do_not(start, tmp_path):
    service = start()
    content = write(tmp_path, "file", 1000)
    ending, lasting, late = Client(service), Client(service), Client(service)
    ending.ask("file")
    data = ending.receive()[2]
    lasting.ask("file")
    lasting.receive()
    service.tell_to_stop()
    time.sleep(0.1)
    late.ask("file")
    ending.acknowledge(1)
    assert data + ending.receive()[2] == content
    ending.acknowledge(2)
    assert late.is_quiet(0.1)
    while (answer := lasting.receive())[0] == 3:
        pass
    assert answer[:2] == (5, 0)


def test_probing_for_many_names_does_not_fill_the_log(start):
    service = start()
    client = Client(service)
    for number in range(300):
        client.ask(f"serial/{number}")
        assert client.receive()[:2] == (5, 1)
    time.sleep(1.1)
    client.ask("again")
    client.receive()
    service.wait_for("more requests were refused")
    assert service.log().count("refused: no file") < 100
