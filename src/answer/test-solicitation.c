/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/solicitation.h"

#include "test.h"

static const uint8_t solicitation[] = {133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56};
static const struct mac mac = {6, {0x52, 0x54, 0, 0x12, 0x34, 0x56}};

static bool answers(enum program program, unsigned hop_limit, bool has_source, size_t size)
{
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    if (program != PROGRAM_UNKNOWN)
        fleet_learn(fleet, &(struct machine){.mac = mac, .program = program}, (struct moment){0});
    struct answer_solicitation answer;
    answer_solicitation(&answer,
                        &(struct answer_solicitation_request){
                            .message = bytes_of(solicitation, size), .hop_limit = hop_limit, .has_source = has_source},
                        fleet);
    CHECK(answer.reason.text[0] != '\0');
    return answer.answers;
}

static void ipxe_is_told_that_there_is_no_router(void)
{
    CHECK(answers(PROGRAM_IPXE, 255, true, sizeof solicitation));
}

static void nobody_else_is_told_anything(void)
{
    CHECK(!answers(PROGRAM_UNKNOWN, 255, true, sizeof solicitation));
    CHECK(!answers(PROGRAM_SYSTEM, 255, true, sizeof solicitation));
    CHECK(!answers(PROGRAM_FIRMWARE, 255, true, sizeof solicitation));
}

static void what_came_from_beyond_a_router_or_from_nobody_is_ignored(void)
{
    CHECK(!answers(PROGRAM_IPXE, 254, true, sizeof solicitation));
    CHECK(!answers(PROGRAM_IPXE, 255, false, sizeof solicitation));
    CHECK(!answers(PROGRAM_IPXE, 255, true, 8));
    CHECK(!answers(PROGRAM_IPXE, 255, true, 5));
}

int main(void)
{
    RUN(ipxe_is_told_that_there_is_no_router);
    RUN(nobody_else_is_told_anything);
    RUN(what_came_from_beyond_a_router_or_from_nobody_is_ignored);
    return test_result();
}
