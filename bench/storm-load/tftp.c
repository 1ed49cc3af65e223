/* SPDX-License-Identifier: Apache-2.0 */
/* The machines as TFTP clients: a ROM asks for the size, breaks that off, and loads in lockstep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "proto/tftp/packet.h"
#include "storm.h"

#define TFTP_PORT 69
#define BLKSIZE "1456"

static void open_one(struct storm *storm, struct shared_socket *socket, uint64_t number)
{
    struct diag why;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
    if (datagram_open(&socket->fd, (struct datagram_endpoint){0}, NULL, &why) < 0) {
        fprintf(stderr, "storm-load: %s\n", why.text);
        exit(EXIT_FAILURE);
    }
    epoll_ctl(storm->epoll_fd, EPOLL_CTL_ADD, socket->fd, &event);
}

void tftp_open(struct storm *storm)
{
    open_one(storm, &storm->size, storm->count + 1);
    open_one(storm, &storm->loader, storm->count + 2);
}

static void send_packet(struct shared_socket *socket, const struct machine *machine, const struct tftp_packet *packet)
{
    struct writer w = shared_socket_write(socket);
    tftp_packet_build(&w, packet);
    struct datagram_endpoint to = {.address = machine->next_server, .port = machine->tftp_port};
    shared_socket_send(socket, w, to, machine->address);
}

static void acknowledge(struct storm *storm, const struct machine *machine)
{
    send_packet(&storm->loader, machine,
                &(struct tftp_packet){.opcode = TFTP_ACK, .ack.block = (uint16_t)machine->tftp_blocks});
}

static void request(struct storm *storm, struct machine *machine)
{
    struct tftp_packet packet = {
        .opcode = TFTP_READ,
        .request = {.file = bytes_of_text(machine->file), .mode_name = bytes_of_text("octet"), .options.count = 1},
    };
    bool is_size = machine->phase == PHASE_SIZE;
    packet.request.options.at[0] =
        is_size ? (struct tftp_option){TFTP_OPTION_TSIZE, bytes_of_text("tsize"), bytes_of_text("0")}
                : (struct tftp_option){TFTP_OPTION_BLKSIZE, bytes_of_text("blksize"), bytes_of_text(BLKSIZE)};
    machine->tftp_port = TFTP_PORT;
    machine->tftp_blocks = machine->tftp_octets = 0;
    machine->tftp_blksize = TFTP_BLKSIZE_DEFAULT;
    send_packet(is_size ? &storm->size : &storm->loader, machine, &packet);
}

void tftp_ask(struct storm *storm, struct machine *machine)
{
    bool has_begun = machine->tries > 0 && machine->phase == PHASE_LOADER && machine->tftp_port != TFTP_PORT;
    if (has_begun)
        acknowledge(storm, machine);
    else
        request(storm, machine);
}

static uint64_t number_of(const struct tftp_options *options, enum tftp_option_code code, uint64_t otherwise)
{
    const struct tftp_option *option = tftp_options_find(options, code);
    return option ? strtoull((const char *)option->value.data, NULL, 10) : otherwise;
}

static void take_size(struct storm *storm, struct machine *machine, const struct tftp_packet *packet, instant now)
{
    if (packet->opcode != TFTP_OACK)
        return;
    machine->tftp_size = number_of(&packet->oack, TFTP_OPTION_TSIZE, 0);
    send_packet(&storm->size, machine,
                &(struct tftp_packet){.opcode = TFTP_ERROR, .error.text = bytes_of_text("TFTP Aborted")});
    machine_enter(storm, machine, PHASE_LOADER, now);
}

static void take_data(struct storm *storm, struct machine *machine, const struct tftp_packet *packet, instant now)
{
    struct bytes data = packet->data.data;
    if (packet->data.block != (uint16_t)(machine->tftp_blocks + 1))
        return;
    if (!content_matches(storm, machine->file, machine->tftp_octets, data)) {
        machine_fail(storm, machine, "the loader is not what it should be");
        return;
    }
    machine->tftp_blocks++;
    machine->tftp_octets += data.size;
    machine->tries = 0;
    machine->deadline = now + SECOND;
    storm->octets += data.size;
    acknowledge(storm, machine);
    if (data.size == machine->tftp_blksize)
        return;
    if (machine->tftp_octets == machine->tftp_size)
        machine_enter(storm, machine, PHASE_IPXE_OFFER, now);
    else
        machine_fail(storm, machine, "the loader is of another size than was said");
}

static void take_loader(struct storm *storm, struct machine *machine, const struct tftp_packet *packet, instant now)
{
    if (packet->opcode == TFTP_DATA) {
        take_data(storm, machine, packet, now);
    } else if (packet->opcode == TFTP_OACK && machine->tftp_blocks == 0) {
        machine->tftp_blksize = number_of(&packet->oack, TFTP_OPTION_BLKSIZE, TFTP_BLKSIZE_DEFAULT);
        acknowledge(storm, machine);
    }
}

static struct machine *machine_at(struct storm *storm, struct ipv4 address, enum phase phase)
{
    uint32_t number = storm->by_address[address.number & 0xffff];
    struct machine *machine = number > 0 ? &storm->machines[number - 1] : NULL;
    return machine && machine->phase == phase ? machine : NULL;
}

/* Yields how many there were. */
static int receive_batch(struct storm *storm, struct shared_socket *socket)
{
    const struct datagram *datagrams;
    int count = datagram_receive(&datagrams, storm->batch, socket->fd);
    instant now = storm_now();
    enum phase phase = socket == &storm->size ? PHASE_SIZE : PHASE_LOADER;
    for (int i = 0; i < count; i++) {
        struct tftp_packet packet;
        struct machine *machine = machine_at(storm, datagrams[i].destination, phase);
        if (!machine || tftp_packet_parse(&packet, datagrams[i].payload) != 0)
            continue;
        machine->tftp_port = datagrams[i].source.port;
        if (packet.opcode == TFTP_ERROR)
            machine_fail(storm, machine, "the server ended the transfer of the loader");
        else if (phase == PHASE_SIZE)
            take_size(storm, machine, &packet, now);
        else
            take_loader(storm, machine, &packet, now);
    }
    return count;
}

void tftp_receive(struct storm *storm, struct shared_socket *socket)
{
    while (receive_batch(storm, socket) == DATAGRAM_BATCH_MAX)
        ;
}
