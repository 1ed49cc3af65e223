/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP service: boot scripts, metadata, assets, boot programs and the images of `muster boot`. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "answer/http.h"
#include "base/auto.h"
#include "base/diag.h"
#include "base/instant.h"
#include "base/ipv4.h"
#include "fleet/fleet.h"
#include "io/signer.h"
#include "serve/boot-service.h"
#include "store/current.h"
#include "store/images.h"

struct serve_http;

/* All that is pointed to is borrowed and must outlive the server. */
struct serve_http_settings {
    struct ipv4 address; /* unset: every address */
    uint16_t port;       /* 0: one the kernel picks */
    /* HTTPS beside it, or instead of it. */
    struct {
        const char *certificate, *key; /* PEM files; NULL: no HTTPS */
        uint16_t port;                 /* as above */
        bool only;                     /* nothing but HTTPS */
    } https;
    unsigned threads;                  /* 0: one for each processor, at least two */
    unsigned connections;              /* most at one time; 0: what the limit of open files leaves */
    const char *assets_path;           /* the folder below /assets/; NULL or "": none */
    struct http_settings http;         /* files under exact paths, boot programs */
    struct images *images;             /* from elsewhere; NULL: none */
    struct boot_service *boot_service; /* NULL: none is asked */
    struct signer *signer;             /* of configs; NULL: there are no signatures */
    struct current_catalog *catalog;
    struct fleet *fleet;
};

/* Listens and answers on threads of its own until it is stopped. Returns 0 or a negative errno with the reason;
 * -EADDRINUSE when another program has the port, whose name the caller may know how to find. */
int serve_http_start(struct serve_http **ret, const struct serve_http_settings *settings, struct diag *why);
/* The port it listens on; 0 where it does not. */
uint16_t serve_http_port(const struct serve_http *server);
uint16_t serve_http_secure_port(const struct serve_http *server);
/* Reads certificate and key anew, for connections from now on. Returns 0 or a negative errno with the reason, and then
 * goes on with those of before. Nothing happens without HTTPS. */
int serve_http_reload_certificate(struct serve_http *server, const char *certificate, const char *key,
                                  struct diag *why);
/* Accepts nobody any more; replies under way go on. */
void serve_http_drain(struct serve_http *server);
/* Replies under way. */
size_t serve_http_replies(const struct serve_http *server);
/* Accepts nobody any more, waits at most patience for the replies under way, and ends the rest. NULL is left alone. */
void serve_http_stop(struct serve_http *server, instant patience);
