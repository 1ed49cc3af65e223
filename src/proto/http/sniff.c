/* SPDX-License-Identifier: Apache-2.0 */
/* Media types by content. */
#include "proto/http/sniff.h"

#include <string.h>
#include <strings.h>

#define TEXT "text/plain; charset=utf-8"

/* Octets looked at. */
#define SNIFFED_MAX 512

static bool is_blank(uint8_t octet)
{
    return octet == '\t' || octet == '\n' || octet == '\f' || octet == '\r' || octet == ' ';
}

/* The start of a page, whatever its case, ended by a space or '>'. */
static bool is_html(struct bytes content)
{
    static const char *const starts[] = {
        "<!DOCTYPE HTML", "<HTML",  "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A",
        "<STYLE",         "<TITLE", "<B",    "<BODY",   "<BR",     "<P",  "<!--",
    };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        size_t size = strlen(starts[i]);
        if (content.size > size && strncasecmp((const char *)content.data, starts[i], size) == 0 &&
            (content.data[size] == ' ' || content.data[size] == '>'))
            return true;
    }
    return false;
}

#define SIGNATURE(octets, type)                                                                                        \
    {                                                                                                                  \
        octets, sizeof octets - 1, type                                                                                \
    }

static const struct {
    const char *octets;
    size_t size;
    const char *type;
} signatures[] = {
    SIGNATURE("%PDF-", "application/pdf"),
    SIGNATURE("%!PS-Adobe-", "application/postscript"),
    SIGNATURE("\xfe\xff", "text/plain; charset=utf-16be"),
    SIGNATURE("\xff\xfe", "text/plain; charset=utf-16le"),
    SIGNATURE("\xef\xbb\xbf", TEXT),
    SIGNATURE("BM", "image/bmp"),
    SIGNATURE("GIF87a", "image/gif"),
    SIGNATURE("GIF89a", "image/gif"),
    SIGNATURE("\x89PNG\r\n\x1a\n", "image/png"),
    SIGNATURE("\xff\xd8\xff", "image/jpeg"),
    SIGNATURE("OggS\0", "application/ogg"),
    SIGNATURE("ID3", "audio/mpeg"),
    SIGNATURE("\x1f\x8b\x08", "application/x-gzip"),
    SIGNATURE("PK\x03\x04", "application/zip"),
    SIGNATURE("Rar!\x1a\x07\0", "application/x-rar-compressed"),
    SIGNATURE("\0asm", "application/wasm"),
    SIGNATURE("wOFF", "font/woff"),
    SIGNATURE("wOF2", "font/woff2"),
    SIGNATURE("OTTO", "font/otf"),
    SIGNATURE("ttcf", "font/collection"),
};

/* Control characters that no text has. */
static bool is_binary(uint8_t octet)
{
    return octet <= 0x08 || octet == 0x0b || (octet >= 0x0e && octet <= 0x1a) || (octet >= 0x1c && octet <= 0x1f);
}

static bool has_binary(struct bytes content)
{
    for (size_t i = 0; i < content.size; i++)
        if (is_binary(content.data[i]))
            return true;
    return false;
}

const char *http_sniff(struct bytes content)
{
    content = bytes_slice(content, 0, SNIFFED_MAX);
    size_t blanks = 0;
    while (blanks < content.size && is_blank(content.data[blanks]))
        blanks++;
    struct bytes shown = bytes_slice(content, blanks, content.size);
    if (is_html(shown))
        return "text/html; charset=utf-8";
    if (bytes_start_with(shown, "<?xml"))
        return "text/xml; charset=utf-8";
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
        if (bytes_equal(bytes_slice(content, 0, signatures[i].size),
                        bytes_of(signatures[i].octets, signatures[i].size)))
            return signatures[i].type;
    return has_binary(shown) ? "application/octet-stream" : TEXT;
}
