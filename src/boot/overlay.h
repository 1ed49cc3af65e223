/* SPDX-License-Identifier: Apache-2.0 */
/* The overlay of a profile: files that a machine gets as one more initrd, made for it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "boot/catalog-document.h"

enum overlay_kind {
    OVERLAY_CONTENT,  /* text is a template of the file */
    OVERLAY_DOCUMENT, /* text names a config document; "": the profile's own of that kind */
    OVERLAY_LINK,     /* text is what it points to, or a template of that */
    OVERLAY_DIRECTORY,
};

struct overlay_file {
    char *path; /* below the root, as cpio_path_clean() writes it, or a template of one */
    enum overlay_kind kind;
    enum catalog_document_kind document;
    char *text;    /* "" of a directory */
    unsigned mode; /* with set-user-id, set-group-id and sticky */
    uint32_t uid, gid;
};

/* Zero is none. */
struct overlay {
    struct overlay_file *files;
    size_t count;
    size_t capacity;
};

/* Whether a path or a link's target is a template: no name of a file has what begins one. */
bool overlay_text_is_template(const char *text);
void overlay_finish(struct overlay *overlay);
void overlay_file_finish(struct overlay_file *file);
AUTO_DEFINE_STRUCT(overlay_file_finish, struct overlay_file);
/* Takes over what the file holds and leaves it empty. */
void overlay_take_file(struct overlay *overlay, struct overlay_file *take_file);
