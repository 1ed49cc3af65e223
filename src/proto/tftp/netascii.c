/* SPDX-License-Identifier: Apache-2.0 */
/* netascii, translated as it is read. Reading on is the usual; reading a block again goes back to its mark. */
#include "proto/tftp/netascii.h"

/* Translates plain octets into at most size octets of *to, NULL to pass over them. Yields how many it wrote and moves
 * the mark behind what was used. */
static size_t translate(struct tftp_netascii_mark *mark, const uint8_t *plain, size_t plain_size, uint8_t *to,
                        size_t size)
{
    size_t written = 0;
    size_t used = 0;
    while (written < size && (mark->owes || used < plain_size)) {
        uint8_t octet = mark->second;
        if (mark->owes)
            mark->owes = false;
        else {
            octet = plain[used++];
            mark->owes = octet == '\n' || octet == '\r';
            mark->second = octet == '\n' ? '\n' : '\0';
            octet = octet == '\n' ? '\r' : octet;
        }
        if (to)
            to[written] = octet;
        written++;
    }
    mark->plain += used;
    mark->translated += written;
    return written;
}

/* Reads on from the mark: size octets, fewer at the end, or a negative errno. */
static int64_t read_on(struct tftp_netascii *netascii, struct tftp_netascii_mark *mark, uint8_t *to, uint64_t size)
{
    uint64_t done = 0;
    while (done < size) {
        uint8_t plain[4096];
        uint64_t wanted = size - done < sizeof plain ? size - done : sizeof plain;
        int64_t got = netascii->plain.read(netascii->plain.context, mark->plain, plain, (size_t)wanted);
        if (got < 0)
            return got;
        size_t written = translate(mark, plain, (size_t)got, to ? to + done : NULL, (size_t)(size - done));
        if (written == 0)
            break;
        done += written;
    }
    return (int64_t)done;
}

/* The last place known that is not behind offset. */
static struct tftp_netascii_mark nearest_mark(const struct tftp_netascii *netascii, uint64_t offset)
{
    struct tftp_netascii_mark nearest = {0};
    for (size_t i = 0; i < TFTP_NETASCII_MARKS; i++) {
        const struct tftp_netascii_mark *mark = &netascii->marks[i];
        if (mark->translated <= offset && mark->translated >= nearest.translated)
            nearest = *mark;
    }
    return nearest;
}

static void remember(struct tftp_netascii *netascii, struct tftp_netascii_mark mark)
{
    if (mark.translated <= netascii->marks[netascii->newest].translated)
        return;
    netascii->newest = (netascii->newest + 1) % TFTP_NETASCII_MARKS;
    netascii->marks[netascii->newest] = mark;
}

static int64_t netascii_read(void *context, uint64_t offset, void *buffer, size_t size)
{
    struct tftp_netascii *netascii = context;
    struct tftp_netascii_mark mark = nearest_mark(netascii, offset);
    int64_t passed = read_on(netascii, &mark, NULL, offset - mark.translated);
    if (passed < 0 || mark.translated < offset)
        return passed < 0 ? passed : 0;
    int64_t got = read_on(netascii, &mark, buffer, size);
    if (got >= 0)
        remember(netascii, mark);
    return got;
}

struct tftp_source tftp_netascii_over(struct tftp_netascii *ret, struct tftp_source plain)
{
    *ret = (struct tftp_netascii){.plain = plain};
    return (struct tftp_source){.read = netascii_read, .context = ret};
}
