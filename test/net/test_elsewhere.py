# SPDX-License-Identifier: Apache-2.0
"""Other people's servers: a boot service that decides, and images that are fetched from anywhere. Both behave as badly
as servers do."""
import concurrent.futures
import hashlib
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from conftest import SERVER, SUBNET
from lab.client import DhcpHand, TftpError, curl, dhcp_discover, tftp_read
from lab.origin import File, Origin
from lab.server import Muster
from lab.world import MUSTER, ROOT

MAC, OTHER = "52:54:00:00:00:01", "52:54:00:00:00:02"
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
SIZE = 3_000_000


class Served:
    """muster on this host's loopback, by HTTP alone."""

    def __init__(self, folder, environment=None, **configuration):
        (folder / "data").mkdir(exist_ok=True)
        self.file = folder / "muster.yaml"
        self.file.write_text(json.dumps({"data": str(folder / "data"), "http": {"address": "127.0.0.1"},
                                         "dhcp": {"mode": "off"}, "tftp": {"enabled": False}, **configuration}))
        self.log_path = folder / f"log.{os.urandom(3).hex()}"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen([MUSTER, "serve", "-c", self.file, "--http-port", "0"], stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=folder, env={**os.environ, **(environment or {})})
        self.port = self.wait_for_log(r"http: port (\d+) on")[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.wait_for_log("ready after")

    def log(self):
        return self.log_path.read_text()

    def wait_for_log(self, words, seconds=20):
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(words, self.log())
            if found:
                return found
            assert time.monotonic() < deadline and self.process.poll() is None, f"no {words!r} in\n{self.log()}"
            time.sleep(0.01)

    def get(self, path, timeout=30, **headers):
        """(status, body, headers)."""
        request = urllib.request.Request(self.url + path, headers={name.replace("_", "-"): value
                                                                  for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:
                return reply.status, reply.read(), reply.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def script(self, mac=MAC, **headers):
        status, body, _ = self.get(f"/ipxe?mac={mac}", **headers)
        return status, body.decode()

    def image_of(self, url, mac=MAC):
        """The path of an image whose download may have failed already, so that no script names it any more."""
        self.script(mac)
        return f"/image/kernel/{hashlib.sha256(url.encode()).hexdigest()[:32]}/k"

    def image(self, mac=MAC):
        """The path of the machine's kernel."""
        status, script = self.script(mac)
        assert status == 200, script
        return re.search(r"^kernel (/image/\S+)", script, re.MULTILINE)[1]

    def stop(self):
        self.process.terminate()
        status = self.process.wait(40)
        report = re.search(r"ERROR: \w+Sanitizer|runtime error:", self.log())
        assert status == 0 and not report, self.log()[-5000:]

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def origin():
    origin = Origin()
    yield origin
    origin.close()


@pytest.fixture
def start(tmp_path, origin):
    """Starts muster before the boot service; what is started is stopped, and has to stop well."""
    started = []

    def start(**configuration):
        started.append(Served(tmp_path, **{"api": origin.url, **configuration}))
        return started[-1]
    yield start
    for served in started:
        if served.process.poll() is None:
            served.stop()


def boots(origin, file, path="/k", mac=MAC):
    """The boot service gives this machine that kernel."""
    origin.files[path] = file
    origin.machines[mac] = {"kernel": path}


# --- the boot service ------------------------------------------------------------------------------------------------

def test_a_machine_boots_what_the_service_says(start, origin):
    content = os.urandom(SIZE)
    origin.files.update({"/k": File(content), "/v1/i": File(b"initrd"), "/x": File(b"extra")})
    origin.machines[MAC] = {"kernel": "/k", "initrd": [f"{origin.url}/v1/i"], "cmdline": 'a=b x={{ URL "/x" }}'}
    muster = start()
    status, script = muster.script()
    assert status == 200
    kernel, initrd = re.search(r"kernel (\S+) a=b x=(?:\S+)\ninitrd (\S+)\nboot", script).groups()
    extra = re.search(r"x=http://127.0.0.1:\d+(\S+)", script)[1]
    assert [muster.get(path)[1] for path in (kernel, initrd, extra)] == [content, b"initrd", b"extra"]
    assert origin.headers[0][0] == f"/v1/boot/{MAC}"
    muster.wait_for_log(r"api 52:54:00:00:00:01: http\S+ says what to boot")


WRONG = {
    "no such machine": (None, r"the api said no \(404: no such machine\)"),
    "forbidden": (403, r"the api said no \(403: trouble\)"),
    "broken": (500, r"the api answered 500"),
    "busy": (429, r"the api answered 429"),
    "no JSON": (b"<html>", r"the api's answer cannot be used: line 1, column 1: not JSON"),
    "nothing": (b"", r"the api's answer cannot be used"),
    "noise": (bytes(range(256)) * 10, r"the api's answer cannot be used"),
    "null": (b"null", r"the api's answer cannot be used"),
    "no kernel": ({"initrd": []}, r"neither 'kernel' nor 'ipxe-script'"),
    "a number": ({"kernel": 5}, r"line 1, column \d+: 'kernel' must be a text"),
    "a file of ours": ({"kernel": "file:///etc/passwd"}, r"only http:// and https:// URLs"),
    "a path of ours": ({"kernel": "/k", "initrd": ["gopher://x/"]}, r"only http:// and https:// URLs"),
    "a file for the command line": ({"kernel": "/k", "cmdline": '{{ URL "file:///etc/passwd" }}'}, r"only http:// and"),
    "a broken template": ({"kernel": "/k", "cmdline": "{{ "}, r"cmdline:1"),
    "two lines": ({"kernel": "/k", "cmdline": "a\nb"}, r"'cmdline' has a line break"),
    "no script": ({"ipxe-script": "echo hello"}, r"does not begin with '#!ipxe'"),
    "2 MB": (b'{"kernel":"' + b"x" * 2_000_000 + b'"}', r"the api's answer is longer than 1048576 octets"),
    "deep": (b"[" * 100_000, r"the api's answer cannot be used"),
}


def test_the_machine_is_shown_why_it_boots_nothing(start, origin):
    origin.files["/k"] = File(b"kernel")
    muster = start()
    for number, (name, (answer, reason)) in enumerate(WRONG.items()):
        mac = f"52:54:00:00:02:{number:02x}"
        origin.machines[mac] = answer
        status, script = muster.script(mac, User_Agent="iPXE/1.21.1")
        words = urllib.parse.unquote(" ".join(line.removeprefix("echo muster: ") for line in script.splitlines()))
        assert status == 200 and script.startswith("#!ipxe\n") and script.endswith("exit 1\n"), name
        assert re.search(reason, words), f"{name}: {script}"
        assert muster.script(mac)[0] == 404
        muster.wait_for_log(f"api {mac}: .*{reason}")


def test_who_waits_for_a_slow_service_holds_up_nobody(start, origin):
    """Twenty wait, each on its own; others are answered at once, and the twenty at the timeout."""
    release = threading.Event()
    for number in range(20):
        origin.machines[f"52:54:00:00:01:{number:02x}"] = lambda request: release.wait(20) and None
    boots(origin, File(b"kernel"))
    muster = start(**{"api-timeout": "2s"})
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(muster.script, f"52:54:00:00:01:{number:02x}") for number in range(20)]
        while len(origin.headers) < 20:
            time.sleep(0.01)
        begun = time.monotonic()
        assert muster.get("/healthz")[0] == 200 and muster.script()[0] == 200
        assert time.monotonic() - begun < 1.5 and not any(answer.done() for answer in waiting)
        for answer in waiting:
            status, words = answer.result()
            assert status == 404 and "the api does not answer: no answer in 2." in words
    release.set()


def test_a_service_that_is_not_there_is_named(start):
    muster = start(api="http://127.0.0.1:1/prefix/")
    status, words = muster.script()
    assert status == 404 and "the api does not answer: " in words and "127.0.0.1" in words


def test_what_a_client_says_of_itself_adds_no_header_field(start, origin):
    boots(origin, File(b"kernel"))
    muster = start(**{"api-cache": "0s"})
    muster.get(f"/ipxe?mac={MAC}&arch=a%0d%0aX-A:%20b")
    muster.get(f"/ipxe?mac={OTHER}&arch=arm64")
    time.sleep(1.1)
    muster.get(f"/ipxe?mac={MAC}&arch=a%0d%0aX-A:%20b")
    muster.get(f"/ipxe?mac={OTHER}&arch=arm64")
    machines = [headers for path, headers in origin.headers if "/v1/boot/" in path]
    assert len(machines) == 4 and not any("X-A" in headers for headers in machines)
    assert machines[-1]["Machine-Arch"] == "arm64"


def test_redirects_that_go_in_a_circle_end(start, origin):
    boots(origin, File(status=302, location="/k"))
    origin.machines[OTHER] = {"kernel": "/moved"}
    origin.files["/moved"] = File(status=302, location="/here", failures=1)
    origin.files["/here"] = File(b"here")
    muster = start()
    status, body, _ = muster.get(muster.image_of(f"{origin.url}/k"))
    assert status == 502 and b"redirects" in body
    assert muster.get(muster.image(OTHER))[1] == b"here"


def test_an_answer_is_asked_for_once_while_it_holds(start, origin):
    boots(origin, File(b"kernel"))
    muster = start(**{"api-cache": "1h"})
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        assert all(status == 200 for status, _ in pool.map(lambda _: muster.script(), range(50)))
    assert origin.count(f"/v1/boot/{MAC}") == 1


def test_an_old_answer_is_never_used(start, origin):
    boots(origin, File(b"kernel"))
    muster = start(**{"api-cache": "0s"})
    assert muster.script()[0] == 200
    origin.machines[MAC] = 500
    time.sleep(1.1)
    status, words = muster.script()
    assert status == 404 and "the api answered 500" in words


def test_the_catalog_goes_first(start, origin, tmp_path):
    for folder, document in (("profiles", {"id": "own", "boot": {"kernel": "/assets/own"}}),
                             ("groups", {"id": "own", "profile": "own", "selector": {"mac": MAC}})):
        (tmp_path / "data" / folder).mkdir(parents=True)
        (tmp_path / "data" / folder / "own.json").write_text(json.dumps(document))
    boots(origin, File(b"kernel"))
    boots(origin, File(b"kernel"), mac=OTHER)
    muster = start()
    assert "kernel /assets/own" in muster.script()[1]
    assert "kernel /image/kernel/" in muster.script(OTHER)[1]
    assert origin.count(f"/v1/boot/{MAC}") == 0


def test_an_ipxe_script_is_given_as_it_is(start, origin):
    origin.machines[MAC] = {"ipxe-script": "#!ipxe\necho ${net0/mac} & done\n", "kernel": "/never"}
    muster = start()
    assert muster.script() == (200, "#!ipxe\necho ${net0/mac} & done\n")
    status, body, _ = muster.get(f"/grub?mac={MAC}")
    assert status == 404 and b"an iPXE script, which no other boot program can run" in body


def test_another_muster_is_such_a_service(start, origin, tmp_path):
    service = tmp_path / "service"
    (service / "data/assets").mkdir(parents=True)
    (service / "data/assets/k").write_bytes(b"its kernel")
    for folder, document in (("profiles", {"id": "x", "boot": {"kernel": "/assets/k", "args": ["a", "b=c"]}}),
                             ("groups", {"id": "x", "profile": "x", "selector": {"mac": MAC}})):
        (service / "data" / folder).mkdir(parents=True)
        (service / "data" / folder / "x.json").write_text(json.dumps(document))
    theirs = Served(service)
    ours = start(api=theirs.url)
    status, script = ours.script()
    assert status == 200 and " a b=c\n" in script, script + theirs.log()
    assert ours.get(ours.image())[1] == b"its kernel"
    assert ours.script(OTHER)[0] == 404
    ours.stop()
    theirs.stop()


def test_the_example_is_such_a_service(start, tmp_path):
    www = tmp_path / "www"
    www.mkdir()
    for name in ("linux", "initrd.gz", "preseed.cfg"):
        (www / name).write_text(name)
    with socket.socket() as free:
        free.bind(("", 0))
        port = free.getsockname()[1]
    service = subprocess.Popen(["/usr/bin/python3", ROOT / "examples/boot-service.py", str(port)], cwd=www,
                               stderr=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            time.sleep(0.02)
        muster = start(api=f"http://127.0.0.1:{port}")
        status, script = muster.script()
        assert status == 200 and "auto=true priority=critical url=http://127.0.0.1" in script
        assert muster.get(muster.image())[1] == b"linux"
        assert "(404: this machine is not in the table)" in muster.script("52:54:00:00:00:77")[1]
    finally:
        service.kill()
        service.wait()


# --- images ----------------------------------------------------------------------------------------------------------

def test_a_hundred_ask_and_the_server_is_asked_once(start, origin):
    content = os.urandom(SIZE)
    boots(origin, File(content, tag='"1"', wait=0.2, pause=0.005))
    muster = start()
    path = muster.image()
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        assert all(body == content for _, body, _ in pool.map(lambda _: muster.get(path), range(100)))
    assert origin.count("/k") == 1
    muster.wait_for_log(rf"image: {origin.url}/k: {SIZE} octets in [\d.]+ s \([\d.]+ MB/s\)")


def test_an_image_is_sent_while_it_comes(start, origin):
    content = os.urandom(SIZE)
    boots(origin, File(content, pause=0.05))
    muster = start()
    path = muster.image()
    with urllib.request.urlopen(muster.url + path, timeout=20) as reply:
        assert int(reply.headers["Content-Length"]) == SIZE
        first = reply.read(1000)
        assert not re.search(r"image: \S+/k: \d+ octets", muster.log())
        assert first + reply.read() == content
    status, part, headers = muster.get(path, Range="bytes=1000-1999")
    assert status == 206 and part == content[1000:2000] and headers["Content-Range"] == f"bytes 1000-1999/{SIZE}"


def test_a_range_of_what_comes_waits_for_it(start, origin):
    content = os.urandom(SIZE)
    boots(origin, File(content, pause=0.01))
    muster = start()
    status, part, _ = muster.get(muster.image(), Range=f"bytes={SIZE - 10}-")
    assert status == 206 and part == content[-10:]


GONE_ON_WITH = {
    "with ranges by tag": dict(tag='"1"'),
    "with ranges by date": dict(date=DATE),
    "with a weak tag": dict(tag='W/"1"'),
    "without ranges": dict(tag='"1"', ranges=False),
    "without validators": dict(),
    "without validators or ranges": dict(ranges=False),
    "often": dict(tag='"1"', cut=500_000, cuts=5),
    "before its first octet": dict(tag='"1"', cut=0),
}


@pytest.mark.parametrize("name", GONE_ON_WITH)
def test_a_download_that_breaks_goes_on_and_nobody_notices(start, origin, name):
    content = os.urandom(SIZE)
    behaviour = {"cut": 1_000_000, **GONE_ON_WITH[name]}
    boots(origin, File(content, **behaviour))
    muster = start()
    assert muster.get(muster.image())[1] == content
    asked = [entry for entry in origin.asked if entry[0] == "/k"]
    assert len(asked) == behaviour.get("cuts", 1) + 1
    by_range = name.startswith("with ranges")
    assert (asked[1][2] == 206) == (by_range or name == "often"), asked


def test_a_file_that_changes_meanwhile_is_never_mixed(start, origin):
    old, new = os.urandom(SIZE), os.urandom(SIZE)
    boots(origin, File(old, tag='"1"', cut=1_000_000, changes=(new, '"2"')))
    muster = start()
    path = muster.image()
    try:
        first = muster.get(path)[1]
    except (ConnectionError, OSError, ValueError, Exception) as error:
        first = getattr(error, "partial", b"")
    assert first in (new, b"") or old.startswith(first)
    assert muster.get(path)[1] == new


def test_a_server_without_tags_that_changes_meanwhile_is_noticed(start, origin):
    old = os.urandom(SIZE)
    new = old[:500_000] + os.urandom(SIZE - 500_000)
    boots(origin, File(old, cut=1_000_000, changes=(new, None)))
    muster = start()
    path = muster.image()
    try:
        muster.get(path)
    except Exception:
        pass
    assert muster.get(path)[1] == new


def test_an_image_of_unknown_size_comes_too(start, origin):
    content = os.urandom(SIZE)
    boots(origin, File(content, chunked=True, pause=0.002))
    muster = start()
    path = muster.image()
    assert muster.get(path)[1] == content
    status, body, headers = muster.get(path)
    assert body == content and int(headers["Content-Length"]) == SIZE
    assert origin.count("/k") == 1


def test_a_server_in_trouble_is_tried_again(start, origin):
    boots(origin, File(b"kernel", status=503, failures=2))
    muster = start()
    assert muster.get(muster.image())[1] == b"kernel"


@pytest.mark.parametrize("status", [404, 403, 204])
def test_what_is_not_there_is_said_on_the_machines_screen(start, origin, status):
    boots(origin, File(status=status))
    muster = start()
    got, body, _ = muster.get(muster.image_of(f"{origin.url}/k"))
    assert got == 502 and f"{origin.url}/k: the server says {status}".encode() in body
    got, words = muster.script()
    assert got == 404 and f"/k: the server says {status}" in words
    assert origin.count("/k") == 1


def test_a_copy_is_confirmed_and_a_new_one_fetched(start, origin):
    """At a start nothing is confirmed yet."""
    first, second = os.urandom(SIZE), os.urandom(SIZE)
    boots(origin, File(first, tag='"1"'))
    muster = start()
    assert muster.get(muster.image())[1] == first
    muster.stop()
    muster = start()
    assert muster.get(muster.image())[1] == first
    assert origin.count("/k", 200) == 1 and origin.count("/k", 304) == 1
    muster.stop()
    boots(origin, File(second, tag='"2"'))
    muster = start()
    assert muster.get(muster.image())[1] == second


def test_where_the_server_fails_the_copy_is_served_and_that_is_said(start, origin):
    content = os.urandom(SIZE)
    boots(origin, File(content, tag='"1"'))
    muster = start()
    assert muster.get(muster.image())[1] == content
    muster.stop()
    boots(origin, File(status=500))
    muster = start()
    assert muster.get(muster.image())[1] == content
    muster.wait_for_log(r"/k: the server says 500; the copy of before is served")


def test_a_download_goes_on_at_the_next_start(start, origin):
    content = os.urandom(SIZE)
    boots(origin, File(content, tag='"1"', pause=0.05))
    muster = start()
    path = muster.image()
    with urllib.request.urlopen(muster.url + path, timeout=20) as reply:
        reply.read(1_000_000)
        muster.kill()
    boots(origin, File(content, tag='"1"'))
    muster = start()
    assert muster.get(muster.image())[1] == content
    last = origin.asked[-1]
    assert last[2] == 206 and int(re.search(r"\d+", last[1])[0]) >= 1_000_000, last


def test_a_damaged_cache_is_not_served(start, origin, tmp_path):
    content = os.urandom(SIZE)
    boots(origin, File(content, tag='"1"'))
    muster = start()
    assert muster.get(muster.image())[1] == content
    muster.stop()
    cache = tmp_path / "data/cache"
    whole = next(path for path in cache.iterdir() if len(path.name) == 32)
    with whole.open("r+b") as file:
        file.truncate(1000)
    (cache / ("0" * 32)).write_bytes(b"stray")
    muster = start()
    assert muster.get(muster.image())[1] == content
    assert not (cache / ("0" * 32)).exists()


def test_what_was_unused_for_longest_makes_room(start, origin, tmp_path):
    for number in range(4):
        boots(origin, File(os.urandom(SIZE), tag=f'"{number}"'), f"/{number}", f"52:54:00:00:00:1{number}")
    muster = start(cache={"size": "10M"})
    for number in range(4):
        assert muster.get(muster.image(f"52:54:00:00:00:1{number}"))[0] == 200
        time.sleep(1.1)
    held = sum(path.stat().st_size for path in (tmp_path / "data/cache").iterdir())
    assert 3 * SIZE <= held < 10_000_000


def test_an_image_larger_than_the_cache_is_refused_with_the_reason(start, origin):
    boots(origin, File(os.urandom(SIZE)))
    muster = start(cache={"size": "1M"})
    status, body, headers = muster.get(muster.image_of(f"{origin.url}/k"))
    assert status == 503 and b"raise 'cache.size'" in body and headers["Retry-After"]


def test_nobody_can_fetch_what_nobody_named(start, origin):
    origin.files["/secret"] = File(b"secret")
    muster = start()
    for path in ("/image/kernel/" + "0" * 32 + "/k", "/image/kernel/../../etc/passwd", f"/image/kernel/{origin.url}/secret",
                 "/image/kernel/", "/image/kernel/x", "/image/other/" + "0" * 32):
        status, body, _ = muster.get(path)
        assert status in (301, 404) and b"secret" not in body, path
    assert origin.count("/secret") == 0


def test_a_stop_while_all_wait_is_a_good_one(start, origin):
    """Requests that wait for a service or an image end with the process."""
    boots(origin, File(os.urandom(SIZE), pause=0.5))
    origin.machines[OTHER] = lambda request: time.sleep(10)
    muster = start(stop_timeout="1s", **{"api-timeout": "20s"})
    path = muster.image()

    def try_to(call):
        try:
            call()
        except Exception:
            pass
    threads = [threading.Thread(target=try_to, args=(call,), daemon=True)
               for call in [lambda: muster.get(path), lambda: muster.script(OTHER)] * 5]
    for thread in threads:
        thread.start()
    while origin.count("/k") == 0 or len(origin.headers) < 3:
        time.sleep(0.01)
    muster.stop()


def test_what_profiles_name_elsewhere_is_fetched_where_that_is_wanted(start, origin, tmp_path):
    for folder, document in (("profiles", {"id": "own", "boot": {"kernel": f"{origin.url}/k", "args": ["quiet"],
                                                                 "initrd": [f"--name i {origin.url}/i", "/assets/i"]}}),
                             ("groups", {"id": "own", "profile": "own"})):
        (tmp_path / "data" / folder).mkdir(parents=True)
        (tmp_path / "data" / folder / "own.json").write_text(json.dumps(document))
    origin.files.update({"/k": File(b"kernel"), "/i": File(b"initrd")})
    muster = start(api=None, cache={"profiles": True})
    status, script = muster.script()
    assert re.fullmatch(r"#!ipxe\nkernel /image/kernel/\w+/k quiet\ninitrd --name i /image/initrd/\w+/i\n"
                        r"initrd /assets/i\nboot\n", script), script
    assert muster.get(muster.image())[1] == b"kernel"


# --- over TLS --------------------------------------------------------------------------------------------------------

@pytest.fixture
def certificate(tmp_path):
    """A certificate that is its own root, its key, and the environment that trusts it."""
    certificate, key = tmp_path / "own.crt", tmp_path / "own.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", certificate, "-days", "2", "-subj", "/CN=own", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True, timeout=60)
    return certificate, key, {"SSL_CERT_FILE": str(certificate)}


@pytest.fixture
def secure(certificate):
    origin = Origin(tls=certificate[:2])
    yield origin, certificate[2]
    origin.close()


def test_a_service_and_its_images_may_be_https(start, secure):
    """iPXE of the distributions knows no HTTPS: the machine gets both by HTTP."""
    origin, trust = secure
    content = os.urandom(SIZE)
    boots(origin, File(content, tag='"1"'))
    muster = start(api=origin.url, environment=trust)
    assert muster.get(muster.image())[1] == content


def test_an_authority_that_is_not_trusted_is_named(start, secure):
    origin, _ = secure
    muster = start(api=origin.url)
    status, words = muster.script()
    assert status == 404 and "name its PEM file in SSL_CERT_FILE" in words
    muster.stop()
    muster = start(api=origin.url, environment={"SSL_CERT_FILE": "/nonexistent.pem"})
    assert "'/nonexistent.pem', which SSL_CERT_FILE names, cannot be read" in muster.script()[1]


def test_muster_boot_takes_https_urls(network, server, certificate):
    *pair, trust = certificate
    origin = Origin(server, tls=pair)
    content = os.urandom(SIZE)
    origin.files["/linux"] = File(content)
    command = ["boot", f"{origin.url}/linux", "--mode", "off"]
    muster = Muster(network, server, command, environment=trust)
    _, script, _ = curl(server, f"http://127.0.0.1:8080/ipxe?mac={MAC}")
    kernel = re.search(r"kernel (\S+)", script.decode())[1]
    assert curl(server, f"http://127.0.0.1:8080{kernel}")[1] == content
    muster.stop()
    untrusted = server.run(MUSTER, *command, check=False, env={**os.environ, "SSL_CERT_FILE": ""})
    assert untrusted.returncode == 1 and "SSL_CERT_FILE" in untrusted.stdout
    missing = server.run(MUSTER, "boot", f"{origin.url}/nothing", check=False, env={**os.environ, **trust})
    assert missing.returncode == 1 and "404" in missing.stdout
    origin.close()


# --- with DHCP -------------------------------------------------------------------------------------------------------

def test_the_question_is_asked_with_the_first_packet_and_the_offer_does_not_wait(network, server, client, tmp_path):
    origin = Origin(network.host("api", "10.77.0.2"), "10.77.0.2")
    release = threading.Event()
    origin.machines[MAC] = lambda request: release.wait(20) and None
    muster = Muster(network, server, ["serve"],
                    {"data": str(tmp_path), "log": "json", "interfaces": ["eth0"], "http": {"port": 8080}, "api": origin.url,
                     "dhcp": {"mode": "server", "probe": False, "subnets": [SUBNET]}, "api-timeout": "20s"})
    hand = DhcpHand(client)
    assert hand.ask(dhcp_discover(MAC, arch=7), timeout=5), "an offer, whatever the service does"
    deadline = time.monotonic() + 10
    while not origin.headers:
        assert time.monotonic() < deadline, muster.log.tail()
        time.sleep(0.01)
    path, headers = origin.headers[0]
    assert path == f"/v1/boot/{MAC}" and headers["Machine-Arch"] == "x86_64" and headers["Machine-Platform"] == "efi"
    assert hand.ask(dhcp_discover(MAC, arch=7), timeout=5) and hand.ask(dhcp_discover(OTHER), timeout=5)
    release.set()
    muster.wait_for(r"the api said no \(404")
    assert len(origin.headers) == 1, "one question, and none for a system that does not boot from us"
    hand.close()
    muster.stop()
    origin.close()


# --- over TFTP -------------------------------------------------------------------------------------------------------

def test_boot_programs_that_know_tftp_alone_get_the_same(network, server, client, tmp_path):
    """PXELINUX's names: its configuration waits for the service, the image is sent while it comes, and again whole."""
    network.set_address(client, "eth0", "10.77.0.9")
    origin = Origin(network.host("api", "10.77.0.2"), "10.77.0.2")
    content = os.urandom(SIZE)
    boots(origin, File(content, tag='"1"', pause=0.01, wait=0.3))
    origin.machines[MAC]["cmdline"] = "a=b"
    answer = dict(origin.machines[MAC])
    origin.machines[MAC] = lambda request: time.sleep(0.5) or answer
    muster = Muster(network, server, ["serve"],
                    {"data": str(tmp_path), "log": "json", "interfaces": ["eth0"], "dhcp": {"mode": "off"},
                     "http": {"port": 8080}, "api": origin.url})
    configuration, _ = tftp_read(client, SERVER, f"pxelinux.cfg/01-{MAC.replace(':', '-')}", timeout=20)
    kernel = re.search(r"(?i)^\s*(?:kernel|linux) /?(\S+)", configuration.decode(), re.MULTILINE)[1]
    assert "a=b" in configuration.decode() and kernel.startswith("image/kernel/")
    first, options = tftp_read(client, SERVER, kernel, timeout=20, blksize=1400, windowsize=16, tsize=0)
    again, _ = tftp_read(client, SERVER, f"bios/{kernel}", timeout=20, blksize=1400)
    assert first == content and again == content and options["tsize"] == str(SIZE) and origin.count("/k") == 1
    with pytest.raises(TftpError, match="no image has this id"):
        tftp_read(client, SERVER, "image/kernel/" + "0" * 32 + "/k")
    muster.stop()
    origin.close()
