/* SPDX-License-Identifier: Apache-2.0 */
/* What is loaded, compared with the files it should be. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storm.h"

#define FILES_MAX 8

static struct expected {
    char name[64];
    const uint8_t *octets;
    size_t size;
} files[FILES_MAX];

static void map_file(struct expected *ret, const char *folder, const char *name)
{
    char path[STORM_URL_MAX];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(ret->name, sizeof ret->name, "%s", name);
    if (fd < 0 || fstat(fd, &status) < 0)
        return;
    void *octets = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (octets != MAP_FAILED) {
        ret->octets = octets;
        ret->size = (size_t)status.st_size;
    }
}

static const struct expected *find_file(const char *folder, const char *name)
{
    size_t i = 0;
    for (; i < FILES_MAX && files[i].name[0]; i++)
        if (text_is(files[i].name, name))
            return &files[i];
    if (i == FILES_MAX)
        return NULL;
    map_file(&files[i], folder, name);
    return &files[i];
}

bool content_matches(const struct storm *storm, const char *name, uint64_t offset, struct bytes octets)
{
    if (!storm->content || octets.size == 0)
        return true;
    const struct expected *file = find_file(storm->content, name);
    return file && file->octets && offset + octets.size <= file->size &&
           memcmp(file->octets + offset, octets.data, octets.size) == 0;
}
