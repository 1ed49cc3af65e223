# SPDX-License-Identifier: Apache-2.0
"""A data folder and flags of Matchbox's, and what its machines get from muster in its place: status, content type and
body, octet for octet. doc/matchbox.md names each difference; here those are what is expected."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from lab.server import SANITIZERS
from lab.world import MUSTER

TEXT = "text/plain; charset=utf-8"
MAC = "52:54:00:12:34:56"
HYPHENS = MAC.replace(":", "-")
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
BOOTSTRAP = (b"#!ipxe\nchain ipxe?uuid=${uuid}&mac=${mac:hexhyp}&domain=${domain}&hostname=${hostname}&serial=${serial}"
             b"&arch=${buildarch:uristring}\n")
IGNITION = b'{ "ignition": {"version": "3.99.0"},\n  "unknown": "a&b" }\n'
CLOUD = b"#cloud-config  \nhostname: {{.metadata_name}}\n"
SCRIPT = (b"#!ipxe\nkernel /assets/vmlinuz console=ttyS0 url=http://h/ignition?uuid=${uuid}&mac=${mac:hexhyp} ---\n"
          b"initrd --name main http://h/initrd.gz\ninitrd /assets/extra.gz\nboot\n")


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def data(tmp_path):
    """A folder as Matchbox's users have it."""
    root = tmp_path / "data"
    files = {
        "groups/default.json": {"id": "default", "profile": "none"},
        "groups/node.json": {"id": "node", "name": "a node", "profile": "worker", "selector": {"mac": HYPHENS.upper()},
                             "metadata": {"metadata_name": "node1", "count": 3, "big": 1234567, "nested": {"Key": True},
                                          "list": [1, "b"], "none": None, "MAC": "not this one"}},
        "groups/README.txt": "not a group",
        "profiles/none.json": {"id": "none"},
        "profiles/worker.json": {
            "id": "worker", "ignition_id": "worker.ign", "cloud_id": "worker.yaml", "generic_id": "worker.txt",
            "generic": {"kickstart": "site/ks.cfg"},
            "boot": {"kernel": "/assets/vmlinuz", "initrd": ["--name main http://h/initrd.gz", "/assets/extra.gz"],
                     "args": ["console=ttyS0", "url=http://h/ignition?uuid=${uuid}&mac=${mac:hexhyp}", "---"]}},
        "ignition/worker.ign": IGNITION,
        "cloud/worker.yaml": CLOUD,
        "generic/worker.txt": "{{range $i, $e := .list}}{{$i}}={{$e}} {{end}}{{.count}} {{.mac}} {{.request.raw_query}}\n",
        "generic/site/ks.cfg": "network --device={{.mac}}\n",
        "assets/ten": b"0123456789",
        "assets/folder/index.html": "<p>index",
        "secret": "kept words",
    }
    for name, content in files.items():
        write(root / name, content)
    return root


class Server:
    """muster with Matchbox's flags or variables, ready when this returns."""

    def __init__(self, arguments, environment, log):
        self.log = open(log, "w+b")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        words = [word.format(address=f"127.0.0.1:{self.port}") for word in arguments]
        variables = {name: value.format(address=f"127.0.0.1:{self.port}") for name, value in environment.items()}
        self.process = subprocess.Popen([MUSTER, "serve", *words], stdout=self.log, stderr=self.log,
                                        env={**os.environ, **SANITIZERS, **variables})
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def _answers(self):
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0

    def said(self):
        return pathlib.Path(self.log.name).read_text()

    def get(self, target, *options):
        """(status, content type, body, header fields) as curl sees them."""
        done = subprocess.run(["curl", "-s", "-i", "--path-as-is", "--globoff", "--max-time", "20", *options,
                               f"http://127.0.0.1:{self.port}{target}"], stdout=subprocess.PIPE, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]), fields.get("content-type"), body, fields

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.said()
        self.log.close()


@pytest.fixture
def serve(tmp_path):
    """Starts servers; all are stopped, and must have ended well."""
    servers = []

    def start(*arguments, environment=None):
        servers.append(Server(arguments, environment or {}, tmp_path / f"log{len(servers)}"))
        return servers[-1]
    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def muster(serve, data):
    return serve("-address", "{address}", "-data-path", str(data), "-assets-path", str(data / "assets"))


@pytest.mark.parametrize("target, media_type, body", [
    ("/", TEXT, b"muster\n"),
    ("/boot.ipxe", TEXT, BOOTSTRAP),
    ("/boot.ipxe.0", TEXT, BOOTSTRAP),
    (f"/ipxe?mac={HYPHENS}", TEXT, SCRIPT),
    (f"/ignition?mac={HYPHENS}", "application/json", IGNITION),
    (f"/cloud?mac={HYPHENS}", TEXT, b"#cloud-config  \nhostname: node1\n"),
    (f"/generic?x=%41+&mac={HYPHENS}", TEXT, f"0=1 1=b 3 {MAC} x=%41+&mac={HYPHENS}\n".encode()),
    (f"/generic/kickstart?mac={HYPHENS}", TEXT, f"network --device={MAC}\n".encode()),
    (f"/metadata?mac={HYPHENS}&x=a%0aFOO=b", TEXT, "".join(f"{line}\n" for line in [
        "BIG=1.234567e+06", "COUNT=3", f"MAC={MAC}", "MAC=not this one", "METADATA_NAME=node1", "NESTED_KEY=true",
        f"REQUEST_QUERY_MAC={MAC}", "REQUEST_QUERY_X=a\\nFOO=b",
        f"REQUEST_RAW_QUERY=mac={HYPHENS}&x=a%0aFOO=b"]).encode()),
    ("/assets/ten", "application/octet-stream", b"0123456789"),
    ("/assets/folder/", "text/html; charset=utf-8", b"<p>index"),
])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_each_endpoint(muster, target, media_type, body, method):
    status, got_type, got, fields = muster.get(target, *(["--head"] if method == "HEAD" else ["-X", method]))
    if target.startswith("/assets/") and method in ("POST", "DELETE"):
        assert status == 405
        return
    assert (status, got_type) == (200, media_type)
    assert got == (b"" if method == "HEAD" else body)
    assert fields["content-length"] == str(len(body))


def test_grub(muster):
    """Matchbox's but for the quotes around what ends a command of GRUB's, and URLs as GRUB names them."""
    status, media_type, body, _ = muster.get(f"/grub?uuid=u1&mac={HYPHENS}")
    url = f'"url=http://h/ignition?uuid=u1&mac={HYPHENS}"'
    entry = ('menuentry "CoreOS ({0})" {{\necho "Loading kernel"\n{1} "/assets/vmlinuz" console=ttyS0 {3} ---\n'
             'echo "Loading initrd"\n{2}  "(http,h)/initrd.gz" "/assets/extra.gz"\n}}\n')
    assert (status, media_type) == (200, TEXT)
    assert body.decode() == ("default=0\nfallback=1\ntimeout=1\n" + entry.format("EFI", "linuxefi", "initrdefi", url)
                             + entry.format("BIOS", "linux", "initrd", url))


def test_grub_reads_its_script(muster, tmp_path):
    if not shutil.which("grub-script-check"):
        pytest.skip("grub-script-check is not there (package grub-common)")
    (tmp_path / "grub.cfg").write_bytes(muster.get(f"/grub?mac={HYPHENS}")[2])
    subprocess.run(["grub-script-check", tmp_path / "grub.cfg"], check=True)


@pytest.mark.parametrize("prefix", ["/pixiecore/v1/boot/", "/v1/boot/", "/pixiecore/v1/boot/a/b/"])
def test_pixiecores_api(muster, prefix):
    status, media_type, body, _ = muster.get(prefix + MAC)
    assert (status, media_type) == (200, "application/json")
    assert body == (b'{"kernel":"/assets/vmlinuz","initrd":["http://h/initrd.gz","/assets/extra.gz"],"cmdline":'
                    b'"console=ttyS0 url=http://h/ignition?uuid=${uuid}\\u0026mac=' + HYPHENS.encode() + b' ---"}')


def test_pixiecore_gets_bootcfgs_pairs(serve, data):
    write(data / "profiles/none.json", {"id": "none", "boot": {"kernel": "/k", "initrd": ["/i"], "cmdline": {"b": "", "a": "1&2"}}})
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", "")
    assert muster.get("/v1/boot/00:00:00:00:00:01")[2] == b'{"kernel":"/k","initrd":["/i"],"cmdline":{"a":"1\\u00262","b":""}}'
    assert muster.get("/ipxe")[2] == b"#!ipxe\nkernel /k a=1&2 b\ninitrd /i\nboot\n"
    assert muster.get("/v1/boot/zz")[::2][:2] == (400, b"address zz: invalid MAC address\n")


@pytest.mark.parametrize("target, location", [
    ("//ipxe?x=%20", "/ipxe?x=%20"), ("/assets", "/assets/"), ("/assets/../groups/x", "/groups/x"),
    ("/assets/%2e%2e/secret", "/secret"), ("/./ipxe", "/ipxe"), ("/assets/folder", "/assets/folder/"),
])
def test_another_spelling_is_redirected(muster, target, location):
    status, _, _, fields = muster.get(target)
    assert (status, fields["location"].removeprefix(f"http://127.0.0.1:{muster.port}")) == (301, location)


@pytest.mark.parametrize("target, words", [
    ("/nope", "nothing at /nope"), ("/ipxe/", "nothing at /ipxe/"), ("/IPXE", "nothing at /IPXE"),
    ("/ipxe", "profile 'none'"), ("/ignition", '"ignition_id"'), ("/cloud", '"cloud_id"'),
    ("/generic", '"generic_id"'), ("/generic/kickstart", "'kickstart'"), ("/ipxe.sig", "sign"),
])
def test_what_is_not_there_is_a_404_that_says_why(muster, target, words):
    status, media_type, body, fields = muster.get(target)
    assert (status, media_type, fields["x-content-type-options"]) == (404, TEXT, "nosniff")
    assert words in body.decode() and words in fields["muster-reason"]
    # Its line follows the answer.
    deadline = time.monotonic() + 10
    while not any(target in line and "127.0.0.1" in line and " 404, " in line and " ms" in line
                  for line in muster.said().splitlines()):
        assert time.monotonic() < deadline, muster.said()[-2000:]
        time.sleep(0.01)


@pytest.mark.parametrize("options, status, body, content_range", [
    (["-r", "0-3"], 206, b"#clo", "bytes 0-3/32"), (["-r", "-2"], 206, b"1\n", "bytes 30-31/32"),
    (["-r", "99-"], 416, None, "bytes */32"), ([], 200, None, None),
])
def test_a_part_of_a_cloud_config(muster, options, status, body, content_range):
    got, _, content, fields = muster.get(f"/cloud?mac={HYPHENS}", *options)
    assert (got, fields.get("content-range"), fields["accept-ranges"]) == (status, content_range, "bytes")
    assert body is None or content == body


@pytest.mark.parametrize("content, media_type", [
    ("<html>", "text/html; charset=utf-8"), ('{"a": 1}', TEXT), ("\0\1", "application/octet-stream"), ("", TEXT),
])
def test_generic_content_tells_its_type(serve, data, content, media_type):
    write(data / "generic/worker.txt", content)
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", "")
    assert muster.get(f"/generic?mac={MAC}")[:3] == (200, media_type, content.encode())


# 1.3: labels are query parameters, read as Go reads them.
@pytest.mark.parametrize("query, group", [
    (f"mac={MAC}", "node"), (f"mac={HYPHENS.upper()}", "node"), ("mac=5254.0012.3456", "node"),
    (f"mac={MAC}&mac=00:00:00:00:00:01", "node"), (f"mac=00:00:00:00:00:01&mac={MAC}", "default"),
    (f"x;y&mac={MAC}", "node"), (f"x=%zz&mac={MAC}", "node"), (f"m%61c={MAC}", "node"), (f"mac=+{MAC}", "default"),
    (f"MAC={MAC}", "default"), (f"mac={MAC};x=1", "default"), ("mac=525400123456", "default"),
    ("mac=52:54:0:12:34:56", "default"), ("mac=52-54:00:12:34:56", "default"), ("mac=", "default"), ("", "default"),
    (f"&&=&mac={MAC}", "node"), (f"Mac={MAC}", "default"),
])
def test_labels(muster, query, group):
    status, _, _, fields = muster.get(f"/metadata?{query}")
    assert (status, fields["muster-reason"]) == (200, f"metadata of group '{group}'")


# 1.4: most selectors first, then by their text, descending; a label that is absent is "".
@pytest.mark.parametrize("groups, query, winner", [
    ({"a": {"os": "x"}, "b": {"os": "x", "arch": "y"}}, "os=x&arch=y", "b"),
    ({"a": {"k": "1"}, "b": {"l": "1"}}, "k=1&l=1", "b"),
    ({"a": {"k": "1", "z": "1"}, "b": {"l": "1", "m": "1"}}, "k=1&l=1&m=1&z=1", "b"),
    ({"a": {"a-b": "1"}, "b": {"a": "1"}}, "a=1&a-b=1", "b"),
    ({"a": {"x": ""}}, "y=1", "a"), ({"a": {"x": ""}}, "x=1", None), ({"a": {"x": ""}}, "x=", "a"),
    ({"a": {"X": "1"}}, "x=1", None), ({"a": {"x": "A"}}, "x=a", None), ({"a": {}}, "anything=1", "a"),
    ({"a": None}, "", "a"), ({"a": {"Mac": MAC}}, f"Mac={HYPHENS}", "a"), ({"a": {"mac": "zz"}}, "mac=zz", None),
])
def test_selection(serve, tmp_path, groups, query, winner):
    data = tmp_path / "data"
    write(data / "profiles/p.json", {"id": "p"})
    for group, selector in groups.items():
        write(data / f"groups/{group}.json", {"id": group, "profile": "p", "selector": selector})
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", "")
    status, _, _, fields = muster.get(f"/metadata?{query}")
    if winner:
        assert (status, fields["muster-reason"]) == (200, f"metadata of group '{winner}'")
    else:
        assert status == 404 and "no group selects" in fields["muster-reason"]


def test_one_broken_document_takes_down_no_other(serve, data):
    write(data / "groups/broken.json", "{")
    write(data / "groups/badmac.json", {"id": "badmac", "profile": "worker", "selector": {"mac": "nope"}})
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", str(data / "assets"))
    assert muster.get(f"/ipxe?mac={MAC}")[2] == SCRIPT
    assert "groups/broken.json:1:" in muster.said() and "groups/badmac.json:1:" in muster.said()


@pytest.mark.parametrize("name", ["../secret", "../groups/node.json", "/etc/passwd", "a/../../secret", "..", "./../secret"])
def test_no_document_is_read_outside_of_its_folder(serve, data, name):
    write(data / "profiles/worker.json", {"id": "worker", "ignition_id": name, "cloud_id": name, "generic_id": name,
                                          "generic": {"x": name}})
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", str(data / "assets"))
    for endpoint in ("ignition", "cloud", "generic", "generic/x"):
        status, _, body, _ = muster.get(f"/{endpoint}?mac={MAC}")
        assert status == 404 and b"root:" not in body and b"kept words" not in body


@pytest.mark.parametrize("content, words", [
    ("{", "ignition/worker.ign:1:"), ("{}", "no ignition.version"), ('{"ignition": {"version": "4.0.0"}}', "'4.0.0'"),
    ('{"ignition": {"version": "3.4.0"}},', "ignition/worker.ign:1:"), pytest.param("[" * 100000, "deeper", id="deep"),
])
def test_an_ignition_config_is_never_empty(serve, data, content, words):
    write(data / "ignition/worker.ign", content)
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", str(data / "assets"))
    status, media_type, body, _ = muster.get(f"/ignition?mac={MAC}")
    assert (status, media_type) == (404, TEXT) and words in body.decode()


@pytest.mark.parametrize("content, words", [
    ("hello", "cloud/worker.yaml:1:1"), ("#cloud-config\na: [", "cloud/worker.yaml:"),
    ("#cloud-config\nhostname: [1]\n", "cloud/worker.yaml:2:11"), ("{{.nope}}", "cloud/worker.yaml:1:2"),
    ("{{if}}", "cloud/worker.yaml:1:"), ("#!/bin/sh\n", None), ("#cloud-config", None),
])
def test_cloud_rules(serve, data, content, words):
    write(data / "cloud/worker.yaml", content)
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", str(data / "assets"))
    status, _, body, _ = muster.get(f"/cloud?mac={MAC}")
    assert (status, body) == (200, content.encode()) if words is None else status == 404 and words in body.decode()


@pytest.mark.parametrize("arguments, environment", [
    (["-address", "{address}", "-data-path", "DATA", "-assets-path", "DATA/assets"], {}),
    (["--address={address}", "--data-path=DATA", "-assets-path=DATA/assets", "-log-level=debug"], {}),
    ([], {"MATCHBOX_ADDRESS": "{address}", "MATCHBOX_DATA_PATH": "DATA", "MATCHBOX_ASSETS_PATH": "DATA/assets",
          "MATCHBOX_LOG_LEVEL": "debug"}),
    (["-address", "{address}", "-data-path", "DATA", "-assets-path", "DATA/assets"], {"MATCHBOX_ADDRESS": "127.0.0.1:1"}),
])
def test_matchboxs_flags_and_variables(serve, data, arguments, environment):
    place = lambda word: word.replace("DATA", str(data))
    muster = serve(*map(place, arguments), environment={name: place(value) for name, value in environment.items()})
    assert muster.get(f"/ipxe?mac={MAC}")[2] == SCRIPT
    assert muster.get("/assets/ten")[2] == b"0123456789"


@pytest.mark.parametrize("seed, file, body", [
    (f"mac/{HYPHENS}/", "user-data", b"#cloud-config  \nhostname: node1\n"),
    (f"uuid/u/mac/{MAC}/", "meta-data", b'instance-id: "u"\n'),
    (f"mac/{HYPHENS}/", "vendor-data", b""),
    ("", f"user-data?mac={MAC}", b"#cloud-config  \nhostname: node1\n"),
])
def test_a_seed_of_nocloud(muster, seed, file, body):
    assert muster.get(f"/nocloud/{seed}{file}")[:3] == (200, TEXT, body)


def test_a_machine_is_known_by_what_it_said_before(muster):
    """Only while it has an address of its own: who asks from this host is nobody's machine."""
    assert muster.get(f"/ipxe?mac={MAC}&arch=arm64")[0] == 200
    assert muster.get("/metadata")[3]["muster-reason"] == "metadata of group 'default'"
    assert b"ARCH" not in muster.get(f"/metadata?mac={MAC}")[2]


@pytest.mark.parametrize("example, kernel", [
    ("fedora-coreos", "fedora-coreos-live-kernel-x86_64"), ("fedora-coreos-install", "fedora-coreos-live-kernel-x86_64"),
    ("flatcar", "flatcar_production_pxe.vmlinuz"), ("flatcar-install", "flatcar_production_pxe.vmlinuz"),
])
def test_the_examples_serve_both_stages(serve, example, kernel):
    muster = serve("-address", "{address}", "-data-path", str(EXAMPLES / example), "-assets-path", "")
    status, _, script, _ = muster.get(f"/ipxe?uuid=u&mac={HYPHENS}&domain=&hostname=&serial=&arch=x86_64")
    assert status == 200 and kernel.encode() in script
    target = "/ignition?os=installed" if example.endswith("-install") else f"/ignition?mac={HYPHENS}"
    status, media_type, config, fields = muster.get(target)
    assert (status, media_type) == (200, "application/json")
    assert json.loads(config)["ignition"]["version"].startswith("3.")
    if example.endswith("-install"):
        assert "group 'installed'" in fields["muster-reason"] and b"os=installed" in script + muster.get("/ignition")[2].replace(b"%3D", b"=")


HOSTILE = {
    "a megabyte of query": "/metadata?x=" + "a" * (1 << 20), "signs of percent": "/metadata?" + "%" * 20000,
    "many labels": "/metadata?" + "&".join(f"k{i}=" for i in range(3000)), "encoded dots": "/" + "%2e%2e%2f" * 1000,
    "dots": "/assets/" + "../" * 1000 + "etc/passwd", "encoded slashes": "/generic/..%2f..%2fsecret",
    "a dot of each kind": "/generic/%2e%2e/secret", "many parts": "/nocloud/" + "a/" * 5000 + "user-data",
    "a NUL": "/v1/boot/%00", "a header field": "/nocloud/mac/%0d%0aX:1/user-data", "no UTF-8": "/generic/%ff%fe",
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_requests_are_refused(muster, hostile):
    target = HOSTILE[hostile]
    answer = b""
    with socket.create_connection(("127.0.0.1", muster.port), 20) as connection:
        connection.settimeout(20)
        # Who sends on after the refusal may lose it to the reset of the connection.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
            while received := connection.recv(65536):
                answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    assert not head and len(target) > 65536 or int(head.split()[1]) in (200, 301, 400, 404, 414, 431), head
    assert b"kept words" not in body and b"root:" not in body
    assert muster.get("/")[0] == 200


BOMBS = {
    "calls itself": '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}',
    "loops in loops": "{{range .l}}{{range $.l}}{{range $.l}}{{range $.l}}{{range $.l}}x" + "{{end}}" * 5,
    "a wide number": '{{printf "%1000000000d" 1}}', "open brackets": "{{" + "(" * 100000,
    "open blocks": "{{if true}}" * 100000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_template_bomb_is_refused(serve, data, bomb):
    write(data / "generic/worker.txt", BOMBS[bomb])
    write(data / "groups/node.json", {"id": "node", "profile": "worker", "selector": {"mac": MAC},
                                      "metadata": {"l": list(range(100))}})
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", str(data / "assets"))
    start = time.monotonic()
    status, _, body, _ = muster.get(f"/generic?mac={MAC}")
    assert time.monotonic() - start < 15
    assert status == 404 and b"generic/worker.txt:1:" in body or len(body) < 2000
    assert muster.get("/")[0] == 200
