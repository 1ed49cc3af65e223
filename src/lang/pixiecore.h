/* SPDX-License-Identifier: Apache-2.0 */
/* What Pixiecore is told to boot: the JSON of its API. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "base/text.h"

struct pixiecore_boot {
    const char *kernel;        /* a URL, absolute or relative to the API's server */
    const char *const *initrd; /* likewise */
    size_t initrd_count;
    const char *const *args;
    size_t args_count;
    bool args_are_pairs; /* the profile has them as a map: so they are written, as bootcfg did */
};

/* Appends the object, without a line break: kernel, initrd and cmdline, which is a text, or an object of the arguments'
 * names and values when they are pairs. */
void pixiecore_write_boot(struct text *ret, const struct pixiecore_boot *boot);

/* Initrds of one answer: more than any system has, and each is a download. */
#define PIXIECORE_INITRDS_MAX 64

/* What a service of Pixiecore's API says a machine boots. Texts are "" or NULL where it says nothing. */
struct pixiecore_answer {
    char *kernel;  /* a URL, absolute or relative to the API's server */
    char **initrd; /* likewise */
    size_t initrd_count;
    char *cmdline; /* one line, a template in which {{ URL "..." }} is a file that the machine can load */
    char *message; /* for the machine's screen */
    char *script;  /* an iPXE script, which is all that counts where there is one; NULL: none */
};

/* Reads an answer as Pixiecore does: names match whatever their case, unknown ones are ignored, null is as nothing,
 * cmdline is a text or a map. In a map true stands for a bare word, as does "", which bootcfg meant so; a text gets
 * double quotes where it holds spaces (Pixiecore quotes every text, and what does not unquote it sees the quotes).
 * Returns 0, or -1 with the reason and then *ret is empty. The caller finishes *ret. */
int pixiecore_read_answer(struct pixiecore_answer *ret, struct bytes source, struct diag *why);
void pixiecore_answer_finish(struct pixiecore_answer *answer);
AUTO_DEFINE_STRUCT(pixiecore_answer_finish, struct pixiecore_answer);
