/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP service alone, for tests and measurements: http-service ASSETS [LOG-LEVEL [GROUPS]]. It listens on a port of
 * 127.0.0.1 that it prints, gives profile 'worker' to 52:54:00:12:34:56 and to GROUPS further machines, and ends with
 * SIGTERM. The boot program 'ipxe.efi' and the extra file '/boot/kernel' are the asset 'kernel'. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/log.h"
#include "serve/http.h"

static void add_group(struct catalog *catalog, unsigned number)
{
    AUTO(free) char *id = memory_print("node%u", number);
    AUTO(free) char *mac = memory_print("52:54:00:12:%02x:%02x", number / 256, number % 256);
    struct group *group = group_create(id, "worker");
    labels_set(&group->selector, "mac", mac);
    catalog_take_group(catalog, group);
}

static struct catalog *catalog_new(unsigned groups)
{
    struct catalog *catalog = catalog_create();
    struct profile *worker = profile_create("worker");
    worker->boot.present = true;
    free(worker->boot.kernel);
    worker->boot.kernel = memory_text("/assets/kernel");
    profile_add_initrd(worker, "/assets/initrd");
    profile_add_arg(worker, "console=ttyS0");
    catalog_take_profile(catalog, worker);
    add_group(catalog, 0x3456);
    for (unsigned i = 0; i < groups && i < 0x3456; i++)
        add_group(catalog, i);
    catalog_seal(catalog);
    return catalog;
}

static char *find_loader(void *context, const char *name)
{
    return text_is(name, "ipxe.efi") ? memory_print("%s/kernel", (const char *)context) : NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: http-service ASSETS [LOG-LEVEL [GROUPS]]\n");
        return 2;
    }
    enum log_level level = LOG_LEVEL_INFO;
    if (argc > 2 && log_level_from_text(&level, argv[2]))
        log_set_level(level);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);

    AUTO(current_catalog_destroy)
    struct current_catalog *catalog =
        current_catalog_create(catalog_new(argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0));
    AUTO(fleet_destroy) struct fleet *fleet = fleet_create();
    AUTO(free) char *kernel = memory_print("%s/kernel", argv[1]);
    const struct http_file files[] = {{.path = "/boot/kernel", .file = kernel, .stage = STAGE_KERNEL}};
    const struct serve_http_settings settings = {
        .address = {.number = 0x7f000001},
        .assets_path = argv[1],
        .http = {.files = files, .file_count = 1, .find_loader = find_loader, .loader_context = argv[1]},
        .catalog = catalog,
        .fleet = fleet,
    };
    struct serve_http *server = NULL;
    struct diag why;
    if (serve_http_start(&server, &settings, &why) != 0) {
        fprintf(stderr, "%s\n", why.text);
        return EXIT_FAILURE;
    }
    printf("%u\n", serve_http_port(server));
    fflush(stdout);
    int caught = 0;
    sigwait(&ends, &caught);
    serve_http_stop(server, 2 * SECOND);
    return EXIT_SUCCESS;
}
