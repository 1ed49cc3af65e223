# SPDX-License-Identifier: Apache-2.0
"""A laboratory for boot servers: private networks, real clients, and machines in QEMU. Standard library only.

world       network namespaces, programs running in them, a segment with hosts, ports and bad cables
transcript  what a program said and when, to wait on
payload     a kernel and an init that says what it was given
machine     QEMU machines with the firmware that real ones have
client      the DHCP, TFTP and HTTP clients of real systems
server      muster, and the servers it stands beside or is measured against"""
