# SPDX-License-Identifier: Apache-2.0
"""A cable between the host that is measured and a load that writes and reads the frames at its other end (wire.h)."""
import ipaddress
import json
import tempfile

OWN = "02:00:00:00:00:99"  # the load's; its interface has another, so that the kernel there leaves the frames alone


class Cable:
    """server is a namespace with the address, as 10.99.0.1/16, on eth0; hosts, one or many, are at the other end."""

    def __init__(self, network, address):
        self.server, self.load = network.namespace("server"), network.namespace("load")
        self.server.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "wire", "netns", self.load.path)
        self.load.run("ip", "link", "set", "wire", "up")
        # What leaves is frames as a network carries them; a veth would hand on a whole window in one piece.
        self.server.run("ethtool", "-K", "eth0", "gso", "off", "tx-udp-segmentation", "off")
        self.server.run("ip", "address", "add", address, "broadcast", "+", "dev", "eth0")
        self.server.run("ip", "link", "set", "eth0", "up")
        self.mac = json.loads(self.server.run("ip", "-json", "link", "show", "eth0").stdout)[0]["address"]

    def add_hosts(self, first, count=1):
        """The load answers no ARP: the server knows where these are."""
        addresses = (ipaddress.ip_address(first) + number for number in range(count))
        lines = "".join(f"neighbour add {address} lladdr {OWN} dev eth0 nud permanent\n" for address in addresses)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(lines)
            file.flush()
            self.server.run("ip", "-batch", file.name)

    @property
    def words(self):
        """What a load opens its wire with."""
        return ["wire", OWN, self.mac]
