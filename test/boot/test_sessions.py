# SPDX-License-Identifier: Apache-2.0
"""Whole sessions with the boot configuration service: iPXE from its first script to the config of its system, and a
kernel started from what the Pixiecore API says."""
import json

from conftest import SERVER, configuration
from lab.client import curl
from lab.machine import ACCELERATOR, Machine
from lab.payload import MARKER
from lab.server import Muster
from lab.world import Process

ONE = "52:54:00:00:00:01"
URL = f"http://{SERVER}:8080"
CONSOLE = ["console=ttyS0", "panic=-1", "quiet"]
IGNITION = '{"ignition": {"version": "3.4.0"}, "storage": {}}'
BOOT_SECONDS = 150


def write(data, path, content):
    target = data.path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)


def test_ipxe_goes_from_its_first_script_to_the_config_of_its_system(network, server, data):
    """The config is one more file to iPXE, which asks for it with what it knows of the machine."""
    write(data, "ignition/node.ign", IGNITION)
    data.profile("node", "/assets/vmlinuz", ["/assets/initrd.gz", "--name node.ign /ignition?mac=${mac:hexhyp}"],
                 [*CONSOLE, "machine=node"], ignition_id="node.ign")
    data.group("node", "node", mac=ONE)
    muster = Muster(network, server, ["serve"], configuration(data))
    command_line, _ = Machine(network, ONE).wait_for_init(BOOT_SECONDS)
    assert "machine=node" in command_line
    for step in (r"GET /boot\.ipxe 200", r"GET /ipxe\?uuid=.* 200", r"GET /assets/vmlinuz 200",
                 rf"GET /ignition\?mac=52-54-00-00-00-01 200, {len(IGNITION)} bytes"):
        muster.wait_for(step, 1)
    muster.stop()


def test_a_kernel_boots_from_what_the_pixiecore_api_says(network, server, data):
    data.profile("pixie", "/assets/vmlinuz", ["/assets/initrd.gz"], [*CONSOLE, "machine=pixie"])
    data.group("pixie", "pixie", mac=ONE)
    muster = Muster(network, server, ["serve"], configuration(data, "proxy"))
    client = network.host("client", "10.77.0.9")
    boot = json.loads(curl(client, f"{URL}/v1/boot/{ONE}")[1])
    files = []
    for place in [boot["kernel"], *boot["initrd"]]:
        files.append(network.directory / f"file{len(files)}")
        files[-1].write_bytes(curl(client, place if "://" in place else URL + place)[1])
    command = ["qemu-system-x86_64", "-machine", "q35", "-accel", ACCELERATOR, "-m", "512", "-nographic", "-no-reboot",
               "-nodefaults", "-serial", "stdio", "-kernel", files[0], "-initrd", files[1], "-append", boot["cmdline"]]
    machine = Process(network.switch, [str(word) for word in command], name="pixie", stdin=True)
    network.on_close(machine.kill)
    line, _ = machine.output.wait_for(MARKER, BOOT_SECONDS)
    assert line.text.split(MARKER, 1)[1].split() == boot["cmdline"].split() == [*CONSOLE, "machine=pixie"]
    muster.stop()
