# SPDX-License-Identifier: Apache-2.0
"""muster, and the servers that it stands beside or is measured against."""
import json
import os
import pathlib
import shutil
import signal
import socket
import time

from .transcript import LabError
from .world import MUSTER

SANITIZER_REPORT = r"ERROR: \w+Sanitizer|runtime error:"


class Notified:
    """systemd's side of readiness: a socket that hears READY=1."""

    def __init__(self, directory):
        self.path = str(directory / f"notify.{os.urandom(4).hex()}")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def wait(self, wanted, timeout):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                message = self.socket.recv(4096).decode()
            except TimeoutError:
                break
            if wanted in message.splitlines():
                return time.monotonic()
        raise LabError(f"{wanted} was not announced in {timeout:g} s")


class Muster:
    """muster in a namespace, ready when this returns; its log is read as JSON."""

    def __init__(self, network, namespace, arguments, configuration=None, listener=None, ready=True, environment=None):
        self.events = []
        self._listener = listener
        self.notified = Notified(network.directory)
        network.on_close(self.notified.socket.close)
        if configuration is not None:
            self.file = write_configuration(network.directory, configuration)
            arguments = [*arguments, "-c", self.file]
        self.process = network.start(namespace, [MUSTER, *arguments], name="muster", listener=self._read,
                                     environment={"NOTIFY_SOCKET": self.notified.path, **SANITIZERS,
                                                  **(environment or {})})
        self.log = self.process.output
        self.pid = self.process.pid
        self.quiet = (configuration or {}).get("log_level") in ("warning", "error")
        if ready:
            self.ready = self._wait_ready() - self.process.started

    def _wait_ready(self):
        try:
            when = self.notified.wait("READY=1", 20)
            if not self.quiet:
                self.log.wait_for("ready after", 5)  # the log comes another way, and may come later
            return when
        except LabError as error:
            raise LabError(f"{error}; muster said:\n{self.log.tail()}") from None

    def _read(self, line):
        try:
            event = json.loads(line.text)
        except ValueError:
            event = None
        if isinstance(event, dict):
            event["when"] = line.when
            self.events.append(event)
            if self._listener:
                self._listener(event)

    def said(self, pattern):
        return self.log.find(pattern) is not None

    def wait_for(self, pattern, timeout=10, start=0):
        return self.log.wait_for(pattern, timeout, start)

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def stop(self):
        """Asks it to end; a fault when it ends otherwise than well, or when a sanitizer reported."""
        status = self.process.stop()
        report = self.log.find(SANITIZER_REPORT)
        if status != 0 or report:
            raise LabError(f"muster ended with {status}; its last lines:\n{self.log.tail(100)}")


SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
}


def write_configuration(directory, configuration):
    """JSON is YAML."""
    path = directory / f"muster.{os.urandom(4).hex()}.yaml"
    path.write_text(json.dumps(configuration, indent=2) + "\n")
    return path


class Data:
    """A data directory: groups, profiles and assets, in Matchbox's layout."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory)
        for folder in ("groups", "profiles", "ignition", "cloud", "generic", "assets"):
            (self.path / folder).mkdir(parents=True, exist_ok=True)

    def asset(self, source, name=None):
        """Puts a file under /assets/; returns its path there."""
        name = name or pathlib.Path(source).name
        target = self.path / "assets" / name
        if not target.exists():
            shutil.copy(source, target)
        return f"/assets/{name}"

    def profile(self, profile, kernel, initrds=(), args=(), **more):
        document = {"id": profile, "name": profile,
                    "boot": {"kernel": kernel, "initrd": list(initrds), "args": list(args)}, **more}
        self._write("profiles", profile, document)

    def group(self, group, profile, loader=None, **selector):
        document = {"id": group, "name": group, "profile": profile, **({"loader": loader} if loader else {})}
        if selector:
            document["selector"] = selector
        self._write("groups", group, document)

    def _write(self, folder, name, document):
        (self.path / folder / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")


def plain_dhcp(network, namespace, pool="10.77.0.50,10.77.0.200", router="10.77.0.1", next_server=None, ping=False,
               options=()):
    """A DHCP server that gives addresses and knows nothing of booting, as every network has one; or only where to boot
    from, not what. With ping it looks for three seconds who uses an address, as dnsmasq does unless it is told not to."""
    return _dnsmasq(network, namespace, ["--port=0", f"--dhcp-range={pool},1h", f"--dhcp-option=3,{router}",
                                         "--log-dhcp", *([] if ping else ["--no-ping"]),
                                         *([f"--dhcp-boot=,,{next_server}"] if next_server else []), *options])


def dnsmasq_boot_server(network, namespace, root, script_url, pool="10.77.0.50,10.77.0.200"):
    """dnsmasq as people set it up for booting: addresses, iPXE over TFTP, and the script's URL for iPXE."""
    return _dnsmasq(network, namespace, [
        "--port=0", f"--dhcp-range={pool},1h", "--enable-tftp", f"--tftp-root={root}",
        "--dhcp-match=set:ipxe,175", "--dhcp-match=set:efi64,option:client-arch,7",
        "--dhcp-match=set:http,option:client-arch,16", "--dhcp-option-force=tag:http,60,HTTPClient",
        "--dhcp-boot=tag:!ipxe,tag:!efi64,undionly.kpxe", "--dhcp-boot=tag:!ipxe,tag:efi64,ipxe.efi",
        f"--dhcp-boot=tag:http,tag:!ipxe,{script_url.rsplit('/', 1)[0]}/ipxe.efi",
        f"--dhcp-boot=tag:ipxe,{script_url}"])


def dnsmasq_with_file(network, namespace, name, server, pool="10.77.0.50,10.77.0.200"):
    """A DHCP server that gives all firmware one boot program, from the TFTP server at that address."""
    return _dnsmasq(network, namespace, ["--port=0", f"--dhcp-range={pool},1h", "--no-ping", f"--dhcp-boot={name},,{server}"])


def _dnsmasq(network, namespace, options):
    name = f"dnsmasq.{os.urandom(4).hex()}"
    process = network.start(namespace, [
        "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--log-facility=-", "--no-resolv", "--no-hosts",
        "--dhcp-authoritative", f"--dhcp-leasefile={network.directory / name}", "--pid-file=", *options], name="dnsmasq")
    process.wait_for("started", 10)
    time.sleep(0.1)
    return process


def nginx(network, namespace, root, port=8080):
    """nginx as Debian sets it up, serving one folder."""
    place = network.directory / f"nginx.{port}"
    place.mkdir()
    (place / "nginx.conf").write_text(f"""
daemon off; user root; worker_processes auto; pid {place}/pid; error_log stderr;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types; default_type application/octet-stream; sendfile on; tcp_nopush on; access_log off;
    client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place}; uwsgi_temp_path {place};
    scgi_temp_path {place};
    server {{ listen {port}; root {root}; }}
}}
""")
    process = network.start(namespace, ["nginx", "-e", "stderr", "-c", place / "nginx.conf", "-p", place])
    deadline = time.monotonic() + 10
    while namespace.call(_connects, ("127.0.0.1", port)) is False:
        if time.monotonic() > deadline or not process.running:
            raise LabError(f"nginx does not answer:\n{process.output.tail()}")
        time.sleep(0.05)
    return process


def _connects(address):
    with socket.socket() as attempt:
        return attempt.connect_ex(address) == 0
