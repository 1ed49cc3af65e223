/* SPDX-License-Identifier: Apache-2.0 */
/* All a unit test needs. A test is a function whose name is a sentence; main() runs them and returns test_result(). */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_passed, test_failed, test_broken;
static const char *test_name;

/* States what must hold; says where and what when it does not, and goes on with the test. */
#define CHECK(condition) test_check((condition), __FILE__, __LINE__, #condition, "")
#define CHECK_TEXT(actual, expected) test_check_text((actual), (expected), __FILE__, __LINE__, #actual)
#define CHECK_NUMBER(actual, expected) test_check_number((actual), (expected), __FILE__, __LINE__, #actual)
/* The same inside a table: says which row. */
#define CHECK_ROW(row, condition) test_check((condition), __FILE__, __LINE__, #condition, (row))
#define RUN(test) test_run(#test, test)

static inline void test_check(int holds, const char *file, int line, const char *what, const char *row)
{
    if (!holds && ++test_broken)
        fprintf(stderr, "%s:%d: %s: does not hold: %s%s%s\n", file, line, test_name, what, *row ? " for " : "", row);
}

static inline void test_check_text(const char *actual, const char *expected, const char *file, int line,
                                   const char *what)
{
    if ((!actual != !expected || (actual && strcmp(actual, expected) != 0)) && ++test_broken)
        fprintf(stderr, "%s:%d: %s: %s is\n%s\nnot\n%s\n", file, line, test_name, what, actual ? actual : "(null)",
                expected ? expected : "(null)");
}

static inline void test_check_number(long long actual, long long expected, const char *file, int line, const char *what)
{
    if (actual != expected && ++test_broken)
        fprintf(stderr, "%s:%d: %s: %s is %lld, not %lld\n", file, line, test_name, what, actual, expected);
}

static inline void test_run(const char *name, void (*test)(void))
{
    test_name = name;
    test_broken = 0;
    test();
    test_broken ? test_failed++ : test_passed++;
    printf("%s %s\n", test_broken ? "FAIL" : "ok", name);
}

static inline int test_result(void)
{
    printf("%d passed, %d failed\n", test_passed, test_failed);
    return test_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
