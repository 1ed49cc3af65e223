/* SPDX-License-Identifier: Apache-2.0 */
#include "store/image-index.h"

#include "base/array.h"
#include "test.h"

static void an_id_is_of_its_url_alone(void)
{
    char a[IMAGE_ID_MAX], b[IMAGE_ID_MAX];
    image_id(a, "http://a/k");
    image_id(b, "http://a/l");
    CHECK(image_id_is_valid(a) && image_id_is_valid(b) && strcmp(a, b) != 0);
    CHECK(!image_id_is_valid("") && !image_id_is_valid("../../../../../../../etc/passwd.") && !image_id_is_valid("A"));
}

static void a_record_that_is_written_is_read(void)
{
    struct image_record record = {
        .url = memory_text("https://a/k?x=y"),
        .download = {.size = 12345678901, .etag = "W/\"a b\"", .modified = "Sun, 06 Nov 1994 08:49:37 GMT"},
        .used = 1700000000,
        .made = -5,
    };
    AUTO(text_finish) struct text text = {0};
    AUTO(image_record_finish) struct image_record read = {0};
    image_record_write(&text, &record);
    CHECK(image_record_read(&read, text_bytes(&text), NULL) == 0);
    CHECK_TEXT(read.url, record.url);
    CHECK_TEXT(read.download.etag, record.download.etag);
    CHECK_TEXT(read.download.modified, record.download.modified);
    CHECK(read.download.size == record.download.size && read.download.have == 0);
    CHECK(read.used == record.used && read.made == record.made);
    image_record_finish(&record);
}

static void each_prefix_of_a_record_is_one_or_refused_with_a_reason(void)
{
    static const char text[] =
        "muster-image 1\nurl http://a\nsize 5\netag \"e\"\nmodified m\nmade 1\nused 2\nnew thing\n";
    for (size_t size = 0; size < sizeof text; size++) {
        AUTO(image_record_finish) struct image_record record = {0};
        struct diag why = {{0}};
        int result = image_record_read(&record, bytes_of(text, size), &why);
        CHECK((result == 0) == (why.text[0] == '\0') && (result == 0) == (record.url != NULL));
    }
}

static void what_is_no_record_is_refused(void)
{
    static const char *const texts[] = {"", "url http://a\n", "muster-image 1\n", "muster-image 1\nurl a\nsize x\n",
                                        "muster-image 1\nurl a\nused 1e9\n"};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct image_record record;
        CHECK_ROW(texts[i], image_record_read(&record, bytes_of_text(texts[i]), NULL) != 0 && !record.url);
    }
}

static void those_leave_that_were_unused_for_longest(void)
{
    static const struct {
        const char *name;
        struct image_weight weights[3];
        uint64_t needed, bound;
        bool fits;
        bool leaves[3];
    } rows[] = {
        {"all fit", {{10, 1, 0, 0}, {10, 2, 0, 0}, {10, 3, 0, 0}}, 10, 40, true, {0, 0, 0}},
        {"the oldest", {{10, 2, 0, 0}, {10, 1, 0, 0}, {10, 3, 0, 0}}, 11, 40, true, {0, 1, 0}},
        {"two", {{10, 2, 0, 0}, {10, 1, 0, 0}, {10, 3, 0, 0}}, 21, 40, true, {1, 1, 0}},
        {"not what is held", {{10, 2, 0, 0}, {10, 1, 1, 0}, {10, 3, 0, 0}}, 11, 40, true, {1, 0, 0}},
        {"all are held", {{10, 2, 1, 0}, {10, 1, 1, 0}, {10, 3, 1, 0}}, 11, 40, false, {0, 0, 0}},
        {"the rest is too little", {{30, 2, 1, 0}, {5, 1, 0, 0}, {5, 3, 0, 0}}, 11, 40, false, {0, 0, 0}},
        {"larger than all", {{10, 2, 0, 0}, {10, 1, 0, 0}, {10, 3, 0, 0}}, 41, 40, false, {0, 0, 0}},
        {"a bound that shrank", {{10, 2, 0, 0}, {10, 1, 0, 0}, {10, 3, 0, 0}}, 0, 15, true, {1, 1, 0}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct image_weight weights[3];
        memcpy(weights, rows[i].weights, sizeof weights);
        CHECK_ROW(rows[i].name, image_weights_make_room(weights, 3, rows[i].needed, rows[i].bound) == rows[i].fits);
        for (size_t k = 0; k < 3; k++)
            CHECK_ROW(rows[i].name, weights[k].leaves == rows[i].leaves[k]);
    }
}

int main(void)
{
    RUN(an_id_is_of_its_url_alone);
    RUN(a_record_that_is_written_is_read);
    RUN(each_prefix_of_a_record_is_one_or_refused_with_a_reason);
    RUN(what_is_no_record_is_refused);
    RUN(those_leave_that_were_unused_for_longest);
    return test_result();
}
