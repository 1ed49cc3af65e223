/* SPDX-License-Identifier: Apache-2.0 */
/* Files from paths and URLs, the latter over libcurl, which is loaded for the first of them. */
#include "io/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/text.h"
#include "io/curl.h"

bool fetch_is_remote(const char *place)
{
    return text_starts_with(place, "http://") || text_starts_with(place, "https://");
}

static int open_local(int *ret_fd, const char *path, struct diag *why)
{
    /* Not to hang on a FIFO that nobody writes to. */
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(why, -errno, "cannot read '%s': %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fail(why, -EINVAL, "cannot read '%s': it is %s, not a file", path,
                    S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe");
    *ret_fd = take_fd(&fd);
    return 0;
}

/* An unnamed file in $TMPDIR or /var/tmp, which unlike /tmp is seldom in memory. */
static int open_unnamed(int *ret_fd, struct diag *why)
{
    const char *folder = getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/var/tmp";
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(why, -errno, "make a file for a download in '%s': %s (set TMPDIR to another folder)", folder,
                    strerror(errno));
    *ret_fd = fd;
    return 0;
}

struct transfer {
    int fd;
    int error; /* errno of a failed write */
    void (*progress)(void *context, uint64_t octets, uint64_t total);
    void *context;
};

static size_t receive(char *octets, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t left = size * count;
    while (left > 0) {
        ssize_t written = write(transfer->fd, octets, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            transfer->error = errno;
            return 0;
        }
        octets += written;
        left -= (size_t)written;
    }
    return size * count;
}

static int report(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    (void)up_total;
    (void)up_now;
    struct transfer *transfer = context;
    if (transfer->progress)
        transfer->progress(transfer->context, (uint64_t)now, (uint64_t)total);
    return 0;
}

static void set_up(CURL *handle, const char *url, struct transfer *transfer, char error[CURL_ERROR_SIZE])
{
    curl_prepare(handle, url, error);
    curl.easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl.easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
    curl.easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, report);
    curl.easy_setopt(handle, CURLOPT_XFERINFODATA, transfer);
}

static int download(const char *url, struct transfer *transfer, struct diag *why)
{
    int result = curl_load(why);
    if (result < 0)
        return result;
    CURL *handle = curl.easy_init();
    if (!handle)
        return fail(why, -ENOMEM, "download '%s': no HTTP client", url);
    char error[CURL_ERROR_SIZE] = "";
    set_up(handle, url, transfer, error);
    CURLcode code = curl.easy_perform(handle);
    curl.easy_cleanup(handle);
    if (code == CURLE_OK)
        return 0;
    if (transfer->error)
        return fail(why, -transfer->error, "download '%s': store it: %s", url, strerror(transfer->error));
    struct diag reason;
    curl_say(&reason, code, error);
    return fail(why, -EIO, "download '%s': %s", url, reason.text);
}

static int open_remote(int *ret_fd, const char *url, struct transfer *transfer, struct diag *why)
{
    AUTO(fd_close) int fd = -1;
    int result = open_unnamed(&fd, why);
    if (result < 0)
        return result;
    transfer->fd = fd;
    result = download(url, transfer, why);
    if (result < 0)
        return result;
    *ret_fd = take_fd(&fd);
    return 0;
}

int fetch_open(int *ret_fd, const char *place, void (*progress)(void *context, uint64_t octets, uint64_t total),
               void *context, struct diag *why)
{
    if (fetch_is_remote(place))
        return open_remote(ret_fd, place, &(struct transfer){.progress = progress, .context = context}, why);
    const char *scheme = strstr(place, "://");
    if (scheme && !text_starts_with(place, "file:///"))
        return fail(why, -EINVAL, "cannot read '%s': only files and http:// or https:// URLs can be served", place);
    return open_local(ret_fd, scheme ? place + strlen("file://") : place, why);
}
