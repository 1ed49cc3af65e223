/* SPDX-License-Identifier: Apache-2.0 */
/* Overlays. */
#include "boot/overlay.h"

#include "base/array.h"

bool overlay_text_is_template(const char *text)
{
    return strstr(text, "{{") != NULL;
}

void overlay_file_finish(struct overlay_file *file)
{
    free(file->path);
    free(file->text);
    *file = (struct overlay_file){0};
}

void overlay_finish(struct overlay *overlay)
{
    for (size_t i = 0; i < overlay->count; i++)
        overlay_file_finish(&overlay->files[i]);
    free(overlay->files);
    *overlay = (struct overlay){0};
}

void overlay_take_file(struct overlay *overlay, struct overlay_file *take_file)
{
    *ARRAY_ADD(overlay->files, overlay->count, overlay->capacity) = *take_file;
    *take_file = (struct overlay_file){0};
}
