/* SPDX-License-Identifier: Apache-2.0 */
/* The files that `muster boot` serves. */
#include "cli/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "io/fetch.h"

void images_finish(struct images *images)
{
    for (size_t i = 0; i < images->count; i++) {
        free(images->at[i].place);
        free(images->at[i].path);
        free(images->at[i].file);
        fd_close(images->at[i].fd);
    }
    free(images->at);
    *images = (struct images){0};
}

/* The last part of a path or URL, with nothing in it that would need escaping in a URL. */
static char *image_name(const char *place)
{
    size_t end = fetch_is_remote(place) ? strcspn(place, "?#") : strlen(place);
    while (end > 1 && place[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && place[start - 1] != '/')
        start--;
    char *name = memory_text_of(place + start, end - start);
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *c))
            *c = '-';
    if (*name && *name != '.')
        return name;
    free(name);
    return memory_text("image");
}

static void show_progress(void *context, uint64_t octets, uint64_t total)
{
    if (isatty(STDERR_FILENO) && total > 0)
        fprintf(stderr, "\r%s: %3u %% of %.1f MB ", (const char *)context, (unsigned)(octets * 100 / total),
                (double)total / 1e6);
}

const char *images_add(struct images *images, const char *place, enum stage stage, struct diag *why)
{
    for (size_t i = 0; i < images->count; i++)
        if (text_is(images->at[i].place, place))
            return images->at[i].path;
    int fd;
    if (fetch_open(&fd, place, show_progress, (void *)place, why) < 0)
        return NULL;
    if (fetch_is_remote(place) && isatty(STDERR_FILENO))
        fputc('\n', stderr);
    AUTO(free) char *name = image_name(place);
    struct image *image = ARRAY_ADD(images->at, images->count, images->capacity);
    *image = (struct image){
        .place = memory_text(place),
        .path = memory_print("/boot/%zu/%s", images->count - 1, name),
        /* The descriptor and not the path: a download has no path, and a file stays what it was at the start. */
        .file = memory_print("/proc/self/fd/%d", fd),
        .fd = fd,
        .stage = stage,
    };
    return image->path;
}

struct http_file *images_to_files(const struct images *images)
{
    struct http_file *files = memory_new(images->count, sizeof *files);
    for (size_t i = 0; i < images->count; i++)
        files[i] =
            (struct http_file){.path = images->at[i].path, .file = images->at[i].file, .place = images->at[i].place};
    return files;
}
