# SPDX-License-Identifier: Apache-2.0
"""Signatures beside scripts and configs, verified by gpg."""
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import SERVER, configuration
from lab.client import curl, curl_status
from lab.server import Muster

URL = f"http://{SERVER}:8080"
MAC = "52:54:00:00:00:01"
PASSPHRASE = "open sesame"

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")


class Keys:
    """A GnuPG home; its path is short, as the agent's socket in it needs."""

    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="gpg-"))

    def gpg(self, *arguments, passphrase=""):
        return subprocess.run(["gpg", "--quiet", "--batch", "--pinentry-mode", "loopback", "--passphrase", passphrase,
                               *arguments], env={**os.environ, "GNUPGHOME": str(self.home)}, capture_output=True,
                              timeout=120)

    def ring(self, algorithm, passphrase=""):
        user = f"{algorithm}@example.com"
        path = self.home / f"{algorithm}.gpg"
        if path.exists():
            return path
        self.gpg("--quick-gen-key", user, algorithm, "sign", "never", passphrase=passphrase)
        path.write_bytes(self.gpg("--export-secret-keys", user, passphrase=passphrase).stdout)
        assert path.stat().st_size > 0
        return path

    def verifies(self, document, signature):
        (self.home / "document").write_bytes(document)
        (self.home / "signature").write_bytes(signature)
        return self.gpg("--verify", self.home / "signature", self.home / "document").returncode == 0

    def close(self):
        subprocess.run(["gpgconf", "--kill", "all"], env={**os.environ, "GNUPGHOME": str(self.home)}, timeout=30)
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture(scope="module")
def keys():
    keys = Keys()
    yield keys
    keys.close()


@pytest.fixture
def start(network, server, data, client):
    """Starts muster with a key ring; it has one machine to boot."""
    network.set_address(client, "eth0", "10.77.0.9")
    data.profile("worker", "/assets/vmlinuz", ["/assets/initrd.gz"], ["console=ttyS0", "trailing= "],
                 overlay=[{"path": "etc/lines", "template": "lines"}])
    (data.path / "generic/lines").write_bytes(b"dos\r\nlone\runix\n \n\0\xff\t ")
    data.group("worker", "worker", mac=MAC)
    started = []

    def start(sign=None, arguments=(), environment=None, ready=True):
        more = {"sign": sign} if sign else {}
        started.append(Muster(network, server, ["serve", *arguments], configuration(data, **more), ready=ready,
                              environment=environment))
        return started[-1]

    yield start
    for muster in started:
        if muster.process.running:
            muster.stop()


PATHS = ["/boot.ipxe", "/boot.ipxe.0", f"/ipxe?mac={MAC}", f"/metadata?mac={MAC}&x=y%0az", f"/overlay?mac={MAC}"]


def signed(path, ending):
    path, question, query = path.partition("?")
    return f"{URL}{path}{ending}{question}{query}"


@pytest.mark.parametrize("algorithm, passphrase", [("rsa2048", ""), ("rsa3072", PASSPHRASE), ("ed25519", "")])
def test_gpg_verifies_every_signature(start, client, keys, algorithm, passphrase):
    muster = start({"key_ring": str(keys.ring(algorithm, passphrase))},
                   environment={"MATCHBOX_PASSPHRASE": passphrase})
    for path in PATHS:
        _, document, _ = curl(client, URL + path)
        _, binary, headers = curl(client, signed(path, ".sig"))
        assert "content-type: application/octet-stream" in headers.lower()
        assert keys.verifies(document, binary), path
        _, armored, headers = curl(client, signed(path, ".asc"))
        assert "content-type: text/plain; charset=utf-8" in headers.lower()
        assert armored.startswith(b"-----BEGIN PGP SIGNATURE-----\n") and armored.endswith(b"-----END PGP SIGNATURE-----")
        assert keys.verifies(document, armored), path
        assert not keys.verifies(document + b"x", armored)
    assert muster.said("sign")


def test_a_signature_is_made_as_matchbox_makes_it(start, client, keys):
    start(arguments=["-key-ring-path", str(keys.ring("rsa2048"))])
    _, binary, _ = curl(client, f"{URL}/ipxe.sig?mac={MAC}")
    (keys.home / "made").write_bytes(binary)
    packets = keys.gpg("--list-packets", keys.home / "made").stdout.decode()
    assert binary[0] == 0xc2 and "version 4" in packets and "sigclass 0x01" in packets and "digest algo 8" in packets
    assert packets.count("subpkt") == 2 and "issuer key ID" in packets and "sig created" in packets


def test_errors_are_not_signed(start, client, keys):
    start({"key_ring": str(keys.ring("rsa2048"))})
    for agent in ("curl/7", "iPXE/1.21.1"):
        _, body, headers = curl(client, f"{URL}/ipxe.sig?mac=52:54:00:00:00:99", "-A", agent)
        assert " 404 " in headers.splitlines()[0] + " " and b"group" in body
    assert curl_status(client, f"{URL}/assets/vmlinuz.sig") == 404


def test_without_a_key_ring_the_missing_option_is_named(start, client):
    start()
    for path in PATHS:
        _, body, headers = curl(client, signed(path, ".sig"))
        assert " 404 " in headers.splitlines()[0] + " " and b"--key-ring-path" in body and b"sign: key_ring:" in body


def test_a_passphrase_may_lie_in_a_file(start, client, keys):
    (keys.home / "passphrase").write_text(PASSPHRASE + "\n")
    start({"key_ring": str(keys.ring("rsa3072", PASSPHRASE)), "passphrase_file": str(keys.home / "passphrase")})
    assert curl_status(client, f"{URL}/boot.ipxe.sig") == 200


@pytest.mark.parametrize("passphrase, words", [("", "is locked: give its passphrase in MATCHBOX_PASSPHRASE"),
                                               ("wrong", "the passphrase given does not unlock")])
def test_a_key_that_stays_locked_ends_the_start(start, keys, passphrase, words):
    muster = start({"key_ring": str(keys.ring("rsa3072", PASSPHRASE))}, ready=False,
                   environment={"MATCHBOX_PASSPHRASE": passphrase})
    assert muster.process.wait(20) == 1 and muster.said(words)


def test_a_ring_that_is_of_no_use_ends_the_start(start, keys):
    keys.ring("rsa2048")
    public = keys.home / "public"
    public.write_bytes(keys.gpg("--export", "rsa2048@example.com").stdout)
    for ring, words in ((public, "holds no secret key"), (keys.home / "missing", "No such file or directory")):
        muster = start(ready=False, environment={"MATCHBOX_KEY_RING_PATH": str(ring)})
        assert muster.process.wait(20) == 1 and muster.said(words)


def test_matchboxs_variables_are_enough(network, server, data, keys, client):
    data.profile("worker", "/assets/vmlinuz")
    data.group("worker", "worker")
    ring = keys.ring("rsa3072", PASSPHRASE)
    muster = Muster(network, server, ["serve"], environment={
        "MATCHBOX_KEY_RING_PATH": str(ring), "MATCHBOX_PASSPHRASE": PASSPHRASE, "MATCHBOX_DATA_PATH": str(data.path),
        "MATCHBOX_ADDRESS": "0.0.0.0:8080"})
    network.set_address(client, "eth0", "10.77.0.9")
    _, document, _ = curl(client, f"{URL}/ipxe")
    assert keys.verifies(document, curl(client, f"{URL}/ipxe.asc")[1])
    muster.stop()
