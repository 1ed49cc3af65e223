/* SPDX-License-Identifier: Apache-2.0 */
/* The machines as DHCP clients: first as a BIOS ROM, then as iPXE. All of them ask for broadcast answers, as a client
 * without an address may, and hear them on one socket. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "proto/dhcp/packet.h"
#include "storm.h"

static const char rom_class[] = "PXEClient:Arch:00000:UNDI:002001";
/* Features of iPXE 1.21: HTTP, HTTPS, TFTP, DNS, bzImage, menus and their like. */
static const uint8_t ipxe_features[] = {0x13, 1, 1, 0x14, 1, 1, 0x15, 1, 1, 0x16, 1, 1, 0x17, 1, 1,
                                        0x18, 1, 1, 0x1b, 1, 1, 0x22, 1, 1, 0x27, 1, 1, 0x29, 1, 1};
static const uint8_t rom_parameters[] = {1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 43, 54, 60, 66, 67, 128, 129};
static const uint8_t ipxe_parameters[] = {1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129, 130, 175, 203};

void dhcp_open(struct storm *storm, const char *interface)
{
    struct diag why;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = storm->count};
    if (datagram_open(&storm->dhcp.fd, (struct datagram_endpoint){.port = DHCP_PORT_CLIENT}, interface, &why) < 0) {
        fprintf(stderr, "storm-load: %s\n", why.text);
        exit(EXIT_FAILURE);
    }
    storm->route_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    epoll_ctl(storm->epoll_fd, EPOLL_CTL_ADD, storm->dhcp.fd, &event);
}

/* Makes an address one of this host's, from now on: before, nobody answered for it. */
static void adopt_address(const struct storm *storm, struct ipv4 address)
{
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
        struct rtattr to_head;
        uint32_t to;
        struct rtattr device_head;
        uint32_t device;
    } message = {
        .header = {.nlmsg_len = sizeof message,
                   .nlmsg_type = RTM_NEWROUTE,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE},
        .route = {.rtm_family = AF_INET,
                  .rtm_dst_len = 32,
                  .rtm_table = RT_TABLE_LOCAL,
                  .rtm_protocol = RTPROT_STATIC,
                  .rtm_scope = RT_SCOPE_HOST,
                  .rtm_type = RTN_LOCAL},
        .to_head = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_DST},
        .to = htonl(address.number),
        .device_head = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_OIF},
        .device = if_nametoindex("lo"),
    };
    if (send(storm->route_fd, &message, sizeof message, 0) < 0)
        perror("storm-load: a route for a machine's address");
}

/* --- questions --------------------------------------------------------------------------------------------------- */

static void write_option(struct writer *w, uint8_t code, const void *value, size_t size)
{
    write_u8(w, code);
    write_u8(w, (uint8_t)size);
    write_bytes(w, bytes_of(value, size));
}

static void write_address(struct writer *w, uint8_t code, struct ipv4 address)
{
    write_u8(w, code);
    write_u8(w, 4);
    write_u32be(w, address.number);
}

static void write_header(struct writer *w, const struct machine *machine)
{
    write_bytes(w, bytes_of("\1\1\6\0", 4));
    write_u32be(w, machine->xid);
    write_u16be(w, 0);
    write_u16be(w, DHCP_FLAG_BROADCAST);
    write_zeros(w, 16);
    write_bytes(w, bytes_of(machine->mac, sizeof machine->mac));
    write_zeros(w, DHCP_CHADDR_SIZE - sizeof machine->mac + DHCP_SNAME_SIZE + DHCP_FILE_SIZE);
    write_u32be(w, 0x63825363);
}

static void write_firmware(struct writer *w, const struct machine *machine)
{
    uint8_t id[17] = {0};
    memcpy(id + sizeof id - sizeof machine->mac, machine->mac, sizeof machine->mac);
    write_option(w, DHCP_OPTION_VENDOR_CLASS, rom_class, sizeof rom_class - 1);
    write_option(w, DHCP_OPTION_ARCHITECTURE, "\0\0", 2);
    write_option(w, DHCP_OPTION_UNDI, "\1\2\1", 3);
    write_option(w, DHCP_OPTION_MACHINE_ID, id, sizeof id);
}

void dhcp_ask(struct storm *storm, struct machine *machine)
{
    bool is_ipxe = machine->phase >= PHASE_IPXE_OFFER;
    bool is_request = machine->phase == PHASE_ROM_ACK || machine->phase == PHASE_IPXE_ACK;
    struct writer w = shared_socket_write(&storm->dhcp);
    write_header(&w, machine);
    write_option(&w, DHCP_OPTION_MESSAGE_TYPE, is_request ? "\3" : "\1", 1);
    write_option(&w, DHCP_OPTION_MAX_SIZE, is_ipxe ? "\5\xc0" : "\4\xec", 2);
    write_firmware(&w, machine);
    if (is_request) {
        write_address(&w, DHCP_OPTION_REQUESTED_ADDRESS, machine->address);
        write_address(&w, DHCP_OPTION_SERVER_ID, machine->server_id);
    }
    if (is_ipxe) {
        write_option(&w, DHCP_OPTION_USER_CLASS, "iPXE", 4);
        write_option(&w, DHCP_OPTION_IPXE, ipxe_features, sizeof ipxe_features);
        write_option(&w, DHCP_OPTION_PARAMETERS, ipxe_parameters, sizeof ipxe_parameters);
    } else
        write_option(&w, DHCP_OPTION_PARAMETERS, rom_parameters, sizeof rom_parameters);
    write_u8(&w, DHCP_OPTION_END);
    struct datagram_endpoint everyone = {.address = {0xffffffff}, .port = DHCP_PORT_SERVER};
    shared_socket_send(&storm->dhcp, w, everyone, (struct ipv4){0});
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void take_offer(struct storm *storm, struct machine *machine, const struct dhcp_packet *packet, instant now)
{
    machine->address = packet->yiaddr;
    machine->server_id = dhcp_option_ipv4(packet, DHCP_OPTION_SERVER_ID);
    machine_enter(storm, machine, machine->phase + 1, now);
}

static void take_ack(struct storm *storm, struct machine *machine, const struct dhcp_packet *packet, instant now)
{
    struct bytes file = packet->file.size > 0 ? packet->file : dhcp_option_text(packet, DHCP_OPTION_BOOT_FILE);
    machine->next_server = ipv4_is_set(packet->siaddr) ? packet->siaddr : machine->server_id;
    snprintf(machine->file, sizeof machine->file, "%.*s", (int)file.size, (const char *)file.data);
    if (file.size == 0) {
        machine_fail(storm, machine, "no file was offered");
        return;
    }
    machine->address = packet->yiaddr;
    storm->by_address[machine->address.number & 0xffff] = (uint32_t)(machine - storm->machines) + 1;
    adopt_address(storm, machine->address);
    machine_enter(storm, machine, machine->phase + 1, now);
}

static void take_answer(struct storm *storm, const struct dhcp_packet *packet, instant now)
{
    /* The number of the machine is in its xid's upper part, and anew in its lower part for each exchange. */
    size_t number = packet->xid >> 8;
    struct machine *machine = number < storm->count ? &storm->machines[number] : NULL;
    if (!machine || machine->xid != packet->xid)
        return;
    bool waits_for_offer = machine->phase == PHASE_ROM_OFFER || machine->phase == PHASE_IPXE_OFFER;
    bool waits_for_ack = machine->phase == PHASE_ROM_ACK || machine->phase == PHASE_IPXE_ACK;
    if (waits_for_offer && packet->message_type == DHCP_OFFER)
        take_offer(storm, machine, packet, now);
    else if (waits_for_ack && packet->message_type == DHCP_ACK)
        take_ack(storm, machine, packet, now);
    else if (waits_for_ack && packet->message_type == DHCP_NAK)
        machine_fail(storm, machine, "the address was refused");
}

/* Yields how many there were. */
static int receive_batch(struct storm *storm)
{
    const struct datagram *datagrams;
    int count = datagram_receive(&datagrams, storm->batch, storm->dhcp.fd);
    instant now = storm_now();
    for (int i = 0; i < count; i++) {
        struct dhcp_packet packet;
        struct diag why;
        if (dhcp_packet_parse(&packet, datagrams[i].payload, &why) == DHCP_OK && packet.operation == DHCP_BOOTREPLY)
            take_answer(storm, &packet, now);
    }
    return count;
}

void dhcp_receive(struct storm *storm)
{
    while (receive_batch(storm) > 0)
        ;
}
