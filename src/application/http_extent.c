/*
 * http_extent.c: what the head of a message says of its length.
 *
 * It is read with each answer, as nobody can know which is the last: the ends of its lines are looked for 64 bytes at a time,
 * and a line that begins with neither C nor T costs no more than that.
 */
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "application/http.h"

#define CHUNKS_MOST 16               /* read of what came with the head */
#define EXTENT_MOST 0x7fffffffu      /* half of the numbers that a sequence has */

typedef struct framing {
    uint64_t length;
    bool told, chunked, strange;     /* a Content-Length; in chunks; what cannot be relied on */
    bool events;
} framing;

/* ------------------------------------------------------------------- fields */

/* Letters in small ones; the other signs that are compared with stay what they are, and no end of a line becomes one of them. */
static inline uint64_t small_eight(const void *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word | 0x2020202020202020ull;
}

static inline uint32_t small_four(const void *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof word);
    return word | 0x20202020u;
}

static inline bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static inline const uint8_t *skip_blanks(const uint8_t *p, const uint8_t *end)
{
    if (end - p > 1 && *p == ' ' && p[1] > ' ')
        return p + 1;                            /* as most say it */
    while (p < end && is_blank(*p))
        p++;
    return p;
}

#define NO_NUMBER UINT64_MAX

/* Digits, blanks around them, to the end of the line. */
static inline uint64_t read_length(const uint8_t *p, const uint8_t *end)
{
    uint64_t length = 0;
    const uint8_t *first;

    p = skip_blanks(p, end);
    for (first = p; p < end && (uint8_t)(*p - '0') <= 9; p++) {
        if (length > EXTENT_MOST)
            return NO_NUMBER;
        length = length * 10 + (uint64_t)(*p - '0');
    }
    if (p == first)
        return NO_NUMBER;
    while (p < end && (is_blank(*p) || *p == '\r'))
        p++;
    return p < end && *p == '\n' ? length : NO_NUMBER;
}

#define CHUNKED 7                    /* letters */

static inline bool is_chunked_at(const uint8_t *p)
{
    return small_four(p) == small_four("chun") && small_four(p + 3) == small_four("nked");
}

/* The last of the codings of a message is "chunked" (RFC 9112, 6.1). */
MC_NOINLINE static bool ends_chunked(const uint8_t *p, const uint8_t *end)
{
    end = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    if (end == NULL)
        return false;
    while (end > p && (is_blank(end[-1]) || end[-1] == '\r'))
        end--;
    if (end - p < CHUNKED)
        return false;
    end -= CHUNKED;
    return is_chunked_at(end) && (end == p || end[-1] == ' ' || end[-1] == ',');
}

static inline bool is_chunked(const uint8_t *p, const uint8_t *end)
{
    p = skip_blanks(p, end);
    if (end - p > CHUNKED + 1 && is_chunked_at(p) && p[CHUNKED] == '\r' && p[CHUNKED + 1] == '\n')
        return true;                             /* as most say it */
    return ends_chunked(p, end);
}

static const char content_length[] = "content-length", content_type[] = "content-type", encoding[] = "transfer-encoding",
                  events[] = "text/event-stream";

/* The names of fields that matter; their first eight letters tell most of it.  Bytes for the shortest are there. */
MC_INLINE bool is_content(const uint8_t *p)
{
    return small_eight(p) == small_eight(content_length);
}

MC_INLINE bool is_content_length(const uint8_t *p)
{
    return small_eight(p + 6) == small_eight(content_length + 6) && p[14] == ':';
}

MC_INLINE bool is_content_type(const uint8_t *p)
{
    return small_four(p + 8) == small_four(content_type + 8) && p[12] == ':';
}

MC_INLINE bool is_encoding(const uint8_t *p)
{
    return small_eight(p) == small_eight(encoding) && small_eight(p + 8) == small_eight(encoding + 8) &&
           (p[16] | 0x20) == encoding[16] && p[17] == ':';
}

#define LETTERS(word) (sizeof(word) - 1)

/* A line at 'p' that begins with C or T, of a head with bytes up to 'end'. */
static inline void take_field(framing *f, const uint8_t *p, const uint8_t *end)
{
    uint64_t length;

    if ((size_t)(end - p) <= LETTERS(content_length))
        return;                                  /* too short for a head to end behind one that matters */
    if (is_content(p)) {
        if (is_content_length(p)) {
            length = read_length(p + sizeof content_length, end);
            f->strange |= length == NO_NUMBER || (f->told && f->length != length);
            f->told = true;
            f->length = length;
            return;
        }
        if (!is_content_type(p))
            return;
        p = skip_blanks(p + sizeof content_type, end);
        f->events = (size_t)(end - p) >= LETTERS(events) && small_eight(p) == small_eight(events) &&
                    small_eight(p + 8) == small_eight(events + 8) && (p[16] | 0x20) == events[16];
    } else if ((size_t)(end - p) > LETTERS(encoding) && is_encoding(p)) {
        f->strange |= f->chunked || !is_chunked(p + sizeof encoding, end);
        f->chunked = true;
    }
}

/* --------------------------------------------------------------------- heads */

#define STEP 16u
#define WIDE 64u                     /* bytes that are looked at together */

/* Which of the STEP bytes at 'p' end a line. */
static inline uint64_t ends_of_step(const uint8_t *p)
{
#ifdef __SSE2__
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), _mm_set1_epi8('\n')));
#else
    uint64_t ends = 0;
    unsigned i;

    for (i = 0; i < STEP; i++)
        ends |= (uint64_t)(p[i] == '\n') << i;
    return ends;
#endif
}

static inline uint64_t ends_of_lines(const uint8_t *p)
{
    return ends_of_step(p) | ends_of_step(p + STEP) << STEP | ends_of_step(p + 2 * STEP) << 2 * STEP |
           ends_of_step(p + 3 * STEP) << 3 * STEP;
}

/* The same of 'n' bytes, STEP to WIDE of them. */
MC_NOINLINE static uint64_t ends_of_few(const uint8_t *p, size_t n)
{
    uint64_t ends = ends_of_step(p + n - STEP) << (n - STEP);
    size_t i;

    for (i = 0; i + STEP <= n; i += STEP)
        ends |= ends_of_step(p + i) << i;
    return ends;
}

/* The lines after the first, to the empty one.  Returns the length of the head; 0: it does not end here. */
static inline size_t read_head(framing *f, const uint8_t *p, size_t len)
{
    const uint8_t *const end = p + len, *at = p;
    uint64_t ends;

    if (len <= STEP || p[0] == '\n' || (p[0] == '\r' && p[1] == '\n'))
        return 0;                                /* the shortest head that says something is longer, and begins with a line */
    for (ends = len > WIDE ? ends_of_lines(p) : ends_of_few(p, len - 1);;) {
        for (; ends != 0; ends &= ends - 1) {
            const uint8_t *line = at + __builtin_ctzll(ends) + 1;
            const uint8_t first = *line;

            if ((first | 0x20) == 'c' || (first | 0x20) == 't')
                take_field(f, line, end);
            else if (first <= '\r' && (first == '\n' || (first == '\r' && end - line > 1 && line[1] == '\n')))
                return (size_t)(line - p) + 1 + (first == '\r');
        }
        at += WIDE;
        if (end - at <= 1)
            return 0;
        if ((size_t)(end - at) > WIDE) {
            ends = ends_of_lines(at);
        } else {                                 /* the last bytes, some of them once more; the very last one ends nothing */
            ends = ends_of_lines(end - WIDE - 1) >> (WIDE + 1 - (size_t)(end - at));
        }
    }
}

/* -------------------------------------------------------------------- chunks */

/* The size that a chunk's line begins with (RFC 9112, 7.1), and where its digits end; NO_NUMBER: it is none. */
static uint64_t read_chunk_size(const uint8_t **p, const uint8_t *end)
{
    const uint8_t *first = *p;
    uint64_t size = 0;

    for (; *p < end && size <= EXTENT_MOST; ++*p) {
        const uint8_t digit = (uint8_t)(**p - '0'), letter = (uint8_t)((**p | 0x20) - 'a');

        if (digit > 9 && letter > 5)
            break;
        size = size << 4 | (digit <= 9 ? digit : letter + 10u);
    }
    return *p > first && size <= EXTENT_MOST ? size : NO_NUMBER;
}

#define LAST_CHUNK 5u                /* the shortest: "0", and two ends of a line */

/* Follows the chunks from one line to the next, as far as the lines are here. */
static bool read_chunks(mc_http_extent *out, const uint8_t *p, size_t len)
{
    const uint8_t *const end = p + len;
    uint64_t size, next = out->read;
    int i;

    out->least = true;
    for (i = 0; i < CHUNKS_MOST && next < len; i++) {
        const uint8_t *at = p + next, *line;

        size = read_chunk_size(&at, end);
        if (size == NO_NUMBER)
            return false;
        line = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (line == NULL)
            break;
        if (at != line && *at != '\r' && *at != ';' && *at != ' ')
            return false;
        out->read = (uint32_t)(line - p) + 1;
        if (size == 0) {
            out->open = false;
            return false;                        /* all of it is here, but for what may follow the last chunk */
        }
        next = out->read + size + 2;
    }
    if (next + LAST_CHUNK > EXTENT_MOST)
        return false;
    out->length = (uint32_t)next + LAST_CHUNK;
    return true;
}

bool mc_http_extent_read(mc_http_extent *out, const uint8_t *p, size_t len)
{
    framing f = { 0 };
    const size_t head = read_head(&f, p, len);

    out->read = (uint32_t)head;
    out->length = 0;
    out->least = false;
    out->events = head > 0 && f.events;
    out->open = head > 0 && !f.strange && (f.chunked || !f.told);
    if (head == 0 || f.strange)
        return false;
    if (f.chunked)
        return read_chunks(out, p, len);
    if (!f.told || head + f.length > EXTENT_MOST)
        return false;
    out->length = (uint32_t)(head + f.length);
    return true;
}
