/* SPDX-License-Identifier: Apache-2.0 */
#include "io/notify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/memory.h"
#include "test.h"

/* A service manager that reads what it likes. */
static char *folder;
static char *path;
static int manager = -1;

static void start_manager(void)
{
    char template[] = "/tmp/muster-notify-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    folder = memory_text(mkdtemp(template));
    path = memory_print("%s/notify", folder);
    memcpy(address.sun_path, path, strlen(path));
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK_NUMBER(bind(manager, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", path, 1);
}

static void stop_manager(void)
{
    unsetenv("NOTIFY_SOCKET");
    manager = fd_close(manager);
    unlink(path);
    rmdir(folder);
    free(path);
    free(folder);
}

static void the_service_manager_is_told(void)
{
    char word[16] = "";
    start_manager();
    notify_send("READY=1");
    CHECK_NUMBER(recv(manager, word, sizeof word, 0), 7);
    CHECK(memcmp(word, "READY=1", 7) == 0);
    stop_manager();
}

static void a_service_manager_that_does_not_read_is_not_waited_for(void)
{
    char word[16];
    start_manager();
    alarm(5);
    for (int i = 0; i < 2000; i++)
        notify_send("RELOADING=1");
    alarm(0);
    CHECK_NUMBER(recv(manager, word, sizeof word, 0), 11);
    stop_manager();
}

int main(void)
{
    RUN(the_service_manager_is_told);
    RUN(a_service_manager_that_does_not_read_is_not_waited_for);
    return test_result();
}
