/*
 * reader_pcap.c: the push parser for classic pcap in all its dialects.
 *
 *     file header, 24 bytes    magic, major, minor, zone, accuracy, snaplen, link type
 *     record header, 16 bytes  seconds, fraction, captured length, original length
 *     ... of the magic a1b2cd34, 24 bytes: then interface index, protocol, type, padding
 *
 * Some writers used longer record headers behind either magic without saying so:
 * which of them a file has is found by trying (choose_header).
 *
 * draft-ietf-opsawg-pcap, and libpcap 1.10.3's sf-pcap.c for what files really hold.
 */
#include <stdlib.h>

#include "capture/reader.h"
#include "capture/reader_ahead.h"

enum { FILE_HEADER = 24, RECORD_HEADER = 16, PATCHED_RECORD_HEADER = 24 };

/* Record headers that are tried: Nokia's 20 bytes and Red Hat 6.1's 24 with the usual
   magic, SuSE 6.3's 28 with the other one. */
enum { NOKIA_HEADER = 20, RED_HAT_HEADER = 24, SUSE_HEADER = 28 };

/* So many records must look well before another header than the stated one is believed ... */
#define TRIED_RECORDS 4

/* ... their times no further apart than this many seconds. */
#define TRIED_SPAN (1u << 25)

/* The two length fields changed places with version 2.3, and some writers of
   2.3 did not know. */
typedef enum lengths { LENGTHS_PLAIN, LENGTHS_SWAPPED, LENGTHS_MAYBE } lengths;

typedef struct pcap_reader {
    mc_reader base;
    bool big;                        /* the file's byte order */
    lengths order;
    mc_ahead ahead;
    uint32_t linktype;
    uint32_t snaplen;                /* as stated; never 0 */
    uint32_t max_caplen;
    uint32_t header;                 /* bytes of a record header */
    bool chosen;                     /* the header was tried */
    uint32_t unit;                   /* nanoseconds of one unit of the fraction */
    uint8_t *scratch;
    size_t scratch_size;
} pcap_reader;

static uint32_t get32(const uint8_t *p, bool big)
{
    return big ? mc_be32(p) : mc_le32(p);
}

static uint16_t get16(const uint8_t *p, bool big)
{
    return big ? mc_be16(p) : mc_le16(p);
}

static bool host_is_big(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 0;
}

/* a1b2c3d4: microseconds; a1b23c4d: nanoseconds; a1b2cd34: the longer record
   header of Alexey Kuznetzov's libpcap. */
static bool is_magic(uint32_t magic)
{
    return magic == 0xa1b2c3d4 || magic == 0xa1b23c4d || magic == 0xa1b2cd34;
}

bool mc_reader_pcap_knows(const uint8_t *magic, size_t length)
{
    return length >= 4 && (is_magic(mc_be32(magic)) || is_magic(mc_le32(magic)));
}

static mc_parse read_file_header(pcap_reader *r, const uint8_t *h)
{
    uint32_t magic, stated;
    uint16_t major, minor;

    r->big = is_magic(mc_be32(h));
    magic = get32(h, r->big);
    major = get16(h + 4, r->big);
    minor = get16(h + 6, r->big);
    if (major < 2)
        return mc_reader_bad(&r->base, "archaic pcap savefile format");
    /* 543.0 was written by the tcpdump of DG/UX */
    if (!(major == 2 && minor <= 4) && !(major == 543 && minor == 0))
        return mc_reader_bad(&r->base, "unsupported pcap savefile version %u.%u", (unsigned)major,
                             (unsigned)minor);
    r->order = major == 543 || minor < 3 ? LENGTHS_SWAPPED
             : minor == 3                ? LENGTHS_MAYBE
                                         : LENGTHS_PLAIN;

    /* The upper six bits tell of frame check sequences. */
    r->linktype = mc_linktype_from_dlt(get32(h + 20, r->big) & 0x03ffffff);
    r->max_caplen = mc_reader_max_caplen(r->linktype);
    stated = get32(h + 16, r->big);
    r->snaplen = mc_reader_snaplen(stated, r->linktype);
    r->header = RECORD_HEADER;
    if (magic == 0xa1b2cd34) {
        r->header = PATCHED_RECORD_HEADER;
        /* Packets captured in cooked mode got an Ethernet header on top. */
        if (r->linktype == 1)
            r->snaplen = (uint32_t)mc_min_u64((uint64_t)r->snaplen + 14, INT32_MAX);
    }
    r->unit = magic == 0xa1b23c4d ? 1 : 1000;

    r->base.opened = true;
    r->base.nanoseconds = magic == 0xa1b23c4d;
    r->base.swapped = r->big != host_is_big();
    r->base.snaplen = stated > INT32_MAX ? 0 : stated;
    r->base.interfaces = 1;
    return MC_PARSE_FULL;
}

/*
 * A packet longer than the stated snapshot length is there all the same: some writers
 * state one that they do not keep.  Only what no packet can have is damage.
 */
static mc_parse check_length(pcap_reader *r, uint32_t caplen)
{
    if (caplen <= r->max_caplen) {
        r->base.over_snaplen++;
        return MC_PARSE_FULL;
    }
    if (caplen > r->snaplen)
        return mc_reader_bad(&r->base,
                             "invalid packet capture length %u, bigger than snaplen of %u",
                             caplen, r->snaplen);
    return mc_reader_bad(&r->base, "invalid packet capture length %u, bigger than maximum of %u",
                         caplen, r->max_caplen);
}

/* Reads the lengths of a record header. */
static inline void read_lengths(lengths order, const uint8_t *h, bool big, uint32_t *caplen, uint32_t *wirelen)
{
    uint32_t first = get32(h + 8, big), second = get32(h + 12, big);
    bool turned = order != LENGTHS_PLAIN && (order == LENGTHS_SWAPPED || first > second);

    *caplen = turned ? second : first;
    *wirelen = turned ? first : second;
}

/* How records look when headers of 'header' bytes are assumed. */
typedef enum look {
    LOOKS_WRONG,
    LOOKS_WELL,                      /* 'wanted' records, or all up to the very end */
    LOOKS_OPEN                       /* more bytes are needed to say */
} look;

static look try_header(const pcap_reader *r, const uint8_t *p, size_t left, uint32_t header, unsigned wanted)
{
    const uint32_t a_second = r->unit == 1 ? 1000000000u : 1000000u;
    uint32_t caplen, wirelen, first = 0, seconds, span;
    unsigned n;

    for (n = 0; n < wanted; n++) {
        if (left == 0 && n > 1 && r->base.ended)
            return LOOKS_WELL;       /* after a single one, the end may lie in the next one's header */
        if (left < header)
            return r->base.ended ? LOOKS_WRONG : LOOKS_OPEN;
        read_lengths(r->order, p, r->big, &caplen, &wirelen);
        seconds = get32(p, r->big);
        if (n == 0)
            first = seconds;
        span = seconds - first;
        if (caplen > r->max_caplen || caplen > wirelen || get32(p + 4, r->big) >= a_second)
            return LOOKS_WRONG;
        if (header != r->header && (caplen == 0 || (span > TRIED_SPAN && 0u - span > TRIED_SPAN)))
            return LOOKS_WRONG;
        if (n + 1 == wanted)
            return LOOKS_WELL;
        if (left - header < caplen)
            return r->base.ended ? LOOKS_WRONG : LOOKS_OPEN;
        p += header + caplen;
        left -= header + caplen;
    }
    return LOOKS_WELL;
}

/*
 * Finds out which record header the file has, from its first records: the one that its
 * magic tells, unless its second record looks wrong and another kind of header
 * makes sense of several.  False: more bytes are needed.
 */
static bool choose_header(pcap_reader *r, const uint8_t *p, size_t left)
{
    static const uint8_t usual[] = { NOKIA_HEADER, RED_HAT_HEADER }, patched[] = { SUSE_HEADER };
    const bool is_patched = r->header == PATCHED_RECORD_HEADER;
    const uint8_t *others = is_patched ? patched : usual;
    size_t count = is_patched ? MC_ARRAY_LEN(patched) : MC_ARRAY_LEN(usual), i;
    look looks;

    looks = try_header(r, p, left, r->header, 2);
    if (looks == LOOKS_OPEN)
        return false;
    for (i = 0; looks == LOOKS_WRONG && i < count; i++) {
        switch (try_header(r, p, left, others[i], TRIED_RECORDS)) {
        case LOOKS_WELL:
            r->header = others[i];
            return true;
        case LOOKS_OPEN:
            return false;
        case LOOKS_WRONG:
            break;
        }
    }
    return true;
}

/*
 * The loop over the records, made for each of the kinds of file that are common: 'big',
 * 'order' and 'how' are constants there.  What it needs of 'r' lies in variables: what
 * it writes to 'out' could be a part of 'r' as far as the compiler knows.
 */
MC_INLINE mc_parse walk_records(pcap_reader *r, const uint8_t *block, size_t length, size_t *used,
                                mc_packet *out, size_t max, size_t *count, bool big, lengths order,
                                mc_ahead_how how)
{
    const uint8_t *p = block;
    const uint32_t header = r->header, linktype = r->linktype, iface = r->base.first_iface;
    const uint32_t usual = r->snaplen < r->max_caplen ? r->snaplen : r->max_caplen;
    const int64_t unit = r->unit;
    mc_ahead ahead = r->ahead;
    uint32_t caplen, wirelen;
    mc_parse verdict = MC_PARSE_FULL;
    size_t n, left = length;

    for (n = 0; n < max; n++) {
        if (left < header) {
            verdict = MC_PARSE_MORE;
            break;
        }
        read_lengths(order, p, big, &caplen, &wirelen);
        if (left - header < caplen && caplen <= r->max_caplen) {
            verdict = MC_PARSE_MORE;
            break;
        }
        if (MC_UNLIKELY(caplen > usual) && (verdict = check_length(r, caplen)) != MC_PARSE_FULL)
            break;
        mc_ahead_fetch(&ahead, how, (uintptr_t)p + header + caplen, header + caplen);
        /* Seconds are signed: times before 1970 are a promise.  A fraction of a
           second or more is carried. */
        out[n] = (mc_packet){
            .data = p + header, .caplen = caplen, .wirelen = wirelen,
            .time_ns = (int32_t)get32(p, big) * MC_NS_PER_S + get32(p + 4, big) * unit,
            .linktype = linktype, .iface = iface,
        };
        p += header + caplen;
        left -= header + caplen;
    }
    if (how != MC_AHEAD_NOT) {
        mc_ahead_choose(&ahead, n, (size_t)(p - block));
        r->ahead = ahead;
        if (!big && order == LENGTHS_PLAIN)
            r->base.prefetcher = mc_ahead_prefetcher(&ahead, p, left, n, 8, header, header, r->base.whole);
    }
    *used += (size_t)(p - block);
    *count = n;
    return verdict;
}

static mc_parse pcap_consume(mc_reader *base, const uint8_t *block, size_t length, size_t *used,
                             mc_packet *out, size_t max, size_t *count)
{
    pcap_reader *r = (pcap_reader *)base;
    const mc_ahead_how how = mc_ahead_now(&r->ahead, base->prefetcher.steps, max);
    mc_parse verdict;

    *used = 0;
    *count = 0;
    base->prefetcher.left = base->prefetcher.steps = 0;
    if (!base->opened) {
        if (length < FILE_HEADER)
            return MC_PARSE_MORE;
        verdict = read_file_header(r, block);
        if (verdict != MC_PARSE_FULL)
            return verdict;
        *used = FILE_HEADER;
        block += FILE_HEADER;
        length -= FILE_HEADER;
    }
    if (MC_UNLIKELY(!r->chosen) && length > 0) {
        base->waits = !choose_header(r, block, length);
        if (base->waits)
            return MC_PARSE_MORE;
        r->chosen = true;
    }
    if (MC_UNLIKELY(r->linktype == MC_LINKTYPE_NFLOG && base->swapped) && max > 1)
        max = 1;                     /* there is one scratch copy */
#define WALK(big, order, how) walk_records(r, block, length, used, out, max, count, big, order, how)
    if (MC_UNLIKELY(r->big || r->order != LENGTHS_PLAIN))
        verdict = WALK(r->big, r->order, base->walk_ahead ? r->ahead.how : MC_AHEAD_NOT);
    else if (!base->walk_ahead)
        verdict = WALK(false, LENGTHS_PLAIN, MC_AHEAD_NOT);
    else if (how == MC_AHEAD_SMALL)
        verdict = WALK(false, LENGTHS_PLAIN, MC_AHEAD_SMALL);
    else if (how == MC_AHEAD_PREFETCHED)
        verdict = WALK(false, LENGTHS_PLAIN, MC_AHEAD_PREFETCHED);
    else if (how == MC_AHEAD_GUESS)
        verdict = WALK(false, LENGTHS_PLAIN, MC_AHEAD_GUESS);
    else
        verdict = WALK(false, LENGTHS_PLAIN, MC_AHEAD_ALL);
#undef WALK
    if (MC_UNLIKELY(r->linktype == MC_LINKTYPE_NFLOG && base->swapped) && *count == 1) {
        out->data = mc_nflog_swap(out->data, out->caplen, &r->scratch, &r->scratch_size);
        if (out->data == NULL)
            return MC_PARSE_NOMEM;
    }
    return verdict;
}

static void pcap_at_end(mc_reader *base, const uint8_t *rest, size_t left)
{
    pcap_reader *r = (pcap_reader *)base;
    uint32_t caplen, wirelen;

    if (!base->opened) {
        mc_reader_bad(base, "truncated dump file; tried to read %u file header bytes, only got %zu",
                      left < 4 ? 4u : (unsigned)FILE_HEADER, left);
    } else if (left > 0 && left < r->header) {
        mc_reader_bad(base, "truncated dump file; tried to read %u header bytes, only got %zu",
                      r->header, left);
    } else if (left > 0) {
        read_lengths(r->order, rest, r->big, &caplen, &wirelen);
        left -= r->header;
        if (caplen > r->snaplen && left < r->snaplen)
            caplen = r->snaplen;     /* as libpcap has it */
        mc_reader_bad(base, "truncated dump file; tried to read %u captured bytes, only got %zu",
                      caplen, left);
    }
}

static void pcap_close(mc_reader *base)
{
    pcap_reader *r = (pcap_reader *)base;

    free(r->scratch);
    free(r);
}

mc_reader *mc_reader_pcap_open(void)
{
    static const mc_reader_ops ops = { pcap_consume, pcap_at_end, pcap_close };
    pcap_reader *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->base.ops = &ops;
    r->base.format = "pcap";
    r->ahead = (mc_ahead)MC_AHEAD_INIT;
    return &r->base;
}
