/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/url.h"

#include "base/array.h"
#include "test.h"

static void references_are_resolved_as_rfc_3986_says(void)
{
    /* RFC 3986 §5.4, as far as it is of HTTP. */
    static const char base[] = "http://a/b/c/d;p?q";
    static const struct {
        const char *reference, *url;
    } rows[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://b/x/../y", "https://b/y"},
        {"HTTP://b", "HTTP://b"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text url = {0};
        CHECK_ROW(rows[i].reference, http_url_resolve(&url, base, rows[i].reference) == HTTP_URL_OK);
        CHECK_TEXT(text_characters(&url), rows[i].url);
    }
}

static void a_base_without_a_path_is_the_hosts_root(void)
{
    AUTO(text_finish) struct text url = {0};
    CHECK(http_url_resolve(&url, "http://api:81", "vmlinuz") == HTTP_URL_OK);
    CHECK_TEXT(text_characters(&url), "http://api:81/vmlinuz");
}

static void what_is_no_url_of_http_is_refused(void)
{
    static const struct {
        const char *reference;
        int code;
    } rows[] = {
        {"file:///etc/shadow", HTTP_URL_E_SCHEME},
        {"ftp://a/b", HTTP_URL_E_SCHEME},
        {"mailto:a", HTTP_URL_E_SCHEME},
        {"http:g", HTTP_URL_E_SCHEME},
        {"http:///g", HTTP_URL_E_SCHEME},
        {"a b", HTTP_URL_E_MALFORMED},
        {"a\nb", HTTP_URL_E_MALFORMED},
        {"\xc3\xa4", HTTP_URL_E_MALFORMED},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text url = {0};
        CHECK_ROW(rows[i].reference, http_url_resolve(&url, "http://a/b", rows[i].reference) == rows[i].code);
        CHECK_ROW(rows[i].reference, url.length == 0);
    }
    CHECK(http_url_is_absolute("https://a") && !http_url_is_absolute("/a") && !http_url_is_absolute("http://"));
}

static void a_name_is_the_last_part_and_needs_no_escaping(void)
{
    static const struct {
        const char *url, *name;
    } rows[] = {
        {"http://a/b/vmlinuz-6.1", "vmlinuz-6.1"},
        {"http://a/b/vm%20linuz?x=/y", "vm-20linuz"},
        {"http://a/b/", "b"},
        {"http://a", "image"},
        {"http://a/", "image"},
        {"http://a/..", "image"},
        {"/srv/boot/linux", "linux"},
        {"", "image"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text name = {0};
        http_url_name(&name, rows[i].url);
        CHECK_TEXT(text_characters(&name), rows[i].name);
    }
}

static void a_password_is_not_shown(void)
{
    static const struct {
        const char *url, *shown;
    } rows[] = {
        {"http://a/b?c@d", "http://a/b?c@d"},
        {"http://user:secret@a:81/b", "http://a:81/b"},
        {"https://user:se@cret@a", "https://a"},
        {"/a@b", "/a@b"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(text_finish) struct text shown = {0};
        http_url_append_shown(&shown, rows[i].url);
        CHECK_TEXT(text_characters(&shown), rows[i].shown);
    }
}

int main(void)
{
    RUN(references_are_resolved_as_rfc_3986_says);
    RUN(a_base_without_a_path_is_the_hosts_root);
    RUN(what_is_no_url_of_http_is_refused);
    RUN(a_password_is_not_shown);
    RUN(a_name_is_the_last_part_and_needs_no_escaping);
    return test_result();
}
