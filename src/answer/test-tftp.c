/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/tftp.h"

#include <errno.h>

#include "base/array.h"
#include "test.h"

static char asked_root[ANSWER_TFTP_NAME_MAX];
static char asked_program[ANSWER_TFTP_NAME_MAX];
static int root_result;

static int find_in_root(void *context, const char *name)
{
    (void)context;
    snprintf(asked_root, sizeof asked_root, "%s", name);
    return text_is(name, "boot/BCD") || text_is(name, "both") ? 0 : root_result;
}

static const char *find_program(void *context, const char *name)
{
    (void)context;
    snprintf(asked_program, sizeof asked_program, "%s", name);
    return text_is(name, "ipxe.efi") || text_is(name, "both") ? "/usr/lib/ipxe/ipxe.efi" : NULL;
}

static bool generate(struct answer_tftp *ret, void *context, const struct answer_tftp_request *request)
{
    (void)context;
    if (!text_starts_with(request->name, "pxelinux.cfg/"))
        return false;
    char address[IPV4_TEXT_MAX];
    ret->kind = ANSWER_TFTP_CONTENT;
    text_print(&ret->content, "for %s", ipv4_to_text(address, request->client->address));
    return true;
}

static const struct answer_tftp_places all_places = {
    .root = "/srv/tftp", .find_in_root = find_in_root, .find_program = find_program, .generate = generate};

static void ask(struct answer_tftp *ret, struct tftp_request request, const struct answer_tftp_places *places)
{
    asked_root[0] = asked_program[0] = '\0';
    root_result = -ENOENT;
    answer_tftp(ret, &request, &(struct answer_tftp_client){.address = {0x0a000007}}, places);
}

static void ask_name(struct answer_tftp *ret, const char *name)
{
    ask(ret, (struct tftp_request){.file = bytes_of_text(name), .mode = TFTP_MODE_OCTET}, &all_places);
}

static void names_are_made_paths_below_a_folder(void)
{
    static const struct {
        const char *asked, *looked_for;
    } rows[] = {
        {"boot/x", "boot/x"},    {"/boot/x", "boot/x"},    {"//boot//x", "boot/x"},
        {"\\boot\\x", "boot/x"}, {"./boot/./x", "boot/x"}, {"C:\\boot\\x", "boot/x"},
        {"c:/boot/x", "boot/x"}, {"boot/x/", "boot/x"},    {"\\\\./\\boot/x", "boot/x"},
        {"..x/y..", "..x/y.."},  {"...", "..."},           {"a b", "a b"},
        {"12:x", "12:x"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        ask_name(&answer, rows[i].asked);
        CHECK_ROW(rows[i].asked, text_is(asked_root, rows[i].looked_for) && text_is(answer.name, rows[i].looked_for));
    }
}

static void names_that_are_none_are_refused_unseen(void)
{
    static const struct {
        const char *asked;
        enum tftp_error error;
        const char *text;
    } rows[] = {
        {"../../etc/shadow", TFTP_ERROR_ACCESS, "'../../etc/shadow' leads out of what is served"},
        {"..\\..\\etc\\shadow", TFTP_ERROR_ACCESS, "'..\\..\\etc\\shadow' leads out of what is served"},
        {"boot/..", TFTP_ERROR_ACCESS, "'boot/..' leads out of what is served"},
        {"C:..\\x", TFTP_ERROR_ACCESS, "'C:..\\x' leads out of what is served"},
        {"/../x", TFTP_ERROR_ACCESS, "'/../x' leads out of what is served"},
        {"a\nb", TFTP_ERROR_ACCESS, "'a\\x0ab' is no name of a file"},
        {"\x7f", TFTP_ERROR_ACCESS, "'\\x7f' is no name of a file"},
        {"", TFTP_ERROR_NOT_FOUND, "the request names no file: the DHCP answer gave this client no file name"},
        {"//", TFTP_ERROR_NOT_FOUND, "the request names no file: the DHCP answer gave this client no file name"},
        {".", TFTP_ERROR_NOT_FOUND, "the request names no file: the DHCP answer gave this client no file name"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        ask_name(&answer, rows[i].asked);
        CHECK_ROW(rows[i].asked, answer.kind == ANSWER_TFTP_REFUSAL && answer.error == rows[i].error);
        CHECK_TEXT(answer.error_text, rows[i].text);
        CHECK_ROW(rows[i].asked, asked_root[0] == '\0' && asked_program[0] == '\0');
    }
}

static void a_name_has_a_longest_length(void)
{
    char name[ANSWER_TFTP_NAME_MAX + 1];
    memset(name, 'n', sizeof name);
    name[ANSWER_TFTP_NAME_MAX] = '\0';
    AUTO(answer_tftp_finish) struct answer_tftp too_long;
    ask_name(&too_long, name);
    CHECK_NUMBER(too_long.error, TFTP_ERROR_ACCESS);
    AUTO(answer_tftp_finish) struct answer_tftp longest;
    ask_name(&longest, name + 1);
    CHECK_NUMBER(longest.error, TFTP_ERROR_NOT_FOUND);
    CHECK_TEXT(asked_root, name + 1);
}

static void plain_files_win_over_boot_programs_and_those_over_made_ones(void)
{
    static const struct {
        const char *asked;
        enum answer_tftp_kind kind;
    } rows[] = {
        {"\\boot\\BCD", ANSWER_TFTP_ROOT_FILE},
        {"both", ANSWER_TFTP_ROOT_FILE},
        {"ipxe.efi", ANSWER_TFTP_PROGRAM},
        {"/ipxe.efi", ANSWER_TFTP_PROGRAM},
        {"boot/ipxe.efi", ANSWER_TFTP_REFUSAL},
        {"IPXE.EFI", ANSWER_TFTP_REFUSAL},
        {"pxelinux.cfg/default", ANSWER_TFTP_CONTENT},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(answer_tftp_finish) struct answer_tftp answer;
        ask_name(&answer, rows[i].asked);
        CHECK_ROW(rows[i].asked, answer.kind == rows[i].kind);
        CHECK_ROW(rows[i].asked, answer.kind != ANSWER_TFTP_PROGRAM || text_is(answer.path, "/usr/lib/ipxe/ipxe.efi"));
        CHECK_ROW(rows[i].asked,
                  answer.kind != ANSWER_TFTP_CONTENT || text_is(text_characters(&answer.content), "for 10.0.0.7"));
    }
}

static void a_file_that_is_nowhere_is_refused_with_the_places_looked_at(void)
{
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    ask_name(&answer, "x");
    CHECK_NUMBER(answer.error, TFTP_ERROR_NOT_FOUND);
    CHECK_TEXT(answer.error_text, "no file 'x' here: neither below /srv/tftp nor a boot program found on this host");
    AUTO(answer_tftp_finish) struct answer_tftp rootless;
    struct tftp_request request = {.file = bytes_of_text("x"), .mode = TFTP_MODE_OCTET};
    ask(&rootless, request, &(struct answer_tftp_places){.find_program = find_program});
    CHECK_TEXT(rootless.error_text, "no file 'x' here: no boot program of this name was found on this host");
}

static int find_forbidden(void *context, const char *name)
{
    (void)context;
    (void)name;
    return -EACCES;
}

static void a_file_that_cannot_be_read_is_not_passed_over(void)
{
    AUTO(answer_tftp_finish) struct answer_tftp answer;
    struct answer_tftp_places places = all_places;
    places.find_in_root = find_forbidden;
    ask(&answer, (struct tftp_request){.file = bytes_of_text("ipxe.efi"), .mode = TFTP_MODE_OCTET}, &places);
    CHECK_NUMBER(answer.error, TFTP_ERROR_ACCESS);
    CHECK_TEXT(answer.error_text, "'ipxe.efi' below /srv/tftp cannot be read: Permission denied");
}

static void files_are_not_taken_and_mail_is_not_sent(void)
{
    AUTO(answer_tftp_finish) struct answer_tftp write;
    struct bytes file = bytes_of_text("ipxe.efi");
    ask(&write, (struct tftp_request){.file = file, .mode = TFTP_MODE_OCTET, .is_write = true}, &all_places);
    CHECK_NUMBER(write.error, TFTP_ERROR_ACCESS);
    CHECK_TEXT(write.error_text, "'ipxe.efi' is not taken: this server takes no files");
    AUTO(answer_tftp_finish) struct answer_tftp mail;
    ask(&mail, (struct tftp_request){.file = file, .mode = TFTP_MODE_MAIL}, &all_places);
    CHECK_NUMBER(mail.error, TFTP_ERROR_ILLEGAL);
    AUTO(answer_tftp_finish) struct answer_tftp netascii;
    ask(&netascii, (struct tftp_request){.file = file, .mode = TFTP_MODE_NETASCII}, &all_places);
    CHECK_NUMBER(netascii.kind, ANSWER_TFTP_PROGRAM);
}

int main(void)
{
    RUN(names_are_made_paths_below_a_folder);
    RUN(names_that_are_none_are_refused_unseen);
    RUN(a_name_has_a_longest_length);
    RUN(plain_files_win_over_boot_programs_and_those_over_made_ones);
    RUN(a_file_that_is_nowhere_is_refused_with_the_places_looked_at);
    RUN(a_file_that_cannot_be_read_is_not_passed_over);
    RUN(files_are_not_taken_and_mail_is_not_sent);
    return test_result();
}
