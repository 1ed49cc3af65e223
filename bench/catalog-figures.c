/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of a data directory for bench/catalog: catalog-figures DATA LABEL=VALUE... prints, a line each, how long the
 * directory takes to load, what the process then has in memory, how long it takes to choose for these labels, and to
 * read it again when one group changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/memory.h"
#include "io/loop.h"
#include "store/dir.h"

enum { CHOICES = 1000000, READINGS = 20 };

/* Megabytes in memory now. */
static double resident(void)
{
    char line[256];
    double kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1)
            break;
    if (status)
        fclose(status);
    return kilobytes / 1024;
}

int main(int argc, char **argv)
{
    AUTO(store_dir_destroy) struct store_dir *dir = store_dir_create(argc > 1 ? argv[1] : "data");
    AUTO(catalog_unref) struct catalog *catalog = NULL;
    AUTO(labels_finish) struct labels labels = {0};
    struct faults faults = {0};
    instant start = clock_now().steady;
    if (store_dir_read(&catalog, dir, &faults) != STORE_DIR_OK)
        return EXIT_FAILURE;
    printf("load_ms %.1f\n", (double)(clock_now().steady - start) / (double)MILLISECOND);
    printf("groups %zu\nfaults %zu\nresident_mb %.1f\n", catalog_group_count(catalog), faults.count, resident());
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        AUTO(free) char *name = memory_text_of(argv[i], value ? (size_t)(value - argv[i]) : strlen(argv[i]));
        labels_set_normalised(&labels, name, value ? value + 1 : "");
    }
    start = clock_now().steady;
    const struct group *group = NULL;
    for (int i = 0; i < CHOICES; i++)
        group = catalog_select(catalog, &labels);
    printf("select_ns %.0f\n", (double)(clock_now().steady - start) / CHOICES);
    start = clock_now().steady;
    for (int i = 0; i < READINGS; i++) {
        store_dir_touch(dir, 1, "node0.json");
        catalog_unref(catalog);
        if (store_dir_read(&catalog, dir, &faults) != STORE_DIR_OK)
            return EXIT_FAILURE;
    }
    printf("reread_ms %.1f\n", (double)(clock_now().steady - start) / (double)MILLISECOND / READINGS);
    group = catalog_select(catalog, &labels);
    printf("selected %s\n", group ? group->id : "none");
    faults_finish(&faults);
    return EXIT_SUCCESS;
}
