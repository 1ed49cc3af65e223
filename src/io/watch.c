/* SPDX-License-Identifier: Apache-2.0 */
/* Watched folders over inotify. The kernel watches folders by what they are, not by their names, so a path is followed
 * by hand: each folder on it is watched for the one name that leads on. */
#include "io/watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"

/* Symbolic links on one path, as many as the kernel follows. */
enum { LINKS_MAX = 40 };
/* What the kernel writes at once: some hundred events. */
enum { BUFFER_SIZE = 16384 };

/* Which names stand for what. */
#define NAMES_MASK (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
#define CONTENT_MASK (NAMES_MASK | IN_MODIFY | IN_CLOSE_WRITE)

struct interest {
    int descriptor; /* the kernel's number of the folder */
    unsigned tag;
    unsigned round;
    char *name; /* the only name that matters; NULL: every one */
};

struct watch {
    int fd;
    unsigned round;
    struct interest *interests;
    size_t count;
    size_t capacity;
    _Alignas(struct inotify_event) char buffer[BUFFER_SIZE];
    size_t filled;
    size_t offset; /* of the event in turn */
    size_t turn;   /* the first interest that was not asked about it yet */
};

struct watch *watch_create(struct diag *why)
{
    struct watch *watch = MEMORY_NEW(struct watch);
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->fd >= 0)
        return watch;
    fail(why, 0, "the kernel watches no more folders: %s (see fs.inotify.max_user_instances)", strerror(errno));
    free(watch);
    return NULL;
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->count; i++)
        free(watch->interests[i].name);
    free(watch->interests);
    fd_close(watch->fd);
    free(watch);
}

int watch_fd(const struct watch *watch)
{
    return watch->fd;
}

static struct interest *watch_find(struct watch *watch, int descriptor, unsigned tag, const char *name)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct interest *interest = &watch->interests[i];
        if (interest->descriptor == descriptor && interest->tag == tag && text_is(interest->name, name))
            return interest;
    }
    return NULL;
}

/* Watches one folder for one name, or for every one where name is NULL. */
static int watch_add_one(struct watch *watch, const char *folder, const char *name, unsigned tag, struct diag *why)
{
    int descriptor =
        inotify_add_watch(watch->fd, folder, (name ? NAMES_MASK : CONTENT_MASK) | IN_ONLYDIR | IN_MASK_ADD);
    if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (descriptor < 0)
        return fail(why, -errno, "cannot watch '%s': %s%s", folder, strerror(errno),
                    errno == ENOSPC ? " (see fs.inotify.max_user_watches)" : "");
    struct interest *interest = watch_find(watch, descriptor, tag, name);
    if (!interest) {
        interest = ARRAY_ADD(watch->interests, watch->count, watch->capacity);
        *interest = (struct interest){.descriptor = descriptor, .tag = tag, .name = memory_text(name)};
    }
    interest->round = watch->round;
    return 0;
}

/* What a symbolic link says, on the heap; NULL for all else. */
static char *link_read(const char *path)
{
    char target[PATH_MAX];
    ssize_t size = readlink(path, target, sizeof target);
    return size > 0 && (size_t)size < sizeof target ? memory_text_of(target, (size_t)size) : NULL;
}

/* Puts a link's target in the place of the name that was just passed: *left is what is still to be walked. */
static void walk_into_link(struct text *walked, size_t folder_length, char **left, const char *target)
{
    char *rest = memory_print("%s/%s", target, *left);
    free(*left);
    *left = rest;
    AUTO(free) char *folder = memory_text_of(text_characters(walked), target[0] == '/' ? 0 : folder_length);
    text_clear(walked);
    text_append(walked, folder);
}

/* Watches each folder of the path for the name that leads on; *walked is then the path without links. */
static int watch_way(struct watch *watch, struct text *walked, const char *path, unsigned tag, struct diag *why)
{
    int result = 0;
    AUTO(free) char *left = memory_text(path);
    if (path[0] != '/')
        text_append(walked, ".");
    for (int links = 0;;) {
        size_t slashes = strspn(left, "/");
        size_t size = strcspn(left + slashes, "/");
        if (size == 0)
            return result;
        AUTO(free) char *name = memory_text_of(left + slashes, size);
        memmove(left, left + slashes + size, strlen(left + slashes + size) + 1);
        size_t folder_length = walked->length;
        int added = watch_add_one(watch, walked->length > 0 ? text_characters(walked) : "/", name, tag, why);
        result = added < 0 ? added : result;
        text_print(walked, "/%s", name);
        AUTO(free) char *target = link_read(text_characters(walked));
        if (target && ++links > LINKS_MAX)
            return result;
        if (target)
            walk_into_link(walked, folder_length, &left, target);
    }
}

int watch_add(struct watch *watch, const char *path, unsigned tag, struct diag *why)
{
    AUTO(text_finish) struct text walked = {0};
    int result = watch_way(watch, &walked, path, tag, why);
    int added = watch_add_one(watch, walked.length > 0 ? text_characters(&walked) : "/", NULL, tag, why);
    return added < 0 ? added : result;
}

static bool watch_has_descriptor(const struct watch *watch, int descriptor)
{
    for (size_t i = 0; i < watch->count; i++)
        if (watch->interests[i].descriptor == descriptor)
            return true;
    return false;
}

static void watch_drop(struct watch *watch, size_t index)
{
    int descriptor = watch->interests[index].descriptor;
    free(watch->interests[index].name);
    watch->interests[index] = watch->interests[--watch->count];
    if (!watch_has_descriptor(watch, descriptor))
        inotify_rm_watch(watch->fd, descriptor);
}

void watch_end_round(struct watch *watch)
{
    for (size_t i = watch->count; i > 0; i--)
        if (watch->interests[i - 1].round != watch->round)
            watch_drop(watch, i - 1);
    watch->round++;
}

/* The event in turn; NULL when the kernel has no more. */
static const struct inotify_event *watch_event_in_turn(struct watch *watch)
{
    if (watch->offset == watch->filled) {
        ssize_t size = read(watch->fd, watch->buffer, sizeof watch->buffer);
        watch->offset = 0;
        watch->filled = size > 0 ? (size_t)size : 0;
    }
    if (watch->filled == 0)
        return NULL;
    return (const struct inotify_event *)(const void *)(watch->buffer + watch->offset);
}

static void watch_pass_event(struct watch *watch, const struct inotify_event *event)
{
    watch->offset += sizeof *event + event->len;
    watch->turn = 0;
}

/* Whether the event is of interest; *ret then says it. */
static bool interest_matches(struct watch_event *ret, const struct interest *interest,
                             const struct inotify_event *event)
{
    if (interest->descriptor != event->wd)
        return false;
    *ret = (struct watch_event){.tag = interest->tag};
    if (event->len == 0)
        return (event->mask & IN_ATTRIB) == 0 || interest->name == NULL;
    if (!interest->name) {
        ret->name = event->name;
        return true;
    }
    return text_is(interest->name, event->name);
}

bool watch_next(struct watch_event *ret, struct watch *watch)
{
    for (;;) {
        const struct inotify_event *event = watch_event_in_turn(watch);
        if (!event)
            return false;
        if (event->mask & IN_Q_OVERFLOW) {
            watch_pass_event(watch, event);
            *ret = (struct watch_event){.tag = WATCH_TAG_LOST};
            return true;
        }
        while (watch->turn < watch->count)
            if (interest_matches(ret, &watch->interests[watch->turn++], event))
                return true;
        watch_pass_event(watch, event);
    }
}
