# SPDX-License-Identifier: Apache-2.0
"""Butane from a data folder to what a machine is given at /ignition, by the running program; and `muster butane` in the
place of the program butane."""
import base64
import concurrent.futures
import gzip
import json
import os
import shutil
import subprocess
import time
import urllib.parse

import pytest

from lab.world import MUSTER
from test_matchbox import EXAMPLES, serve, write  # noqa: F401

GOOD = "variant: flatcar\nversion: 1.1.0\n"
OLD = "Accept: application/vnd.coreos.ignition+json;version=3.3.0, */*;q=0.1"
NEW = "Accept: application/vnd.coreos.ignition+json;version=3.5.0, */*;q=0.1"


def content(resource):
    """What the resource's data URL holds."""
    head, _, data = resource["source"].removeprefix("data:").partition(",")
    octets = base64.b64decode(data) if head.endswith(";base64") else urllib.parse.unquote_to_bytes(data)
    return (gzip.decompress(octets) if resource.get("compression") == "gzip" else octets).decode()


def files_of(config):
    return {file["path"]: content(file["contents"]) for file in config["storage"]["files"]}


def units_of(config):
    return {unit["name"]: unit for unit in config["systemd"]["units"]}


@pytest.fixture
def data(tmp_path):
    """A folder whose one profile has the Butane document node.bu."""
    root = tmp_path / "data"
    write(root / "groups/all.json", {"id": "all", "profile": "node", "metadata": {"host": "n1"}})
    write(root / "profiles/node.json", {"id": "node", "ignition_id": "node.bu"})
    write(root / "files/motd", "hello\n")
    write(root / "ignition/node.bu", GOOD)
    return root


@pytest.fixture
def muster(serve, data):  # noqa: F811
    return serve("-address", "{address}", "-data-path", str(data), "-assets-path", "")


def ignition(muster, query="", *options):
    status, media_type, body, fields = muster.get(f"/ignition?{query}", *options)
    assert (status, media_type) == (200, "application/json"), body
    return json.loads(body)


def refusal(muster, query=""):
    status, _, body, fields = muster.get(f"/ignition?{query}")
    assert status == 404 and b'"ignition"' not in body
    return body.decode()


def wait_for(condition):
    """Until an edit of the document is live, which a request in between need not see."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_flatcar_node_gets_what_its_group_says(serve):  # noqa: F811
    muster = serve("-address", "{address}", "-data-path", str(EXAMPLES / "flatcar-node"), "-assets-path", "")
    config = ignition(muster, "mac=52-54-00-00-00-01&uuid=u")
    files = files_of(config)
    assert config["ignition"] == {"version": "3.4.0"}
    assert files["/etc/hostname"] == "node1.example.com"
    assert "MACAddress=52:54:00:00:00:01\n[Network]\nAddress=10.77.0.11/24\n" in files["/etc/systemd/network/10-uplink.network"]
    assert "DNS=10.77.0.1\nDNS=9.9.9.9\n" in files["/etc/systemd/network/10-uplink.network"]
    assert "PasswordAuthentication no" in files["/etc/ssh/sshd_config.d/10-keys-only.conf"]
    assert "--publish 80:80 docker.io/library/nginx:1.27" in units_of(config)["web.service"]["contents"]
    assert config["passwd"]["users"][0]["sshAuthorizedKeys"][0].startswith("ssh-ed25519 ")
    other = ignition(muster, "mac=52-54-00-00-00-99")
    assert files_of(other)["/etc/hostname"] == "node.example.com" and "systemd" not in other


def test_a_fedora_coreos_node_gets_its_tree_its_disk_and_its_units(serve):  # noqa: F811
    muster = serve("-address", "{address}", "-data-path", str(EXAMPLES / "fedora-coreos-node"), "-assets-path", "")
    config = ignition(muster, "mac=52-54-00-00-00-02")
    modes = {file["path"]: file["mode"] for file in config["storage"]["files"]}
    assert modes == {"/etc/hostname": 0o644, "/etc/motd.d/muster": 0o644, "/usr/local/bin/report": 0o755}
    assert config["kernelArguments"] == {"shouldExist": ["mitigations=auto,nosmt"]}
    assert "What=/dev/disk/by-partlabel/data" in units_of(config)["var-data.mount"]["contents"]
    assert "ExecStart=/usr/local/bin/report storage1.example.com" in units_of(config)["report.service"]["contents"]
    assert "disks" not in ignition(muster)["storage"]


def test_what_is_wrong_is_a_refusal_at_its_place_and_what_is_mended_is_served(muster, data):
    write(data / "ignition/node.bu", GOOD + "storage:\n  files:\n    - path: {{ .host }}\n")
    wait_for(lambda: muster.get("/ignition")[0] == 404)
    assert refusal(muster).startswith("ignition/node.bu:5:13: $.storage.files.0.path: path not absolute")
    write(data / "ignition/node.bu", GOOD + "storage:\n  files:\n    - path: /{{ .host }}\n")
    wait_for(lambda: muster.get("/ignition")[0] == 200)
    assert ignition(muster)["storage"] == {"files": [{"path": "/n1"}]}


def test_an_edit_in_files_is_seen_by_the_next_request(muster, data):
    write(data / "ignition/node.bu", GOOD + "storage:\n  files: [{path: /a, contents: {local: motd}}]\n  trees: [{local: t, path: /t}]\n")
    write(data / "files/t/one", "1")
    wait_for(lambda: b"/t/one" in muster.get("/ignition")[2])
    for number in range(20):
        write(data / "files/motd", f"edit {number}\n")
        write(data / f"files/t/{number}", f"{number}\n")
        files = files_of(ignition(muster))
        assert files["/a"] == f"edit {number}\n" and files[f"/t/{number}"] == f"{number}\n"
    (data / "files/t/one").unlink()
    assert "/t/one" not in files_of(ignition(muster))
    shutil.rmtree(data / "files")
    assert "files" in refusal(muster)


@pytest.mark.parametrize("local", ["../secret", "link", "folder-link/secret", "absolute", "t/../../secret", "/../secret",
                                   "%2e%2e/secret", "t/up/secret", "fifo"])
def test_nothing_outside_of_files_is_given(serve, data, local):  # noqa: F811
    write(data / "secret", "kept words")
    write(data / "files/t/a", "a")
    os.symlink("../secret", data / "files/link")
    os.symlink("..", data / "files/folder-link")
    os.symlink("../..", data / "files/t/up")
    os.symlink(data / "secret", data / "files/absolute")
    os.mkfifo(data / "files/fifo")
    for spelled in (f"files: [{{path: /a, contents: {{local: '{local}'}}}}]", f"trees: [{{local: '{local}'}}]"):
        write(data / "ignition/node.bu", GOOD + f"storage:\n  {spelled}\n")
        muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", "")
        assert "kept words" not in refusal(muster)
        assert "kept words" not in muster.said()


def test_a_tree_with_links_gives_links_and_not_what_they_lead_to(serve, data):  # noqa: F811
    write(data / "secret", "kept words")
    write(data / "files/t/a", "a")
    os.symlink("../../secret", data / "files/t/link")
    write(data / "ignition/node.bu", GOOD + "storage:\n  trees: [{local: t}]\n")
    muster = serve("-address", "{address}", "-data-path", str(data), "-assets-path", "")
    assert ignition(muster)["storage"]["links"] == [{"path": "/link", "target": "../../secret"}]


def test_an_ignition_too_old_for_its_config_is_told_of(muster):
    assert ignition(muster, "", "-H", NEW) == ignition(muster, "", "-H", OLD)
    assert "will refuse" not in muster.get("/ignition", "-H", NEW)[3]["muster-reason"]
    reason = muster.get("/ignition", "-H", OLD)[3]["muster-reason"]
    assert "this config is of version 3.4.0 and the machine's Ignition says that it reads 3.3.0 at most" in reason
    assert "it reads 3.3.0 at most" in muster.said()


def test_a_storm_of_machines_gets_one_config_each(muster, data):
    write(data / "ignition/node.bu", GOOD + "storage:\n  files: [{path: '/{{ .request.query.n }}', contents: {local: motd}}]\n")
    wait_for(lambda: b"/x" in muster.get("/ignition?n=x")[2])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        numbers = [number % 20 for number in range(200)]
        for number, config in zip(numbers, pool.map(lambda number: ignition(muster, f"n={number}"), numbers)):
            assert files_of(config) == {f"/{number}": "hello\n"}


def test_check_names_faults_in_the_documents_own_file(data):
    write(data / "ignition/node.bu", "{{/* a comment\nof two lines */}}\n" + GOOD +
          "storage:\n  files:\n{{ range list 1 2 }}    - {path: x{{ . }}, modes: 0644}\n{{ end }}")
    write(data / "ignition/other.ign", '{"ignition": {"version": "3.2.0"},\n "passwd": {"users": [{"name": 1}]}}')
    done = subprocess.run([MUSTER, "check", data], capture_output=True, text=True)
    assert done.returncode == 1
    for line in ("ignition/node.bu:7:34: error: $.storage.files.0.path: path not absolute",
                 "ignition/node.bu:7:44: warning: $.storage.files.1.modes: unused key modes: is 'mode' meant?",
                 "(as it is rendered for group 'all')",
                 "ignition/other.ign:2:32: error: $.passwd.users.0.name: this must be a text, and it is a number"):
        assert line in done.stdout, done.stdout


def butane(*arguments, source=GOOD):
    done = subprocess.run([MUSTER, "butane", *arguments], input=source, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_muster_butane_stands_in_for_butane(tmp_path):
    odd = GOOD + "storage:\n  files: [{path: /a, mode: 644}]\n"
    assert butane() == (0, '{"ignition":{"version":"3.4.0"}}\n', "")
    assert butane("--pretty") == (0, '{\n  "ignition": {\n    "version": "3.4.0"\n  }\n}\n', "")
    assert butane("--check") == (0, "", "")
    status, config, said = butane(source=odd)
    assert status == 0 and config and said.startswith("warning at $.storage.files.0.mode, line 4 col 28: ")
    assert butane("-s", source=odd)[:2] == (1, "")
    status, config, said = butane(source=GOOD + "storage: []\n")
    assert (status, config) == (1, "") and said.startswith("error at $.storage, line 3 col 10: ")
    (tmp_path / "in.bu").write_text(GOOD + "storage:\n  files: [{path: /a, contents: {local: x}}]\n")
    (tmp_path / "x").write_text("y")
    assert butane(tmp_path / "in.bu", "-d", tmp_path, "-o", tmp_path / "out.ign") == (0, "", "")
    assert files_of(json.loads((tmp_path / "out.ign").read_text())) == {"/a": "y"}
    assert butane(tmp_path / "in.bu")[0] == 1
    assert butane("--version")[1].startswith("muster ")
    assert butane(tmp_path / "none.bu")[0] == 1 and butane("--quiet")[0] == 2 and butane("a", "b")[0] == 2


@pytest.mark.parametrize("options", [
    ["--raw"], ["-r"], ["--raw-errors"], ["--debug"], ["-D"], ["--color"], ["--color=never"], ["--colour=auto"], ["-rDsp"],
])
def test_the_options_of_butane_that_change_nothing_here_are_taken(options):
    status, config, said = butane(*options)
    assert (status, json.loads(config), said) == (0, {"ignition": {"version": "3.4.0"}}, "")
