/* SPDX-License-Identifier: Apache-2.0 */
/* AUTO(f) declares a local that f frees on every path out of its scope; take() functions hand it over instead. */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(function) __attribute__((cleanup(auto_##function)))

/* Declares what AUTO(function) calls for locals of the given pointer type; NULL is left alone. */
#define AUTO_DEFINE(function, pointer_type)                                                                            \
    static inline void auto_##function(pointer_type *local)                                                            \
    {                                                                                                                  \
        if (*local)                                                                                                    \
            function(*local);                                                                                          \
    }                                                                                                                  \
    struct auto_##function##_semicolon

/* Declares what AUTO(function) calls for a struct that lives in the scope and is finished in place. */
#define AUTO_DEFINE_STRUCT(function, struct_type)                                                                      \
    static inline void auto_##function(struct_type *local)                                                             \
    {                                                                                                                  \
        function(local);                                                                                               \
    }                                                                                                                  \
    struct auto_##function##_semicolon

static inline void auto_free(void *local)
{
    free(*(void **)local);
}

/* Closes a descriptor that is not negative and keeps errno. */
static inline int fd_close(int fd)
{
    int kept = errno;
    if (fd >= 0)
        close(fd);
    errno = kept;
    return -1;
}

static inline void auto_fd_close(int *local)
{
    fd_close(*local);
}

/* Hands the descriptor over: the local holds -1 afterwards and AUTO(fd_close) has nothing to close. */
static inline int take_fd(int *local)
{
    int fd = *local;
    *local = -1;
    return fd;
}

/* Hands a pointer over: the local holds NULL afterwards. */
#define take_pointer(local)                                                                                            \
    ({                                                                                                                 \
        __typeof__(local) taken_ = (local);                                                                            \
        (local) = NULL;                                                                                                \
        taken_;                                                                                                        \
    })
