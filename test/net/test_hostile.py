# SPDX-License-Identifier: Apache-2.0
"""What attackers and broken clients send to the web server: it refuses in clear words, in bounded memory, and others are
served meanwhile."""
import contextlib
import resource
import selectors
import socket
import time

import pytest

from conftest import SERVER, configuration
from lab.client import curl, curl_status
from lab.server import Muster

URL = f"http://{SERVER}:8080"
ADDRESS = (SERVER, 8080)
SLOW_CLIENTS = 10_000


@pytest.fixture
def muster(network, server, data, client):
    network.set_address(client, "eth0", "10.77.0.9")
    data.profile("worker", "/assets/vmlinuz")
    data.group("worker", "worker")
    (data.path / "ignition" / "secret.ign").write_text("secret")
    (data.path.parent / "secret").write_text("secret")
    muster = Muster(network, server, ["serve"], configuration(data, log_level="warning"))
    yield muster
    muster.stop()


def resident(muster):
    """Octets of memory in use."""
    fields = open(f"/proc/{muster.pid}/statm").read().split()
    return int(fields[1]) * resource.getpagesize()


def exchange(client, octets):
    """Sends them as far as they are taken; returns what came back until the end of the connection."""
    received = b""
    with client.call(socket.create_connection, ADDRESS, 10) as connection:
        try:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        with contextlib.suppress(OSError):
            while more := connection.recv(1 << 16):
                received += more
    return received


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < SLOW_CLIENTS + 200:
        pytest.skip(f"this system lets a process open {hard} files only")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect_all(count):
    """Connections, all under way at once; each has said half a request."""
    connections = []
    with selectors.DefaultSelector() as selector:
        for _ in range(count):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(ADDRESS)
            selector.register(connection, selectors.EVENT_WRITE)
            connections.append(connection)
        deadline = time.monotonic() + 30
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(1):
                selector.unregister(key.fileobj)
                with contextlib.suppress(OSError):
                    key.fileobj.send(b"GET /ipxe HTTP/1.1\r\nX: ")
        assert not selector.get_map()
    return connections


@pytest.mark.usefixtures("many_files")
def test_clients_that_hold_connections_lose_them_to_those_that_ask(muster, client):
    before = resident(muster)
    slow = client.call(connect_all, SLOW_CLIENTS)
    slow += client.call(connect_all, SLOW_CLIENTS // 4)
    started = time.monotonic()
    for _ in range(20):
        assert curl_status(client, f"{URL}/ipxe?mac=52:54:00:00:00:01") == 200
    assert time.monotonic() - started < 5
    grown = resident(muster) - before
    assert grown < 256 << 20, f"{grown >> 20} MB more"
    for connection in slow:
        connection.close()
    assert curl_status(client, f"{URL}/healthz") == 200


def test_a_query_of_a_megabyte_is_refused_in_words(muster, client):
    before = resident(muster)
    for query in (b"a=" + b"x" * (1 << 20), b"&".join([b"a=b"] * (1 << 18)), b"%" * (1 << 20), b"%41" * (1 << 18)):
        reply = exchange(client, b"GET /ipxe?" + query + b" HTTP/1.1\r\nHost: h\r\n\r\n")
        assert b" 414 " in reply.split(b"\r\n")[0]
    assert curl_status(client, f"{URL}/healthz") == 200
    assert resident(muster) - before < 32 << 20


FLOODS = {"many": b"A: b\r\n" * 200_000, "one long": b"A: " + b"b" * (1 << 20) + b"\r\n",
          "all different": b"".join(b"%07d: x\r\n" % n for n in range(100_000)),
          "folded": b"A: b\r\n" + b" b\r\n" * 200_000}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_headers_is_refused(muster, client, name):
    before = resident(muster)
    reply = exchange(client, b"GET /healthz HTTP/1.1\r\nHost: h\r\n" + FLOODS[name] + b"\r\n")
    assert b" 431 " in reply.split(b"\r\n")[0] or b" 413 " in reply.split(b"\r\n")[0], reply[:200]
    assert curl_status(client, f"{URL}/healthz") == 200
    assert resident(muster) - before < 32 << 20


def test_a_body_without_end_is_not_kept(muster, client):
    before = resident(muster)
    with client.call(socket.create_connection, ADDRESS, 10) as connection, contextlib.suppress(OSError):
        connection.sendall(b"POST /ipxe HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n")
        for _ in range(64):
            connection.sendall(bytes(1 << 20))
    assert resident(muster) - before < 32 << 20


@pytest.mark.parametrize("path", [
    "/%", "/%zz", "/%4", "/%00", "/ipxe%00", "/a%2", "/%c0%ae%c0%ae/", "/%ff%fe", "/assets/%00secret", "/assets/a%00.iso"])
def test_percent_encoding_that_says_nothing_finds_nothing(muster, client, path):
    _, _, headers = curl(client, URL + path, "--path-as-is")
    assert int(headers.split()[1]) in (301, 400, 404)


DOTS = ["..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%2f..", "..%5c..", "..\\..", "....//", "%c0%ae%c0%ae", "..;",
        ".. ", "..%00"]


@pytest.mark.parametrize("folder", ["/assets", "/loader", "/ignition", "/generic", "/cloud", ""])
def test_no_spelling_leads_out_of_a_folder(muster, client, folder):
    for dots in DOTS:
        for target in ("secret", "ignition/secret.ign"):
            path = f"{folder}/{dots}/{dots}/{dots}/{target}".replace(" ", "%20")
            _, body, headers = curl(client, URL + path, "--path-as-is")
            assert int(headers.split()[1]) in (301, 400, 403, 404), path
            assert body != b"secret", path


def test_labels_by_the_thousand_are_answered(muster, client):
    """libmicrohttpd 0.9.75 by itself answers nothing where a request has about a thousand parameters."""
    query = "&".join(f"k{n}=v" for n in range(2500))
    assert curl_status(client, f"{URL}/ipxe?{query}") == 200
    assert curl_status(client, f"{URL}/metadata?{query}") == 200
