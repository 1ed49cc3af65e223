# SPDX-License-Identifier: Apache-2.0
"""The HTTP service alone, octet by octet on a socket: what no curl does but boot programs, proxies and attackers do."""
import hashlib
import os
import pathlib
import re
import resource
import selectors
import signal
import socket
import subprocess
import time

import pytest

BUILD = pathlib.Path(os.environ.get("MUSTER_BUILD") or pathlib.Path(__file__).resolve().parents[2] / "build")
MAC = "52:54:00:12:34:56"
BIG = 24 << 20


class Service:
    def __init__(self, folder):
        self.assets = folder / "assets"
        self.log_path = folder / "log"
        self.assets.mkdir()
        (self.assets / "kernel").write_bytes(b"0123456789")
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen([BUILD / "src/serve/http-service", self.assets, "debug"], stderr=log,
                                            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def log(self):
        return self.log_path.read_text()

    def wait_for_log(self, words):
        deadline = time.monotonic() + 5
        while words not in self.log():
            assert time.monotonic() < deadline, f"no {words!r} in\n{self.log()}"
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Connection:
    """One connection, kept alive."""

    def __init__(self, service):
        self.socket = socket.create_connection(("127.0.0.1", service.port), 10)
        self.buffer = b""

    def send(self, target, *headers, method="GET", body=b""):
        lines = [f"{method} {target} HTTP/1.1", "Host: h", *headers]
        self.socket.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def fill(self):
        received = self.socket.recv(1 << 20)
        assert received, f"closed after {self.buffer[:200]!r}"
        self.buffer += received

    def receive_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status, *lines = head.decode("latin-1").split("\r\n")
        return int(status.split()[1]), dict((k.lower(), v) for k, v in (line.split(": ", 1) for line in lines))

    def receive(self, has_body=True):
        status, headers = self.receive_head()
        length = int(headers["content-length"]) if has_body and status != 304 else 0
        while len(self.buffer) < length:
            self.fill()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return status, headers, body

    def get(self, target, *headers, **more):
        self.send(target, *headers, **more)
        return self.receive(more.get("method") != "HEAD")


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path)
    yield service
    assert service.stop() == 0


def test_a_connection_is_kept(service):
    connection = Connection(service)
    for _ in range(3):
        assert connection.get("/healthz")[2] == b"ok\n"
        assert connection.get("/nothing")[0] == 404
        assert connection.get("/assets/kernel", method="HEAD")[1]["content-length"] == "10"
        assert connection.get("/assets/kernel", "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT")[0] == 304
        assert connection.get("/assets/kernel")[2] == b"0123456789"


def test_requests_sent_together_are_answered_in_order(service):
    connection = Connection(service)
    one = b"GET %s HTTP/1.1\r\nHost: h\r\n\r\n"
    connection.socket.sendall(one % b"/healthz" + one % b"/assets/kernel" + one % b"/")
    assert [connection.receive()[2] for _ in range(3)] == [b"ok\n", b"0123456789", b"muster\n"]


def test_an_iso_is_read_in_parts_on_one_connection(service):
    content = os.urandom(1 << 20)
    (service.assets / "x.iso").write_bytes(content)
    connection = Connection(service)
    _, headers, _ = connection.get("/assets/x.iso", method="HEAD")
    assert headers["content-length"] == str(len(content)) and headers["content-type"] == "application/vnd.efi-iso"
    for start in range(0, len(content), 4096):
        status, headers, body = connection.get("/assets/x.iso", f"Range: bytes={start}-{start + 2047}")
        assert status == 206 and headers["content-range"] == f"bytes {start}-{start + 2047}/{len(content)}"
        assert body == content[start:start + 2048]


def test_a_file_beyond_four_gigabytes_is_read_at_its_end(service):
    with (service.assets / "disk.img").open("wb") as file:
        file.truncate((5 << 30) + 3)
        file.seek(5 << 30)
        file.write(b"end")
    status, headers, body = Connection(service).get("/assets/disk.img", "Range: bytes=5368709120-")
    assert (status, body) == (206, b"end")
    assert headers["content-range"] == "bytes 5368709120-5368709122/5368709123"


def test_a_file_replaced_meanwhile_is_sent_to_its_end_and_never_mixed(service):
    old, new = os.urandom(BIG), os.urandom(BIG)
    path = service.assets / "initrd"
    path.write_bytes(old)
    connection = Connection(service)
    connection.send("/assets/initrd")
    connection.fill()
    (service.assets / "next").write_bytes(new)
    (service.assets / "next").rename(path)
    _, headers, body = connection.receive()
    assert hashlib.sha256(body).digest() == hashlib.sha256(old).digest()
    tag = headers["etag"]
    assert connection.get("/assets/initrd", "Range: bytes=10-19", f"If-Match: {tag}")[0] == 412
    status, headers, body = connection.get("/assets/initrd", "Range: bytes=10-19", f"If-Range: {tag}")
    assert status == 200 and body == new
    assert connection.get("/assets/initrd", "Range: bytes=10-19", f"If-Range: {headers['etag']}")[2] == new[10:20]


def test_only_files_and_folders_are_opened(service):
    os.mkfifo(service.assets / "pipe")
    (service.assets / "zero").symlink_to("/dev/zero")
    (service.assets / "circle").symlink_to("circle")
    (service.assets / "elsewhere").symlink_to("/etc/hostname")
    (service.assets / "empty").write_bytes(b"")
    connection = Connection(service)
    assert connection.get("/assets/pipe")[0] == 403
    assert connection.get("/assets/zero")[0] == 403
    assert connection.get("/assets/circle")[0] == 404
    assert connection.get("/assets/elsewhere")[2] == pathlib.Path("/etc/hostname").read_bytes()
    assert connection.get("/assets/empty")[::2] == (200, b"")
    assert connection.get("/assets/kernel/x")[0] == 404
    assert connection.get("/assets/" + "n" * 300)[0] == 404


def test_folders(service):
    (service.assets / "sub").mkdir()
    (service.assets / "sub" / "a&b").write_bytes(b"x")
    (service.assets / "page").mkdir()
    (service.assets / "page" / "index.html").write_text("<p>hello")
    connection = Connection(service)
    assert connection.get("/assets")[1]["location"] == "/assets/"
    assert connection.get("/assets/sub?x=1")[1]["location"] == "/assets/sub/?x=1"
    assert connection.get("/assets/kernel/")[1]["location"] == "/assets/kernel"
    assert b'<a href="./a&amp;b">a&amp;b</a>' in connection.get("/assets/sub/")[2]
    assert b'<a href="./sub/">sub/</a>' in connection.get("/assets/")[2]
    assert connection.get("/assets/page/")[2] == b"<p>hello"
    assert connection.get("/assets/page/")[1]["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("target, status", [
    ("/assets/../kernel", 301), ("/assets/%2e%2e/kernel", 301), ("/assets/..%2fkernel", 301), ("//assets/kernel", 301),
    ("/assets/./kernel", 301), ("/assets/%2e%2e%2f%2e%2e%2fetc/passwd", 301), ("/assets/%252e%252e/kernel", 404),
    ("/assets/..%5ckernel", 404), ("/assets/%c0%ae%c0%ae/kernel", 404), ("/assets/kernel%00.txt", 400),
    ("/assets/%0d%0aX:1", 400), ("/%", 400), ("*", 400), ("http://h/assets/kernel", 200), ("/assets/k%65rnel", 200),
    ("/loader/../assets/kernel", 301), ("/loader/%2e%2e", 301), ("/loader/..%2fkernel", 301), ("/loader/ipxe.efi", 200),
])
def test_spellings_of_a_path(service, target, status):
    got, headers, body = Connection(service).get(target)
    assert got == status
    assert (body == b"0123456789") == (status == 200)
    assert not headers.get("location", "").startswith("//")


def test_bodies_of_requests_are_read_past(service):
    connection = Connection(service)
    body = b"x" * 100000
    assert connection.get("/ipxe?mac=" + MAC, f"Content-Length: {len(body)}", method="POST", body=body)[0] == 200
    assert connection.get("/assets/kernel", "Transfer-Encoding: chunked", method="PUT",
                          body=b"5\r\nhello\r\n0\r\n\r\n")[0] == 405
    connection.send("/healthz", "Content-Length: 5", "Expect: 100-continue", method="POST")
    assert connection.receive_head()[0] == 100
    connection.socket.sendall(b"hello")
    assert connection.receive()[2] == b"ok\n"


@pytest.mark.parametrize("head, status", [
    (b"GET /?" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: a\r\n" * 50000 + b"\r\n", 431),
], ids=["target", "field", "fields"])
def test_a_head_too_long_is_refused(service, head, status):
    connection = Connection(service)
    try:
        connection.socket.sendall(head)
    except OSError:
        pass
    try:
        assert connection.receive_head()[0] == status
    except ConnectionResetError:
        pass
    assert Connection(service).get("/healthz")[2] == b"ok\n"


def test_the_log_says_who_got_what_and_why(service):
    connection = Connection(service)
    connection.get(f"/ipxe?mac={MAC.replace(':', '-')}&x=%0a")
    service.wait_for_log("\n")
    assert re.search(rf"http {MAC}: GET /ipxe\?mac=\S+&x=%0a 200, \d+ bytes, \d+\.\d ms: profile 'worker' of group '\w+'\n",
                     service.log())
    status, _, script = connection.get("/ipxe?mac=52:54:00:00:00:01", "User-Agent: iPXE/1.21.1")
    assert status == 200 and script.startswith(b"#!ipxe\n") and script.endswith(b"exit 1\n")
    service.wait_for_log("no group selects mac=52:54:00:00:00:01")


def test_a_download_broken_off_is_logged_as_such(service):
    with (service.assets / "initrd").open("wb") as file:
        file.truncate(1 << 30)
    connection = Connection(service)
    connection.send("/assets/initrd")
    connection.fill()
    connection.socket.close()
    service.wait_for_log("broken off by the client")
    octets = int(re.search(r"GET /assets/initrd 200, (\d+) bytes", service.log())[1])
    assert 0 < octets < 1 << 30


def test_downloads_that_stand_still_are_in_nobodys_way(service):
    with (service.assets / "initrd").open("wb") as file:
        file.truncate(1 << 30)
    idle = [Connection(service) for _ in range(100)]
    for connection in idle:
        connection.send("/assets/initrd")
    start = time.monotonic()
    other = Connection(service)
    for _ in range(100):
        assert other.get("/healthz")[0] == 200
    assert time.monotonic() - start < 2


def test_ten_thousand_clients_that_drip_starve_nobody_and_are_let_go(service):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10000, (hard - 200) // 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    slow = [socket.create_connection(("127.0.0.1", service.port), 30) for _ in range(count)]
    begun = time.monotonic()
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
    start = time.monotonic()
    other = Connection(service)
    for _ in range(100):
        assert other.get("/assets/kernel")[0] == 200
    assert time.monotonic() - start < 2
    dripping = slow[:20]
    with selectors.DefaultSelector() as closed:
        for connection in dripping:
            closed.register(connection, selectors.EVENT_READ)
        while len(closed.get_map()) > 0 and time.monotonic() - begun < 60:
            for connection in [key.fileobj for key in closed.get_map().values()]:
                try:
                    connection.send(b"a")
                except OSError:
                    pass
            for key, _ in closed.select(1):
                closed.unregister(key.fileobj)
        assert len(closed.get_map()) == 0
    assert 25 < time.monotonic() - begun < 60
    for connection in slow:
        connection.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_stop_lets_transfers_finish(tmp_path):
    service = Service(tmp_path)
    content = os.urandom(BIG)
    (service.assets / "initrd").write_bytes(content)
    connection = Connection(service)
    connection.send("/assets/initrd")
    connection.fill()
    service.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", service.port), 1).close()
        except ConnectionRefusedError:
            break
        time.sleep(0.01)
    else:
        pytest.fail("still listening")
    assert connection.receive()[2] == content
    assert service.process.wait(5) == 0


def test_a_stop_waits_for_nobody_for_ever(tmp_path):
    service = Service(tmp_path)
    with (service.assets / "initrd").open("wb") as file:
        file.truncate(1 << 30)
    connection = Connection(service)
    connection.send("/assets/initrd")
    connection.fill()
    start = time.monotonic()
    assert service.stop() == 0
    assert 1 < time.monotonic() - start < 6
