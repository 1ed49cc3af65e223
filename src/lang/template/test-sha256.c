/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/template/sha256.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static char *sum_of(struct bytes message)
{
    uint8_t sum[SHA256_SIZE];
    sha256(sum, message);
    struct text shown = {0};
    for (size_t i = 0; i < sizeof sum; i++)
        text_print(&shown, "%02x", sum[i]);
    return text_take(&shown);
}

/* FIPS 180-2, appendix B, and messages whose padding just fits and just does not. */
static void known_messages_have_their_sums(void)
{
    static const struct {
        const char *message;
        const char *expected;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2"},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "9537c5fdf120482f7d58d25e9ed583f52c02b4e304ea814db1633ad565aed7e9"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *sum = sum_of(bytes_of_text(rows[i].message));
        CHECK_TEXT(sum, rows[i].expected);
    }
}

static void a_million_times_a_has_its_sum(void)
{
    AUTO(text_finish) struct text message = {0};
    for (int i = 0; i < 1000000; i++)
        text_append_char(&message, 'a');
    AUTO(free) char *sum = sum_of(text_bytes(&message));
    CHECK_TEXT(sum, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    RUN(known_messages_have_their_sums);
    RUN(a_million_times_a_has_its_sum);
    return test_result();
}
