/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/query.h"

#include "base/array.h"
#include "test.h"

/* All pairs of a query, as "name=value|". */
static char *pairs_of(const char *query)
{
    AUTO(text_finish) struct text name = {0};
    AUTO(text_finish) struct text value = {0};
    struct text all = {0};
    struct bytes rest = bytes_of_text(query);
    while (http_query_next(&name, &value, &rest))
        text_print(&all, "%s=%s|", text_characters(&name), text_characters(&value));
    return text_take(&all);
}

static void a_query_is_read_as_go_reads_it(void)
{
    const struct {
        const char *query, *pairs;
    } rows[] = {
        {"", ""},
        {"mac=52-54-00-12-34-56&uuid=", "mac=52-54-00-12-34-56|uuid=|"},
        {"a=1&a=2", "a=1|a=2|"},
        {"a", "a=|"},
        {"=b", "=b|"},
        {"&&a=1&", "a=1|"},
        {"a=b=c", "a=b=c|"},
        {"a+b=c+d", "a b=c d|"},
        {"a%20b=c%2Bd", "a b=c+d|"},
        {"a%3Db=1%262", "a=b=1&2|"},
        {"a=1;b=2&c=3", "c=3|"},
        {"a=1%3Bb", "a=1;b|"},
        {"a=%zz&b=2", "b=2|"},
        {"%=1&b=2", "b=2|"},
        {"a=%&b=2", "b=2|"},
        {"a=%00&b=2", "b=2|"},
        {"MAC=x&mac=y", "MAC=x|mac=y|"},
        {"x=%e4%b8%ad", "x=\xe4\xb8\xad|"},
        {"a=?b", "a=?b|"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *pairs = pairs_of(rows[i].query);
        CHECK_TEXT(pairs, rows[i].pairs);
    }
}

int main(void)
{
    RUN(a_query_is_read_as_go_reads_it);
    return test_result();
}
