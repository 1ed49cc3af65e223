/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without libFuzzer: over every file of its corpus, every prefix of each, and a number of
 * mutations of each that is the same in every run. Arguments: the corpus folder, optionally mutations a file. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Prefixes and mutations are for inputs of a datagram's order of size; longer files run whole. */
enum { INPUT_MAX = 1 << 20, MUTATED_MAX = 1 << 14, MUTATIONS = 2000 };

static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

/* Runs the target on an exact copy, so that a sanitizer sees every read past the end. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t mutate(uint8_t *data, size_t size)
{
    for (uint32_t changes = 1 + random_number() % 8; changes > 0 && size > 0; changes--) {
        size_t at = random_number() % size;
        switch (random_number() % 5) {
        case 0:
            data[at] = (uint8_t)random_number();
            break;
        case 1:
            data[at] ^= (uint8_t)(1u << random_number() % 8);
            break;
        case 2:
            data[at] = random_number() & 1 ? 0xff : 0;
            break;
        case 3:
            memmove(data + at, data + at + 1, size - at - 1);
            size--;
            break;
        default:
            memmove(data + at + 1, data + at, size - at);
            size++;
        }
    }
    return size;
}

static void replay(const uint8_t *data, size_t size, unsigned mutations)
{
    static uint8_t mutated[MUTATED_MAX + 8];
    run(data, size);
    if (size > MUTATED_MAX)
        return;
    for (size_t prefix = 0; prefix < size; prefix++)
        run(data, prefix);
    for (unsigned i = 0; i < mutations; i++) {
        memcpy(mutated, data, size);
        run(mutated, mutate(mutated, size));
    }
}

int main(int argc, char **argv)
{
    static uint8_t content[INPUT_MAX];
    unsigned files = 0;
    unsigned mutations = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : MUTATIONS;
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "no corpus folder: %s\n", argc > 1 ? argv[1] : "name one");
        return EXIT_FAILURE;
    }
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!file)
            continue;
        size_t size = fread(content, 1, sizeof content, file);
        fclose(file);
        replay(content, size, mutations);
        files++;
    }
    closedir(folder);
    printf("ok %u files, their prefixes and %u mutations of each\n%u passed, 0 failed\n", files, mutations, files > 0);
    return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
