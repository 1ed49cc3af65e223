/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/ignition/url.h"

#include "base/array.h"
#include "test.h"

static void the_scheme_is_what_stands_before_the_colon(void)
{
    static const struct {
        const char *url, *scheme;
        bool is_url;
    } rows[] = {
        {"http://a/b", "http", true},
        {"HTTPS://a", "https", true},
        {"/a/b", "", true},
        {"", "", true},
        {"data:,%zz", "data", true},
        {"http://a/%zz", "http", false},
        {"http://a b/", "http", false},
        {"http://[::1]:8080/a", "http", true},
        {"http://[::1", "http", false},
        {"http://[::1/a]", "http", false},
        {"http://a/b c", "http", true},
        {"http://a\n/", "http", false},
        {"1http://a", "", true},
        {"a+b-c.d:x", "a+b-c.d", true},
        {"aaaaaaaaaaaaaaaaaaaaa:x", "", true},
        {"s3://bucket/key", "s3", true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char scheme[URL_SCHEME_MAX];
        CHECK_ROW(rows[i].url, url_scheme(scheme, rows[i].url) == rows[i].is_url);
        CHECK_TEXT(scheme, rows[i].scheme);
    }
}

static void data_urls_are_looked_into(void)
{
    static const struct {
        const char *url;
        bool is_good;
    } rows[] = {
        {"data:,", true},
        {"data:,hello%20world", true},
        {"data:text/plain;charset=utf-8,x", true},
        {"data:;base64,YQ==", true},
        {"data:;base64,YWI", true},
        {"data:;base64,", true},
        {"data:", false},
        {"data:;base64", false},
        {"data:,%", false},
        {"data:,%2", false},
        {"data:;base64,Y", false},
        {"data:;base64,Y!==", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_ROW(rows[i].url, (url_data_fault(bytes_of_text(rows[i].url)) == NULL) == rows[i].is_good);
}

static void the_name_of_an_object_of_s3_has_its_bucket_and_its_key(void)
{
    static const struct {
        const char *url;
        bool is_good;
    } rows[] = {
        {"arn:aws:s3:::bucket/key", true},
        {"arn:aws:s3:::bucket/path/to/key?versionId=1", true},
        {"arn:aws:s3:us-west-1:123456789012:accesspoint/name/object", true},
        {"arn:aws:s3:::bucket", false},
        {"arn:aws:s3:::bucket?a=/", false},
        {"arn:aws:s3:us-west-1:123456789012:accesspoint/name", false},
        {"arn:aws:iam:::user/a", false},
        {"arn:aws:s3:bucket/key", false},
        {"arn:", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_ROW(rows[i].url, (url_arn_fault(rows[i].url) == NULL) == rows[i].is_good);
}

int main(void)
{
    RUN(the_scheme_is_what_stands_before_the_colon);
    RUN(data_urls_are_looked_into);
    RUN(the_name_of_an_object_of_s3_has_its_bucket_and_its_key);
    return test_result();
}
