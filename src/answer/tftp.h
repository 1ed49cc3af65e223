/* SPDX-License-Identifier: Apache-2.0 */
/* One TFTP request and what it gets: a file, content made for this machine, or a refusal with its reason. Pure: the
 * places where content may be are questions that the caller answers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/diag.h"
#include "base/ipv4.h"
#include "base/text.h"
#include "boot/machine.h"
#include "fleet/fleet.h"
#include "proto/tftp/packet.h"

/* Longest name served, with its NUL. RFC 1350 §5 bounds a request by 512 octets; some clients send more. */
#define ANSWER_TFTP_NAME_MAX 1024
/* Longest text of an ERROR, with its NUL: firmware prints it into one line of its console. */
#define ANSWER_TFTP_ERROR_MAX 256

/* Who asks. */
struct answer_tftp_client {
    struct ipv4 address;
    struct ipv4 local; /* our address that it asked */
};

/* Who asks for what. */
struct answer_tftp_request {
    const char *name; /* normalised: "boot/ipxe.efi" for "\\boot//ipxe.efi" */
    const struct answer_tftp_client *client;
};

struct answer_tftp;

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
    /* What is made for this request, or is served by other means too: fills kind and what belongs to it, a refusal
     * where something is known of the name. Returns false when there is nothing of that name, with *ret as it was. */
    bool (*generate)(struct answer_tftp *ret, void *context, const struct answer_tftp_request *request);
    void *generate_context;
};

enum answer_tftp_kind {
    ANSWER_TFTP_REFUSAL,
    ANSWER_TFTP_ROOT_FILE, /* what find_in_root() found */
    ANSWER_TFTP_PROGRAM,   /* the file at path */
    ANSWER_TFTP_CONTENT,   /* the octets of content */
    ANSWER_TFTP_FILE,      /* the file at file */
    ANSWER_TFTP_ASSET,     /* what is at file below the assets folder */
    ANSWER_TFTP_IMAGE,     /* the image from elsewhere whose id is file */
    ANSWER_TFTP_LATER,     /* it is not known yet: the client asks again, as it does when a datagram is lost */
};

struct answer_tftp {
    enum answer_tftp_kind kind;
    char name[ANSWER_TFTP_NAME_MAX]; /* normalised; of a refusal as asked, fit to be shown */
    const char *path;                /* borrowed from find_program() */
    char *file;                      /* from generate() */
    struct text content;
    /* Of what generate() gives. */
    struct machine machine; /* who it is for, with what the request told; mac.size 0: unknown */
    bool told;              /* the request told facts of it: to be learned */
    bool refused;           /* the machine gets nothing to boot, and content tells it so */
    char *chosen;           /* the profile that was chosen at the machine, to be remembered; NULL: none was */
    enum stage stage;       /* of its boot */
    struct diag reason;     /* why it is given this; "" where the name says it all */
    enum tftp_error error;  /* of a refusal */
    char error_text[ANSWER_TFTP_ERROR_MAX]; /* of a refusal: what the client is told and the log says */
};

void answer_tftp_finish(struct answer_tftp *answer);
AUTO_DEFINE_STRUCT(answer_tftp_finish, struct answer_tftp);

/* Decides one read or write request. */
void answer_tftp(struct answer_tftp *ret, const struct tftp_request *request, const struct answer_tftp_client *client,
                 const struct answer_tftp_places *places);
/* Makes the answer a refusal. */
void answer_tftp_refuse(struct answer_tftp *answer, enum tftp_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
