/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/template/lexer.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

/* Every token's text and line: "[a]1"; an error is "!" and its line. */
static char *tokens_of(const char *source)
{
    struct lexer lexer;
    lexer_init(&lexer, bytes_of_text(source));
    struct text shown = {0};
    for (;;) {
        struct token token = lexer_next(&lexer);
        if (token.kind == TOKEN_ERROR)
            text_print(&shown, "!%u", token.line);
        else
            text_print(&shown, "[%.*s]%u", (int)token.text.size, (const char *)token.text.data, token.line);
        if (token.kind == TOKEN_ERROR || token.kind == TOKEN_END_OF_TEXT)
            return text_take(&shown);
    }
}

static void a_source_is_cut_into_tokens(void)
{
    static const struct {
        const char *source;
        const char *expected;
    } rows[] = {
        {"", "[]1"},
        {"a\nb", "[a\nb]1[]2"},
        {"a{{.b}}c", "[a]1[{{]1[.b]1[}}]1[c]1[]1"},
        {"{{$x.y | print 1}}", "[{{]1[$x]1[.y]1[ ]1[|]1[ ]1[print]1[ ]1[1]1[}}]1[]1"},
        {"{{(.a)}}", "[{{]1[(]1[.a]1[)]1[}}]1[]1"},
        {"{{$x:=`a\nb`}}", "[{{]1[$x]1[:=]1[`a\nb`]1[}}]2[]2"},
        {"a \n {{- 1 -}} \n b", "[a]1[{{]2[1]2[}}]2[b]3[]3"},
        {"a {{- /* c\n */ -}} b", "[a]1[b]2[]2"},
        {"{{-3}}", "[{{]1[-3]1[}}]1[]1"},
        {"{{1  -}} x", "[{{]1[1]1[ ]1[}}]1[x]1[]1"},
        {"{{", "[{{]1!1"},
        {"{{\n", "[{{]1[\n]1!2"},
        {"{{)", "[{{]1!1"},
        {"{{(}}", "[{{]1[(]1!1"},
        {"{{\"a\n\"}}", "[{{]1!1"},
        {"{{'a}}", "[{{]1!1"},
        {"\n{{/* a }}", "[\n]1!2"},
        {"{{/* a */ }}", "!1"},
        {"{{.a-b}}", "[{{]1!1"},
        {"{{3x}}", "[{{]1!1"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *tokens = tokens_of(rows[i].source);
        CHECK_TEXT(tokens, rows[i].expected);
    }
}

int main(void)
{
    RUN(a_source_is_cut_into_tokens);
    return test_result();
}
