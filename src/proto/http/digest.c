/* SPDX-License-Identifier: Apache-2.0 */
/* Digest authentication. */
#include "proto/http/digest.h"

#include <gnutls/crypto.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

#define MD5_SIZE 16

static bool is_space(char character)
{
    return character == ' ' || character == '\t';
}

static const char *skip(const char *cursor)
{
    while (is_space(*cursor) || *cursor == ',')
        cursor++;
    return cursor;
}

/* Reads a token or a quoted string; NULL when it does not end. RFC 9110 §5.6.4 */
static const char *read_value(struct text *ret, const char *cursor)
{
    bool quoted = *cursor == '"';
    cursor += quoted;
    while (*cursor && (quoted ? *cursor != '"' : *cursor != ',' && !is_space(*cursor))) {
        if (quoted && *cursor == '\\' && cursor[1])
            cursor++;
        if (ret->length >= HTTP_DIGEST_VALUE_MAX)
            return NULL;
        text_append_char(ret, *cursor++);
    }
    if (quoted && *cursor != '"')
        return NULL;
    return cursor + quoted;
}

/* The first value of that name among "name=value" with commas between; false when there is none, or what is before it
 * cannot be read. */
static bool find_value(struct text *ret, const char *authorization, const char *name)
{
    if (!authorization || strncasecmp(authorization, "Digest ", strlen("Digest ")) != 0)
        return false;
    for (const char *cursor = skip(authorization + strlen("Digest ")); cursor && *cursor;) {
        size_t length = strcspn(cursor, "=, \t");
        bool found = length == strlen(name) && strncasecmp(cursor, name, length) == 0;
        cursor += length;
        if (*cursor != '=')
            return false;
        text_clear(ret);
        cursor = read_value(ret, cursor + 1);
        if (cursor && found)
            return true;
        cursor = cursor ? skip(cursor) : NULL;
    }
    text_clear(ret);
    return false;
}

static void append_hex_of_hash(struct text *ret, const struct text *content)
{
    uint8_t digest[MD5_SIZE] = {0};
    gnutls_hash_fast(GNUTLS_DIG_MD5, text_characters(content), content->length, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        text_print(ret, "%02x", digest[i]);
}

static void append_hash(struct text *ret, const char *a, const char *b, const char *c)
{
    AUTO(text_finish) struct text content = {0};
    text_print(&content, c ? "%s:%s:%s" : "%s:%s", a, b, c);
    append_hex_of_hash(ret, &content);
}

/* nonce:nc:cnonce:qop, or of clients of RFC 2069 the nonce alone. */
static bool append_once(struct text *ret, const char *authorization, const char *nonce)
{
    static const char *const names[] = {"nc", "cnonce", "qop"};
    AUTO(text_finish) struct text value = {0};
    text_append(ret, nonce);
    if (!find_value(&value, authorization, "qop"))
        return true;
    for (size_t i = 0; i < LENGTH(names); i++) {
        if (!find_value(&value, authorization, names[i]))
            return false;
        text_print(ret, ":%s", text_characters(&value));
    }
    return text_is(text_characters(&value), "auth");
}

static bool has_value(const char *authorization, const char *name, const char *wanted)
{
    AUTO(text_finish) struct text value = {0};
    return find_value(&value, authorization, name) && text_is(text_characters(&value), wanted);
}

/* Takes as long whatever differs. */
static bool is_same(const struct text *a, const struct text *b)
{
    uint8_t difference = a->length != b->length;
    for (size_t i = 0; i < a->length && i < b->length; i++)
        difference |= (uint8_t)(a->characters[i] ^ b->characters[i]);
    return difference == 0 && a->length > 0;
}

bool http_digest_is_right(const char *authorization, const char *method, const char *target, const char *nonce,
                          const char *password)
{
    AUTO(text_finish) struct text user = {0};
    AUTO(text_finish) struct text given = {0};
    AUTO(text_finish) struct text once = {0};
    AUTO(text_finish) struct text secret = {0};
    AUTO(text_finish) struct text request = {0};
    AUTO(text_finish) struct text right = {0};
    if (!has_value(authorization, "realm", HTTP_DIGEST_REALM) || !has_value(authorization, "nonce", nonce) ||
        !has_value(authorization, "uri", target) || !find_value(&user, authorization, "username") ||
        !find_value(&given, authorization, "response") || !append_once(&once, authorization, nonce))
        return false;
    append_hash(&secret, text_characters(&user), HTTP_DIGEST_REALM, password);
    append_hash(&request, method, target, NULL);
    append_hash(&right, text_characters(&secret), text_characters(&once), text_characters(&request));
    return is_same(&given, &right);
}

void http_digest_append_challenge(struct text *ret, const char *nonce)
{
    text_print(ret, "Digest realm=\"" HTTP_DIGEST_REALM "\", qop=\"auth\", algorithm=MD5, nonce=\"%s\"", nonce);
}
