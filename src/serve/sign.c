/* SPDX-License-Identifier: Apache-2.0 */
/* The key that signs. */
#include "serve/sign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first line of a file without its end, on the heap. */
static int read_passphrase(char **ret, const char *path, struct diag *why)
{
    size_t capacity = 0;
    FILE *file = fopen(path, "re");
    errno = file ? ENODATA : errno;
    ssize_t length = file ? getline(ret, &capacity, file) : -1;
    int error = length < 0 ? -errno : 0;
    if (file)
        fclose(file);
    if (error)
        return fail(why, error, "read the passphrase in '%s': %s", path, strerror(-error));
    (*ret)[strcspn(*ret, "\r\n")] = '\0';
    return 0;
}

int serve_sign_open(struct signer **ret, const char *ring, const char *passphrase_file, struct diag *why)
{
    AUTO(free) char *line = NULL;
    *ret = NULL;
    if (!ring)
        return 0;
    int result = passphrase_file ? read_passphrase(&line, passphrase_file, why) : 0;
    if (result == 0)
        result = signer_open(ret, ring, line ? line : getenv(SERVE_SIGN_VARIABLE), why);
    if (line)
        explicit_bzero(line, strlen(line));
    return result;
}
