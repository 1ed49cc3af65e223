/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/ignition/unit-text.h"

#include "base/array.h"
#include "test.h"

static void units_are_read_as_leniently_as_ignition_does(void)
{
    static const struct {
        const char *text;
        bool is_good, has_install;
    } rows[] = {
        {"", true, false},
        {"[Install]\nWantedBy=multi-user.target\n", true, true},
        {"[Install]\nWantedBy=multi-user.target", true, true},
        {"[Install]\n", true, false},
        {"[Unit]\nDescription=x\n\n[Install]\r\nWantedBy=a\n", true, true},
        {"# [Install]\n;x\n[Unit]\n# a comment\nA=b\n", true, false},
        {"[Service]\nExecStart=/bin/sh \\\n  -c true\nType=oneshot\n", true, false},
        {"[Service]\nExecStart=/bin/sh \\", true, false},
        {"10.2.0.0/16", true, false},
        {"abc\n", true, false},
        {"abc [Install]\nA=b\n", true, true},
        {"[bad", false, false},
        {"[Unit] x\n", false, false},
        {"[Unit]\nno value\n", false, false},
        {"[Unit]\nno value", false, false},
        {"[Unit]\nA=\nB=\n", true, false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct unit_facts facts = unit_text_read(bytes_of_text(rows[i].text));
        CHECK_ROW(rows[i].text, (facts.fault == NULL) == rows[i].is_good);
        CHECK_ROW(rows[i].text, facts.has_install == rows[i].has_install);
    }
}

static void lines_before_the_first_section_are_noticed(void)
{
    CHECK(unit_text_read(bytes_of_text("x=y\n[Unit]\n")).has_stray_lines);
    CHECK(!unit_text_read(bytes_of_text("\n# x\n[Unit]\nx=y\n")).has_stray_lines);
}

int main(void)
{
    RUN(units_are_read_as_leniently_as_ignition_does);
    RUN(lines_before_the_first_section_are_noticed);
    return test_result();
}
