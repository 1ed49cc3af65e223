# SPDX-License-Identifier: Apache-2.0
"""Edits of the data folder, made the ways that people and programs make them, are live on the next request."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

from lab.world import MUSTER

MAC = "52:54:00:00:00:01"


class Served:
    """muster serving a data folder by HTTP alone."""

    def __init__(self, folder, data=None):
        self.data = data or folder / "data"
        self.log_path = folder / "log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen([MUSTER, "serve", "--address", "127.0.0.1:0", "--data", str(self.data)],
                                            stderr=log, stdin=subprocess.DEVNULL, cwd=folder)
        self.url = "http://127.0.0.1:" + self.wait_for_log(r"http: port (\d+) on")[1]

    def log(self):
        return self.log_path.read_text()

    def wait_for_log(self, words, seconds=20):
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(words, self.log())
            if found:
                return found
            assert self.process.poll() is None and time.monotonic() < deadline, f"no {words!r} in\n{self.log()}"
            time.sleep(0.01)

    def get(self, target):
        try:
            return urllib.request.urlopen(self.url + target, timeout=10).read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def kernel(self, mac=MAC):
        found = re.search(r"^kernel (\S+)", self.get(f"/ipxe?mac={mac}"), re.MULTILINE)
        return found[1] if found else None

    def wait_for_kernel(self, kernel, mac=MAC, seconds=5):
        """How long it took."""
        start = time.monotonic()
        while self.kernel(mac) != kernel:
            assert time.monotonic() - start < seconds, f"{self.kernel(mac)!r} is not {kernel!r}\n{self.log()[-2000:]}"
            time.sleep(0.002)
        return time.monotonic() - start

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log()


def group(name="node1", profile="worker", mac=MAC):
    return json.dumps({"id": name, "profile": profile, "selector": {"mac": mac}})


def profile(kernel, name="worker"):
    return json.dumps({"id": name, "boot": {"kernel": kernel}})


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def replace(path, content):
    """As most editors and git do: a new file in the place of the old one."""
    other = path.with_name(path.name + ".new~")
    other.write_text(content)
    other.rename(path)


@pytest.fixture
def data(tmp_path):
    data = tmp_path / "data"
    write(data / "groups/node1.json", group())
    write(data / "profiles/worker.json", profile("/first"))
    return data


@pytest.fixture
def served(tmp_path, data):
    served = Served(tmp_path)
    assert served.kernel() == "/first"
    yield served
    served.stop()


def test_a_file_written_over_is_live(served):
    (served.data / "profiles/worker.json").write_text(profile("/second"))
    assert served.wait_for_kernel("/second") < 1


def test_a_file_of_the_same_size_written_again_and_again_is_live(served):
    for number in range(20):
        (served.data / "profiles/worker.json").write_text(profile(f"/kernel{number:02}"))
        served.wait_for_kernel(f"/kernel{number:02}")


def test_a_file_renamed_over_is_live(served):
    replace(served.data / "profiles/worker.json", profile("/second"))
    served.wait_for_kernel("/second")


def test_a_file_linked_over_is_live(served):
    write(served.data.parent / "elsewhere/p.json", profile("/second"))
    (served.data / "profiles/worker.json").unlink()
    (served.data / "profiles/worker.json").symlink_to(served.data.parent / "elsewhere/p.json")
    served.wait_for_kernel("/second")
    write(served.data.parent / "elsewhere/p.json", profile("/third"))
    served.wait_for_kernel("/third")


def test_files_come_and_go(served):
    write(served.data / "groups/node2.yaml", "profile: worker\nselector: {mac: 52-54-00-00-00-02}\n")
    served.wait_for_kernel("/first", "52:54:00:00:00:02")
    (served.data / "groups/node2.yaml").unlink()
    served.wait_for_kernel(None, "52:54:00:00:00:02")
    assert served.kernel() == "/first"


def test_a_git_checkout_is_live(served):
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@x", *arguments], cwd=served.data, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    git("init", "-b", "one")
    git("add", "."), git("commit", "-m", "one")
    git("checkout", "-b", "two")
    (served.data / "profiles/worker.json").write_text(profile("/two"))
    write(served.data / "groups/node2.json", group("node2", mac="52:54:00:00:00:02"))
    git("add", "."), git("commit", "-m", "two")
    for kernel, branch in (("/first", "one"), ("/two", "two"), ("/first", "one")):
        git("checkout", branch)
        served.wait_for_kernel(kernel)
        served.wait_for_kernel("/two" if branch == "two" else None, "52:54:00:00:00:02")


@pytest.mark.parametrize("mounted", ["groups and profiles each", "the whole folder"])
def test_a_config_map_swapped_is_live(tmp_path, mounted):
    """Kubernetes: files are links through ..data, which is renamed over with a link to the new folder."""
    data = tmp_path / "data"

    def publish(folder, files, version):
        for name, content in files.items():
            write(folder / f"..{version}" / name, content)
        (folder / "..data_tmp").symlink_to(f"..{version}")
        (folder / "..data_tmp").rename(folder / "..data")
        for top in {name.split("/")[0] for name in files}:
            if not (folder / top).is_symlink():
                (folder / top).symlink_to(f"..data/{top}")

    def publish_all(kernel, version):
        files = {"groups": {"node1.json": group()}, "profiles": {"worker.json": profile(kernel)}}
        if mounted == "the whole folder":
            publish(data, {f"{name}/{file}": text for name, more in files.items() for file, text in more.items()}, version)
        else:
            for name, more in files.items():
                publish(data / name, more, version)

    publish_all("/v1", "v1")
    served = Served(tmp_path)
    try:
        for number in range(1, 5):
            served.wait_for_kernel(f"/v{number}")
            publish_all(f"/v{number + 1}", f"v{number + 1}")
        served.wait_for_kernel("/v5")
    finally:
        served.stop()


def test_the_data_folder_may_be_a_link_that_is_swapped(tmp_path):
    for version in ("v1", "v2"):
        write(tmp_path / version / "groups/node1.json", group())
        write(tmp_path / version / "profiles/worker.json", profile("/" + version))
    (tmp_path / "data").symlink_to("v1")
    served = Served(tmp_path)
    try:
        for version in ("v2", "v1", "v2"):
            (tmp_path / "next").symlink_to(version)
            (tmp_path / "next").rename(tmp_path / "data")
            served.wait_for_kernel("/" + version)
        write(tmp_path / "v2/profiles/worker.json", profile("/edited"))
        served.wait_for_kernel("/edited")
    finally:
        served.stop()


def test_folders_made_later_and_made_again_are_live(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    served = Served(tmp_path)
    try:
        for kernel in ("/one", "/two"):
            write(data / "groups/node1.json", group())
            write(data / "profiles/worker.json", profile(kernel))
            served.wait_for_kernel(kernel)
            shutil.rmtree(data / "groups")
            served.wait_for_kernel(None)
        shutil.rmtree(data)
        time.sleep(0.3)
        write(data / "groups/node1.json", group())
        write(data / "profiles/worker.json", profile("/three"))
        served.wait_for_kernel("/three")
    finally:
        served.stop()


def test_a_broken_document_keeps_its_last_good_version(served):
    for path, good in ((served.data / "groups/node1.json", group()), (served.data / "profiles/worker.json", profile("/first"))):
        path.write_text("{\n  \"id\": \"x\",\n  broken")
        write(served.data / "groups/node2.json", group("node2", mac="52:54:00:00:00:02"))
        served.wait_for_log(rf"{path.name}:3:3: .*last good version stays in use")
        served.wait_for_kernel("/first", "52:54:00:00:00:02")
        assert served.kernel() == "/first"
        (served.data / "groups/node2.json").unlink()
        served.wait_for_kernel(None, "52:54:00:00:00:02")
        path.write_text(good)
        time.sleep(0.1)
        assert len(re.findall(rf"catalog: error: \S+{path.name}:3:3: ", served.log())) == 1
    (served.data / "profiles/worker.json").write_text(profile("/mended"))
    served.wait_for_kernel("/mended")


def test_config_documents_are_live_and_keep_their_last_good_version(served):
    write(served.data / "generic/site/node.cfg", "one {{.request.query.mac}}")
    (served.data / "profiles/worker.json").write_text(json.dumps({"id": "worker", "generic_id": "site/node.cfg"}))

    def wait(words):
        deadline = time.monotonic() + 5
        while served.get(f"/generic?mac={MAC}") != words:
            assert time.monotonic() < deadline, served.get(f"/generic?mac={MAC}")
            time.sleep(0.01)
    wait(f"one {MAC}")
    (served.data / "generic/site/node.cfg").write_text("two {{.request.query.mac}}")
    wait(f"two {MAC}")
    (served.data / "generic/site/node.cfg").write_text("\n{{if}}")
    served.wait_for_log(r"generic/site/node.cfg:2:\d+: .*last good version stays in use")
    answer = urllib.request.urlopen(served.url + f"/generic?mac={MAC}")
    assert answer.read().decode() == f"two {MAC}"
    assert re.search(r"generic/site/node.cfg:2:\d+: .*; its last good version is used", answer.headers["Muster-Reason"])
    (served.data / "generic/site/node.cfg").write_text("three")
    wait("three")


def test_a_document_that_was_never_good_is_said_and_nothing_else_falls(served):
    write(served.data / "groups/bad.yaml", "profile: [\n")
    served.wait_for_log(r"groups/bad\.yaml:\d+:\d+: ")
    assert served.kernel() == "/first"


def test_a_storm_of_edits_is_read_a_few_times(served):
    before = served.log().count(" profiles\n")
    for number in range(500):
        (served.data / f"groups/storm{number % 50}.json").write_text(
            group(f"storm{number % 50}", mac=f"52:54:01:00:00:{number % 50:02x}"))
        time.sleep(0.001)
    served.wait_for_kernel("/first", "52:54:01:00:00:31")
    time.sleep(0.3)
    assert served.log().count(" profiles\n") - before < 20


def test_every_request_sees_one_state(served):
    """The group and the profile it names change together by one rename of a link: never one without the other."""
    versions = []
    for name in ("a", "b"):
        folder = served.data.parent / name
        write(folder / "groups/node1.json", group(profile=name))
        write(folder / f"profiles/{name}.json", profile("/" + name, name))
        versions.append(folder)
    shutil.rmtree(served.data)
    served.data.symlink_to(versions[0])
    served.wait_for_kernel("/a")
    stop, seen = threading.Event(), set()

    def ask():
        while not stop.is_set():
            seen.add(served.kernel())
    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(30):
        link = served.data.with_name("next")
        link.symlink_to(versions[number % 2])
        link.rename(served.data)
        time.sleep(0.03)
    stop.set()
    asking.join()
    assert seen == {"/a", "/b"}


def test_one_edit_among_ten_thousand_groups_is_live_at_once(tmp_path, data):
    for number in range(10000):
        (data / f"groups/n{number}.json").write_text(
            group(f"n{number}", mac=f"52:55:00:00:{number // 256:02x}:{number % 256:02x}"))
    served = Served(tmp_path)
    try:
        served.wait_for_kernel("/first")
        took = []
        for number in range(10):
            mac = f"52:56:00:00:00:{number:02x}"
            replace(data / f"groups/n{number * 7}.json", group(f"n{number * 7}", mac=mac))
            took.append(served.wait_for_kernel("/first", mac))
        assert sorted(took)[len(took) // 2] < 0.3, took
    finally:
        served.stop()


def test_a_sighup_reads_again_and_says_when_it_is_done(served):
    served.process.send_signal(signal.SIGHUP)
    served.wait_for_log("reloaded")
    assert served.kernel() == "/first"
