/* SPDX-License-Identifier: Apache-2.0 */
/* The network interfaces of this host, and word of their changes. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "base/mac.h"

/* Addresses of one interface that we know of; further ones are left out. */
#define INTERFACE_ADDRESSES_MAX 16

struct interface {
    unsigned index;
    char name[IF_NAMESIZE];
    bool up; /* administratively, with or without a carrier */
    bool loopback;
    unsigned mtu;
    struct mac mac;
    struct ipv4_interface addresses[INTERFACE_ADDRESSES_MAX]; /* the primary one first */
    size_t address_count;
};

struct interfaces {
    struct interface *at;
    size_t count;
    size_t capacity;
};

void interfaces_finish(struct interfaces *interfaces);
AUTO_DEFINE_STRUCT(interfaces_finish, struct interfaces);
/* Reads all interfaces as they are now. 0 or a negative errno. */
int interfaces_read(struct interfaces *ret, struct diag *why);
const struct interface *interfaces_find(const struct interfaces *interfaces, const char *name);
const struct interface *interfaces_find_index(const struct interfaces *interfaces, unsigned index);
/* Whether an address is one of this host's now. */
bool interfaces_have(struct ipv4 address);

/* A descriptor that can be read whenever an interface or an IPv4 address comes, goes or changes. */
int interfaces_watch(int *ret_fd, struct diag *why);
/* Reads away what is there to be read: one reading of all interfaces then covers it. */
void interfaces_watch_drain(int fd);
