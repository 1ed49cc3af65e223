# SPDX-License-Identifier: Apache-2.0
"""Machines with nothing on them, from power-on to an init that says what it was booted with. Two start at a time where
they can: an emulated machine keeps one core busy, and both share the rest of the wait."""
import pytest

from conftest import SERVER, configuration
from lab import payload
from lab.client import curl
from lab.machine import Machine, wait_for_all
from lab.server import Data, Muster, nginx, plain_dhcp

ONE, TWO = "52:54:00:00:00:01", "52:54:00:00:00:02"
CONSOLE = ["console=ttyS0", "panic=-1", "quiet"]
BOOT_SECONDS = 150


def give(data, profile, *args, **selector):
    """A group and its profile: the test kernel with these arguments."""
    data.profile(profile, "/assets/vmlinuz", ["/assets/initrd.gz"], [*CONSOLE, *args])
    data.group(profile, profile, **selector)


def serve(network, server, data, mode="server"):
    return Muster(network, server, ["serve"], configuration(data, mode))


def has_arguments(command_line, *args):
    words = command_line.split()
    missing = [word for word in (*CONSOLE, *args) if word not in words]
    assert not missing, f"the kernel was given '{command_line}' without {missing}"


@pytest.mark.parametrize("mode", ["server", "proxy", "proxy on the server's host"])
def test_a_bios_machine_and_a_uefi_machine_boot_what_their_groups_say(network, server, data, mode):
    """SeaBIOS with iPXE as the card's ROM, and EDK2's own PXE client that is given iPXE first."""
    give(data, "old", "group=old", mac=ONE)
    give(data, "new", "group=new", mac=TWO)
    if mode == "proxy":
        plain_dhcp(network, network.host("dhcp", "10.77.0.2"))
    elif mode != "server":
        plain_dhcp(network, server)
    muster = serve(network, server, data, mode.split()[0])
    machines = [Machine(network, ONE, "bios"), Machine(network, TWO, "uefi")]
    (bios, _), (uefi, _) = wait_for_all(machines, BOOT_SECONDS)
    has_arguments(bios, "group=old")
    has_arguments(uefi, "group=new")
    muster.stop()


def test_a_uefi_http_boot_machine_boots_what_its_group_says(network, server, data):
    """EDK2's HTTP Boot: HEAD and GET of a program by the URL in the offer."""
    give(data, "web", "group=web", mac=ONE)
    give(data, "rest", "group=rest")
    muster = serve(network, server, data)
    machine = Machine(network, ONE, "uefi-http")
    command_line, _ = machine.wait_for_init(BOOT_SECONDS)
    has_arguments(command_line, "group=web")
    assert machine.console.find("HTTP Boot over IPv4"), "the firmware must have used HTTP Boot"
    muster.stop()


def test_two_machines_at_once_get_each_its_own_profile(network, server, data):
    give(data, "first", "profile=first", "note=one", mac=ONE)
    give(data, "second", "profile=second", "note=two", mac=TWO)
    give(data, "other", "profile=other")
    muster = serve(network, server, data)
    (one, _), (two, _) = wait_for_all([Machine(network, ONE), Machine(network, TWO)], BOOT_SECONDS)
    has_arguments(one, "profile=first", "note=one")
    has_arguments(two, "profile=second", "note=two")
    muster.stop()


@pytest.mark.parametrize("firmware", ["bios", "uefi"])
def test_one_command_boots_debians_installer(network, server, firmware):
    """muster boot with the installer's own kernel and initrd, until it speaks on the serial console."""
    muster = Muster(network, server, ["boot", payload.INSTALLER / "linux", payload.INSTALLER / "initrd.gz", "--cmdline",
                                      "console=ttyS0 DEBIAN_FRONTEND=text priority=low", "--mode", "server",
                                      "--interface", "eth0"])
    machine = Machine(network, ONE, firmware, memory=1024)
    machine.wait_for(r"Debian installer main menu|Choose language|Select a language", 240, unfinished=True)
    machine.power_off()
    muster.stop()


def test_one_command_boots_beside_another_dhcp_server(network, server, data):
    plain_dhcp(network, network.host("dhcp", "10.77.0.2"))
    muster = Muster(network, server, ["boot", data.path / "assets/vmlinuz", data.path / "assets/initrd.gz", "--cmdline",
                                      " ".join([*CONSOLE, "given=onthecommandline"])])
    command_line, _ = Machine(network, ONE).wait_for_init(BOOT_SECONDS)
    has_arguments(command_line, "given=onthecommandline")
    muster.stop()


def test_one_command_boots_from_urls_and_names_more_of_them(network, server, data):
    """Kernel and initrd from another web server, and a file that the command line names, as Pixiecore's users do."""
    web = network.host("web", "10.77.0.2")
    (data.path / "assets/extra").write_text("extra")
    nginx(network, web, data.path / "assets", 80)
    muster = Muster(network, server, ["boot", "http://10.77.0.2/vmlinuz", "http://10.77.0.2/initrd.gz", "--mode", "server",
                                      "--interface", "eth0", "--cmdline",
                                      " ".join([*CONSOLE, 'extra={{ URL "http://10.77.0.2/extra" }}'])])
    command_line, _ = Machine(network, ONE).wait_for_init(BOOT_SECONDS)
    has_arguments(command_line)
    url = next(word.removeprefix("extra=") for word in command_line.split() if word.startswith("extra="))
    client = network.host("client", "10.77.0.9")
    assert curl(client, url)[1] == b"extra"
    muster.stop()


def test_a_machine_without_a_group_is_told_why_on_its_console(network, server, data):
    give(data, "elsewhere", mac=TWO)
    muster = serve(network, server, data)
    machine = Machine(network, ONE)
    machine.wait_for(r"(?i)no group", 90)
    muster.stop()


def test_a_new_profile_is_booted_after_a_reload(network, server):
    data = Data(network.directory / "data")
    data.asset(payload.kernel(), "vmlinuz")
    data.asset(payload.initrd(), "initrd.gz")
    muster = serve(network, server, data)
    give(data, "late", "group=late")
    start = muster.log.mark()
    muster.reload()
    muster.wait_for(r"(?i)1 group", 10, start)
    command_line, _ = Machine(network, ONE).wait_for_init(BOOT_SECONDS)
    has_arguments(command_line, "group=late")
    muster.stop()
