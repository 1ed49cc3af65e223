/* SPDX-License-Identifier: Apache-2.0 */
/* Where this host keeps the boot programs. */
#include "store/loaders.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"

/* Debian, Fedora, Alpine and what was installed by hand. */
static const char *const distribution_folders[] = {
    "/usr/lib/ipxe",
    "/usr/share/ipxe",
    "/usr/local/share/ipxe",
    "/usr/local/lib/ipxe",
};

struct loaders {
    char **folders;
    size_t folder_count, folder_capacity;
    struct config_loader *files;
    size_t file_count, file_capacity;
};

struct loaders *loaders_create(const struct config *config)
{
    struct loaders *loaders = MEMORY_NEW(struct loaders);
    for (size_t i = 0; i < config->loaders.path_count; i++)
        *ARRAY_ADD(loaders->folders, loaders->folder_count, loaders->folder_capacity) =
            memory_text(config->loaders.path[i]);
    for (size_t i = 0; i < LENGTH(distribution_folders); i++)
        *ARRAY_ADD(loaders->folders, loaders->folder_count, loaders->folder_capacity) =
            memory_text(distribution_folders[i]);
    for (size_t i = 0; i < config->loaders.file_count; i++)
        *ARRAY_ADD(loaders->files, loaders->file_count, loaders->file_capacity) = (struct config_loader){
            .name = memory_text(config->loaders.files[i].name),
            .path = memory_text(config->loaders.files[i].path),
        };
    return loaders;
}

void loaders_destroy(struct loaders *loaders)
{
    if (!loaders)
        return;
    for (size_t i = 0; i < loaders->folder_count; i++)
        free(loaders->folders[i]);
    for (size_t i = 0; i < loaders->file_count; i++) {
        free(loaders->files[i].name);
        free(loaders->files[i].path);
    }
    free(loaders->folders);
    free(loaders->files);
    free(loaders);
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

char *loaders_find(const struct loaders *loaders, const char *name)
{
    for (size_t i = 0; i < loaders->file_count; i++)
        if (text_is(loaders->files[i].name, name))
            return is_file(loaders->files[i].path) ? memory_text(loaders->files[i].path) : NULL;
    const struct loader *loader = loader_named(name);
    for (size_t folder = 0; loader && folder < loaders->folder_count; folder++)
        for (size_t place = 0; place < LOADER_PLACES_MAX && loader->places[place]; place++) {
            char *path = memory_print("%s/%s", loaders->folders[folder], loader->places[place]);
            if (is_file(path))
                return path;
            free(path);
        }
    return NULL;
}
