# SPDX-License-Identifier: Apache-2.0
"""Somebody before a machine chooses from the menu of its group, with a password."""
import json
import re
import shutil
import time

from conftest import SERVER, configuration
from lab.machine import Machine
from lab.payload import DISK_WORDS, boot_sector
from lab.server import Muster, dnsmasq_with_file

ONE = "52:54:00:00:00:01"
BOOT_SECONDS = 150
DOWN, ENTER = "\x1b[B", "\r"


def give_menu(data):
    for profile in ("first", "second"):
        data.profile(profile, "/assets/vmlinuz", ["/assets/initrd.gz"], ["console=ttyS0", "panic=-1", "quiet",
                                                                      f"profile={profile}"])
    menu = {"title": "Choose", "timeout": 0, "password": "open sesame",
            "entries": ["first", {"profile": "second", "title": "The second"}, {"local": True, "title": "The disk"}]}
    (data.path / "groups/lab.json").write_text(json.dumps({"id": "lab", "menu": menu}))


def type_keys(machine, keys):
    """As fast as a person."""
    for key in re.findall(r"\x1b\[.|.|\r", keys):
        machine.process.type(key)
        time.sleep(0.1)


def test_ipxe_boots_what_is_chosen_once_the_password_is_right(network, server, data):
    give_menu(data)
    muster = Muster(network, server, ["serve"], configuration(data))
    machine = Machine(network, ONE)
    start = 0
    for password in ("wrong", "open sesame"):
        machine.console.wait_for("The disk", BOOT_SECONDS, start, unfinished=True)
        type_keys(machine, DOWN + ENTER)
        machine.console.wait_for("Password:", 20, start, unfinished=True)
        type_keys(machine, "\t" + password + ENTER)
        if password == "wrong":
            muster.wait_for("asks for a password, and this was not it", 30)
            machine.wait_for("back to the menu", 30)
            start = machine.console.mark()
    command_line, _ = machine.wait_for_init(BOOT_SECONDS)
    assert "profile=second" in command_line
    assert "sesame" not in muster.log.tail(1000)
    muster.wait_for("profile 'second' of group 'lab', chosen from its menu")
    muster.stop()


def test_pxelinux_goes_on_to_the_disk_once_the_password_is_right(network, server, data):
    """PXELINUX is what another DHCP server gives, with the folder of its modules."""
    root = network.directory / "tftp"
    root.mkdir()
    shutil.copy("/usr/lib/PXELINUX/pxelinux.0", root)
    for module in ("ldlinux", "menu", "libutil"):
        shutil.copy(f"/usr/lib/syslinux/modules/bios/{module}.c32", root)
    give_menu(data)
    dnsmasq_with_file(network, network.host("dhcp", "10.77.0.2"), "pxelinux.0", SERVER)
    muster = Muster(network, server, ["serve"], configuration(data, "off", tftp={"root": str(root)}))
    machine = Machine(network, ONE, later_disk=boot_sector(network.directory / "disk.img"))
    machine.wait_for("The disk", BOOT_SECONDS, unfinished=True)
    type_keys(machine, DOWN + DOWN + ENTER)
    machine.wait_for("(?i)password", 20, unfinished=True)
    type_keys(machine, "open sesame" + ENTER)
    machine.wait_for(DISK_WORDS, 60)
    muster.stop()
