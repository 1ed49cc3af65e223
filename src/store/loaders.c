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
    /* What TFTP would serve is there, too. */
    if (config->tftp.root)
        *ARRAY_ADD(loaders->folders, loaders->folder_count, loaders->folder_capacity) = memory_text(config->tftp.root);
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

/* The first of these paths that is a file, and where it lies in the folders if it is relative. */
static char *find_place(const struct loaders *loaders, const char *const *places, size_t count)
{
    for (size_t folder = 0; folder <= loaders->folder_count; folder++)
        for (size_t place = 0; place < count; place++) {
            bool is_absolute = places[place][0] == '/';
            if (is_absolute != (folder == loaders->folder_count))
                continue;
            char *path = is_absolute ? memory_text(places[place])
                                     : memory_print("%s/%s", loaders->folders[folder], places[place]);
            if (is_file(path))
                return path;
            free(path);
        }
    return NULL;
}

static char *find_loader(const struct loaders *loaders, const struct loader *loader)
{
    size_t count = 0;
    while (count < LOADER_PLACES_MAX && loader->places[count])
        count++;
    return find_place(loaders, loader->places, count);
}

static char *find_file(const struct loaders *loaders, const char *name)
{
    char *places[LOADER_PLACES_MAX];
    size_t count = loader_file_places(places, name);
    char *path = find_place(loaders, (const char *const *)places, count);
    for (size_t i = 0; i < count; i++)
        free(places[i]);
    return path;
}

char *loaders_find(const struct loaders *loaders, const char *name)
{
    for (size_t i = 0; i < loaders->file_count; i++)
        if (text_is(loaders->files[i].name, name))
            return is_file(loaders->files[i].path) ? memory_text(loaders->files[i].path) : NULL;
    const struct loader *loader = loader_named(name);
    return loader ? find_loader(loaders, loader) : find_file(loaders, name);
}

bool loaders_have(void *context, const struct loader *loader)
{
    AUTO(free) char *path = loaders_find(context, loader->name);
    return path != NULL;
}
