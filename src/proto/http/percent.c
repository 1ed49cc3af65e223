/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding. */
#include "proto/http/percent.h"

static int digit_of(uint8_t character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

/* The octet that the two digits at the start of digits stand for; -1 when they are none. */
static int octet_of(struct bytes digits)
{
    if (digits.size < 2)
        return -1;
    int high = digit_of(digits.data[0]);
    int low = digit_of(digits.data[1]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* How many octets from the front on stand for themselves. */
static size_t plain_size(struct bytes encoded, bool plus_is_space)
{
    size_t size = 0;
    while (size < encoded.size && encoded.data[size] != '%' && !(encoded.data[size] == '+' && plus_is_space))
        size++;
    return size;
}

bool percent_decode(struct text *text, struct bytes encoded, bool plus_is_space)
{
    while (encoded.size > 0) {
        size_t plain = plain_size(encoded, plus_is_space);
        text_append_bytes(text, bytes_slice(encoded, 0, plain));
        encoded = bytes_slice(encoded, plain, encoded.size);
        if (encoded.size == 0)
            break;
        bool space = encoded.data[0] == '+';
        int octet = space ? ' ' : octet_of(bytes_slice(encoded, 1, 2));
        if (octet < 0)
            return false;
        text_append_char(text, (char)octet);
        encoded = bytes_slice(encoded, space ? 1 : 3, encoded.size);
    }
    return true;
}

static bool is_plain(uint8_t character, const char *marks)
{
    bool letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    bool digit = character >= '0' && character <= '9';
    return letter || digit || (character != '\0' && strchr(marks, character));
}

/* All but letters, digits and the marks as %XX. */
static void encode(struct text *text, struct bytes octets, const char *marks)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (is_plain(octets.data[i], marks))
            text_append_char(text, (char)octets.data[i]);
        else
            text_print(text, "%%%02X", octets.data[i]);
    }
}

void percent_encode_path(struct text *text, struct bytes octets)
{
    encode(text, octets, "-._~$&+,/:;=@!'()*");
}

void percent_encode_query(struct text *text, struct bytes octets)
{
    encode(text, octets, "-._~");
}
