/* SPDX-License-Identifier: Apache-2.0 */
#include "io/datagram.h"

#include <errno.h>
#include <poll.h>

#include "base/auto.h"
#include "io/port-holder.h"
#include "test.h"

static const struct ipv4 localhost = {0x7f000001};

/* Receives what comes within a second. */
static int receive(const struct datagram **ret, struct datagram_batch *batch, int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    poll(&wait, 1, 1000);
    return datagram_receive(ret, batch, fd);
}

static void a_datagram_knows_how_it_came(void)
{
    AUTO(fd_close) int here = -1;
    AUTO(fd_close) int there = -1;
    CHECK(datagram_open(&here, (struct datagram_endpoint){0}, NULL, NULL) == 0);
    CHECK(datagram_open(&there, (struct datagram_endpoint){.address = localhost}, NULL, NULL) == 0);
    struct datagram_endpoint to = {.address = {0x7f000002}, .port = datagram_port(here)};
    CHECK(datagram_send(there, bytes_of_text("hello"), to, (struct ipv4){0}, 0) == 0);
    struct datagram_batch *batch = datagram_batch_create();
    const struct datagram *got;
    CHECK_NUMBER(receive(&got, batch, here), 1);
    CHECK(bytes_equal_text(got->payload, "hello") && !got->cut);
    CHECK_NUMBER(got->source.address.number, localhost.number);
    CHECK_NUMBER(got->source.port, datagram_port(there));
    CHECK_NUMBER(got->destination.number, 0x7f000002);
    CHECK(got->interface > 0);
    CHECK_NUMBER(datagram_receive(&got, batch, here), 0);
    datagram_batch_destroy(batch);
}

static void a_datagram_tells_how_long_it_waited(void)
{
    AUTO(fd_close) int here = -1;
    AUTO(fd_close) int there = -1;
    CHECK(datagram_open(&here, (struct datagram_endpoint){.address = localhost}, NULL, NULL) == 0);
    CHECK(datagram_open(&there, (struct datagram_endpoint){.address = localhost}, NULL, NULL) == 0);
    datagram_note_arrival(here);
    struct datagram_endpoint to = {.address = localhost, .port = datagram_port(here)};
    struct datagram_batch *batch = datagram_batch_create();
    const struct datagram *got = NULL;
    /* The kernel begins to stamp what arrives some time after it was told to. */
    for (int tries = 0; tries < 250 && !(got && got->waited >= 15 * MILLISECOND); tries++) {
        CHECK(datagram_send(there, bytes_of_text("x"), to, (struct ipv4){0}, 0) == 0);
        poll(NULL, 0, 20);
        CHECK_NUMBER(receive(&got, batch, here), 1);
    }
    CHECK(got->waited >= 15 * MILLISECOND && got->waited < 60 * SECOND);
    CHECK(got->interface > 0);
    datagram_batch_destroy(batch);
}

static void an_answer_leaves_from_the_address_asked(void)
{
    AUTO(fd_close) int server = -1;
    AUTO(fd_close) int client = -1;
    CHECK(datagram_open(&server, (struct datagram_endpoint){0}, NULL, NULL) == 0);
    CHECK(datagram_open(&client, (struct datagram_endpoint){.address = localhost}, NULL, NULL) == 0);
    struct datagram_endpoint to = {.address = localhost, .port = datagram_port(client)};
    CHECK(datagram_send(server, bytes_of_text("x"), to, (struct ipv4){0x7f000009}, 0) == 0);
    struct datagram_batch *batch = datagram_batch_create();
    const struct datagram *got;
    CHECK_NUMBER(receive(&got, batch, client), 1);
    CHECK_NUMBER(got->source.address.number, 0x7f000009);
    datagram_batch_destroy(batch);
}

static void segments_arrive_as_datagrams(void)
{
    AUTO(fd_close) int server = -1;
    AUTO(fd_close) int client = -1;
    CHECK(datagram_open(&server, (struct datagram_endpoint){0}, NULL, NULL) == 0);
    CHECK(datagram_open(&client, (struct datagram_endpoint){.address = localhost}, NULL, NULL) == 0);
    uint8_t payload[1000] = {0};
    struct datagram_endpoint to = {.address = localhost, .port = datagram_port(client)};
    CHECK(datagram_send_segments(server, bytes_of(payload, sizeof payload), 300, to, localhost) == 0);
    struct datagram_batch *batch = datagram_batch_create();
    const struct datagram *got;
    CHECK_NUMBER(receive(&got, batch, client), 4);
    CHECK_NUMBER(got[0].payload.size, 300);
    CHECK_NUMBER(got[3].payload.size, 100);
    datagram_batch_destroy(batch);
}

static void many_are_sent_to_many_and_each_tells_its_result(void)
{
    AUTO(fd_close) int server = -1;
    AUTO(fd_close) int client = -1;
    CHECK(datagram_open(&server, (struct datagram_endpoint){0}, NULL, NULL) == 0);
    CHECK(datagram_open(&client, (struct datagram_endpoint){0}, NULL, NULL) == 0);
    static uint8_t payload[70000];
    struct datagram_endpoint to = {.address = localhost, .port = datagram_port(client)};
    struct datagram_sending sendings[] = {
        {.payload = bytes_of(payload, 10), .segment = 100, .to = to},
        {.payload = bytes_of(payload, 250), .segment = 100, .to = to, .from = {0x7f000009}},
        {.payload = bytes_of(payload, 70000), .segment = 70000, .to = to}, /* no datagram is so long */
        {.payload = bytes_of(payload, 20), .segment = 20, .to = {.address = {0x7f000005}, .port = to.port}},
    };
    datagram_send_many(server, sendings, 4);
    CHECK(sendings[0].result == 0 && sendings[1].result == 0 && sendings[3].result == 0);
    CHECK_NUMBER(sendings[2].result, -EMSGSIZE);
    struct datagram_batch *batch = datagram_batch_create();
    const struct datagram *got;
    CHECK_NUMBER(receive(&got, batch, client), 5);
    CHECK_NUMBER(got[0].payload.size, 10);
    CHECK_NUMBER(got[1].payload.size, 100);
    CHECK_NUMBER(got[1].source.address.number, 0x7f000009);
    CHECK_NUMBER(got[3].payload.size, 50);
    CHECK_NUMBER(got[4].destination.number, 0x7f000005);
    datagram_batch_destroy(batch);
}

static void a_taken_port_names_its_holder(void)
{
    AUTO(fd_close) int first = -1;
    AUTO(fd_close) int second = -1;
    CHECK(datagram_open(&first, (struct datagram_endpoint){0}, NULL, NULL) == 0);
    struct diag why = {0};
    CHECK_NUMBER(datagram_open(&second, (struct datagram_endpoint){.port = datagram_port(first)}, NULL, &why),
                 -EADDRINUSE);
    char self[64];
    snprintf(self, sizeof self, "(pid %d)", (int)getpid());
    CHECK(strstr(why.text, self) != NULL);
    char holder[PORT_HOLDER_TEXT_MAX];
    CHECK(!port_holder_find(holder, PORT_TCP, datagram_port(first)) || !strstr(holder, self));
}

int main(void)
{
    RUN(a_datagram_knows_how_it_came);
    RUN(a_datagram_tells_how_long_it_waited);
    RUN(an_answer_leaves_from_the_address_asked);
    RUN(segments_arrive_as_datagrams);
    RUN(many_are_sent_to_many_and_each_tells_its_result);
    RUN(a_taken_port_names_its_holder);
    return test_result();
}
