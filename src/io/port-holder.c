/* SPDX-License-Identifier: Apache-2.0 */
/* Which process holds a port, read from /proc: the socket's inode from net/udp or net/tcp, then whoever has it open. */
#include "io/port-holder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static void auto_close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static void auto_close_folder(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

/* TCP_LISTEN; a UDP socket that is not connected has 07. */
#define STATE_LISTENING 0x0a

/* The inode of the first socket on the port in one of /proc's tables; 0 for none. proc(5), /proc/net/tcp */
static unsigned long socket_inode(const char *table, enum port_protocol protocol, uint16_t port)
{
    AUTO(close_file) FILE *file = fopen(table, "re");
    char line[512];
    while (file && fgets(line, sizeof line, file)) {
        unsigned local_port, state;
        unsigned long inode;
        if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*u %*d %lu", &local_port,
                   &state, &inode) != 3)
            continue;
        if (local_port == port && (protocol == PORT_UDP || state == STATE_LISTENING))
            return inode;
    }
    return 0;
}

static bool process_has_socket(const char *pid, unsigned long inode)
{
    char path[300], wanted[64];
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    AUTO(close_folder) DIR *folder = opendir(path);
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        char link[600], target[64];
        snprintf(link, sizeof link, "%s/%s", path, entry->d_name);
        ssize_t size = readlink(link, target, sizeof target - 1);
        if (size <= 0)
            continue;
        target[size] = '\0';
        if (strcmp(target, wanted) == 0)
            return true;
    }
    return false;
}

static void describe_process(char ret[PORT_HOLDER_TEXT_MAX], const char *pid)
{
    char path[300], name[64] = "?";
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    AUTO(close_file) FILE *file = fopen(path, "re");
    if (file && fgets(name, sizeof name, file))
        name[strcspn(name, "\n")] = '\0';
    snprintf(ret, PORT_HOLDER_TEXT_MAX, "process '%s' (pid %.10s)", name, pid);
}

bool port_holder_find(char ret[PORT_HOLDER_TEXT_MAX], enum port_protocol protocol, uint16_t port)
{
    static const char *const tables[][2] = {
        [PORT_UDP] = {"/proc/net/udp", "/proc/net/udp6"},
        [PORT_TCP] = {"/proc/net/tcp", "/proc/net/tcp6"},
    };
    unsigned long inode = socket_inode(tables[protocol][0], protocol, port);
    if (inode == 0)
        inode = socket_inode(tables[protocol][1], protocol, port);
    AUTO(close_folder) DIR *processes = inode ? opendir("/proc") : NULL;
    for (struct dirent *entry = processes ? readdir(processes) : NULL; entry; entry = readdir(processes))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && process_has_socket(entry->d_name, inode)) {
            describe_process(ret, entry->d_name);
            return true;
        }
    return false;
}
