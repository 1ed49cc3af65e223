/* SPDX-License-Identifier: Apache-2.0 */
/* One TFTP request and what it gets: a file, content made for this machine, or a refusal with its reason. Pure: the
 * places where content may be are questions that the caller answers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/ipv4.h"
#include "base/text.h"
#include "boot/machine.h"
#include "proto/tftp/packet.h"

/* Longest name served, with its NUL. RFC 1350 §5 bounds a request by 512 octets; some clients send more. */
#define ANSWER_TFTP_NAME_MAX 1024
/* Longest text of an ERROR, with its NUL: firmware prints it into one line of its console. */
#define ANSWER_TFTP_ERROR_MAX 256

/* Who asks for what. */
struct answer_tftp_request {
    const char *name;              /* normalised: "boot/ipxe.efi" for "\\boot//ipxe.efi" */
    struct ipv4 client;            /* who asks */
    const struct machine *machine; /* what is known of who has that address; NULL: nothing */
};

/* Where content may be, asked in this order; a place whose function is NULL is not asked. */
struct answer_tftp_places {
    /* Plain files of the administrator, which win. root is its path, for the words of a refusal. Returns 0 when there
     * is such a file, -ENOENT, or another negative errno when there is one that cannot be read. */
    const char *root;
    int (*find_in_root)(void *context, const char *name);
    void *root_context;
    /* The path of the boot program of that name, found on this host, or of the file that one loads in its turn; NULL
     * when there is none. The path is borrowed until the next call. */
    const char *(*find_program)(void *context, const char *name);
    void *program_context;
    /* Content made for this request. Returns false when there is none of that name; ret is empty then. */
    bool (*generate)(struct text *ret, void *context, const struct answer_tftp_request *request);
    void *generate_context;
};

enum answer_tftp_kind {
    ANSWER_TFTP_REFUSAL,
    ANSWER_TFTP_ROOT_FILE, /* what find_in_root() found */
    ANSWER_TFTP_PROGRAM,   /* the file at path */
    ANSWER_TFTP_CONTENT,   /* the octets of content */
};

struct answer_tftp {
    enum answer_tftp_kind kind;
    char name[ANSWER_TFTP_NAME_MAX]; /* normalised; of a refusal as asked, fit to be shown */
    const char *path;                /* borrowed from find_program() */
    struct text content;
    enum tftp_error error;                  /* of a refusal */
    char error_text[ANSWER_TFTP_ERROR_MAX]; /* of a refusal: what the client is told and the log says */
};

void answer_tftp_finish(struct answer_tftp *answer);
AUTO_DEFINE_STRUCT(answer_tftp_finish, struct answer_tftp);

/* Decides one read or write request. machine is NULL where nothing is known of the client. */
void answer_tftp(struct answer_tftp *ret, const struct tftp_request *request, struct ipv4 client,
                 const struct machine *machine, const struct answer_tftp_places *places);
