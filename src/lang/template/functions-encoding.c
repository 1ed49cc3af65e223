/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that write a value in another form: base64, a checksum, JSON, YAML. */
#include "lang/template/document.h"
#include "lang/template/functions.h"
#include "lang/template/sha256.h"

/* RFC 4648 §4 */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

BUILTIN(functions_b64enc)
{
    AUTO(value_unref) struct value *printed = functions_text(arguments[0], why);
    if (!printed)
        return NULL;
    AUTO(text_finish) struct text encoded = {0};
    struct bytes rest = functions_bytes(printed);
    for (; rest.size > 0; rest = bytes_slice(rest, 3, SIZE_MAX)) {
        uint32_t bits = (uint32_t)rest.data[0] << 16;
        bits |= rest.size > 1 ? (uint32_t)rest.data[1] << 8 : 0;
        bits |= rest.size > 2 ? rest.data[2] : 0;
        char group[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                         rest.size > 1 ? alphabet[bits >> 6 & 63] : '=', rest.size > 2 ? alphabet[bits & 63] : '='};
        text_append_bytes(&encoded, bytes_of(group, sizeof group));
    }
    return functions_finish(&encoded, why);
}

/* Decodes one group of four, of which the last in the text may have one or two '='; false when it is none. */
static bool decode_group(struct text *ret, const uint8_t *group, bool is_last)
{
    size_t size = 4;
    while (is_last && size > 2 && group[size - 1] == '=')
        size--;
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *found = i < size && group[i] ? strchr(alphabet, group[i]) : NULL;
        if (i < size && !found)
            return false;
        bits = bits << 6 | (found ? (uint32_t)(found - alphabet) : 0);
    }
    for (size_t i = 0; i + 1 < size; i++)
        text_append_char(ret, (char)(bits >> (16 - 8 * i)));
    return true;
}

BUILTIN(functions_b64dec)
{
    AUTO(value_unref) struct value *printed = functions_text(arguments[0], why);
    if (!printed)
        return NULL;
    AUTO(text_finish) struct text decoded = {0};
    struct bytes encoded = functions_bytes(printed);
    bool good = encoded.size % 4 == 0;
    for (size_t at = 0; good && at < encoded.size; at += 4)
        good = decode_group(&decoded, encoded.data + at, at + 4 == encoded.size);
    if (good)
        return functions_finish(&decoded, why);
    fail(why, 0, "the text is no base64");
    return NULL;
}

BUILTIN(functions_sha256sum)
{
    AUTO(value_unref) struct value *printed = functions_text(arguments[0], why);
    if (!printed)
        return NULL;
    uint8_t sum[SHA256_SIZE];
    sha256(sum, functions_bytes(printed));
    AUTO(text_finish) struct text shown = {0};
    for (size_t i = 0; i < sizeof sum; i++)
        text_print(&shown, "%02x", sum[i]);
    return functions_finish(&shown, why);
}

BUILTIN(functions_to_json)
{
    AUTO(text_finish) struct text document = {0};
    document_append_json(&document, TEMPLATE_OUTPUT_MAX, arguments[0]);
    return functions_finish(&document, why);
}

BUILTIN(functions_to_yaml)
{
    AUTO(text_finish) struct text document = {0};
    document_append_yaml(&document, TEMPLATE_OUTPUT_MAX, arguments[0]);
    return functions_finish(&document, why);
}
