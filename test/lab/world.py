# SPDX-License-Identifier: Apache-2.0
"""A private world: network namespaces that exist as long as this process holds them, as root or as any user who may
create user namespaces. Nothing gets a name outside of it, so any number of them run side by side, and nothing is left
when the process ends, however it ends."""
import contextlib
import ctypes
import ipaddress
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from .transcript import LabError, Transcript

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MUSTER_BUILD", ROOT / "build")).resolve()
MUSTER = pathlib.Path(os.environ.get("MUSTER", BUILD / "muster")).resolve()
CACHE = ROOT / "build" / "lab"

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def root_prefix():
    """What to put before a command that needs to be root of its own networks; nothing for root itself."""
    if os.geteuid() == 0:
        return []
    command = ["unshare", "--user", "--map-root-user", "--mount", "--"]
    if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit("This needs networks of its own, and this system lets only root create them: run it with sudo.")
    return command


def be_root_in_a_private_world():
    """Starts this program anew as root of its own user namespace, unless it is root already."""
    prefix = root_prefix()
    if prefix:
        os.execvp(prefix[0], [*prefix, *sys.orig_argv])
    clean_up_when_terminated()


def clean_up_when_terminated():
    """SIGTERM ends us as Ctrl-C does: through every finally."""
    def interrupt(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, interrupt)


def _call(name, *arguments):
    if getattr(libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _in_thread(function):
    """Namespaces belong to threads: what changes one runs on a thread that ends with it."""
    result = {}

    def run():
        try:
            result["value"] = function()
        except BaseException as error:  # handed to the caller
            result["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in result:
        raise result["error"]
    return result["value"]


class Process:
    """A program running in a namespace, its output collected; killed by the kernel if we die."""

    def __init__(self, namespace, command, name=None, listener=None, stdin=None, environment=None, directory=None,
                 pass_fds=()):
        self.name = name or pathlib.Path(command[0]).name
        self.output = Transcript(self.name, listener)
        self.started = time.monotonic()
        self._popen = subprocess.Popen(
            [*namespace.prefix, *map(str, command)],
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=(namespace.fd, *pass_fds), start_new_session=True, cwd=directory,
            env={**os.environ, **(environment or {})})
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        descriptor = self._popen.stdout.fileno()
        while True:
            data = os.read(descriptor, 65536)
            if not data:
                break
            self.output.feed(data)
        self.output.end()

    def wait_for(self, pattern, timeout=10, start=0, unfinished=False):
        return self.output.wait_for(pattern, timeout, start, unfinished)

    def type(self, text):
        self._popen.stdin.write(text.encode())
        self._popen.stdin.flush()

    def signal(self, number):
        self._popen.send_signal(number)

    @property
    def running(self):
        return self._popen.poll() is None

    def wait(self, timeout):
        """Waits for the end; returns the exit status."""
        try:
            status = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name} still runs after {timeout:g} s; its last lines:\n{self.output.tail()}") from None
        self._reader.join(5)
        return status

    def kill(self):
        """Ends it and what it started, now."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        self._reader.join(5)

    def stop(self, timeout=10):
        """Asks it to end; returns the exit status. A program that will not end is killed and is a fault."""
        if self.running:
            self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except LabError:
            self.kill()
            raise


class Namespace:
    """One host's network: its own interfaces, addresses and ports."""

    def __init__(self, name):
        self.name = name
        self.fd = _in_thread(self._create)
        self.run("ip", "link", "set", "lo", "up")

    @staticmethod
    def _create():
        _call("unshare", CLONE_NEWNET)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def prefix(self):
        return ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net=/proc/self/fd/{self.fd}", "--"]

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def run(self, *command, timeout=30, check=True, **options):
        """Runs a command to its end; returns subprocess's result with its output as text."""
        done = subprocess.run([*self.prefix, *map(str, command)], pass_fds=(self.fd,), timeout=timeout, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **options)
        if check and done.returncode != 0:
            raise LabError(f"{' '.join(map(str, command))}: exit {done.returncode}: {done.stdout}")
        return done

    def call(self, function, *arguments, **options):
        """Runs a Python function in here. Sockets it makes stay in this network wherever they are used."""
        def run():
            _call("setns", self.fd, CLONE_NEWNET)
            return function(*arguments, **options)
        return _in_thread(run)

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class Network:
    """One Ethernet segment: a bridge in a namespace of its own, hosts and machines plugged into it.

        with Network("10.77.0.0/24") as network:
            server = network.host("server", "10.77.0.1")
            client = network.host("client")

    Whatever is started through it is ended with it."""

    def __init__(self, subnet="10.77.0.0/24"):
        self.subnet = ipaddress.ip_network(subnet)
        self._closing = contextlib.ExitStack()
        self._ports = 0

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="muster-lab-"))
        self._closing.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.switch = Namespace("switch")
        self._closing.callback(self.switch.close)
        try:
            self.add_bridge("br0")
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_):
        self._closing.close()

    def add_bridge(self, name):
        """Another segment on the same switch, apart from the first."""
        self.switch.run("ip", "link", "add", name, "type", "bridge", "forward_delay", 0, "mcast_snooping", 0)
        self.switch.run("ip", "link", "set", name, "up")

    def _next_port(self, prefix):
        self._ports += 1
        return f"{prefix}{self._ports}"

    def namespace(self, name):
        namespace = Namespace(name)
        self._closing.callback(namespace.close)
        return namespace

    def host(self, name, address=None, mac=None, mtu=None):
        """A namespace with one interface, eth0, on the segment."""
        namespace = self.namespace(name)
        self.plug(namespace, "eth0", address, mac, mtu)
        return namespace

    def plug(self, namespace, interface, address=None, mac=None, mtu=None, bridge="br0"):
        """Gives a namespace one more interface on a segment."""
        port = self._next_port("port")
        self.switch.run("ip", "link", "add", port, "type", "veth", "peer", "name", interface, "netns", namespace.path)
        if mtu:
            self.switch.run("ip", "link", "set", port, "mtu", mtu)
        self.switch.run("ip", "link", "set", port, "master", bridge, "up")
        self._configure(namespace, interface, address, mac, mtu)
        self._wait_until_forwarding(port)

    def plug_lossy(self, namespace, interface, address=None, mac=None, **faults):
        """The same through a link that loses, doubles, reorders or delays frames: drop=5 is 5 percent each way."""
        near, far = self._next_port("near"), self._next_port("far")
        options = [word for key, value in faults.items() for word in (f"--{key}", str(value))]
        link = self.start(self.switch, [lossy_link(), *options, near, far], name="lossy-link")
        link.wait_for("ready", 5)
        self.switch.run("ip", "link", "set", near, "master", "br0", "up")
        self.switch.run("ip", "link", "set", far, "netns", namespace.path, "name", interface)
        self._configure(namespace, interface, address, mac, None)
        self._wait_until_forwarding(near)
        return link

    def _wait_until_forwarding(self, port):
        """The kernel notices a new carrier up to a second late, and until then the bridge drops what comes."""
        deadline = time.monotonic() + 5
        while "state forwarding" not in self.switch.run("ip", "-d", "link", "show", port).stdout:
            if time.monotonic() > deadline:
                raise LabError(f"the port {port} does not forward")
            time.sleep(0.01)

    def _configure(self, namespace, interface, address, mac, mtu):
        if mac:
            namespace.run("ip", "link", "set", interface, "address", mac)
        if mtu:
            namespace.run("ip", "link", "set", interface, "mtu", mtu)
        namespace.run("ip", "link", "set", interface, "up")
        if address:
            self.set_address(namespace, interface, address)

    def set_address(self, namespace, interface, address):
        text = str(address)
        namespace.run("ip", "address", "add", text if "/" in text else f"{text}/{self.subnet.prefixlen}", "broadcast",
                      "+", "dev", interface)

    def tap(self, bridge="br0"):
        """A port for a machine; its name in the switch's namespace."""
        port = self._next_port("tap")
        self.switch.run("ip", "tuntap", "add", port, "mode", "tap")
        self.switch.run("ip", "link", "set", port, "master", bridge, "up")
        return port

    def start(self, namespace, command, **options):
        """Starts a program that is killed when the network ends, if nobody stopped it before."""
        process = Process(namespace, command, **options)
        self._closing.callback(process.kill)
        return process

    def on_close(self, function, *arguments):
        self._closing.callback(function, *arguments)


def lossy_link():
    """The program that joins two taps badly."""
    return _built("lossy-link")


def clock_step():
    """The library that sets the wall clock of the program it is loaded into."""
    return _built("clock-step", "-shared", "-fPIC")


def slow_disk():
    """The library that lets the disk of the program it is loaded into hang or fail."""
    return _built("slow-disk", "-shared", "-fPIC")


def roomy_socket():
    """The library that gives the sockets of the program it is loaded into room for bursts."""
    return _built("roomy-socket", "-shared", "-fPIC")


def _built(name, *options):
    """A C file of test/, built when its source is newer."""
    source, product = ROOT / "test" / f"{name}.c", CACHE / name
    if not product.exists() or product.stat().st_mtime < source.stat().st_mtime:
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = product.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", *options, "-o", fresh, source],
                       check=True)
        fresh.rename(product)
    return product
