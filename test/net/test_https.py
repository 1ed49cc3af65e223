# SPDX-License-Identifier: Apache-2.0
"""HTTPS beside HTTP and instead of it, certificates that change while connections are open, and the end of a server that
still has transfers."""
import hashlib
import os
import signal
import socket
import ssl
import subprocess
import time

import pytest

from conftest import SERVER, configuration
from lab.client import curl, curl_status
from lab.server import Muster

HTTP = f"http://{SERVER}:8080"
HTTPS = f"https://{SERVER}:8443"
BIG = 50 << 20


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def make(self, name):
        """A certificate for the server and its key, the former its own root."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}",
                        "-addext", f"subjectAltName=IP:{SERVER}"], check=True, capture_output=True, timeout=60)
        return certificate, key


@pytest.fixture
def certificates(network):
    return Certificates(network.directory / "tls")


@pytest.fixture
def start(network, server, data, client):
    network.set_address(client, "eth0", "10.77.0.9")
    data.profile("worker", "/assets/vmlinuz")
    data.group("worker", "worker")
    started = []

    def start(https=None, arguments=(), ready=True, plain=False, **more):
        settings = None if plain else configuration(data, **({"https": https} if https else {}), **more)
        started.append(Muster(network, server, ["serve", *arguments], settings, ready=ready))
        return started[-1]

    yield start
    for muster in started:
        if muster.process.running:
            muster.stop()


def tls_connect(client, root=None, version=None):
    """A connection from the client's host."""
    context = ssl.create_default_context(cafile=root)
    if root is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    plain = client.call(socket.create_connection, (SERVER, 8443), 10)
    return context.wrap_socket(plain, server_hostname=SERVER)


def name_shown(connection):
    done = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], capture_output=True,
                          input=connection.getpeercert(binary_form=True), check=True, timeout=20)
    return done.stdout.decode().strip().split("=")[-1].strip()


def ask(connection):
    """What /healthz says; the octets of head and body may arrive one after the other."""
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    received = b""
    while not received.endswith(b"ok\n"):
        octets = connection.recv(4096)
        assert octets, received
        received += octets
    return received


def test_both_answer_at_once(start, client, certificates, data):
    certificate, key = certificates.make("one")
    start({"cert": str(certificate), "key": str(key)})
    plain = curl(client, f"{HTTP}/ipxe?mac=52:54:00:00:00:01")
    secure = curl(client, f"{HTTPS}/ipxe?mac=52:54:00:00:00:01", "--cacert", certificate)
    assert plain[0] == secure[0] == 0 and plain[1] == secure[1] and secure[1].startswith(b"#!ipxe\n")


def test_files_are_whole_in_full_and_in_part(start, client, certificates, data):
    content = os.urandom(5_000_001)
    (data.path / "assets" / "big").write_bytes(content)
    certificate, key = certificates.make("one")
    start({"cert": str(certificate), "key": str(key)})
    status, body, _ = curl(client, f"{HTTPS}/assets/big", "--cacert", certificate)
    assert status == 0 and hashlib.sha256(body).digest() == hashlib.sha256(content).digest()
    status, body, _ = curl(client, f"{HTTPS}/assets/big", "--cacert", certificate, "-r", "100000-400001")
    assert status == 0 and body == content[100000:400002]


def test_old_versions_of_tls_are_refused(start, client, certificates):
    certificate, key = certificates.make("one")
    start({"cert": str(certificate), "key": str(key)})
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with tls_connect(client, certificate, version) as connection:
            assert b"ok" in ask(connection)
    done = subprocess.run([*client.prefix, "openssl", "s_client", "-connect", f"{SERVER}:8443", "-tls1_1", "-cipher",
                           "ALL:@SECLEVEL=0"], pass_fds=(client.fd,), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=20)
    assert done.returncode != 0


def test_octets_that_are_no_tls_are_survived(start, client, certificates):
    certificate, key = certificates.make("one")
    start({"cert": str(certificate), "key": str(key)})
    for octets in (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\0" * 5000, b"\x16\x03\x01\xff\xff" + b"\xff" * 70000):
        with client.call(socket.create_connection, (SERVER, 8443), 5) as connection:
            try:
                connection.sendall(octets)
                connection.recv(1000)
            except OSError:
                pass
    assert curl_status(client, f"{HTTPS}/healthz", "--cacert", certificate) == 200


def test_a_new_certificate_is_shown_after_sighup_and_connections_go_on(start, client, certificates):
    certificate, key = certificates.make("one")
    muster = start({"cert": str(certificate), "key": str(key)})
    before = tls_connect(client, certificate)
    assert name_shown(before) == "one" and b"ok" in ask(before)
    fresh, fresh_key = certificates.make("two")
    certificate.write_bytes(fresh.read_bytes())
    key.write_bytes(fresh_key.read_bytes())
    muster.reload()
    muster.wait_for("reloaded")
    with tls_connect(client, fresh) as after:
        assert name_shown(after) == "two" and b"ok" in ask(after)
    assert b"ok" in ask(before)


def test_a_bad_new_certificate_leaves_the_old_one(start, client, certificates):
    certificate, key = certificates.make("one")
    kept = certificate.read_bytes()
    muster = start({"cert": str(certificate), "key": str(key)})
    certificate.write_text("nothing")
    muster.reload()
    muster.wait_for("the certificate of before stays")
    certificate.write_bytes(kept)
    with tls_connect(client, certificate) as connection:
        assert name_shown(connection) == "one"


@pytest.mark.parametrize("fault, words", [
    ("missing", "No such file or directory"), ("mismatch", "is not the one of the certificate"),
    ("garbage", "holds no certificate in PEM form"), ("swapped", "holds no certificate in PEM form"),
    ("folder", "for HTTPS|of HTTPS")])
def test_what_keeps_https_from_running_ends_the_start(start, certificates, fault, words):
    certificate, key = certificates.make("one")
    if fault == "missing":
        certificate.unlink()
    elif fault == "mismatch":
        _, key = certificates.make("two")
    elif fault == "garbage":
        certificate.write_text("nothing")
    elif fault == "swapped":
        certificate, key = key, certificate
    elif fault == "folder":
        certificate = certificates.folder
    muster = start({"cert": str(certificate), "key": str(key)}, ready=False)
    assert muster.process.wait(20) == 1 and muster.said(words), muster.log.tail()


def test_matchboxs_flags_speak_https_instead_of_http(start, client, certificates, data):
    certificate, key = certificates.make("one")
    start(arguments=["-web-ssl", "-web-cert-file", certificate, "-web-key-file", key, "-address", "0.0.0.0:8443",
                     "-data-path", data.path], plain=True)
    assert curl_status(client, f"{HTTPS}/boot.ipxe", "--cacert", certificate) == 200
    assert curl(client, f"{HTTP}/healthz")[0] == 7
    assert curl(client, f"http://{SERVER}:8443/healthz")[0] != 0


def test_web_ssl_and_dhcp_are_refused_together(start, certificates):
    muster = start(arguments=["-web-ssl", "-mode", "proxy"], plain=True, ready=False)
    assert muster.process.wait(20) == 1 and muster.said("leaves machines no HTTP")


@pytest.fixture
def download(client, data, network):
    """Starts a download of 50 MB that takes about 5 seconds; gives the process and where it goes."""
    with (data.path / "assets" / "big").open("wb") as file:
        for _ in range(BIG >> 20):
            file.write(os.urandom(1 << 20))

    def download(url, rate, *options):
        target = network.directory / "downloaded"
        process = network.start(client, ["curl", "-sS", "--limit-rate", rate, "-o", target, *options, url])
        deadline = time.monotonic() + 10
        while not target.exists() or target.stat().st_size < 1 << 20:
            assert time.monotonic() < deadline, process.output.tail()
            time.sleep(0.05)
        return process, target
    return download


def digest(path):
    return hashlib.sha256(path.read_bytes()).digest()


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_a_transfer_ends_before_the_server_does(start, client, certificates, data, download, url):
    certificate, key = certificates.make("one")
    muster = start({"cert": str(certificate), "key": str(key)})
    idle = client.call(socket.create_connection, (SERVER, 8080), 10)
    process, target = download(f"{url}/assets/big", "10M", "--cacert", certificate)
    muster.process.signal(signal.SIGTERM)
    muster.wait_for("stopping: transfers under way")
    time.sleep(0.2)
    assert curl(client, f"{HTTP}/healthz")[0] == 7 and curl(client, f"{HTTPS}/healthz")[0] == 7
    assert muster.process.running
    assert process.wait(30) == 0 and digest(target) == digest(data.path / "assets" / "big")
    assert muster.process.wait(5) == 0
    idle.close()


def test_a_second_signal_ends_transfers_at_once(start, download):
    muster = start()
    process, _ = download(f"{HTTP}/assets/big", "1M")
    muster.process.signal(signal.SIGTERM)
    muster.wait_for("stopping: transfers under way")
    muster.process.signal(signal.SIGTERM)
    assert muster.process.wait(3) == 0 and process.wait(30) != 0


def test_patience_with_transfers_can_be_set(start, download):
    muster = start(stop_timeout="1s")
    process, _ = download(f"{HTTP}/assets/big", "1M")
    muster.process.signal(signal.SIGTERM)
    started = time.monotonic()
    assert muster.process.wait(5) == 0 and time.monotonic() - started > 0.9
    assert process.wait(30) != 0


def test_a_server_without_transfers_ends_at_once(start):
    muster = start()
    muster.process.signal(signal.SIGTERM)
    assert muster.process.wait(2) == 0
