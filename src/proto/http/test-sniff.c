/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/sniff.h"

#include "base/array.h"
#include "test.h"

#define TEXT "text/plain; charset=utf-8"
#define HTML "text/html; charset=utf-8"
#define ROW(octets, type)                                                                                              \
    {                                                                                                                  \
        octets, sizeof octets - 1, type                                                                                \
    }

static void content_tells_its_type(void)
{
    static const struct {
        const char *octets;
        size_t size;
        const char *type;
    } rows[] = {
        ROW("", TEXT),
        ROW("d-i debian-installer/locale string en_US\n", TEXT),
        ROW("{\"a\": 1}", TEXT),
        ROW("#cloud-config\n", TEXT),
        ROW("\x1b[0m escape", TEXT),
        ROW("<html>", HTML),
        ROW(" \r\n\t<HtMl lang", HTML),
        ROW("<!-- x", HTML),
        ROW("<!doctype html>", HTML),
        ROW("<htmlx", TEXT),
        ROW("<html", TEXT),
        ROW("<p>", HTML),
        ROW("<?xml version", "text/xml; charset=utf-8"),
        ROW(" <?xml", "text/xml; charset=utf-8"),
        ROW("\xef\xbb\xbf#!/bin/sh", TEXT),
        ROW("\x1f\x8b\x08\0", "application/x-gzip"),
        ROW("PK\x03\x04", "application/zip"),
        ROW("\x89PNG\r\n\x1a\n", "image/png"),
        ROW(" \x89PNG\r\n\x1a\n", "application/octet-stream"),
        ROW("a\0b", "application/octet-stream"),
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_TEXT(http_sniff(bytes_of(rows[i].octets, rows[i].size)), rows[i].type);
}

static void only_the_first_octets_are_looked_at(void)
{
    char content[600];
    memset(content, 'a', sizeof content);
    content[512] = '\0';
    CHECK_TEXT(http_sniff(bytes_of(content, sizeof content)), TEXT);
    content[511] = '\0';
    CHECK_TEXT(http_sniff(bytes_of(content, sizeof content)), "application/octet-stream");
}

int main(void)
{
    RUN(content_tells_its_type);
    RUN(only_the_first_octets_are_looked_at);
    return test_result();
}
