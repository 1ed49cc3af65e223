# SPDX-License-Identifier: Apache-2.0
"""HTTP as boot programs and people with curl see it."""
import concurrent.futures
import hashlib
import socket

import pytest

from conftest import SERVER, configuration
from lab import payload
from lab.client import curl, curl_status
from lab.server import Muster

URL = f"http://{SERVER}:8080"
MAC = "52:54:00:00:00:01"


@pytest.fixture
def muster(network, server, data, client):
    network.set_address(client, "eth0", "10.77.0.9")
    (data.path / "assets" / "sub").mkdir()
    (data.path / "assets" / "sub" / "loader.efi").write_bytes(b"MZ" + bytes(1000))
    (data.path / "assets" / "ten").write_bytes(b"0123456789")
    (data.path / "secret").write_text("secret")
    data.profile("worker", "/assets/vmlinuz", ["/assets/initrd.gz"], ["console=ttyS0", "who=${mac:hexhyp}"])
    data.group("worker", "worker", mac=MAC)
    muster = Muster(network, server, ["serve"], configuration(data))
    yield muster
    muster.stop()


def test_health_is_told(muster, client):
    assert curl_status(client, f"{URL}/healthz") == 200


def test_the_first_script_chains_with_the_machines_facts(muster, client):
    status, body, headers = curl(client, f"{URL}/boot.ipxe")
    assert status == 0 and body.startswith(b"#!ipxe\n")
    for fact in (b"uuid=${uuid}", b"mac=${mac:hexhyp}", b"serial=${serial}"):
        assert fact in body


def test_a_machines_script_boots_its_profile(muster, client):
    status, body, _ = curl(client, f"{URL}/ipxe?mac={MAC.replace(':', '-')}")
    lines = body.decode().splitlines()
    assert status == 0 and lines[0] == "#!ipxe"
    assert any(line.startswith("kernel ") and "/assets/vmlinuz" in line and "console=ttyS0" in line for line in lines)
    assert any(line.startswith("initrd ") and "/assets/initrd.gz" in line for line in lines)
    assert lines[-1].startswith("boot")


def test_a_machine_without_a_group_is_told_the_reason(muster, client):
    _, body, headers = curl(client, f"{URL}/ipxe?mac=52:54:00:00:00:99")
    assert b"group" in body


def test_an_asset_is_whole(muster, client):
    status, body, headers = curl(client, f"{URL}/assets/vmlinuz")
    assert status == 0
    assert hashlib.sha256(body).digest() == hashlib.sha256(payload.kernel().read_bytes()).digest()
    assert f"content-length: {len(body)}" in headers.lower()


def test_head_has_the_length_and_no_body(muster, client):
    status, body, headers = curl(client, f"{URL}/assets/ten", "--head")
    assert status == 0 and "content-length: 10" in headers.lower()


def test_an_efi_program_has_its_media_type(muster, client):
    _, _, headers = curl(client, f"{URL}/assets/sub/loader.efi")
    assert "content-type: application/efi" in headers.lower()


@pytest.mark.parametrize("asked, status, body", [
    ("0-3", 206, b"0123"), ("8-", 206, b"89"), ("-2", 206, b"89"), ("3-3", 206, b"3"), ("20-", 416, None),
    ("0-100", 206, b"0123456789"), ("5-2", 200, b"0123456789"),
])
def test_ranges(muster, client, asked, status, body):
    _, got, headers = curl(client, f"{URL}/assets/ten", "-H", f"Range: bytes={asked}")
    assert f" {status} " in headers.splitlines()[0] + " "
    assert body is None or got == body


def test_what_did_not_change_is_not_sent_again(muster, client):
    _, _, headers = curl(client, f"{URL}/assets/ten")
    named = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in headers.splitlines() if ":" in line}
    assert "last-modified" in named
    assert curl_status(client, f"{URL}/assets/ten", "-H", f"If-Modified-Since: {named['last-modified']}") == 304
    if "etag" in named:
        assert curl_status(client, f"{URL}/assets/ten", "-H", f"If-None-Match: {named['etag']}") == 304


@pytest.mark.parametrize("path", ["/assets/../secret", "/assets/%2e%2e/secret", "/assets/..%2fsecret", "/assets/sub/../../secret",
                                  "/assets//etc/passwd", "/assets/%00", "/assets/....//secret", "/assets/nothing",
                                  "/assets/..\\secret"])
def test_what_is_not_an_asset_is_refused(muster, client, path):
    _, body, headers = curl(client, f"{URL}{path}", "--path-as-is")
    assert b"secret" not in body or b"/secret" in body
    assert int(headers.split()[1]) in (400, 403, 404, 301)


def test_other_methods_are_refused(muster, client):
    assert curl_status(client, f"{URL}/assets/ten", "-X", "PUT", "-d", "x") in (405, 501)


HOSTILE = {
    "zeros": b"\0" * 100, "no path": b"GET\r\n\r\n", "a version of the future": b"GET / HTTP/9.9\r\n\r\n", "noise": b"A" * 70000,
    "a long path": b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_request_is_survived(muster, client, name):
    def send():
        with socket.create_connection((SERVER, 8080), 5) as connection:
            connection.settimeout(3)
            try:
                connection.sendall(HOSTILE[name])
                connection.recv(1000)
            except OSError:
                pass
    client.call(send)
    assert curl_status(client, f"{URL}/healthz") == 200


def test_sixty_four_machines_read_at_once(muster, client):
    """64 connections that each read the kernel."""
    expected = hashlib.sha256(payload.kernel().read_bytes()).hexdigest()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        read = list(pool.map(lambda _: hashlib.sha256(curl(client, f"{URL}/assets/vmlinuz")[1]).hexdigest(), range(64)))
    assert read == [expected] * 64
