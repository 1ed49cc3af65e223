/* SPDX-License-Identifier: Apache-2.0 */
/* The files that `muster boot` serves: opened once, named for HTTP, kept open to the end. */
#pragma once

#include <stddef.h>

#include "answer/http.h"
#include "base/diag.h"

struct image {
    char *place; /* as the user named it */
    char *path;  /* where HTTP serves it: "/boot/0/vmlinuz" */
    char *file;  /* what HTTP opens */
    int fd;
    enum stage stage; /* of a machine's boot, when it gets this file */
};

struct images {
    struct image *at;
    size_t count;
    size_t capacity;
};

void images_finish(struct images *images);
AUTO_DEFINE_STRUCT(images_finish, struct images);
/* Opens a path or URL, saying how a download goes on standard error, or finds it opened already. Gives its path for
 * HTTP, borrowed from images; NULL with the reason. */
const char *images_add(struct images *images, const char *place, enum stage stage, struct diag *why);
/* The images as HTTP wants them, on the heap; they borrow from images. */
struct http_file *images_to_files(const struct images *images);
