/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator asks for: muster.yaml as a struct, every value checked, every fault at its line and column. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "boot/loader-choice.h"
#include "lease/lease.h"

/* Where data lies unless ./data is there or the file says otherwise. */
#define CONFIG_DATA_DEFAULT "/var/lib/muster"
/* The file that is read when it is there and none is named. */
#define CONFIG_PATH_DEFAULT "/etc/muster/muster.yaml"
#define CONFIG_HTTP_PORT_DEFAULT 8080
#define CONFIG_HTTPS_PORT_DEFAULT 8443
/* Seconds that transfers under way may take to end when the server is to stop. */
#define CONFIG_STOP_TIMEOUT_DEFAULT 30
/* Seconds that the boot service may take, as Pixiecore's --api-request-timeout, and the most that can be set. */
#define CONFIG_API_TIMEOUT_DEFAULT 5
#define CONFIG_API_TIMEOUT_MAX 60
/* Seconds that an answer of it holds. */
#define CONFIG_API_CACHE_DEFAULT 10
#define CONFIG_CACHE_SIZE_DEFAULT 20000000000u

enum {
    CONFIG_OK = 0,
    CONFIG_E_UNREADABLE = 1, /* no such file, no permission, a folder … */
    CONFIG_E_INVALID = 2,    /* read, but something in it is wrong */
};

enum config_dhcp_mode {
    CONFIG_DHCP_PROXY,  /* beside a DHCP server that gives the addresses */
    CONFIG_DHCP_SERVER, /* we give them */
    CONFIG_DHCP_OFF,
};

/* What machines get that have no reservation. */
enum config_unknown {
    CONFIG_UNKNOWN_SERVE,   /* an address, and what to boot */
    CONFIG_UNKNOWN_ADDRESS, /* an address and nothing to boot */
    CONFIG_UNKNOWN_IGNORE,  /* nothing */
};

/* A boot program that is to be taken from path instead of from the search path. */
struct config_loader {
    char *name; /* the file's name as machines ask for it: "ipxe.efi" */
    char *path;
};

/* Another mode on one interface. */
struct config_interface_mode {
    char *interface;
    enum config_dhcp_mode mode;
};

struct config {
    char *data;   /* groups/ profiles/ ignition/ cloud/ generic/ */
    char *state;  /* the database file; DATA/state.db unless set */
    char *assets; /* DATA/assets unless set; "": assets are not served */
    bool state_is_set, assets_is_set;
    char **interfaces; /* none: every interface that is up, not loopback */
    size_t interface_count;
    struct {
        struct ipv4 address; /* unset: every address */
        uint16_t port;
    } http;
    struct {
        char *certificate; /* PEM, with those that lead to its root; NULL: no HTTPS */
        char *key;
        uint16_t port;
        bool only; /* nothing but HTTPS, on this port: what Matchbox's -web-ssl means */
    } https;
    struct {
        char *url;               /* of a service of Pixiecore's API, what is before /v1/boot; NULL: none is asked */
        uint32_t timeout, cache; /* seconds */
    } api;
    struct {
        char *path; /* DATA/cache unless set */
        bool path_is_set;
        uint64_t size; /* octets */
        bool profiles; /* for what profiles name on other servers, too */
    } cache;
    struct {
        char *key_ring;        /* of OpenPGP; NULL: nothing is signed */
        char *passphrase_file; /* whose first line unlocks its key; NULL: what the environment says */
    } sign;
    struct {
        enum config_dhcp_mode mode;
        struct config_interface_mode *modes;
        size_t mode_count;
        char *ask;      /* labels that iPXE is asked for beyond Matchbox's, commas between them; NULL: none */
        char **classes; /* what option 60 of PXE firmware may begin with beside PXEClient */
        size_t class_count;
        bool ipv6_wait;     /* server mode: iPXE is not told that there is no IPv6 router to wait for */
        bool authoritative; /* no other server is right about these networks */
        bool force;         /* addresses are given although another server gives some on the link */
        bool client_id;     /* bindings are by client identifier where one is sent */
        bool bootp;         /* clients of BOOTP get their reservations */
        bool probe;         /* whether somebody uses an address is asked before it is offered */
        enum config_unknown unknown;
        struct lease_options options; /* for every subnet that does not say otherwise; in each of them already */
        struct subnet *subnets;       /* by network, not overlapping */
        size_t subnet_count;
    } dhcp;
    struct {
        bool enabled;
        char *root;          /* NULL: generated files only */
        bool single_port;    /* transfers leave from the port that requests come to */
        bool no_shortcut;    /* transfers to the same Ethernet go through the kernel's UDP as all others do */
        uint16_t first_port; /* the ports that they leave from otherwise; 0: the kernel's choice */
        uint16_t last_port;
        uint16_t blksize;    /* bound for every client; 0: what the way to the client carries */
        uint16_t windowsize; /* bound for every client; 0: our own */
    } tftp;
    struct {
        char **path; /* folders to look through before the distributions' own */
        size_t path_count;
        struct config_loader *files; /* by name */
        size_t file_count;
        enum loader_choice fallback; /* of machines for which neither group nor profile says one */
    } loaders;
    uint32_t stop_timeout; /* seconds */
    bool log_json;
    const char *log_level; /* one that log_level_from_text() takes; static */
};

/* What holds with no file at all: proxyDHCP, TFTP and HTTP on every interface, and as data ./data where that is a
 * folder, CONFIG_DATA_DEFAULT otherwise. */
void config_defaults(struct config *ret);
/* Fills *ret with the defaults and over them what the file says. All that is wrong goes into faults; *ret is complete
 * and to be finished whatever is returned, with the default in place of each value that was wrong. Relative paths in
 * the file start at the file's folder. Returns CONFIG_OK or a CONFIG_E_ code. */
int config_load(struct config *ret, const char *path, struct faults *faults);
/* The same for a text that is in memory already; path is where it is said to come from. */
int config_from_text(struct config *ret, const char *path, struct bytes source, struct faults *faults);
/* Reads CONFIG_PATH_DEFAULT when it is there and takes the defaults when it is not: what holds when no file is named.
 */
int config_load_default(struct config *ret, struct faults *faults);
void config_finish(struct config *config);
AUTO_DEFINE_STRUCT(config_finish, struct config);

/* Sets data, and with it state, assets and the cache unless they were set on their own. For flags that override the
 * file. */
void config_set_data(struct config *config, const char *path);
void config_set_state(struct config *config, const char *path);
void config_set_assets(struct config *config, const char *path);
void config_set_tftp_root(struct config *config, const char *path);
void config_set_certificate(struct config *config, const char *certificate, const char *key);
void config_set_key_ring(struct config *config, const char *path);
/* Names the interfaces to serve, in place of those named before; count 0: every one. */
void config_set_interfaces(struct config *config, char *const *names, size_t count);
/* Adds a subnet whose texts and lists the configuration takes over. The caller answers for it not overlapping. */
void config_take_subnet(struct config *config, const struct subnet *take_subnet);
/* Whether addresses are given on any interface. */
bool config_gives_addresses(const struct config *config);
/* Hands the subnets over, for lease_table_create(). */
struct subnet *config_take_subnets(size_t *ret_count, struct config *config);

const char *config_dhcp_mode_to_text(enum config_dhcp_mode mode);
bool config_dhcp_mode_from_text(enum config_dhcp_mode *ret, const char *text);
/* "90s", "1h", "2h30m", "1d" or a plain number of seconds. */
bool config_duration_from_text(uint32_t *ret_seconds, const char *text);
/* "500M", "20G", "4GiB" or a plain number of octets. */
bool config_size_from_text(uint64_t *ret, const char *text);
/* Replaces *ret by the URL before /v1/boot, on the heap; false, with the reason, when the text is none. */
bool config_api_from_text(char **ret, const char *text, struct diag *why);

/* One line of muster.yaml's reference. */
struct config_key {
    const char *path;     /* "dhcp.subnets[].pool" */
    const char *type;     /* "text", "port", "list of addresses" … */
    const char *fallback; /* the default in words; "" where the key must be given */
    const char *purpose;  /* one sentence */
};

/* The known keys in the order of the manual; NULL past the last. */
const struct config_key *config_key_at(size_t index);
