/* SPDX-License-Identifier: Apache-2.0 */
/* What tftp of muster.yaml says of ports and of the bounds of options. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/config-reader.h"
#include "proto/tftp/packet.h"

/* RFC 1350 §4: the port that requests come to. */
#define TFTP_PORT 69

void config_read_tftp_shortcut(struct config_reading *reading, const char *path, const struct node *value)
{
    bool shortcut = true;
    config_read_bool(&shortcut, reading, path, value);
    reading->config->tftp.no_shortcut = !shortcut;
}

void config_read_tftp_single_port(struct config_reading *reading, const char *path, const struct node *value)
{
    config_read_bool(&reading->config->tftp.single_port, reading, path, value);
}

/* Spaces around it do not count. */
static bool port_from_text(uint16_t *ret, const char *text, size_t size)
{
    uint64_t port = 0;
    size_t before = strspn(text, " ");
    before = before < size ? before : size;
    while (size > before && text[size - 1] == ' ')
        size--;
    AUTO(free) char *digits = memory_text_of(text + before, size - before);
    if (!text_to_number(&port, digits, UINT16_MAX) || port == 0)
        return false;
    *ret = (uint16_t)port;
    return true;
}

/* "40000-40001", "40000 - 40001" or "40000". */
static bool ports_from_text(uint16_t *ret_first, uint16_t *ret_last, const char *text)
{
    const char *dash = strchr(text, '-');
    const char *last = dash ? dash + 1 : text;
    return port_from_text(ret_first, text, dash ? (size_t)(dash - text) : strlen(text)) &&
           port_from_text(ret_last, last, strlen(last)) && *ret_first <= *ret_last;
}

void config_read_tftp_ports(struct config_reading *reading, const char *path, const struct node *value)
{
    uint16_t first, last;
    const char *text = config_read_text(reading, path, value, "a range of ports");
    if (!text)
        return;
    if (!ports_from_text(&first, &last, text)) {
        config_wrong(reading, value, "'%s' must be a port or a range as 40000-40001, not '%s'", path, text);
        return;
    }
    if (first <= TFTP_PORT && TFTP_PORT <= last) {
        config_wrong(reading, value,
                     "'%s' cannot hold port %u, which requests come to; for transfers from that one say "
                     "'tftp.single-port: true'",
                     path, TFTP_PORT);
        return;
    }
    reading->config->tftp.first_port = first;
    reading->config->tftp.last_port = last;
}

static void read_number(uint16_t *ret, struct config_reading *reading, const char *path, const struct node *value,
                        unsigned minimum, unsigned maximum)
{
    uint64_t number = 0;
    const char *text = config_read_text(reading, path, value, "a number");
    if (!text)
        return;
    if (text_to_number(&number, text, maximum) && number >= minimum)
        *ret = (uint16_t)number;
    else
        config_wrong(reading, value, "'%s' must be a number from %u to %u, not '%s'", path, minimum, maximum, text);
}

void config_read_tftp_blksize(struct config_reading *reading, const char *path, const struct node *value)
{
    read_number(&reading->config->tftp.blksize, reading, path, value, TFTP_BLKSIZE_DEFAULT, TFTP_BLKSIZE_MAX);
}

void config_read_tftp_windowsize(struct config_reading *reading, const char *path, const struct node *value)
{
    read_number(&reading->config->tftp.windowsize, reading, path, value, 1, TFTP_WINDOWSIZE_MAX);
}
