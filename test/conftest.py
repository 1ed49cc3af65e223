# SPDX-License-Identifier: Apache-2.0
"""What the tests on networks share."""
import collections
import os
import pathlib
import threading
import time

import pytest

from lab import payload
from lab.server import Data
from lab.world import MUSTER, Network, clean_up_when_terminated

SERVER = "10.77.0.1"
SUBNET = {"subnet": "10.77.0.0/24", "pool": "10.77.0.50-10.77.0.200", "router": SERVER, "dns": [SERVER], "lease": "1h"}


def pytest_configure(config):
    if os.geteuid() != 0:
        raise pytest.UsageError("networks need root, or: unshare --user --map-root-user --mount pytest …")
    if not MUSTER.exists():
        raise pytest.UsageError(f"{MUSTER} is not there: build it first")
    if threading.current_thread() is threading.main_thread():  # execnet 1.9 may give a worker of pytest -v another
        clean_up_when_terminated()


def pytest_collection_modifyitems(config, items):
    """A worker takes tests that follow each other, many at a time. Those of each file are spread over all, so that machines,
    which keep a core busy for long, run beside tests that wait, and no worker is left with all of them."""
    if hasattr(config, "workerinput"):
        tests, seen = collections.Counter(item.path for item in items), collections.Counter()

        def place(item):
            seen[item.path] += 1
            return (seen[item.path] - 0.5) / tests[item.path]
        items.sort(key=place)


@pytest.fixture
def network():
    """A segment of its own, and whatever runs on it for one test."""
    with Network() as network:
        yield network


@pytest.fixture
def server(network):
    """The host muster runs on."""
    return network.host("server", SERVER)


@pytest.fixture
def client(network):
    """A host without an address."""
    return network.host("client")


@pytest.fixture
def data(network):
    """A data directory with the test kernel and initrd under /assets/."""
    data = Data(network.directory / "data")
    data.asset(payload.kernel(), "vmlinuz")
    data.asset(payload.initrd(), "initrd.gz")
    return data


def configuration(data, mode="server", **more):
    """muster.yaml for one segment."""
    dhcp = {"mode": mode, **({"subnets": [SUBNET]} if mode == "server" else {})}
    return {"data": str(data.path), "state": str(pathlib.Path(data.path).parent / "state.db"), "interfaces": ["eth0"],
            "log": "json", "http": {"port": 8080}, "dhcp": dhcp, **more}


def wait_until(holds, timeout=10):
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)
