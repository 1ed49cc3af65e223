# SPDX-License-Identifier: Apache-2.0
"""What the machines boot: Debian's kernel, and an initrd whose init says what the kernel was given."""
import contextlib
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile

from .transcript import LabError
from .world import CACHE

MARKER = "muster-test-init: "
DISK_WORDS = "This is what is on the disk"
INSTALLER = pathlib.Path("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64")
ARM64_KERNEL = pathlib.Path("/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/linux")

EFI_STUB = pathlib.Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")
MEMTEST = pathlib.Path("/boot")

TEST_INIT = f"""#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
echo "{MARKER}$(/bin/busybox cat /proc/cmdline)"
/bin/busybox poweroff -f
"""

# What TEST_INIT does as a program for 64-bit ARM, for which this host has no busybox: mount("proc", "/proc", "proc"),
# read /proc/cmdline to the stack, write the marker and that, reboot(POWER_OFF). The texts stand behind the code.
ARM64_INIT = bytes.fromhex(
    "800400108104003042040010030080d2040080d2080580d2010000d4"  # x0 proc, x1 /proc, x2 proc, x8 40 mount
    "600c8092c1030070020080d2080780d2010000d4"                  # x0 AT_FDCWD, x1 path, x2 0, x8 56 openat
    "ff0320d1e1030091020081d2e80780d2010000d4f30300aa"          # x1 sp - 2048, x2 2048, x8 63 read, x19 size
    "200080d2e1020030420280d2080880d2010000d4"                  # x0 1, x1 marker, x2 18, x8 64 write
    "200080d2e1030091e20313aa080880d2010000d4"                  # x0 1, x1 sp, x2 size, x8 64 write
    "a0d59b5220dcbf72212d83524102a57282db9f522264a872c81180d2010000d4"  # its two magics, POWER_OFF, x8 142 reboot
) + b"proc\0/proc\0/proc/cmdline\0" + MARKER.encode()

SHELL_INIT = """#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
read -r up _ < /proc/uptime
echo "Debian $(uname -sr) on $(uname -m), init after ${up} s"
export PS1='/ # ' PATH=/bin
exec setsid -c sh </dev/ttyS0 >/dev/ttyS0 2>&1
"""


def kernel():
    """Debian's kernel for virtual machines: the one installed, else one unpacked from its package."""
    installed = sorted(pathlib.Path("/boot").glob("vmlinuz-*-cloud-amd64"), key=lambda path: path.stat().st_mtime)
    for path in reversed(installed):
        if os.access(path, os.R_OK):
            return path
    return _unpacked("linux-image-cloud-amd64", "boot/vmlinuz-*", _depends)


def busybox():
    """A busybox that needs no library, for the initrd; installing it would replace the system's own."""
    installed = pathlib.Path("/bin/busybox")
    if installed.exists() and b"/ld-linux" not in installed.read_bytes()[:4096]:
        return installed
    return _unpacked("busybox-static", "bin/busybox")


def driver(name):
    """The file of a module of the kernel."""
    version = kernel().name.removeprefix("vmlinuz-")
    return next((kernel().parent.parent / "lib/modules" / version).rglob(f"{name}.ko*"))


def arm64_initrd():
    """The same for 64-bit ARM."""
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 183, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    size = len(header) + 56 + len(ARM64_INIT)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 0x1000)
    return initrd(header + segment + ARM64_INIT, "test-initrd-arm64.gz")


def initrd(init=TEST_INIT, name="test-initrd.gz", drivers=()):
    """A small initrd around an init, a script for busybox or a program in octets, with modules in /lib; made once."""
    path = CACHE / name
    if path.exists() and path.stat().st_mtime > pathlib.Path(__file__).stat().st_mtime:
        return path
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for folder in ("bin", "dev", "proc"):
            (root / folder).mkdir()
        if isinstance(init, str):
            shutil.copy(busybox(), root / "bin/busybox")
        (root / "lib").mkdir()
        for module in drivers:
            shutil.copy(driver(module), root / "lib" / f"{module}.ko")
        (root / "init").write_bytes(init.encode() if isinstance(init, str) else init)
        (root / "init").chmod(0o755)
        packed = subprocess.run("find . | LC_ALL=C sort | cpio --quiet -R 0:0 -o -H newc | gzip -1", shell=True,
                                cwd=root, check=True, stdout=subprocess.PIPE).stdout
    _write(path, packed)
    return path


def uki(arguments):
    """A unified kernel image: an EFI program that is the kernel, the initrd and the kernel's arguments in one file."""
    path = CACHE / "test-uki.efi"
    with tempfile.TemporaryDirectory() as directory:
        for name, content in (("cmdline", arguments), ("osrel", "ID=muster\n")):
            (pathlib.Path(directory) / name).write_text(content)
        image = pathlib.Path(directory) / "uki.efi"
        sections = [("osrel", f"{directory}/osrel", 0x20000), ("cmdline", f"{directory}/cmdline", 0x30000),
                    ("linux", kernel(), 0x2000000), ("initrd", initrd(), 0x4000000)]
        command = ["objcopy"]
        for name, file, address in sections:
            command += ["--add-section", f".{name}={file}", "--change-section-vma", f".{name}={address:#x}"]
        subprocess.run([*command, EFI_STUB, image], check=True)
        _write(path, image.read_bytes())
    return path


def iso(arguments):
    """An ISO with GRUB, for BIOS and UEFI, that boots the kernel and the initrd that are on it."""
    path = CACHE / "test.iso"
    with tempfile.TemporaryDirectory() as directory:
        boot = pathlib.Path(directory) / "root/boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copy(kernel(), boot / "vmlinuz")
        shutil.copy(initrd(), boot / "initrd.gz")
        (boot / "grub/grub.cfg").write_text(f"linux /boot/vmlinuz {arguments}\ninitrd /boot/initrd.gz\nboot\n")
        image = pathlib.Path(directory) / "test.iso"
        subprocess.run(["grub-mkrescue", "-o", image, "--fonts=", "--locales=", "--themes=", boot.parent], check=True,
                       capture_output=True)
        _write(path, image.read_bytes())
    return path


def _write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.rename(path)


def _depends(package):
    """The first package that a package without content of its own stands for."""
    done = subprocess.run(["apt-cache", "depends", package], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if "Depends:" in line:
            return line.split()[-1]
    raise LabError(f"{package} is needed: install it, or let apt know of it with apt-get update: {done.stderr.strip()}")


def _unpacked(package, pattern, contents=lambda package: package):
    """A file of a package, unpacked once whoever else does so at the same time; contents names the package to unpack."""
    folder = CACHE / package
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as directory:
            # Root of a user namespace cannot become the user that apt downloads as.
            done = subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", contents(package)],
                                  cwd=directory, capture_output=True, text=True)
            files = list(pathlib.Path(directory).glob("*.deb"))
            if done.returncode != 0 or not files:
                raise LabError(f"{package} is needed: install it, or let apt-get download it: {done.stderr.strip()}")
            subprocess.run(["dpkg-deb", "-x", files[0], f"{directory}/all"], check=True)
            with contextlib.suppress(OSError):  # somebody else was faster
                os.rename(f"{directory}/all", folder)
    return max(folder.glob(pattern))


def boot_sector(path):
    """A disk whose boot sector writes the words to the first serial port and stops."""
    code = bytes.fromhex("31c0 8ed8 be207c ac 84c0 7410 50 bafd03 ec a820 74fb 58 baf803 ee ebeb f4 ebfd")
    assert len(code) <= 32
    sector = code.ljust(32, b"\x90") + DISK_WORDS.encode() + b"\r\n\0"
    path.write_bytes(sector.ljust(510, b"\0") + b"\x55\xaa" + bytes(1 << 20))
    return path
