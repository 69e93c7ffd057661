/*
 * source_fill.c: bytes of an input on their way from the stage to the parser.
 */
#include "capture/source_state.h"

#include <stdlib.h>

#include "base/monotonic.h"

/* Blocks that are read: large enough that calls cost nothing, small enough for the cache. */
#define BLOCK (256u * 1024)

/* What the stage has in memory already is parsed there, if the unparsed bytes fit in front of it; false: it is to be read. */
static bool borrow(mc_source *s, size_t left, size_t *got)
{
    uint8_t *at;

    if (!mc_stage_lends(s->stage) || s->in.options.max_bytes != 0 || left > MC_STAGE_FRONT)
        return false;
    s->stage_end = mc_stage_lend(s->stage, &at, got, &s->stage_error);
    if (s->stage_end != MC_OK)
        return true;
    memcpy(at - left, s->buffer + s->begin, left);
    s->buffer = at - left;
    s->begin = 0;
    s->end = left + *got;
    return true;
}

int64_t mc_source_waited(const mc_source *s)
{
    return s->waited_ns;
}

mc_status mc_source_fill(mc_source *s, size_t most, size_t *got, unsigned wait_ms)
{
    uint64_t limit = s->in.options.max_bytes, allowed = UINT64_MAX;
    size_t left = s->end - s->begin, size;
    int64_t began;
    uint8_t *more;

    *got = 0;
    if (s->stage_end != MC_OK || (most == SIZE_MAX && borrow(s, left, got)))
        return MC_OK;
    /* A record that fills half of the buffer and is not whole yet: as much again, so
       memory follows the bytes that really come. */
    if (s->own == NULL || left > s->room / 2) {
        const bool owns = s->buffer == s->own;

        for (size = s->own == NULL ? BLOCK : s->room * 2; left > size / 2; size *= 2)
            ;
        more = realloc(s->own, size);
        if (more == NULL)
            return MC_NOMEM;
        s->buffer = owns ? more : s->buffer;
        s->own = more;
        s->room = size;
    }
    if (left > 0)
        memmove(s->own, s->buffer + s->begin, left);
    s->buffer = s->own;
    s->begin = 0;
    s->end = left;
    size = (size_t)mc_min_u64(s->room - s->end, most);
    if (limit != 0 && s->stage->limited) {
        /* one byte more than allowed tells a capture of just this size from a longer one */
        allowed = limit - mc_min_u64(limit, s->limited_bytes);
        size = (size_t)mc_min_u64(size, allowed == UINT64_MAX ? allowed : allowed + 1);
    }
    mc_stage_lowest(s->stage)->grows = s->follow && s->at + 1 == s->in.count;
    began = mc_monotonic_ns();
    s->stage_end = mc_stage_read(s->stage, s->buffer + s->end, size, got, wait_ms,
                                 &s->stage_error);
    s->waited_ns += mc_monotonic_ns() - began;
    if (s->stage_end != MC_OK) {
        *got = 0;
        return MC_OK;
    }
    if (limit != 0 && s->stage->limited) {
        if (*got > allowed) {
            *got = (size_t)allowed;
            s->stage_end = mc_fail(&s->stage_error, MC_LIMIT, 0,
                                   "more than %llu bytes of capture (max_bytes)",
                                   (unsigned long long)limit);
        }
        s->limited_bytes += *got;
    }
    s->end += *got;
    return MC_OK;
}
