/*
 * check.h: the whole test harness.
 *
 *     static void test_a_name_that_says_what_it_shows(void)
 *     {
 *         CHECK(1 + 1 == 2);
 *         CHECK_EQ(f(), 4);
 *     }
 *
 * What cannot be tried here says SKIPPED("why"): its test counts as skipped.
 *
 *     int main(void)
 *     {
 *         RUN(test_a_name_that_says_what_it_shows);
 *         return DONE();
 *     }
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>

__attribute__((unused)) static int check_failures, check_tests, check_failed_tests, check_skips, check_skipped_tests;

#define CHECK(cond)                                                                     \
    do {                                                                                \
        if (!(cond)) {                                                                  \
            check_failures++;                                                           \
            fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, #cond); \
        }                                                                               \
    } while (0)

#define CHECK_EQ(have, want)                                                            \
    do {                                                                                \
        long long have_ = (long long)(have), want_ = (long long)(want);                 \
        if (have_ != want_) {                                                           \
            check_failures++;                                                           \
            fprintf(stderr, "%s:%d: %s: %s is %lld, not %lld\n", __FILE__, __LINE__,    \
                    __func__, #have, have_, want_);                                     \
        }                                                                               \
    } while (0)

#define CHECK_STR(have, want)                                                           \
    do {                                                                                \
        const char *have_ = (have), *want_ = (want);                                    \
        if (have_ == NULL || strcmp(have_, want_) != 0) {                               \
            check_failures++;                                                           \
            fprintf(stderr, "%s:%d: %s: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, \
                    __func__, #have, have_ == NULL ? "(null)" : have_, want_);          \
        }                                                                               \
    } while (0)

/* The reason is printed once in a test. */
#define SKIPPED(why)                                                                    \
    do {                                                                                \
        if (check_skips++ == 0)                                                         \
            printf("SKIPPED: %s: %s\n", __func__, (why));                               \
    } while (0)

#define RUN(test)                                                                       \
    do {                                                                                \
        int before_ = check_failures;                                                   \
        check_skips = 0;                                                                \
        test();                                                                         \
        check_tests++;                                                                  \
        if (check_failures != before_)                                                  \
            check_failed_tests++;                                                       \
        else if (check_skips > 0)                                                       \
            check_skipped_tests++;                                                      \
    } while (0)

/* A check that failed outside of any RUN is a failure too. */
#define DONE()                                                                          \
    (printf("%d passed, %d failed, %d skipped\n", check_tests - check_failed_tests - check_skipped_tests, \
            check_failed_tests, check_skipped_tests),                                   \
     check_failures != 0 || check_tests == 0)

#endif
