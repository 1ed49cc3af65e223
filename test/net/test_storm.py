# SPDX-License-Identifier: Apache-2.0
"""Many machines switched on at the same moment, from their ROM's first question to the last octet of their initrd."""
import os
import pathlib
import shutil

import pytest

from conftest import configuration
from lab.server import Muster
from lab.world import BUILD

LOAD = BUILD / "src/serve/storm-load"
LOADER = pathlib.Path("/usr/lib/ipxe/undionly.kpxe")


@pytest.fixture
def content(network, data):
    """What is loaded, compared octet by octet; a group for each machine."""
    content = network.directory / "content"
    content.mkdir()
    shutil.copy(LOADER, content)
    for name, size in (("kernel", 100_000), ("initrd", 300_001)):
        (content / name).write_bytes(os.urandom(size))
        data.asset(content / name, name)
    data.profile("storm", "/assets/kernel", ["/assets/initrd"], ["quiet"])
    for number in range(80):
        data.group(f"group{number}", "storm", mac=f"52:54:00:00:00:{number:02x}")
    return content


def storm(machines, count, spread, content):
    """What storm-load says of the whole, as numbers."""
    machines.run("ip", "route", "add", "10.77.0.0/24", "dev", "eth0", check=False)
    said = machines.run(LOAD, "eth0", count, spread, content, timeout=120).stdout
    whole = next(line for line in said.splitlines() if line.startswith("seconds="))
    return {key: float(value) for key, value in (word.split("=") for word in whole.split())}, said


def test_every_machine_of_a_storm_boots(network, server, client, data, content):
    muster = Muster(network, server, ["serve"], configuration(data))
    whole, said = storm(client, 80, 0, content)
    muster.stop()
    assert whole["failed"] == 0, f"{said}\n{muster.log.tail(50)}"
    assert whole["octets"] >= 80 * (LOADER.stat().st_size + 400_001)


def test_machines_without_a_group_are_told_why(network, server, client, data, content):
    """storm-load gives up on a script that names no kernel."""
    muster = Muster(network, server, ["serve"], configuration(data))
    whole, said = storm(client, 90, 0, content)
    muster.stop()
    assert whole["failed"] == 10 and "the script names no kernel" in said
