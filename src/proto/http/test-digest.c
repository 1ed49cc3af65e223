/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/digest.h"

#include "base/array.h"
#include "test.h"

#define ONCE "Digest realm=\"muster\", nonce=\"n0\", uri=\"/ipxe?profile=a\", username=\"muster\""
#define RIGHT "1bc665ef96b0ee4b110cdbc9de3f0aa0"
#define RIGHT_WITHOUT_QOP "af3ecc0121f55ae00a481014006f059f"
#define QOP ", algorithm=MD5, qop=auth, cnonce=\"abc\", nc=00000001"

static void only_who_knows_the_password_is_let_in(void)
{
    static const struct {
        const char *authorization, *method, *target, *nonce, *password;
        bool right;
    } rows[] = {
        {ONCE QOP ", response=\"" RIGHT "\"", "GET", "/ipxe?profile=a", "n0", "secret", true},
        {"digest "
         "username=muster,realm=muster,nonce=n0,qop=auth,nc=00000001,cnonce=abc,response=" RIGHT
         ",uri=\"/ipxe?profile=a\"",
         "GET", "/ipxe?profile=a", "n0", "secret", true},
        {ONCE ", response=\"" RIGHT_WITHOUT_QOP "\"", "GET", "/ipxe?profile=a", "n0", "secret", true},
        {ONCE QOP ", response=\"" RIGHT "\"", "GET", "/ipxe?profile=a", "n0", "Secret", false},
        {ONCE QOP ", response=\"" RIGHT "\"", "HEAD", "/ipxe?profile=a", "n0", "secret", false},
        {ONCE QOP ", response=\"" RIGHT "\"", "GET", "/ipxe?profile=b", "n0", "secret", false},
        {ONCE QOP ", response=\"" RIGHT "\"", "GET", "/ipxe?profile=a", "n1", "secret", false},
        {ONCE QOP ", response=\"\"", "GET", "/ipxe?profile=a", "n0", "secret", false},
        {ONCE QOP ", response=\"" RIGHT, "GET", "/ipxe?profile=a", "n0", "secret", false},
        {ONCE ", qop=auth, response=\"" RIGHT "\"", "GET", "/ipxe?profile=a", "n0", "secret", false},
        {ONCE QOP, "GET", "/ipxe?profile=a", "n0", "secret", false},
        {"Basic bXVzdGVyOnNlY3JldA==", "GET", "/ipxe?profile=a", "n0", "secret", false},
        {"Digest ", "GET", "/ipxe?profile=a", "n0", "secret", false},
        {"Digest ,,=,", "GET", "/ipxe?profile=a", "n0", "secret", false},
        {NULL, "GET", "/ipxe?profile=a", "n0", "secret", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_ROW(rows[i].authorization ? rows[i].authorization : "none",
                  http_digest_is_right(rows[i].authorization, rows[i].method, rows[i].target, rows[i].nonce,
                                       rows[i].password) == rows[i].right);
}

static void the_challenge_is_what_ipxe_answers(void)
{
    AUTO(text_finish) struct text text = {0};
    http_digest_append_challenge(&text, "n0");
    CHECK_TEXT(text_characters(&text), "Digest realm=\"muster\", qop=\"auth\", algorithm=MD5, nonce=\"n0\"");
}

int main(void)
{
    RUN(only_who_knows_the_password_is_let_in);
    RUN(the_challenge_is_what_ipxe_answers);
    return test_result();
}
