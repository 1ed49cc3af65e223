/* SPDX-License-Identifier: Apache-2.0 */
/* How the keys of muster.yaml are read: what the readers of single keys have to work with. */
#pragma once

#include "config/config.h"
#include "lang/document.h"

struct config_reading {
    struct config *config;
    const struct document *document;
    struct faults *faults;
    struct subnet *subnet;           /* the one that dhcp.subnets[] keys are read into */
    struct reservation *reservation; /* the one that dhcp.subnets[].reservations[] keys are read into */
};

/* A reader of one key. */
typedef void config_read(struct config_reading *reading, const char *path, const struct node *value);

/* Reads the members of a map whose keys are known as prefix + name, in the order of the key table, not of the document:
 * so a subnet's pool can be compared with its network wherever it stands. Unknown keys are errors. */
void config_read_members(struct config_reading *reading, const char *prefix, const struct node *map);
/* Adds an error at the value's place. */
void config_wrong(struct config_reading *reading, const struct node *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Warns that a key has no effect beside an option that the map's 'options' gives: nothing where there is not both. */
void config_warn_of_option(struct config_reading *reading, const struct node *map, const char *key,
                           const struct lease_options *options, uint8_t code);
/* The text of a value, borrowed; NULL, with an error that says what was wanted, when it is none. */
const char *config_read_text(struct config_reading *reading, const char *path, const struct node *value,
                             const char *wanted);
bool config_read_address(struct ipv4 *ret, struct config_reading *reading, const char *path, const struct node *value);
/* The items of a list, each given to read with the same path; one value that is no list counts as its only item. */
void config_read_list(struct config_reading *reading, const char *path, const struct node *value, config_read *read);

/* A path on the heap, relative ones starting at the file's folder; NULL, with an error, when there is none. */
char *config_read_path(struct config_reading *reading, const char *path, const struct node *value);
void config_read_bool(bool *ret, struct config_reading *reading, const char *path, const struct node *value);
/* A map of DHCP options, each put into *ret. */
void config_read_options_into(struct lease_options *ret, struct config_reading *reading, const char *path,
                              const struct node *value);
/* Labels of letters, digits and hyphens with dots between them, on the heap; NULL, with an error, for all else. */
char *config_read_domain_name(struct config_reading *reading, const char *path, const struct node *value);
/* Seconds of a lease; 0, with an error, when it is none. */
uint32_t config_read_lease_time(struct config_reading *reading, const char *path, const struct node *value);

/* In config-elsewhere.c. */
config_read config_read_api;
config_read config_read_api_timeout;
config_read config_read_api_cache;
config_read config_read_cache;
config_read config_read_cache_path;
config_read config_read_cache_size;
config_read config_read_cache_profiles;

/* In config-dhcp.c. */
config_read config_read_dhcp_modes;
config_read config_read_dhcp_authoritative;
config_read config_read_dhcp_force;
config_read config_read_dhcp_client_id;
config_read config_read_dhcp_bootp;
config_read config_read_dhcp_ask;
config_read config_read_dhcp_classes;
config_read config_read_dhcp_probe;
config_read config_read_dhcp_unknown;
config_read config_read_dhcp_options;

/* In config-tftp.c. */
config_read config_read_tftp_single_port;
config_read config_read_tftp_shortcut;
config_read config_read_tftp_ports;
config_read config_read_tftp_blksize;
config_read config_read_tftp_windowsize;

/* In config-subnets.c. */
config_read config_read_subnets;
config_read config_read_subnet_network;
config_read config_read_subnet_pool;
config_read config_read_subnet_link;
config_read config_read_subnet_exclude;
config_read config_read_subnet_options;
config_read config_read_subnet_lease_min;
config_read config_read_subnet_lease_max;
config_read config_read_subnet_boot_lease;
config_read config_read_subnet_router;
config_read config_read_subnet_dns;
config_read config_read_subnet_domain;
config_read config_read_subnet_lease;
config_read config_read_reservations;
config_read config_read_reservation_mac;
config_read config_read_reservation_client_id;
config_read config_read_reservation_uuid;
config_read config_read_reservation_circuit_id;
config_read config_read_reservation_options;
config_read config_read_reservation_address;
config_read config_read_reservation_hostname;
