/*
 * fail_along.h: a piece of work whose requests for memory fail one after the other.
 */
#ifndef FAIL_ALONG_H
#define FAIL_ALONG_H

#include "check.h"
#include "failing_memory.h"

#define CUT_SHORT UINT64_MAX

/* What a result is known by; 0: there is none; CUT_SHORT: it is of less than all, or not exact, and says so. */
typedef uint64_t (*job)(void);

/* Nothing leaks, and what is told is what is told with enough memory. */
static void fail_along(job work, bool for_good)
{
    const size_t live = memory.live_count;                   /* the captures themselves */
    const uint64_t want = work();
    uint64_t have;
    long n;

    CHECK(want != 0 && want != CUT_SHORT);
    for (n = 1; check_failures < 10; n += 1 + n / 16) {      /* the first ones all, then ever fewer */
        begin_failing(n, for_good);
        have = work();
        memory.on = false;
        if (memory.failed == 0)
            break;                                           /* there is no n-th request */
        if (have != 0 && have != CUT_SHORT)                 /* some can be done without */
            CHECK(have == want);
        CHECK_EQ(memory.live_count, live);
    }
    CHECK(n > 10);
    CHECK(work() == want);
}

#endif
