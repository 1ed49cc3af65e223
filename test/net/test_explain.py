# SPDX-License-Identifier: Apache-2.0
"""muster explain and muster check: the reasons the server has, without a server."""
import json
import subprocess

import pytest

from lab.world import MUSTER


def run(*arguments):
    done = subprocess.run([MUSTER, *map(str, arguments)], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def data(tmp_path):
    files = {
        "groups/default.json": {"profile": "install"},
        "groups/web.json": {"profile": "web", "selector": {"hostname": {"glob": "web-*"}, "ip": {"cidr": "10.0.0.0/8"}}},
        "groups/node1.json": {"profile": "web", "selector": {"mac": ["52-54-00-00-00-01", "52-54-00-00-00-02"]},
                              "metadata": {"role": "one"}},
        "profiles/install.json": {"id": "install", "boot": {"kernel": "/assets/vmlinuz"}, "metadata": {"role": "any"}},
        "profiles/web.json": {"id": "web", "generic_id": "web.cfg", "metadata": {"role": "web", "port": 80}},
        "generic/web.cfg": "role {{.role}} port {{.port}} of {{.request.query.mac}}\n",
        "assets/vmlinuz": "kernel",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return tmp_path


def test_the_winner_and_its_documents_are_shown(data):
    status, said, _ = run("explain", "--data", data, "--mac", "52-54-00-00-00-02")
    assert status == 0
    assert "  mac=52:54:00:00:00:02\n" in said
    assert "  wins 'node1' (groups/node1.json): all that it selects on is met" in said
    assert "  also 'default' (groups/default.json): fits, but comes later in the order\n" in said
    assert "\nrole one port 80 of 52:54:00:00:00:02\n" in said
    assert "\nPORT=80\n" in said


def test_each_candidate_says_which_selector_failed(data):
    status, said, _ = run("explain", "--data", data, "hostname=web-1", "ip=192.168.0.1")
    assert status == 0
    assert ("  no   'web' (groups/web.json): wants ip to be in 10.0.0.0/8 but this machine's is '192.168.0.1'\n"
            "  wins 'default' (groups/default.json): it has no selector") in said
    assert "  1 more that want nothing that this machine has\n" in said


def test_nothing_is_said_with_the_reason(data):
    (data / "groups/default.json").unlink()
    (data / "groups/broken.json").write_text("{\n")
    status, said, errors = run("explain", "--data", data, "--uuid", "x", "--arch", "arm64")
    assert status == 1
    assert "Nothing: no group selects arch=arm64 uuid=x; none of the 2 groups wants anything that this machine has" in said
    assert "broken: groups/broken.json:2:1: " in said
    assert "groups/broken.json:2:1: error: " in errors


def test_a_document_that_breaks_says_where(data):
    (data / "generic/web.cfg").write_text("\n{{.nope}}")
    status, said, _ = run("explain", "--data", data, "mac=52:54:00:00:00:01")
    assert status == 0
    assert "/generic gives nothing (404): generic/web.cfg:2:" in said


@pytest.mark.parametrize("arguments", [["mac=52"], ["--mac", "x"], ["word"], ["=x"], ["--what"]])
def test_wrong_usage(data, arguments):
    status, said, errors = run("explain", "--data", data, *arguments)
    assert (status, said) == (2, "") and "muster explain: " in errors


def test_the_help_fits_a_screen():
    status, said, _ = run("explain", "--help")
    assert status == 0 and len(said.splitlines()) < 25


def test_many_candidates_are_counted(data):
    for number in range(100):
        (data / f"groups/n{number}.json").write_text(json.dumps(
            {"id": f"n{number}", "profile": "web", "selector": {"os": "x", "serial": str(number)}}))
    status, said, _ = run("explain", "--data", data, "os=x")
    assert status == 0 and len(said.splitlines()) < 50
    assert "  ... and 80 more candidates\n" in said and "  wins 'default'" in said


def test_check_renders_what_each_group_gives(data):
    status, said, _ = run("check", data)
    assert (status, said) == (0, f"0 errors, 0 warnings; 3 groups and 2 profiles in {data}\n")
    (data / "generic/web.cfg").write_text("{{.role}}\n  {{.nope}}")
    status, said, _ = run("check", data)
    assert status == 1
    assert said.count("generic/web.cfg:2:") == 1 and "a machine of this group gets nothing at /generic: " in said


def test_check_warns_of_what_is_likely_wrong(data):
    (data / "assets/vmlinuz").unlink()
    (data / "groups/tie.json").write_text(json.dumps(
        {"id": "tie", "profile": "web", "selector": {"mac": ["52:54:00:00:00:02", "52:54:00:00:00:01"]}}))
    (data / "profiles/idle.json").write_text('{"id": "idle"}')
    status, said, _ = run("check", data)
    assert status == 0
    for words in ("there is no", "no group gives this profile", "group 'tie' is never chosen: 'node1'"):
        assert words in said
    assert "0 errors, 3 warnings" in said


def test_check_names_every_fault_by_its_place(data):
    (data / "generic/web.cfg").write_text("x\n {{if}}")
    (data / "groups/bad.yaml").write_text("profile: web\nselector: {ip: {cidr: 10.0.0.1/8}}\n")
    status, said, _ = run("check", data)
    assert status == 1
    assert f"{data}/generic/web.cfg:2:" in said
    assert f"{data}/groups/bad.yaml:2:23: error: '10.0.0.1/8' is no network" in said


LOADERS = {"loaders": {"files": {"shimx64.efi": "/nowhere/shimx64.efi", "core.0": "/nowhere/core.0"}}}


def test_the_loader_and_its_programs_are_named_and_what_is_missing(data, tmp_path):
    (data / "groups/node1.json").write_text(json.dumps(
        {"profile": "web", "loader": "shim", "selector": {"mac": "52-54-00-00-00-01"}}))
    settings = tmp_path / "muster.yaml"
    settings.write_text(json.dumps({"data": str(data), **LOADERS}))
    status, said, _ = run("explain", "-c", settings, "--mac", "52-54-00-00-00-01", "--arch", "x86_64")
    assert status == 0
    assert ("Loader: shim (groups/node1.json)\n  UEFI x86-64: nothing: boot program 'shimx64.efi' is not on this host: "
            "install the package 'shim-signed', or name the file under 'loaders:' in muster.yaml\n\n") in said
    status, said, _ = run("explain", "-c", settings, "platform=pcbios")
    assert "Loader: auto (loaders.default)\n  BIOS: undionly.kpxe (/usr/lib/ipxe/undionly.kpxe)\n\n" in said


def test_check_warns_of_what_a_boot_program_cannot_do_without(data, tmp_path):
    (data / "groups/default.json").write_text(json.dumps({"profile": "install", "loader": "pxelinux"}))
    (data / "profiles/install.json").write_text(json.dumps({"id": "install", "boot": {"iso": "/assets/x.iso", "memdisk": True}}))
    program = tmp_path / "pxelinux.0"
    program.touch()
    settings = tmp_path / "muster.yaml"
    settings.write_text(json.dumps({"data": str(data), "loaders": {"files": {
        "pxelinux.0": str(program), "ldlinux.c32": str(tmp_path / "none"), "memdisk": str(tmp_path / "none")}}}))
    _, said, _ = run("check", settings)
    for name in ("loader 'pxelinux': boot program 'ldlinux.c32'", "'memdisk': boot program 'memdisk'"):
        assert f"machines with BIOS get nothing by {name} is not on this host: install the package 'syslinux-common'" in said


def test_check_warns_of_a_loader_whose_program_is_not_there(data, tmp_path):
    (data / "groups/node1.json").write_text(json.dumps({"profile": "web", "loader": "shim", "selector": {"mac": "52-54-00-00-00-01"}}))
    (data / "groups/default.json").write_text(json.dumps({"profile": "install", "loader": "local"}))
    (data / "profiles/install.json").write_text(json.dumps({"id": "install", "loader": "grub"}))
    settings = tmp_path / "muster.yaml"
    settings.write_text(json.dumps({"data": str(data), **LOADERS}))
    status, said, _ = run("check", settings)
    assert f"{data}/profiles/install.json: warning: machines with BIOS get nothing by loader 'grub': boot program 'core.0'" in said
    assert "make it with 'grub-mknetdir --net-directory=/srv/tftp'" in said
    assert "install the package 'shim-signed'" in said
    (data / "profiles/install.json").write_text(json.dumps({"id": "install", "loader": "uki", "boot": {
        "kernel": "/assets/vmlinuz", "args": ["quiet"]}}))
    assert "install.json: warning: loader 'uki' boots an EFI program, and the profile names none" in run("check", settings)[1]
    (data / "groups/node1.json").write_text(json.dumps({"profile": "web", "loader": "grup"}))
    status, said, _ = run("check", settings)
    assert status == 1
    assert "node1.json:1:30: error: 'loader' must be auto, ipxe, snponly, undionly, pxelinux, " in said


def test_the_address_and_options_of_a_machine_are_shown(data, tmp_path):
    (data / "groups/node1.json").write_text(json.dumps(
        {"profile": "web", "selector": {"mac": "52:54:00:00:00:01"}, "dhcp": {"address": "10.0.0.9", "hostname": "one"}}))
    settings = tmp_path / "muster.yaml"
    subnets = [{"subnet": f"10.0.{number}.0/24", "pool": f"10.0.{number}.50-10.0.{number}.60",
                "router": f"10.0.{number}.1"} for number in (0, 1)]
    settings.write_text(json.dumps({"data": str(data), "state": str(tmp_path / "state.db"),
                                    "dhcp": {"mode": "server", "subnets": subnets}}))
    _, said, _ = run("explain", "-c", settings, "--mac", "52:54:00:00:00:01")
    assert ("\nDHCP on 10.0.0.0/24\nAddress: 10.0.0.9 for 3600 s, reserved by groups/node1.json\n"
            "  subnet-mask (1): 255.255.255.0\n  routers (3): 10.0.0.1\n  host-name (12): one\n") in said
    assert "10.0.1." not in said, "a network where nothing is reserved for it"
    assert run("leases", "-c", settings, "reserve", "52:54:00:00:00:02", "10.0.1.9")[0] == 0
    _, said, _ = run("explain", "-c", settings, "--mac", "52:54:00:00:00:02")
    assert "Address: 10.0.1.9 for 3600 s, reserved by muster leases\n" in said
    _, said, _ = run("explain", "-c", settings, "--mac", "52:54:00:00:00:03")
    assert "Address: 10.0.0.50 for 3600 s, of the pool\n" in said and "Address: 10.0.1.50 " in said


def test_a_machine_that_gets_no_address_is_told_why_and_of_no_relay(data, tmp_path):
    file = tmp_path / "muster.yaml"
    file.write_text(json.dumps({"data": str(data), "dhcp": {"mode": "server", "subnets": [
        {"subnet": "10.0.0.0/24", "reservations": [{"mac": "52:54:00:00:00:01", "address": "10.0.0.9"}]}]}}))
    said = run("explain", "-c", file, "--mac", "52:54:00:00:00:02")[1]
    assert ("\nDHCP on 10.0.0.0/24\n  nothing: DISCOVER from an operating system: no offer: subnet 10.0.0.0/24 has no pool "
            "and no reservation for this client\n") in said
