/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the image cache: for each image ID its content, "ID.part" while it is downloaded, and the record of
 * either beside it, "ID.info" and "ID.part.info". What has no ending is whole. */
#pragma once

#include <stdbool.h>

#include "base/auto.h"
#include "base/diag.h"
#include "store/image-index.h"

struct image_folder {
    int fd, lock_fd;
};

/* Opens the folder, makes it where it is not there, and locks it: one program at a time. 0 or a negative errno with the
 * reason. */
int image_folder_open(struct image_folder *ret, const char *path, struct diag *why);
void image_folder_close(struct image_folder *folder);

/* Calls visit for every image in the folder, in whole or in part, with have of the record's download set to what there
 * is; visit takes the record over. What has no record, or one that does not fit it, is removed. */
void image_folder_scan(struct image_folder *folder,
                       void (*visit)(void *context, const char *id, bool is_part, struct image_record *take_record),
                       void *context);
/* Opens the content to be read, and a part to be written too. A descriptor, or a negative errno with the reason. */
int image_folder_open_whole(struct image_folder *folder, const char *id, struct diag *why);
int image_folder_open_part(struct image_folder *folder, const char *id, struct diag *why);
/* A new, empty part in place of one there is. */
int image_folder_create_part(struct image_folder *folder, const char *id, struct diag *why);
/* Writes the record beside, atomically. 0 or a negative errno with the reason. */
int image_folder_write_record(struct image_folder *folder, const char *id, bool is_part,
                              const struct image_record *record, struct diag *why);
/* Makes the part, open as fd, the whole image: durable first, then under its name. */
int image_folder_complete(struct image_folder *folder, const char *id, int fd, const struct image_record *record,
                          struct diag *why);
void image_folder_remove(struct image_folder *folder, const char *id, bool is_part);
