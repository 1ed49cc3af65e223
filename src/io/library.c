/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries loaded when they are needed. */
#include "io/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_load(const char *soname, const struct library_function *functions, size_t count, struct diag *why)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return fail(why, -ENOENT, "the library %s cannot be loaded: %s", soname, dlerror());
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(library, functions[i].name);
        if (!function)
            return fail(why, -ENOENT, "the library %s has no %s: it is of another version", soname, functions[i].name);
        memcpy(functions[i].pointer, &function, sizeof function);
    }
    return 0;
}
