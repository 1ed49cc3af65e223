# SPDX-License-Identifier: Apache-2.0
"""Overlays as cpio itself unpacks them."""
import os
import stat
import subprocess

from conftest import SERVER, configuration
from lab.client import curl
from lab.server import Muster

URL = f"http://{SERVER}:8080"
ONE, TWO = "52:54:00:00:00:01", "52:54:00:00:00:02"
BINARY = bytes(range(256)).replace(b"{", b"")
OVERLAY = [
    {"path": "/usr/share/oem/cloud-config.yml", "cloud": True},
    {"path": "etc/hostname", "content": "{{.hostname}}\n", "mode": "0600", "uid": 500, "gid": 501},
    {"path": "opt/su", "template": "binary", "mode": "04755"},
    {"path": "etc/mtab", "link": "/proc/mounts"},
    {"path": "srv/x", "directory": True, "mode": "02750", "gid": 7},
    {"path": "tmp/y", "content": ""},
]


def unpacked(directory, archive):
    """What cpio makes of it, below a folder: path, kind and mode, owner, content."""
    directory.mkdir()
    subprocess.run(["cpio", "--quiet", "-idm"], cwd=directory, input=archive, check=True, capture_output=True)
    files = {}
    for folder, folders, names in os.walk(directory):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = None
            if stat.S_ISLNK(status.st_mode):
                content = os.readlink(path).encode()
            elif stat.S_ISREG(status.st_mode):
                content = open(path, "rb").read()
            mode = stat.filemode(status.st_mode)
            files[os.path.relpath(path, directory)] = (mode, status.st_uid, status.st_gid, content)
    return files


def test_each_machine_gets_its_files_as_cpio_unpacks_them(network, server, data, client):
    network.set_address(client, "eth0", "10.77.0.9")
    (data.path / "cloud/oem.yml").write_text("#cloud-config\nhostname: {{.hostname}}\n")
    (data.path / "generic/binary").write_bytes(BINARY)
    data.profile("worker", "/assets/vmlinuz", cloud_id="oem.yml", overlay=OVERLAY, metadata={"hostname": "nobody"})
    for name, mac in (("one", ONE), ("two", TWO)):
        data.group(name, "worker", mac=mac)
        path = data.path / f"groups/{name}.json"
        path.write_text(path.read_text().replace('"profile"', f'"metadata": {{"hostname": "{name}"}},\n"profile"'))
    muster = Muster(network, server, ["serve"], configuration(data))
    for name, mac in (("one", ONE), ("two", TWO)):
        _, script, _ = curl(client, f"{URL}/ipxe?mac={mac}&serial=a%20b%26c")
        url = next(line.split()[-1] for line in script.decode().splitlines() if "overlay.cpio" in line)
        _, archive, headers = curl(client, f"{URL}/{url}")
        assert len(archive) % 512 == 0 and "application/x-cpio" in headers
        assert unpacked(network.directory / name, archive) == {
            "usr": ("drwxr-xr-x", 0, 0, None),
            "usr/share": ("drwxr-xr-x", 0, 0, None),
            "usr/share/oem": ("drwxr-xr-x", 0, 0, None),
            "usr/share/oem/cloud-config.yml": ("-rw-r--r--", 0, 0, f"#cloud-config\nhostname: {name}\n".encode()),
            "etc": ("drwxr-xr-x", 0, 0, None),
            "etc/hostname": ("-rw-------", 500, 501, f"{name}\n".encode()),
            "opt": ("drwxr-xr-x", 0, 0, None),
            "opt/su": ("-rwsr-xr-x", 0, 0, BINARY),
            "etc/mtab": ("lrwxrwxrwx", 0, 0, b"/proc/mounts"),
            "srv": ("drwxr-xr-x", 0, 0, None),
            "srv/x": ("drwxr-s---", 0, 7, None),
            "tmp": ("drwxrwxrwt", 0, 0, None),
            "tmp/y": ("-rw-r--r--", 0, 0, b""),
        }
    muster.stop()


def test_a_template_that_breaks_leaves_no_overlay_and_no_script(network, server, data, client):
    network.set_address(client, "eth0", "10.77.0.9")
    data.profile("worker", "/assets/vmlinuz", overlay=[{"path": "a", "content": "a"},
                                                      {"path": "b", "content": "{{.missing}}"}])
    data.group("all", "worker")
    muster = Muster(network, server, ["serve"], configuration(data))
    for path in ("overlay", "ipxe"):
        _, body, headers = curl(client, f"{URL}/{path}?mac={ONE}")
        assert b"profiles/worker.json, overlay b: content:1:2:" in body, body
        assert b"070701" not in body and b"kernel" not in body
    muster.stop()
