# SPDX-License-Identifier: Apache-2.0
"""The configurations that boot programs ask for by name, as clients of TFTP and HTTP get them."""
import json
import re

import pytest

from conftest import SERVER, configuration
from lab import client as clients
from lab.client import TftpError, curl, tftp_read
from lab.server import Muster

KNOWN, UNKNOWN = "52:54:00:00:00:01", "52:54:00:00:00:09"
URL = f"http://{SERVER}:8080"
DASHED = KNOWN.replace(":", "-")


@pytest.fixture
def muster(network, server, data, client):
    root = network.directory / "tftp"
    (root / "pxelinux.cfg").mkdir(parents=True)
    (root / "pxelinux.cfg/01-52-54-00-00-00-77").write_text("written by hand\n")
    network.set_address(client, "eth0", "10.77.0.9")
    data.profile("one", "/assets/vmlinuz", ["--name main /assets/initrd.gz"], ["quiet", "me=${mac:hexhyp}"])
    data.group("one", "one", mac=KNOWN)
    muster = Muster(network, server, ["serve"], configuration(data, tftp={"root": str(root)}))
    yield muster
    muster.stop()


@pytest.mark.parametrize("name", [f"pxelinux.cfg/01-{DASHED}", f"/pxelinux.cfg/01-{DASHED}", f"bios//pxelinux.cfg/01-{DASHED}",
                                  f"PXELINUX.CFG/01-{DASHED}", f"sys\\pxelinux.cfg\\01-{DASHED}"])
def test_pxelinux_gets_its_machines_profile_over_tftp(muster, network, client, name):
    target = network.directory / "got"
    assert "rror" not in clients.tftp(client, SERVER, name, target)
    assert target.read_text() == ("SAY muster: profile 'one' of group 'one'\nDEFAULT muster\nPROMPT 0\nLABEL muster\n"
                                  "  LINUX /assets/vmlinuz\n  INITRD /assets/initrd.gz\n"
                                  f"  APPEND quiet me={DASHED}\n")
    muster.wait_for(r"(?i)pxelinux.cfg/01-52-54-00-00-00-01' sent: .*: profile 'one' of group 'one'")


def test_each_name_of_a_machine_that_was_seen_is_answered_for_it(muster, client):
    """Its own name is how it is known: the address that asked is its from then on."""
    first = tftp_read(client, SERVER, f"pxelinux.cfg/01-{DASHED}")[0]
    for name in ("6d757374-6572-4000-8000-525400000001", "0A4D0009", "0A4D", "default", "default-arm"):
        assert tftp_read(client, SERVER, f"pxelinux.cfg/{name}")[0] == first, name
    for name in ("grub/grub.cfg", "EFI/debian/grub.cfg", "grub/x86_64-efi/grub.cfg", f"grub/grub.cfg-01-{DASHED}"):
        assert f"(tftp,{SERVER})/assets/vmlinuz".encode() in tftp_read(client, SERVER, name)[0], name


def test_the_same_names_are_there_over_http(muster, client):
    for path, line in ((f"pxelinux.cfg/01-{DASHED}", f"LINUX {URL}/assets/vmlinuz"),
                       (f"grub/grub.cfg-01-{DASHED}", f'linux "(http,{SERVER}:8080)/assets/vmlinuz"'),
                       ("grub/grub.cfg", "vmlinuz"), ("pxelinux.cfg/default", "vmlinuz"),
                       ("autoexec.ipxe", f"chain {URL}/boot.ipxe")):
        status, body, _ = curl(client, f"{URL}/{path}", "-f")
        assert status == 0 and line.encode() in body, path


def test_what_a_configuration_names_is_fetched_by_the_same_protocol(muster, client, data):
    for name in ("assets/vmlinuz", "bios/assets/vmlinuz"):
        assert tftp_read(client, SERVER, name, blksize=1428)[0] == (data.path / "assets/vmlinuz").read_bytes()
    assert b"chain ipxe?" in tftp_read(client, SERVER, "boot.ipxe")[0]
    for name in ("assets/nothing", "assets/../muster.yaml", "assets"):
        with pytest.raises(TftpError):
            tftp_read(client, SERVER, name)


def test_a_machine_without_a_group_is_told_why(muster, client):
    dashed = UNKNOWN.replace(":", "-")
    for name, words in ((f"pxelinux.cfg/01-{dashed}", "SAY no group selects"),
                        (f"grub/grub.cfg-01-{dashed}", 'echo "no group selects')):
        assert words.encode() in tftp_read(client, SERVER, name)[0]
        assert words.encode() in curl(client, f"{URL}/{name}")[1]
    muster.wait_for("no group selects")
    assert any(event["level"] == "warning" for event in muster.events if "no group selects" in event["text"])


def test_a_machine_that_was_never_seen_is_known_by_arp(muster, network, client, data):
    """Another DHCP server gave it its address. PXELINUX asks by UUID first, Debian's signed GRUB by no name of its own."""
    mac = re.search(r"link/ether (\S+)", client.run("ip", "-o", "link", "show", "eth0").stdout).group(1)
    data.profile("seen", "/assets/vmlinuz")
    data.group("seen", "seen", mac=mac)
    muster.wait_for("2 groups")
    assert b"profile 'seen'" in tftp_read(client, SERVER, "pxelinux.cfg/6d757374-6572-4000-8000-525400000001")[0]
    assert b"(tftp,10.77.0.1)/assets/vmlinuz" in tftp_read(client, SERVER, "grub/grub.cfg")[0]


def test_a_machine_behind_a_router_is_brought_to_say_its_mac(muster, client):
    """By HTTP nobody looks at ARP."""
    assert b"by its MAC next" in curl(client, f"{URL}/pxelinux.cfg/6d757374-6572-4000-8000-525400000001")[1]
    assert f"configfile \"(http,{SERVER}:8080)/grub/grub.cfg-01-${{net_default_mac}}\"".encode() in \
        curl(client, f"{URL}/grub/grub.cfg")[1]


def test_a_plain_file_wins(muster, client):
    name = "pxelinux.cfg/01-52-54-00-00-00-77"
    assert tftp_read(client, SERVER, name)[0] == b"written by hand\n"
    assert curl(client, f"{URL}/{name}")[1] == b"written by hand\n"


@pytest.mark.parametrize("fetch", ["tftp", "http"])
def test_configs_follow_what_was_chosen_from_a_menu(muster, client, data, fetch):
    """Chosen with PXELINUX or GRUB, whatever they fetch by."""
    (data.path / "generic").mkdir(exist_ok=True)
    for profile in ("first", "second"):
        data.profile(profile, "/assets/vmlinuz", generic_id=f"{profile}.txt")
        (data.path / f"generic/{profile}.txt").write_text(profile)
    (data.path / "groups/menu.json").write_text(json.dumps({"menu": ["first", "second"], "selector": {"mac": UNKNOWN}}))
    muster.wait_for("2 groups")
    name = f"pxelinux.cfg/01-{UNKNOWN.replace(':', '-')}"

    def get(name):
        return tftp_read(client, SERVER, name)[0] if fetch == "tftp" else curl(client, f"{URL}/{name}")[1]

    assert b"MENU LABEL second" in get(name)
    for chosen in (b"second", b"first"):
        assert b"LINUX" in get(f"{name}/profile/{chosen.decode()}")
        assert curl(client, f"{URL}/generic")[1] == chosen
    assert b"is not in the menu" in get(f"{name}/profile/one")
    assert curl(client, f"{URL}/generic")[1] == b"first"
