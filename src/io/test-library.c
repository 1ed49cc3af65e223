/* SPDX-License-Identifier: Apache-2.0 */
#include "io/library.h"

#include <errno.h>

#include "test.h"

static void a_function_of_a_library_can_be_called(void)
{
    double (*cosine)(double) = NULL;
    const struct library_function functions[] = {{"cos", &cosine}};
    CHECK(library_load("libm.so.6", functions, 1, NULL) == 0);
    CHECK(cosine && cosine(0.0) == 1.0);
}

static void what_is_not_there_is_named(void)
{
    void (*function)(void) = NULL;
    struct diag why = {0};
    const struct library_function functions[] = {{"no_such_function", &function}};
    CHECK_NUMBER(library_load("libnosuch.so.9", functions, 1, &why), -ENOENT);
    CHECK(strstr(why.text, "libnosuch.so.9") != NULL);
    CHECK_NUMBER(library_load("libm.so.6", functions, 1, &why), -ENOENT);
    CHECK(strstr(why.text, "no_such_function") != NULL);
}

int main(void)
{
    RUN(a_function_of_a_library_can_be_called);
    RUN(what_is_not_there_is_named);
    return test_result();
}
