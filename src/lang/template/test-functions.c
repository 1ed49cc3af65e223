/* SPDX-License-Identifier: Apache-2.0 */
/* The functions under sprig's names, each as a template calls it. */
#include "lang/template/functions.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

static struct value *new_data(void)
{
    struct value *inner = value_new_map();
    value_map_take(inner, "port", value_new_number(8080));
    value_map_take(inner, "hosts", value_new_list());
    value_list_take(inner->map.members[0].value, value_new_string("a b"));
    value_list_take(inner->map.members[0].value, value_new_null());
    value_list_take(inner->map.members[0].value, value_new_number(1234567));
    struct value *data = value_new_map();
    value_map_take(data, "name", value_new_string("Node-1 straße"));
    value_map_take(data, "empty", value_new_string(""));
    value_map_take(data, "null", value_new_null());
    value_map_take(data, "zero", value_new_number(0));
    value_map_take(data, "inner", inner);
    value_map_take(data, "lines", value_new_string("one\ntwo\n"));
    return data;
}

struct row {
    const char *source;
    const char *expected; /* what it gives or, behind the place, the reason it gives nothing */
};

static void check(const struct row *rows, size_t count)
{
    AUTO(value_unref) struct value *data = new_data();
    for (size_t i = 0; i < count; i++) {
        AUTO(text_finish) struct text out = {0};
        AUTO(template_destroy) struct template *template = NULL;
        struct diag why = {{0}};
        CHECK(template_parse(&template, "t", bytes_of_text(rows[i].source), NULL, 0, &why) == TEMPLATE_OK);
        int outcome = template ? template_render(&out, template, data, NULL, &why) : TEMPLATE_E_PARSE;
        const char *reason = strchr(why.text, ' ');
        CHECK_TEXT(outcome == TEMPLATE_OK ? text_characters(&out) : reason ? reason + 1 : why.text, rows[i].expected);
    }
}

static void texts_are_changed(void)
{
    static const struct row rows[] = {
        {"{{upper .name}} {{lower .name}} {{upper 1.5}}", "NODE-1 STRAßE node-1 straße 1.5"},
        {"[{{trim \" \\t x y\\u00a0\\n\"}}] [{{trim \"\"}}] [{{trim \"  \"}}]", "[x y] [] []"},
        {"{{quote .name}} {{quote 3 nil true}} {{quote \"a\\\"b\\n\"}}",
         "\"Node-1 straße\" \"3\" \"true\" \"a\\\"b\\n\""},
        {"{{replace \"-\" \"_\" .name}} {{.name | replace \"e\" \"\"}} {{replace \"\" \"x\" \"ab\"}}",
         "Node_1 straße Nod-1 straß ab"},
        {"{{(split \"-\" .name)._0}} {{(split \"-\" .name)._1}}", "Node 1 straße"},
        {"{{splitList \",\" \"a,b,,c\"}} {{len (splitList \",\" \"\")}} {{splitList \"\" \"é→x\"}}",
         "[a b  c] 1 [é → x]"},
        {"{{join \"+\" .inner.hosts}} {{join \",\" (list 1 2.5 true)}} {{join \",\" \"x\"}} {{join \",\" list}}|",
         "a b+1.234567e+06 1,2.5,true x |"},
        {"{{indent 2 .lines}}|{{\"a\" | nindent 4}}|{{indent 0 \"x\"}}|{{indent .zero \"y\"}}",
         "  one\n  two\n  |\n    a|x|y"},
        {"{{upper nil}}", "upper: a text is needed and there is none (default gives another)"},
        {"{{index . \"none\" | b64enc}}", "b64enc: a text is needed and there is none (default gives another)"},
        {"{{replace \"a\" \"b\" .inner}}",
         "replace: a text is needed, not map[string]interface {} (toJson or join make one of it)"},
        {"{{join \",\" nil}}|{{join \",\" (list (list 1 2) nil)}}", "|[1 2]"},
        {"{{indent -1 \"a\"}}", "indent: -1 spaces are no indentation"},
        {"{{indent \"x\" \"a\"}}", "indent: a whole number is needed, not string"},
        {"{{contains \"de\" .name}} {{contains \"x\" .name}} {{contains \"\" \"\"}}", "true false true"},
        {"{{hasPrefix \"No\" .name}} {{hasPrefix \"o\" .name}} {{hasPrefix \"aa\" \"a\"}} {{hasPrefix \"\" \"\"}}",
         "true false false true"},
        {"{{hasSuffix \"ße\" .name}} {{hasSuffix \"x\" .name}} {{hasSuffix \"aa\" \"a\"}}", "true false false"},
    };
    check(rows, LENGTH(rows));
}

static void values_are_made_and_looked_up(void)
{
    static const struct row rows[] = {
        {"{{default \"d\" .empty}} {{default \"d\" .null}} {{default 5 .zero}} {{.name | default \"d\"}} {{default 1}}",
         "d d 5 Node-1 straße 1"},
        {"{{index . \"none\" | default \"d\"}}", "d"},
        {"{{required \"name it\" .name}} {{required \"x\" .zero}}", "Node-1 straße 0"},
        {"{{required \"set .metadata.x\" .empty}}", "required: set .metadata.x"},
        {"{{index . \"none\" | required \"set none\"}}", "required: set none"},
        {"{{ternary \"y\" \"n\" true}}{{false | ternary \"y\" \"n\"}}", "yn"},
        {"{{ternary 1 2 3}}", "ternary: the condition must be a bool, not int"},
        {"{{list}} {{list 1 \"a\" nil}} {{range list 1 2}}<{{.}}>{{end}}", "[] [1 a <nil>] <1><2>"},
        {"{{dict \"b\" 1 \"a\" 2 \"b\" 3}} {{(dict \"k\" \"v\").k}} {{dict \"alone\"}}|{{dict 1 2}}",
         "map[a:2 b:3] v map[alone:]|map[1:2]"},
        {"{{hasKey .inner \"port\"}} {{hasKey .inner \"none\"}} {{get .inner \"port\"}} {{get .inner \"none\"}}|",
         "true false 8080 |"},
        {"{{hasKey .name \"x\"}}", "hasKey: a map and a key are needed, not string and string"},
        {"{{get .inner 1}}", "get: a map and a key are needed, not map[string]interface {} and int"},
        {"{{int .inner.port}} {{eq (int .inner.port) 8080}} {{int \"42\"}} {{int 1.9}} {{int -1.9}} {{int true}}",
         "8080 true 42 1 -1 1"},
        {"{{int \"x\"}}", "int: this string is no number that an integer can hold"},
        {"{{int 1e300}}", "int: this float64 is no number that an integer can hold"},
        {"{{cidrhost \"10.1.0.0/16\" 259}} {{cidrhost \"10.0.0.0/24\" -2}} {{cidrhost \"0.0.0.0/0\" -1}}",
         "10.1.1.3 10.0.0.254 255.255.255.255"},
        {"{{cidrnetmask \"10.0.0.0/20\"}} {{cidrnetmask \"0.0.0.0/0\"}}", "255.255.240.0 0.0.0.0"},
        {"{{cidrhost \"10.0.0.0/24\" 256}}", "cidrhost: the subnet has 256 addresses, and none of the number 256"},
        {"{{cidrhost \"10.0.0.1\" 1}}", "cidrhost: a subnet such as \"10.0.0.0/24\" is needed"},
        {"{{list 1 2 3 | len}} {{trim}}", "trim takes 1 argument and is given 0"},
    };
    check(rows, LENGTH(rows));
}

static void values_are_encoded(void)
{
    static const struct row rows[] = {
        {"{{b64enc \"\"}} {{b64enc \"f\"}} {{b64enc \"fo\"}} {{b64enc \"foo\"}} {{b64enc \"foob\"}}",
         " Zg== Zm8= Zm9v Zm9vYg=="},
        {"{{b64dec \"\"}}|{{b64dec \"Zg==\"}}|{{b64dec \"Zm8=\"}}|{{b64dec \"Zm9v\"}}|{{.name | b64enc | b64dec}}",
         "|f|fo|foo|Node-1 straße"},
        {"{{b64dec \"Zg=\"}}", "b64dec: the text is no base64"},
        {"{{b64dec \"Z===\"}}", "b64dec: the text is no base64"},
        {"{{b64dec \"Zg==Zg==\"}}", "b64dec: the text is no base64"},
        {"{{b64dec \"Zm9\\n\"}}", "b64dec: the text is no base64"},
        {"{{sha256sum \"abc\"}}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"{{toJson .inner}}", "{\"hosts\":[\"a b\",null,1234567],\"port\":8080}"},
        {"{{toJson \"<a href='\\\"'>&\\n\\x01\"}}", "\"\\u003ca href='\\\"'\\u003e\\u0026\\n\\u0001\""},
        {"{{toJson nil}} {{toJson true}} {{toJson 3}} {{toJson 0.1}} {{toJson list}} {{toJson dict}}",
         "null true 3 0.1 [] {}"},
    };
    check(rows, LENGTH(rows));
}

static void yaml_reads_as_the_value_it_was(void)
{
    static const struct row rows[] = {
        {"{{toYaml .inner}}", "hosts:\n- a b\n- null\n- 1234567\nport: 8080"},
        {"{{toYaml (dict \"a\" (dict \"b\" (list (dict \"c\" 1 \"d\" list) (list 1 2)))  \"e\" dict)}}",
         "a:\n  b:\n  - c: 1\n    d: []\n  - - 1\n    - 2\ne: {}"},
        {"{{toYaml (dict \"t\" .lines \"u\" \"a\\nb\" \"v\" \"a\\n\\n\" \"w\" \"x\")}}",
         "t: |\n  one\n  two\nu: |-\n  a\n  b\nv: |+\n  a\n\nw: x"},
        {"{{toYaml (list \"true\" \"No\" \"~\" \"\" \"3\" \"1e3\" \"0x1F\" \"12:30\" \"2001-01-01\" \".5\" \".inf\")}}",
         "- \"true\"\n- \"No\"\n- \"~\"\n- \"\"\n- \"3\"\n- \"1e3\"\n- \"0x1F\"\n- \"12:30\"\n- \"2001-01-01\"\n- "
         "\".5\"\n"
         "- \".inf\""},
        {"{{toYaml (list \"a: b\" \"a #b\" \"a:\" \"- a\" \" a\" \"a \" \"*a\" \"@a\" \"'a\" \"a\\tb\" \"a\\\\b\")}}",
         "- \"a: b\"\n- \"a #b\"\n- \"a:\"\n- \"- a\"\n- \" a\"\n- \"a \"\n- \"*a\"\n- \"@a\"\n- \"'a\"\n- "
         "\"a\\tb\"\n- a\\b"},
        {"{{toYaml (list \"a:b\" \"a#b\" \"/dev/sda\" \"größe\" \"it's\" \"a, b\" \"ssh-rsa AA== x@y\")}}",
         "- a:b\n- a#b\n- /dev/sda\n- größe\n- it's\n- a, b\n- ssh-rsa AA== x@y"},
        {"{{toYaml (dict \"on\" 1 \"a: b\" 2 \"1\" 3)}}", "\"1\": 3\n\"a: b\": 2\n\"on\": 1"},
        {"{{toYaml \"\\x7f\\u0085\\U0010ffff<\"}}", "\"\\u007f\\u0085\\U0010ffff<\""},
        {"{{toYaml \"x\"}} {{toYaml 3}} {{toYaml list}} {{toYaml 1e21}} {{toYaml 1.5e-9}}", "x 3 [] 1.0e+21 1.5e-9"},
        {"k:{{toYaml .inner | nindent 2}}", "k:\n  hosts:\n  - a b\n  - null\n  - 1234567\n  port: 8080"},
    };
    check(rows, LENGTH(rows));
}

int main(void)
{
    RUN(texts_are_changed);
    RUN(values_are_made_and_looked_up);
    RUN(values_are_encoded);
    RUN(yaml_reads_as_the_value_it_was);
    return test_result();
}
