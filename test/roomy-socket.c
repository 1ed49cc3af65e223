/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before a program, gives each socket that it binds room for what comes while it does something else. perfdhcp
 * takes the system's default, some hundred replies, and loses the rest itself; what it counts then is no server's. */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOM (16 << 20)

int bind(int fd, const struct sockaddr *address, socklen_t size)
{
    int room = ROOM;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return (int)syscall(SYS_bind, fd, address, size);
}
