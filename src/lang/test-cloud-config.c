/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/cloud-config.h"

#include "base/array.h"
#include "base/text.h"
#include "test.h"

static void what_cloudinit_takes_is_taken(void)
{
    static const char *const contents[] = {
        "#!/bin/sh\nany: [thing\n",
        "#cloud-config",
        "#cloud-config \t\r\n",
        "#cloud-config\n---\nhostname: node1\nunknown: {a: [1]}\n",
        "#cloud-config\nssh-authorized-keys: [a]\nwrite_files:\n- path: /a\ncoreos:\n  units: []\nusers: [default]\n",
        "#cloud-config\nhostname: 12\nusers: null\n",
    };
    struct diag why;
    for (size_t i = 0; i < LENGTH(contents); i++)
        CHECK_ROW(contents[i], cloud_config_check(bytes_of_text(contents[i]), "cloud/a", &why) == 0);
}

static void what_it_does_not_take_is_refused_with_its_place(void)
{
    const struct {
        const char *content, *reason;
    } rows[] = {
        {"", "cloud/a:1:1: "},
        {"hostname: a\n", "cloud/a:1:1: "},
        {" #cloud-config\n", "cloud/a:1:1: "},
        {"#cloud-config x\n", "cloud/a:1:1: "},
        {"#cloud-config\na: 1\na: 2\n", "cloud/a:3:1: "},
        {"#cloud-config\n- a\n", "is a map of keys"},
        {"#cloud-config\nhostname: {a: b}\n", "cloud/a:2:11: error: 'hostname'"},
        {"#cloud-config\nssh-authorized-keys: a\n", "cloud/a:2:22: error: 'ssh_authorized_keys' must be a list"},
        {"#cloud-config\ncoreos: 1\n", "'coreos' must be a map"},
        {"#cloud-config\na: \"\n", "cloud/a:"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct diag why = {0};
        CHECK_ROW(rows[i].content, cloud_config_check(bytes_of_text(rows[i].content), "cloud/a", &why) != 0);
        CHECK_ROW(why.text, strstr(why.text, rows[i].reason) != NULL);
    }
}

int main(void)
{
    RUN(what_cloudinit_takes_is_taken);
    RUN(what_it_does_not_take_is_refused_with_its_place);
    return test_result();
}
