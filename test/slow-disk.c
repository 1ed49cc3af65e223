/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before a program, lets its files reach the disk only while the file SLOW_DISK is not there, and refuses to
 * store them while FAILING_DISK is. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_there(const char *variable)
{
    const char *path = getenv(variable);
    return path && access(path, F_OK) == 0;
}

int fdatasync(int fd)
{
    while (is_there("SLOW_DISK"))
        usleep(20000);
    if (!is_there("FAILING_DISK"))
        return (int)syscall(SYS_fdatasync, fd);
    errno = EIO;
    return -1;
}
