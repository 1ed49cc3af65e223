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

bool percent_decode(struct text *text, struct bytes encoded, bool plus_is_space)
{
    for (size_t i = 0; i < encoded.size; i++) {
        char character = (char)encoded.data[i];
        if (character == '%') {
            int octet = octet_of(bytes_slice(encoded, i + 1, 2));
            if (octet < 0)
                return false;
            character = (char)octet;
            i += 2;
        } else if (character == '+' && plus_is_space) {
            character = ' ';
        }
        text_append_char(text, character);
    }
    return true;
}

static bool is_plain_in_path(uint8_t character)
{
    bool letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    bool digit = character >= '0' && character <= '9';
    return letter || digit || (character != '\0' && strchr("-._~$&+,/:;=@!'()*", character));
}

void percent_encode_path(struct text *text, struct bytes octets)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (is_plain_in_path(octets.data[i]))
            text_append_char(text, (char)octets.data[i]);
        else
            text_print(text, "%%%02X", octets.data[i]);
    }
}
