/* SPDX-License-Identifier: Apache-2.0 */
/* TFTP packets: read from one datagram, written into one. RFC 1350 §5, RFC 2347 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/writer.h"

/* Longest request we read. RFC 1350 and 2347 say 512 octets; clients with long paths send more, none sends more than
 * one Ethernet frame. */
#define TFTP_REQUEST_MAX 1500
/* Octets before the data of a DATA packet. */
#define TFTP_HEADER_SIZE 4
/* RFC 2348; 512 where nothing was negotiated. */
#define TFTP_BLKSIZE_MIN 8
#define TFTP_BLKSIZE_MAX 65464
#define TFTP_BLKSIZE_DEFAULT 512
/* The most blocks in flight we agree to; RFC 7440 would allow 65535, which no path without pacing carries. */
#define TFTP_WINDOWSIZE_MAX 64

/* The datagram is no TFTP packet. */
#define TFTP_E_MALFORMED 1

enum tftp_opcode {
    TFTP_READ = 1,
    TFTP_WRITE = 2,
    TFTP_DATA = 3,
    TFTP_ACK = 4,
    TFTP_ERROR = 5,
    TFTP_OACK = 6,
};

enum tftp_error {
    TFTP_ERROR_UNDEFINED = 0,
    TFTP_ERROR_NOT_FOUND = 1,
    TFTP_ERROR_ACCESS = 2,
    TFTP_ERROR_DISK_FULL = 3,
    TFTP_ERROR_ILLEGAL = 4,
    TFTP_ERROR_UNKNOWN_TRANSFER = 5,
    TFTP_ERROR_EXISTS = 6,
    TFTP_ERROR_NO_USER = 7,
    TFTP_ERROR_OPTION = 8,
};

enum tftp_mode {
    TFTP_MODE_UNKNOWN,
    TFTP_MODE_OCTET,
    TFTP_MODE_NETASCII,
    TFTP_MODE_MAIL,
};

enum tftp_option_code {
    TFTP_OPTION_BLKSIZE,    /* RFC 2348 */
    TFTP_OPTION_TIMEOUT,    /* RFC 2349 */
    TFTP_OPTION_TSIZE,      /* RFC 2349 */
    TFTP_OPTION_WINDOWSIZE, /* RFC 7440 */
    TFTP_OPTION_COUNT,
};

struct tftp_option {
    enum tftp_option_code code;
    struct bytes name; /* in the spelling of whoever sent it: strict clients compare it with their own */
    struct bytes value;
};

/* The options we know, in the order sent. Others are passed over; of a repeated one the first counts. */
struct tftp_options {
    struct tftp_option at[TFTP_OPTION_COUNT];
    size_t count;
};

struct tftp_request {
    struct bytes file;
    struct bytes mode_name;
    enum tftp_mode mode;
    bool is_write;
    struct tftp_options options;
};

struct tftp_packet {
    enum tftp_opcode opcode;
    union {
        struct tftp_request request; /* TFTP_READ, TFTP_WRITE */
        struct {
            uint16_t block;
            struct bytes data;
        } data;
        struct {
            uint16_t block;
        } ack;
        struct {
            uint16_t code; /* an enum tftp_error, or what else was sent */
            struct bytes text;
        } error;
        struct tftp_options oack;
    };
};

/* Fills *ret from one datagram; the packet borrows from it. Zeros behind the last option are taken for padding.
 * Returns 0 or TFTP_E_MALFORMED, and then leaves *ret alone. */
int tftp_packet_parse(struct tftp_packet *ret, struct bytes datagram);
/* Writes the packet as one datagram; the writer fails when it does not fit. */
void tftp_packet_build(struct writer *w, const struct tftp_packet *packet);

/* The option of that code; NULL when it is not there. */
const struct tftp_option *tftp_options_find(const struct tftp_options *options, enum tftp_option_code code);
/* RFC 1350 §5, in words for a log: "file not found". Never NULL. */
const char *tftp_error_to_text(uint16_t code);
