/* SPDX-License-Identifier: Apache-2.0 */
/* Echo through a raw socket. The kernel's own kind of socket for it needs no privilege, but is permitted to nobody
 * unless net.ipv4.ping_group_range says so. */
#include "io/echo-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/auto.h"

/* The kernel's filter: a reply's octets begin with its IPv4 header, whose first octet has its size. */
static int hear_only(int fd, uint16_t identifier)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_IND, offsetof(struct icmphdr, type)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ECHOREPLY, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, offsetof(struct icmphdr, un.echo.id)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, identifier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {.len = LENGTH(steps), .filter = steps};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int echo_socket_open(int *ret_fd, uint16_t identifier, struct diag *why)
{
    AUTO(fd_close) int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
    if (fd < 0 || hear_only(fd, identifier) < 0)
        return fail(why, -errno, "open an ICMP socket: %s", strerror(errno));
    *ret_fd = take_fd(&fd);
    return 0;
}

int echo_socket_send(int fd, struct bytes message, struct ipv4 to)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(to.number)};
    ssize_t sent = sendto(fd, message.data, message.size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
                          sizeof address);
    return sent < 0 ? -errno : 0;
}

struct bytes echo_socket_receive(int fd, void *memory, size_t size)
{
    ssize_t received = recv(fd, memory, size, MSG_DONTWAIT);
    return bytes_of(memory, received > 0 ? (size_t)received : 0);
}
