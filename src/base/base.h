/*
 * base.h: what every core file uses: errors, checked reads, small helpers.
 * Inline functions and declarations only.
 */
#ifndef MC_BASE_H
#define MC_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mcpcap.h"

#define MC_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#if defined(__GNUC__)
#define MC_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MC_LIKELY(x)    __builtin_expect(!!(x), 1)
#define MC_UNLIKELY(x)  __builtin_expect(!!(x), 0)
#define MC_PREFETCH(p)  __builtin_prefetch((const void *)(p))
/* For what is looked at once: it does not drive out what is needed again. */
#define MC_PREFETCH_ONCE(p) __builtin_prefetch((const void *)(p), 0, 0)
/* For what is looked at later: into the second-level cache. */
#define MC_PREFETCH_LATER(p) __builtin_prefetch((const void *)(p), 0, 2)
#ifdef MCPCAP_COVERAGE               /* a copy at each call would count each branch as often */
#define MC_INLINE       __attribute__((unused)) static inline
#else
#define MC_INLINE       static inline __attribute__((always_inline))
#endif
#define MC_NOINLINE     __attribute__((noinline))
/* Keeps a pointer in its register: the compiler would else work it out again at each use. */
#define MC_KEEP(p)      __asm__("" : "+r"(p))
#else
#define MC_PRINTF(f, a)
#define MC_LIKELY(x)    (x)
#define MC_UNLIKELY(x)  (x)
#define MC_PREFETCH(p)  ((void)(p))
#define MC_PREFETCH_ONCE(p) ((void)(p))
#define MC_PREFETCH_LATER(p) ((void)(p))
#define MC_INLINE       static inline
#define MC_NOINLINE
#define MC_KEEP(p)      ((void)(p))
#endif

#define MC_LINE 64                   /* bytes of a line of the caches */

#define MC_NS_PER_S  1000000000LL
#define MC_NS_PER_MS 1000000LL
#define MC_NS_PER_US 1000LL

/*
 * Fills 'err' (which may be NULL) and returns 'status', so that a failing
 * function ends in one line.  'detail' is an errno, a CURLcode, or 0.
 */
MC_PRINTF(4, 5)
static inline mc_status mc_fail(mc_error *err, mc_status status, int detail,
                                const char *format, ...)
{
    va_list args;

    if (err != NULL) {
        err->status = status;
        err->detail = detail;
        va_start(args, format);
        vsnprintf(err->msg, sizeof err->msg, format, args);
        va_end(args);
    }
    return status;
}

/* Fails with what an errno says, behind "SUBJECT: " if there is one: strerror() has one buffer for all threads. */
static inline mc_status mc_fail_errno(mc_error *err, mc_status status, int number, const char *subject)
{
    char buffer[128];
    const char *words = strerror_r(number, buffer, sizeof buffer);

    return mc_fail(err, status, number, "%s%s%s", subject != NULL ? subject : "", subject != NULL ? ": " : "", words);
}

/* Bytes that may be read; a layer that knows its own end shortens the view. */
typedef struct mc_view {
    const uint8_t *p;
    size_t len;
} mc_view;

/*
 * Takes the first 'n' bytes off 'v' and returns them, or returns NULL and
 * leaves 'v' alone when fewer are there.
 */
static inline const uint8_t *mc_take(mc_view *v, size_t n)
{
    const uint8_t *p = v->p;

    if (n > v->len)
        return NULL;
    v->p += n;
    v->len -= n;
    return p;
}

static inline uint16_t mc_be16(const uint8_t *p)
{
    return (uint16_t)((p[0] << 8) | p[1]);
}

static inline uint32_t mc_be32(const uint8_t *p)
{
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

static inline uint64_t mc_be64(const uint8_t *p)
{
    return (uint64_t)mc_be32(p) << 32 | mc_be32(p + 4);
}

static inline uint16_t mc_le16(const uint8_t *p)
{
    return (uint16_t)((p[1] << 8) | p[0]);
}

static inline uint32_t mc_le32(const uint8_t *p)
{
    return ((uint32_t)p[3] << 24) | ((uint32_t)p[2] << 16) | ((uint32_t)p[1] << 8) | p[0];
}

/* The four bytes of an IPv4 address, as they lie. */
static inline uint32_t mc_word4(const uint8_t *p)
{
    uint32_t address;

    memcpy(&address, p, sizeof address);
    return address;
}

/* The second half of such an address as ::ffff:a.b.c.d, in one word; the first is 0. */
static inline uint64_t mc_mapped_word(uint32_t address)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (uint64_t)address << 32 | 0xffff0000u;
#else
    return 0x0000ffff00000000u | address;
#endif
}

/* Nanoseconds from 'then' to 'now'; a capture may name any times, and what lies further
   apart than 64 bits can say stops at their ends. */
static inline int64_t mc_ns_since(int64_t now, int64_t then)
{
    int64_t passed;

    if (MC_UNLIKELY(__builtin_sub_overflow(now, then, &passed)))
        return now > then ? INT64_MAX : INT64_MIN;
    return passed;
}

/* Milliseconds as nanoseconds; times in a file may lie as far apart as they like. */
static inline int64_t mc_ns_of_ms(double ms)
{
    return ms < 9e12 ? (int64_t)(ms * (double)MC_NS_PER_MS) : INT64_MAX;
}

/* Both together, within the same bounds. */
static inline int64_t mc_ns_plus(int64_t a, int64_t b)
{
    int64_t sum;

    if (MC_UNLIKELY(__builtin_add_overflow(a, b, &sum)))
        return a > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

static inline uint64_t mc_max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t mc_min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
