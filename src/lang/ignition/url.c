/* SPDX-License-Identifier: Apache-2.0 */
/* URLs. */
#include "lang/ignition/url.h"

#include <ctype.h>
#include <string.h>

/* Where a "%" is not followed by two hexadecimal digits. */
static bool has_bad_escape(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '%' && (text.size - i < 3 || !isxdigit(text.data[i + 1]) || !isxdigit(text.data[i + 2])))
            return true;
    return false;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

/* RFC 3986 §3.1 */
static size_t scheme_size(const char *url)
{
    if (!isalpha((unsigned char)url[0]))
        return 0;
    size_t size = 1;
    while (isalnum((unsigned char)url[size]) || (url[size] && strchr("+-.", url[size])))
        size++;
    return url[size] == ':' ? size : 0;
}

bool url_scheme(char ret[URL_SCHEME_MAX], const char *url)
{
    size_t size = scheme_size(url);
    ret[0] = '\0';
    if (size > 0 && size < URL_SCHEME_MAX) {
        for (size_t i = 0; i < size; i++)
            ret[i] = (char)tolower((unsigned char)url[i]);
        ret[size] = '\0';
    }
    const char *authority = size > 0 && strncmp(url + size, "://", 3) == 0 ? url + size + 3 : "";
    bool bad_host = memchr(authority, ' ', strcspn(authority, "/?#")) != NULL;
    bool is_data = strcmp(ret, "data") == 0;
    return !has_control(url) && !bad_host && (is_data || !has_bad_escape(bytes_of_text(url)));
}

static bool is_base64(struct bytes text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    while (text.size > 0 && text.data[text.size - 1] == '=')
        text.size--;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '\0' || !strchr(alphabet, text.data[i]))
            return false;
    return text.size % 4 != 1;
}

const char *url_data_fault(struct bytes url)
{
    static const char base64[] = ";base64";
    const uint8_t *comma = memchr(url.data, ',', url.size);
    if (!comma)
        return "a data URL has a comma before its data: \"data:,hello\"";
    size_t head = (size_t)(comma - url.data);
    struct bytes data = bytes_slice(url, head + 1, url.size);
    bool is_encoded = head >= sizeof base64 - 1 && memcmp(comma - (sizeof base64 - 1), base64, sizeof base64 - 1) == 0;
    if (is_encoded)
        return is_base64(data) ? NULL : "what follows ';base64,' in this data URL is not Base64";
    return has_bad_escape(data) ? "a '%' in a data URL begins two hexadecimal digits; write '%25' for itself" : NULL;
}
