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

/* A space, or the bracket of an IPv6 address without its other one: RFC 3986 §3.2.2. */
static bool has_bad_host(const char *authority)
{
    size_t size = strcspn(authority, "/?#");
    const char *open = memchr(authority, '[', size);
    return memchr(authority, ' ', size) || (open && !memchr(open, ']', size - (size_t)(open - authority)));
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
    bool is_data = strcmp(ret, "data") == 0;
    return !has_control(url) && !has_bad_host(authority) && (is_data || !has_bad_escape(bytes_of_text(url)));
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

const char *url_arn_fault(const char *url)
{
    static const char form[] = "invalid S3 ARN: write \"arn:PARTITION:s3:::BUCKET/KEY\"";
    /* arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE */
    const char *parts[6] = {url};
    for (size_t i = 1; i < 6; i++) {
        const char *colon = strchr(parts[i - 1], ':');
        if (!colon)
            return form;
        parts[i] = colon + 1;
    }
    size_t size = strcspn(parts[5], "?#");
    const char *key = memchr(parts[5], '/', size);
    bool is_access_point = strncmp(parts[5], "accesspoint/", strlen("accesspoint/")) == 0;
    if (key && is_access_point)
        key = memchr(key + 1, '/', size - (size_t)(key + 1 - parts[5]));
    return strncmp(parts[2], "s3:", 3) == 0 && key ? NULL : form;
}
