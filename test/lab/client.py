# SPDX-License-Identifier: Apache-2.0
"""The DHCP, TFTP and HTTP clients of real systems, and a hand that sends what none of them would."""
import os
import re
import socket
import struct
import subprocess
import time

from . import payload
from .transcript import LabError

# Called by the DHCP clients in the place of the script that would change this host's own settings.
REPORT = """#!/bin/sh
{ echo "reason=${reason:-$1}"; env; echo; } >> "$(dirname "$0")/report"
case "${reason:-$1}" in
BOUND|RENEW|REBIND|REBOOT) ip address replace "$new_ip_address/24" dev "$interface" ;;
bound|renew) ip address replace "$ip/$mask" dev "$interface" ;;
esac
exit 0
"""


class DhcpClient:
    """One run of an operating system's DHCP client. settings holds what it was given, by its own names."""

    def __init__(self, network, name):
        self.directory = network.directory / f"{name}.{os.urandom(4).hex()}"
        self.directory.mkdir()
        self.process = None  # of one that stays
        self.script = self.directory / "script"
        self.script.write_text(REPORT)
        self.script.chmod(0o755)

    def wait_for(self, *reasons, timeout=20):
        """The settings that it was given for one of the reasons, once it was."""
        deadline = time.monotonic() + timeout
        while not (settings := self.settings(*reasons)):
            if time.monotonic() > deadline:
                raise LabError(f"{self.directory.name} was told nothing of {reasons} in {timeout:g} s; it said:\n"
                               + (self.process.output.tail() if self.process else ""))
            time.sleep(0.02)
        return settings

    def settings(self, *reasons):
        report = self.directory / "report"
        # The last block is not written to its end.
        for block in reversed(report.read_text().split("\n\n")[:-1] if report.exists() else []):
            values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            if values.get("reason") in reasons:
                return values
        return None


def dhclient(network, namespace, interface="eth0", timeout=15, address=None, options=()):
    """ISC's client, once. Returns its settings (new_ip_address, new_routers …) or None when nobody answered."""
    client = DhcpClient(network, "dhclient")
    configuration = client.directory / "dhclient.conf"
    configuration.write_text(f"timeout {timeout};\nretry 1;\ninitial-interval 1;\n"
                             "request subnet-mask, broadcast-address, routers, domain-name-servers, host-name, "
                             "domain-name, interface-mtu, ntp-servers;\n" + "\n".join(options) + "\n")
    leases = client.directory / "leases"
    if address:
        leases.write_text(f'lease {{\n  interface "{interface}";\n  fixed-address {address};\n  option subnet-mask '
                          "255.255.255.0;\n  option dhcp-message-type 5;\n  renew 5 2038/01/01 00:00:00;\n"
                          "  rebind 5 2038/01/01 00:00:00;\n  expire 5 2038/01/01 00:00:00;\n}\n")
    namespace.run("dhclient", "-4", "-1", "-v", "-cf", configuration, "-lf", leases, "-pf", client.directory / "pid",
                  "-sf", client.script, interface, timeout=timeout + 20, check=False)
    # It goes into the background when it has a lease, and writes its pid at a time of its own.
    subprocess.run(["pkill", "-9", "-f", str(client.directory)], check=False)
    return client.settings("BOUND", "REBOOT", "RENEW", "REBIND")


def udhcpc(network, namespace, interface="eth0", tries=4, options=()):
    """busybox's client, once. Returns its settings (ip, router …) or None when nobody answered."""
    client = DhcpClient(network, "udhcpc")
    namespace.run(payload.busybox(), "udhcpc", "-f", "-q", "-n", "-t", tries, "-T", 1, "-i", interface, "-s",
                  client.script, *options, timeout=tries * 3 + 20, check=False)
    return client.settings("bound")


def staying_dhclient(network, namespace, *statements, refuses=False):
    """ISC's client, as it stays on a host; with refuses it finds that the address is in use."""
    client = DhcpClient(network, "dhclient")
    if refuses:
        client.script.write_text(REPORT.replace("exit 0", '[ "$reason" != BOUND ]'))
    (client.directory / "conf").write_text("timeout 15;\nretry 1;\ninitial-interval 1;\n" + "\n".join(statements) + "\n")
    client.files = ["-cf", client.directory / "conf", "-lf", client.directory / "leases", "-pf", client.directory / "pid",
                    "-sf", client.script, "eth0"]
    client.process = network.start(namespace, ["dhclient", "-4", "-d", *client.files])
    return client


def staying_udhcpc(network, namespace, *options):
    client = DhcpClient(network, "udhcpc")
    client.process = network.start(namespace, [payload.busybox(), "udhcpc", "-f", "-t", 5, "-T", 1, "-A", 1, "-i", "eth0", "-s",
                                               client.script, *options], name="udhcpc")
    return client


def staying_dhcpcd(network, namespace, *statements):
    """Roy Marples' client. What it keeps between runs lies in memory of its own."""
    client = DhcpClient(network, "dhcpcd")
    (client.directory / "conf").write_text("option subnet_mask, routers, domain_name_servers\nnoipv4ll\nnodelay\nreboot 1\n"
                                           f"script {client.script}\n" + "\n".join(statements) + "\n")
    client.process = network.start(namespace, ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && "
                                               "mount -t tmpfs none /var/lib/dhcpcd && "
                                               f"exec dhcpcd -4 -B -d -f {client.directory}/conf eth0"], name="dhcpcd")
    return client


# systemd-networkd without systemd: a bus of its own for networkctl, and a /sys that says there is no udev to wait for.
NETWORKD = """set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 none /run
mount -t sysfs -o ro none /sys
mkdir -p /run/systemd/network /run/systemd/netif/leases /run/systemd/netif/links /run/systemd/netif/lldp /run/dbus
chown -R systemd-network /run/systemd/netif
cat > /run/systemd/network/eth0.network
dbus-daemon --system --nofork --nopidfile &
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.02; done
export SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console
exec /lib/systemd/systemd-networkd
"""


class Networkd:
    """systemd's client; what it does is in its log."""

    def __init__(self, network, namespace, *statements):
        network.directory.chmod(0o755)
        self.namespace = namespace
        directory = network.directory / f"networkd.{os.urandom(4).hex()}"
        directory.mkdir()
        (directory / "network").write_text("[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n"
                                           "IPv6AcceptRA=no\n[DHCPv4]\n" + "\n".join(statements) + "\n")
        (directory / "start").write_text(NETWORKD)
        self.process = network.start(namespace, ["unshare", "--mount", "sh", "-c",
                                                 f"exec sh {directory}/start < {directory}/network"], name="networkd")

    def wait_for(self, pattern, timeout=20, start=0):
        return self.process.wait_for(pattern, timeout, start)[1]

    def control(self, *words):
        """networkctl, which speaks to it over its bus."""
        self.namespace.run("nsenter", "--mount", "--target", self.process.pid, "--", "networkctl", *words)


def curl(namespace, url, *options, timeout=60):
    """(exit status, body, headers as text)."""
    done = subprocess.run([*namespace.prefix, "curl", "-sS", "-D", "/dev/stderr", *options, url], timeout=timeout,
                          pass_fds=(namespace.fd,), stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def curl_status(namespace, url, *options):
    """The HTTP status alone."""
    status, _, headers = curl(namespace, url, *options)
    found = re.findall(r"^HTTP/\S+ (\d+)", headers, re.MULTILINE)
    if not found:
        raise LabError(f"{url}: curl ended with {status}: {headers}")
    return int(found[-1])


def tftp(namespace, server, name, target, blksize=None):
    """tftp-hpa, which knows no option but blksize. Returns what it said; "" is success."""
    options = ["-B", blksize] if blksize else []
    return namespace.run("tftp", "-m", "binary", *options, server, "-c", "get", name, target, timeout=60,
                         check=False).stdout


def atftp(namespace, server, name, target, **options):
    """atftp with options as it names them: blksize=1468, tsize=True, windowsize=16. Returns (exit status, its words)."""
    words = [word for key, value in options.items()
             for word in ("--option", key if value is True else f"{key} {value}")]
    done = namespace.run("atftp", *words, "--get", "--remote-file", name, "--local-file", target, server, timeout=90,
                         check=False)
    return done.returncode, done.stdout


def tftp_request(name, mode="octet", opcode=1, **options):
    """The octets of a read request."""
    words = [name, mode, *(str(word) for pair in options.items() for word in pair)]
    return struct.pack("!H", opcode) + b"".join(word.encode("latin-1") + b"\0" for word in words)


class TftpError(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


def tftp_read(namespace, server, name, timeout=10.0, retry=1.0, **options):
    """A reader of our own for what the real clients cannot ask. Returns (content, options acknowledged);
    TftpError for an error packet."""
    client = namespace.call(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
    with client:
        return _read_file(client, (server, 69), tftp_request(name, **options), time.monotonic() + timeout, retry)


def _read_file(client, peer, packet, deadline, retry):
    """RFC 1350, and RFC 7440: acknowledges each full window, the last block, and once what came before a gap."""
    content, acknowledged, size, window = [], {}, 512, 1
    unacknowledged, gap_told = 0, False
    client.settimeout(retry)
    client.sendto(packet, peer)
    while time.monotonic() < deadline:
        try:
            data, peer = client.recvfrom(65536)
        except TimeoutError:
            client.sendto(packet, peer)
            continue
        opcode, number = struct.unpack("!HH", data[:4])
        if opcode == 5:
            raise TftpError(number, data[4:].rstrip(b"\0").decode(errors="replace"))
        if opcode == 6:
            acknowledged = _options_of(data)
            size, window = int(acknowledged.get("blksize", 512)), int(acknowledged.get("windowsize", 1))
            due = not content
        elif number == (len(content) + 1) & 0xFFFF:
            content.append(data[4:])
            unacknowledged, gap_told = unacknowledged + 1, False
            due = unacknowledged >= window or len(data) - 4 < size
        else:
            due, gap_told = not gap_told, True
        packet = struct.pack("!HH", 4, len(content) & 0xFFFF)
        if due:
            client.sendto(packet, peer)
            unacknowledged = 0
        if content and len(content[-1]) < size:
            return b"".join(content), acknowledged
    raise LabError(f"reading over TFTP did not end in time; {len(content)} blocks came")


def _options_of(packet):
    words = packet[2:].split(b"\0")[:-1]
    return {key.decode().lower(): value.decode() for key, value in zip(words[::2], words[1::2])}


def dhcp_discover(mac, arch=None, vendor_class=None, kind=1, **options):
    """The octets of a DHCPDISCOVER (or another kind), as a PXE client sends it when arch is given. Options are named
    o12=b"…" by their code."""
    hardware = bytes.fromhex(mac.replace(":", ""))
    listed = {53: bytes([kind]), 57: struct.pack("!H", 1472), 55: bytes([1, 3, 6, 12, 15, 43, 54, 60, 66, 67, 97])}
    if arch is not None:
        listed[93] = struct.pack("!H", arch)
        listed[94] = bytes([1, 3, 0])
        listed[97] = b"\0" + hardware + bytes(10)
        listed[60] = f"PXEClient:Arch:{arch:05}:UNDI:003000".encode()
    if vendor_class is not None:
        listed[60] = vendor_class.encode()
    listed.update({int(name[1:]): value for name, value in options.items()})
    header = struct.pack("!BBBB4sHH16s", 1, 1, 6, 0, os.urandom(4), 0, 0x8000, bytes(16))
    body = b"".join(bytes([code, len(value)]) + value for code, value in listed.items() if value is not None)
    return header + hardware + bytes(10 + 192) + bytes([99, 130, 83, 99]) + body + b"\xff"


def dhcp_options(packet):
    """{code: octets} of a reply."""
    options, at = {}, 240
    while at < len(packet) and packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        length = packet[at + 1]
        options[packet[at]] = options.get(packet[at], b"") + packet[at + 2: at + 2 + length]
        at += 2 + length
    return options


class DhcpHand:
    """A socket on the client's port that broadcasts whatever it is given."""

    def __init__(self, namespace, interface="eth0", port=68):
        self.socket = namespace.call(self._open, interface, port)

    @staticmethod
    def _open(interface, port):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        opened.bind(("", port))
        return opened

    def send(self, packet, destination="255.255.255.255", port=67):
        self.socket.sendto(packet, (destination, port))

    def receive(self, timeout=2.0, xid=None):
        """(packet, sender) of the next reply, or None."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                packet, sender = self.socket.recvfrom(65536)
            except TimeoutError:
                return None
            if packet[0] == 2 and (xid is None or packet[4:8] == xid):
                return packet, sender
        return None

    def ask(self, packet, timeout=2.0, **destination):
        """The reply to this very packet, or None."""
        self.send(packet, **destination)
        answer = self.receive(timeout, packet[4:8])
        return answer[0] if answer else None

    def close(self):
        self.socket.close()
