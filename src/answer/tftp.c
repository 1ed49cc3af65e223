/* SPDX-License-Identifier: Apache-2.0 */
/* What a TFTP request gets. */
#include "answer/tftp.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Octets of a name shown in a reason: longer than any name that is meant, short enough for a console line. */
#define SHOWN_NAME_MAX 128

void answer_tftp_finish(struct answer_tftp *answer)
{
    text_finish(&answer->content);
    free(answer->file);
    free(answer->chosen);
    answer->file = answer->chosen = NULL;
}

void answer_tftp_refuse(struct answer_tftp *ret, enum tftp_error error, const char *format, ...)
{
    va_list arguments;
    ret->kind = ANSWER_TFTP_REFUSAL;
    ret->error = error;
    va_start(arguments, format);
    vsnprintf(ret->error_text, sizeof ret->error_text, format, arguments);
    va_end(arguments);
}

/* The name as asked, fit to be shown. */
static void note_name(struct answer_tftp *ret, struct bytes file)
{
    AUTO(text_finish) struct text shown = {0};
    text_append_shown(&shown, file, SHOWN_NAME_MAX);
    snprintf(ret->name, sizeof ret->name, "%s", text_characters(&shown));
}

static bool has_control_character(struct bytes file)
{
    for (size_t i = 0; i < file.size; i++)
        if (file.data[i] < 0x20 || file.data[i] == 0x7f)
            return true;
    return false;
}

static bool is_separator(uint8_t octet)
{
    return octet == '/' || octet == '\\';
}

/* The next part of a path between separators, of either kind; false when there is none. */
static bool next_part(struct bytes *ret, struct bytes *path)
{
    size_t start = 0;
    while (start < path->size && is_separator(path->data[start]))
        start++;
    size_t end = start;
    while (end < path->size && !is_separator(path->data[end]))
        end++;
    *ret = bytes_slice(*path, start, end - start);
    *path = bytes_slice(*path, end, path->size);
    return ret->size > 0;
}

/* Windows' boot manager and its relatives ask for C:\Boot\BCD. */
static struct bytes without_drive(struct bytes file)
{
    bool has_drive = file.size >= 2 && isalpha(file.data[0]) && file.data[1] == ':';
    return has_drive ? bytes_slice(file, 2, file.size) : file;
}

/* Writes the name as a path below a folder: parts with one slash between them, none of them "." or "..". False, with
 * the refusal, when that cannot be. */
static bool normalise(struct answer_tftp *ret, struct bytes file)
{
    if (file.size >= ANSWER_TFTP_NAME_MAX || has_control_character(file)) {
        answer_tftp_refuse(ret, TFTP_ERROR_ACCESS, "'%s' is no name of a file", ret->name);
        return false;
    }
    char name[ANSWER_TFTP_NAME_MAX];
    size_t length = 0;
    struct bytes path = without_drive(file);
    struct bytes part;
    while (next_part(&part, &path)) {
        if (bytes_equal_text(part, "."))
            continue;
        if (bytes_equal_text(part, "..")) {
            answer_tftp_refuse(ret, TFTP_ERROR_ACCESS, "'%s' leads out of what is served", ret->name);
            return false;
        }
        length += (size_t)snprintf(name + length, sizeof name - length, "%s%.*s", length > 0 ? "/" : "", (int)part.size,
                                   (const char *)part.data);
    }
    if (length == 0) {
        answer_tftp_refuse(ret, TFTP_ERROR_NOT_FOUND,
                           "the request names no file: the DHCP answer gave this client no file name");
        return false;
    }
    memcpy(ret->name, name, length + 1);
    return true;
}

/* What can be said before the name is looked at. */
static bool is_served(struct answer_tftp *ret, const struct tftp_request *request)
{
    if (request->is_write)
        answer_tftp_refuse(ret, TFTP_ERROR_ACCESS, "'%s' is not taken: this server takes no files", ret->name);
    else if (request->mode != TFTP_MODE_OCTET && request->mode != TFTP_MODE_NETASCII)
        answer_tftp_refuse(ret, TFTP_ERROR_ILLEGAL, "'%s' was asked for in a mode that is neither octet nor netascii",
                           ret->name);
    else
        return true;
    return false;
}

static bool find_in_root(struct answer_tftp *ret, const struct answer_tftp_places *places)
{
    int result = places->find_in_root ? places->find_in_root(places->root_context, ret->name) : -ENOENT;
    if (result == -ENOENT)
        return false;
    if (result == 0)
        ret->kind = ANSWER_TFTP_ROOT_FILE;
    else
        answer_tftp_refuse(ret, TFTP_ERROR_ACCESS, "'%s' below %s cannot be read: %s", ret->name, places->root,
                           strerror(-result));
    return true;
}

static bool find_program(struct answer_tftp *ret, const struct answer_tftp_places *places)
{
    if (!places->find_program)
        return false;
    ret->path = places->find_program(places->program_context, ret->name);
    if (!ret->path)
        return false;
    ret->kind = ANSWER_TFTP_PROGRAM;
    return true;
}

static bool generate(struct answer_tftp *ret, const struct answer_tftp_places *places,
                     const struct answer_tftp_client *client)
{
    struct answer_tftp_request request = {.name = ret->name, .client = client};
    return places->generate && places->generate(ret, places->generate_context, &request);
}

static void refuse_unfound(struct answer_tftp *ret, const struct answer_tftp_places *places)
{
    bool has_root = places->find_in_root;
    answer_tftp_refuse(ret, TFTP_ERROR_NOT_FOUND, "no file '%.*s' here: %s%s%s", SHOWN_NAME_MAX, ret->name,
                       has_root ? "neither below " : "", has_root ? places->root : "no",
                       has_root ? " nor a boot program found on this host"
                                : " boot program of this name was found on this host");
}

void answer_tftp(struct answer_tftp *ret, const struct tftp_request *request, const struct answer_tftp_client *client,
                 const struct answer_tftp_places *places)
{
    *ret = (struct answer_tftp){.stage = STAGE_LOADER};
    note_name(ret, request->file);
    if (!is_served(ret, request) || !normalise(ret, request->file))
        return;
    if (find_in_root(ret, places) || find_program(ret, places) || generate(ret, places, client))
        return;
    refuse_unfound(ret, places);
}
