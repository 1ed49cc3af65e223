# SPDX-License-Identifier: Apache-2.0
"""Files of an overlay in the root of a machine's init."""
from conftest import configuration
from lab import payload
from lab.machine import Machine, wait_for_all
from lab.server import Muster

ONE, TWO = "52:54:00:00:00:01", "52:54:00:00:00:02"
BOOT_SECONDS = 150
INIT = f"""#!/bin/busybox sh
echo "oem: $(/bin/busybox cat /usr/share/oem/cloud-config.yml | /bin/busybox tail -n 1)"
/bin/busybox stat -c 'mode: %a %u:%g %n' /etc/secret /var/lib/node /bin
/etc/run
echo "{payload.MARKER}done"
/bin/busybox poweroff -f
"""
OVERLAY = [
    {"path": "usr/share/oem/cloud-config.yml", "cloud": True},
    {"path": "etc/secret", "content": "{{.mac}}", "mode": "0400", "uid": 500},
    {"path": "var/lib/node", "directory": True, "mode": "1770"},
    {"path": "opt/run", "content": "#!/bin/busybox sh\necho \"ran: $(/bin/busybox cat /etc/secret)\"\n", "mode": "0755"},
    {"path": "etc/run", "link": "../opt/run"},
]


def test_init_finds_the_files_that_its_machine_was_given_on_bios_and_uefi(network, server, data):
    data.asset(payload.initrd(INIT, "overlay-initrd.gz"), "overlay.gz")
    (data.path / "cloud/oem.yml").write_text("#cloud-config\nhostname: node-{{.mac}}\n")
    for name, mac, args in (("bios", ONE, []), ("uefi", TWO, ["initrd=main"])):
        data.profile(name, "/assets/vmlinuz", ["--name main /assets/overlay.gz"],
                     ["console=ttyS0", "panic=-1", "quiet", *args], cloud_id="oem.yml", overlay=OVERLAY)
        data.group(name, name, mac=mac)
    muster = Muster(network, server, ["serve"], configuration(data))
    machines = [Machine(network, ONE, "bios"), Machine(network, TWO, "uefi")]
    wait_for_all(machines, BOOT_SECONDS)
    for machine in machines:
        for line in (f"oem: hostname: node-{machine.mac}", "mode: 400 500:0 /etc/secret", "mode: 1770 0:0 /var/lib/node",
                     f"ran: {machine.mac}"):
            assert machine.console.find(line), f"'{line}' is not what init of {machine.mac} found"
    muster.stop()
