/* SPDX-License-Identifier: Apache-2.0 */
/* What a template gives and what it is refused for. How it agrees with Go in the small is test/lang's affair. */
#include "lang/template.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

static struct value *new_data(void)
{
    struct value *list = value_new_list();
    value_list_take(list, value_new_string("a"));
    value_list_take(list, value_new_string("b"));
    struct value *query = value_new_map();
    query->map.strings = true;
    value_map_take(query, "os", value_new_string("installed"));
    struct value *data = value_new_map();
    value_map_take(data, "name", value_new_string("node1"));
    value_map_take(data, "three", value_new_number(3));
    value_map_take(data, "null", value_new_null());
    value_map_take(data, "list", list);
    value_map_take(data, "query", query);
    struct value *says = value_new_map();
    says->map.strings = true;
    value_map_take(says, "serial", value_new_string("7"));
    struct value *request = value_new_map();
    value_map_take(request, "query", says);
    value_map_take(data, "request", request);
    return data;
}

/* What the template gives, or the reason why it gives nothing; on the heap. */
static char *result_of(struct bytes source, const struct template_function *functions, size_t count, void *context)
{
    AUTO(value_unref) struct value *data = new_data();
    AUTO(template_destroy) struct template *template = NULL;
    struct text out = {0};
    struct diag why = {{0}};
    if (template_parse(&template, "t", source, functions, count, &why) != TEMPLATE_OK ||
        template_render(&out, template, data, context, &why) != TEMPLATE_OK) {
        CHECK_NUMBER(out.length, 0);
        text_finish(&out);
        return memory_text(why.text);
    }
    return text_take(&out);
}

static void check(const char *source, const char *expected)
{
    AUTO(free) char *result = result_of(bytes_of_text(source), NULL, 0, NULL);
    CHECK_TEXT(result, expected);
}

static void a_template_is_rendered_over_data(void)
{
    static const struct {
        const char *source;
        const char *expected;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"{{.name}} {{.three}} {{.null}} {{.list}}", "node1 3 <no value> [a b]"},
        {"{{range $i, $e := .list}}{{$i}}={{$e}} {{end}}", "0=a 1=b "},
        {"{{if eq .query.os \"installed\"}}yes{{else}}no{{end}}", "yes"},
        {"{{index .query \"none\"}}|{{index . \"none\"}}", "|<no value>"},
        {"{{with .list}}{{len .}}{{end}}", "2"},
        {"a {{- /* none */ -}} b", "ab"},
        {"{{define \"x\"}}<{{.}}>{{end}}{{template \"x\" .name}}", "<node1>"},
        {"{{printf \"%d %05.1f %q\" .three .three .name}}", "%!d(float64=3) 003.0 \"node1\""},
        {"{{index . \"none\" | default \"other\"}}", "other"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check(rows[i].source, rows[i].expected);
}

static void a_reason_names_the_place(void)
{
    static const struct {
        const char *source;
        const char *expected;
    } rows[] = {
        {"\n  {{.other}}", "t:2:4: there is no \"other\" here (index . \"other\" takes a missing one)"},
        {"{{.serial}}", "t:1:2: there is no \"serial\" here (what the machine says is .request.query.serial)"},
        {"{{.nam}}", "t:1:2: there is no \"nam\" here (did you mean \"name\"?)"},
        {"{{.dash-key}}", "t:1:2: a field is followed by a character that no field's name has (for such a name write: "
                          "index . \"the-name\")"},
        {"\n{{if .name}}\n", "t:3:0: the template ends where the {{end}} of the {{if}} in line 2 is missing"},
        {"{{define \"x\"}}\n", "t:2:0: the template ends where the {{end}} of the {{define}} in line 1 is missing"},
        {"\n{{.name\n\n", "t:4:0: the action is not closed by \"}}\" (the action began in line 2)"},
        {"{{indx .list 0}}", "t:1:2: there is no function \"indx\" (did you mean \"index\"? a value of the data is "
                             "written .indx)"},
        {"{{eq .three 3}}", "t:1:2: eq: an integer and a float64 can't be compared (numbers of the data are float64: "
                            "write 3.0, not 3)"},
        {"{{define \"x\"}}{{.y}}{{end}}{{template \"x\" .query}}",
         "t:1:16: in template \"x\": there is no \"y\" here (index . \"y\" takes a missing one)"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check(rows[i].source, rows[i].expected);
}

static struct value *call_greet(void *context, const struct value *const *arguments, size_t count, struct diag *why)
{
    if (count != 1 || arguments[0]->kind != VALUE_STRING) {
        fail(why, 0, "one name, please");
        return NULL;
    }
    AUTO(free) char *greeting = memory_print("%s %s", (const char *)context, arguments[0]->string.characters);
    return value_new_string(greeting);
}

static struct value *call_kind(void *context, const struct value *const *arguments, size_t count, struct diag *why)
{
    (void)context;
    (void)count;
    (void)why;
    return value_new_bool(arguments[0]->kind == VALUE_INTEGER);
}

static void a_callers_function_comes_before_all_others(void)
{
    static const struct template_function functions[] = {{"greet", call_greet}, {"len", call_kind}};
    static const struct {
        const char *source;
        const char *expected;
    } rows[] = {
        {"{{greet .name}}", "hello node1"},
        {"{{.name | greet | print}}", "hello node1"},
        {"{{greet 1}}", "t:1:2: greet: one name, please"},
        {"{{greet}}", "t:1:2: greet: one name, please"},
        {"{{len 1}} {{len .three}} {{len (index .name 0)}}", "true false true"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char context[] = "hello";
        AUTO(free)
        char *result = result_of(bytes_of_text(rows[i].source), functions, LENGTH(functions), context);
        CHECK_TEXT(result, rows[i].expected);
    }
}

static void output_is_appended_and_a_failure_takes_it_back(void)
{
    AUTO(value_unref) struct value *data = new_data();
    AUTO(text_finish) struct text out = {0};
    AUTO(template_destroy) struct template *good = NULL;
    AUTO(template_destroy) struct template *bad = NULL;
    CHECK_NUMBER(template_parse(&good, "good", bytes_of_text("{{.name}}"), NULL, 0, NULL), TEMPLATE_OK);
    CHECK_NUMBER(template_parse(&bad, "bad", bytes_of_text("text{{.name}}{{.nope}}"), NULL, 0, NULL), TEMPLATE_OK);
    text_append(&out, "before ");
    CHECK_NUMBER(template_render(&out, good, data, NULL, NULL), TEMPLATE_OK);
    CHECK_NUMBER(template_render(&out, bad, data, NULL, NULL), TEMPLATE_E_RENDER);
    CHECK_TEXT(text_characters(&out), "before node1");
}

static void an_assignment_in_range_goes_to_the_variables_it_names(void)
{
    check("{{$x := 0}}{{$y := 0}}{{range $x = .list}}{{$x}}{{end}}{{$x}}{{$y}}", "abb0");
    check("{{$i := 0}}{{$e := 0}}{{$y := 7}}{{range $i, $e = .list}}{{$i}}{{$e}}{{end}}{{$i}}{{$e}}{{$y}}", "0a1b1b7");
    check("{{range $ = .list}}{{$}}{{end}}", "ab");
}

static void a_value_in_hand_outlives_its_variable(void)
{
    check("{{with $x := list 1}}{{$x = 2}}{{.}}{{$x}}{{end}}", "[1]2");
    check("{{$x := print \"a\" \"z\"}}{{print $x ($x = print \"b\" \"c\")}}{{$x}}", "azbcbc");
    check("{{$x := print \"a\" \"z\"}}{{with $x}}{{$x = 1}}{{range list 1 2}}{{print}}{{end}}{{.}}{{end}}", "az");
    check("{{range $x := splitList \"\" \"abc\"}}{{$x = upper $x}}{{.}}{{$x}}{{end}}", "aAbBcC");
    check("{{$x := list 1 2}}{{range $x}}{{$x = 3}}{{.}}{{end}}{{$x}}", "123");
}

/* Text of a pattern many times. */
static char *repeated(const char *pattern, size_t times)
{
    struct text text = {0};
    for (size_t i = 0; i < times; i++)
        text_append(&text, pattern);
    return text_take(&text);
}

/* The template is refused for a reason that says so. */
static void check_refused(const char *source, const char *reason)
{
    AUTO(free) char *result = result_of(bytes_of_text(source), NULL, 0, NULL);
    CHECK_ROW(result, strstr(result, reason) != NULL);
}

static void no_template_takes_more_than_its_share(void)
{
    static const struct {
        const char *source;
        const char *reason;
    } rows[] = {
        {"{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}", "more than 100 templates call each other"},
        {"{{$s := \"x\"}}{{range splitList \"\" (printf \"%99s\" \"\")}}{{$s = print $s $s}}{{end}}", "grows longer"},
        {"{{$l := list 1}}{{range splitList \"\" (printf \"%99s\" \"\")}}{{$l = list $l $l}}{{end}}{{$l}}",
         "the output grows longer"},
        {"{{$l := list 1}}{{range splitList \"\" (printf \"%999s\" \"\")}}{{$l = list $l}}{{end}}{{$l}}",
         "lists and maps inside each other"},
        {"{{$l := splitList \"\" (printf \"%9999s\" \"\")}}{{range $l}}{{range $l}}{{end}}{{end}}", "steps"},
        {"{{$l := splitList \"\" (printf \"%999s\" \"\")}}{{range $l}}{{$x := printf \"%999999s\" .}}{{end}}",
         "octets of values"},
        {"{{$l := splitList \"\" (printf \"%999s\" \"\")}}{{range $l}}{{range $l}}{{printf \"%99s\" .}}{{end}}{{end}}",
         "output grows longer"},
        {"{{splitList \"\" (printf \"%999999s\" \"\")}}", "more than 100000 parts"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        check_refused(rows[i].source, rows[i].reason);
}

static void deep_nesting_is_refused_before_the_stack_ends(void)
{
    static const struct {
        const char *pattern;
        const char *reason;
    } rows[] = {
        {"{{if true}}", "inside each other"},           {"{{range .list}}", "inside each other"},
        {"{{block \"x\" .}}", "inside each other"},     {"{{with 1}}{{else}}", "inside each other"},
        {"{{if 0}}{{else if 0}}", "inside each other"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(free) char *source = repeated(rows[i].pattern, 20000);
        check_refused(source, rows[i].reason);
    }
    AUTO(free) char *parentheses = repeated("(", 500000);
    AUTO(free) char *source = memory_print("{{%s", parentheses);
    check_refused(source, "inside each other");
}

static void many_names_are_refused(void)
{
    AUTO(text_finish) struct text variables = {0};
    AUTO(text_finish) struct text definitions = {0};
    for (int i = 0; i < 2000; i++) {
        text_print(&variables, "{{$v%d := 1}}", i);
        text_print(&definitions, "{{define \"t%d\"}}x{{end}}", i);
    }
    check_refused(text_characters(&variables), "more than 250 variables");
    check_refused(text_characters(&definitions), "more than 1000 templates");
    AUTO(free) char *long_text = repeated("x", TEMPLATE_SOURCE_MAX + 1);
    check_refused(long_text, "longer than 1048576 octets");
}

static void an_output_is_traced_to_its_source(void)
{
    static const char source[] =
        "\xc3\xa4 {{ .x }}\n{{- /* c */ -}}\nb: {{ printf \"%s-%s\" .x .x }}!\n"
        "{{ range .list }}- {{ . }}\n{{ end }}{{ template \"u\" . }}{{ define \"u\" }}t\n{{ end }}";
    static const struct {
        const char *at; /* in the output */
        unsigned line, column;
    } rows[] = {
        {"\xc3\xa4", 1, 1}, {" X", 1, 2},   {"Xb", 1, 3},      {"b: ", 3, 1},  {"X-X", 3, 4},  {"-X!", 3, 4},
        {"!\n", 3, 30},     {"- 1", 4, 18}, {"1\n- 2", 4, 20}, {"- 2", 4, 18}, {"t\n", 5, 46},
    };
    AUTO(value_unref) struct value *data = value_new_map();
    struct value *list = value_new_list();
    value_list_take(list, value_new_integer(1));
    value_list_take(list, value_new_integer(2));
    value_map_take(data, "list", list);
    value_map_take(data, "x", value_new_string("X"));
    AUTO(template_destroy) struct template *template = NULL;
    AUTO(template_map_finish) struct template_map map = {0};
    AUTO(text_finish) struct text output = {0};
    text_append(&output, "before");
    CHECK(template_parse(&template, "t", bytes_of_text(source), NULL, 0, NULL) == TEMPLATE_OK);
    CHECK(template_render_mapped(&output, &map, template, data, NULL) == TEMPLATE_OK);
    const char *rendered = text_characters(&output) + strlen("before");
    CHECK_TEXT(rendered, "\xc3\xa4 Xb: X-X!\n- 1\n- 2\nt\n");
    for (size_t i = 0; i < LENGTH(rows); i++) {
        unsigned line = 0, column = 0;
        const char *at = strstr(rendered, rows[i].at);
        CHECK_ROW(rows[i].at, at != NULL);
        template_map_locate(&line, &column, &map, template, at ? (size_t)(at - rendered) : 0);
        CHECK_NUMBER(line, rows[i].line);
        CHECK_NUMBER(column, rows[i].column);
    }
}

static void every_prefix_of_a_template_is_parsed_or_refused(void)
{
    static const char source[] =
        "a{{- range $i, $e := .list }}{{if eq $e `b` }}{{printf \"%5.2f\" 1.5e3 | len}}{{else}}"
        "{{template \"t\" (index . 0).x}}{{end -}} {{/* c */}}{{end}}{{define \"t\"}}{{.}}{{end}}";
    for (size_t size = 0; size < strlen(source); size++) {
        struct template *template = NULL;
        struct diag why = {{0}};
        int outcome = template_parse(&template, "t", bytes_of(source, size), NULL, 0, &why);
        CHECK((outcome == TEMPLATE_OK) == (template != NULL));
        CHECK((outcome == TEMPLATE_OK) == (why.text[0] == '\0'));
        template_destroy(template);
    }
}

int main(void)
{
    RUN(a_template_is_rendered_over_data);
    RUN(a_reason_names_the_place);
    RUN(a_callers_function_comes_before_all_others);
    RUN(output_is_appended_and_a_failure_takes_it_back);
    RUN(an_assignment_in_range_goes_to_the_variables_it_names);
    RUN(a_value_in_hand_outlives_its_variable);
    RUN(no_template_takes_more_than_its_share);
    RUN(deep_nesting_is_refused_before_the_stack_ends);
    RUN(many_names_are_refused);
    RUN(an_output_is_traced_to_its_source);
    RUN(every_prefix_of_a_template_is_parsed_or_refused);
    return test_result();
}
