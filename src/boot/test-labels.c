/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/labels.h"

#include "base/array.h"
#include "test.h"

static void labels_stand_in_the_order_of_their_names(void)
{
    AUTO(labels_finish) struct labels labels = {0};
    labels_set(&labels, "uuid", "u");
    labels_set(&labels, "mac", "m");
    labels_set(&labels, "Mac", "M");
    labels_set(&labels, "mac", "again");
    CHECK_NUMBER(labels.count, 3);
    CHECK_TEXT(labels.at[0].name, "Mac");
    CHECK_TEXT(labels.at[1].value, "again");
    CHECK_TEXT(labels_get(&labels, "uuid"), "u");
    CHECK(labels_get(&labels, "UUID") == NULL);
    CHECK(labels_get(&labels, "") == NULL);
}

static void a_mac_is_normalised_or_dropped_whatever_the_case_of_its_name(void)
{
    const struct {
        const char *name, *value, *kept;
    } rows[] = {
        {"mac", "52-54-00-AB-CD-EF", "52:54:00:ab:cd:ef"},
        {"MAC", "5254.00ab.cdef", "52:54:00:ab:cd:ef"},
        {"mAc", "525400abcdef", NULL},
        {"mac", "", NULL},
        {"mac", " 52:54:00:ab:cd:ef", NULL},
        {"uuid", "4C4C-ABCD", "4C4C-ABCD"},
        {"mac2", "52-54-00-AB-CD-EF", "52-54-00-AB-CD-EF"},
        {"hostname", "", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(labels_finish) struct labels labels = {0};
        CHECK_ROW(rows[i].value, labels_set_normalised(&labels, rows[i].name, rows[i].value) == (rows[i].kept != NULL));
        CHECK_TEXT(labels_get(&labels, rows[i].name), rows[i].kept);
    }
}

int main(void)
{
    RUN(labels_stand_in_the_order_of_their_names);
    RUN(a_mac_is_normalised_or_dropped_whatever_the_case_of_its_name);
    return test_result();
}
