# SPDX-License-Identifier: Apache-2.0
"""A cable between the host that is measured and a load that writes and reads the frames at its other end (wire.h)."""
import json

OWN = "02:00:00:00:00:99"  # the load's; its interface has another, so that the kernel there leaves the frames alone


class Cable:
    """server is a namespace with the address on eth0 and a router at the other end: the way to all that is behind it."""

    def __init__(self, network, address, router, behind):
        self.server, self.load = network.namespace("server"), network.namespace("load")
        self.server.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "wire", "netns", self.load.path)
        self.load.run("ip", "link", "set", "wire", "up")
        # What leaves is frames as a network carries them; a veth would hand on a whole window in one piece.
        self.server.run("ethtool", "-K", "eth0", "gso", "off", "tx-udp-segmentation", "off")
        self.server.run("ip", "address", "add", address, "broadcast", "+", "dev", "eth0")
        self.server.run("ip", "link", "set", "eth0", "up")
        self.server.run("ip", "neighbour", "add", router, "lladdr", OWN, "dev", "eth0", "nud", "permanent")
        self.server.run("ip", "route", "add", behind, "via", router)
        self.mac = json.loads(self.server.run("ip", "-json", "link", "show", "eth0").stdout)[0]["address"]

    @property
    def words(self):
        """What a load opens its wire with."""
        return ["wire", OWN, self.mac]
