/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as we write it by hand. */
#include "lang/json.h"

/* Octets of the UTF-8 sequence at the start of bytes; 0 when it is none. */
static size_t sequence_size(struct bytes bytes)
{
    const uint8_t *b = bytes.data;
    size_t size = b[0] < 0x80                    ? 1
                  : b[0] >= 0xc2 && b[0] <= 0xdf ? 2
                  : (b[0] & 0xf0) == 0xe0        ? 3
                  : b[0] >= 0xf0 && b[0] <= 0xf4 ? 4
                                                 : 0;
    if (size == 0 || size > bytes.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xf0 && b[1] < 0x90);
    bool beyond = (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf4 && b[1] > 0x8f);
    return overlong || beyond ? 0 : size;
}

static void append_ascii(struct text *ret, uint8_t octet)
{
    static const char *const spelled[128] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t",
    };
    if (spelled[octet])
        text_append(ret, spelled[octet]);
    else if (octet < ' ' || octet == 0x7f || octet == '&' || octet == '<' || octet == '>')
        text_print(ret, "\\u%04x", octet);
    else
        text_append_char(ret, (char)octet);
}

/* Octets at the start that are written as they are: most texts are of no others. */
static size_t plain_size(struct bytes text)
{
    static const char special[128] = {['"'] = 1, ['\\'] = 1, ['&'] = 1, ['<'] = 1, ['>'] = 1, [0x7f] = 1};
    size_t size = 0;
    while (size < text.size && text.data[size] >= ' ' && text.data[size] < 0x80 && !special[text.data[size]])
        size++;
    return size;
}

void json_append_string(struct text *ret, struct bytes text)
{
    text_append_char(ret, '"');
    while (text.size > 0) {
        size_t plain = plain_size(text);
        text_append_bytes(ret, bytes_slice(text, 0, plain));
        text = bytes_slice(text, plain, text.size);
        if (text.size == 0)
            break;
        size_t size = sequence_size(text);
        if (size == 1)
            append_ascii(ret, text.data[0]);
        else if (size > 1)
            text_append_bytes(ret, bytes_slice(text, 0, size));
        else
            text_append(ret, "\\ufffd");
        text = bytes_slice(text, size > 0 ? size : 1, text.size);
    }
    text_append_char(ret, '"');
}
