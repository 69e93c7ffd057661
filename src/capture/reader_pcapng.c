/*
 * reader_pcapng.c: the push parser for pcapng (draft-ietf-opsawg-pcapng).
 *
 *     block    type, total length, body, total length again; all in the section's byte order
 *     section  a Section Header Block, interfaces, packets ... until the next one
 *
 * Blocks are taken whole: the second length must match the first before anything
 * in between is believed, as libpcap has it.  Unlike libpcap 1.10.3, interfaces may
 * differ in link type and snapshot length, and sections in byte order.  Records that are
 * no packets (a journal's entries, custom blocks, system events) are frames in Wireshark;
 * they are handed out as such, so that frame numbers are the same here.
 */
#include <stdlib.h>

#include "capture/reader.h"
#include "capture/reader_ahead.h"
#include "capture/ticks.h"

enum {
    BT_IDB = 1, BT_PB = 2, BT_SPB = 3, BT_ISB = 5, BT_EPB = 6,
    BT_JOURNAL = 9, BT_SYSTEM_EVENT = 0x204, BT_SYSTEM_EVENT_2 = 0x216, BT_SYSTEM_EVENT_2_LARGE = 0x221,
    BT_CUSTOM = 0xbad, BT_CUSTOM_NO_COPY = 0x40000bad,
    OPT_END = 0, IF_TSRESOL = 9, IF_TSOFFSET = 14, ISB_IFDROP = 5, ISB_OSDROP = 7
};

#define BT_SHB           0x0a0d0d0au
#define BYTE_ORDER_MAGIC 0x1a2b3c4du

/* libpcap's: of a first section header, of a block, and what a block may
   have beside a packet of the link type's maximum. */
#define MAX_SHB          (1024u * 1024)
#define MAX_BLOCK        (16u * 1024 * 1024)
#define BLOCK_EXTRA      (8u + 20 + 131072 + 4)

/* An interface costs a file 20 bytes; more than this is no capture. */
#define MAX_INTERFACES   1048576u

typedef struct interface {
    uint32_t linktype;
    uint32_t snaplen;                /* never 0 */
    mc_ticks time;                   /* what its timestamps mean */
    uint64_t dropped;                /* as last stated */
} interface;

typedef struct pcapng_reader {
    mc_reader base;
    bool big;                        /* byte order of this section */
    uint32_t max_block;
    uint32_t count, room;            /* interfaces of this section */
    uint64_t earlier;                /* interfaces of sections before */
    uint64_t earlier_dropped;
    interface *interfaces;
    uint8_t *scratch;                /* the one copy of a packet that is not handed out in place */
    size_t scratch_size;
    bool scratch_used;
    bool gave_records;
    mc_ahead ahead;
} pcapng_reader;

typedef struct block {
    uint32_t type;
    mc_view body;
} block;

static uint32_t get32(const pcapng_reader *r, const uint8_t *p)
{
    return r->big ? mc_be32(p) : mc_le32(p);
}

static uint16_t get16(const pcapng_reader *r, const uint8_t *p)
{
    return r->big ? mc_be16(p) : mc_le16(p);
}

static uint64_t get64(const pcapng_reader *r, const uint8_t *p)
{
    uint64_t first = get32(r, p), second = get32(r, p + 4);

    return r->big ? first << 32 | second : second << 32 | first;
}

static bool host_is_big(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 0;
}

bool mc_reader_pcapng_knows(const uint8_t *magic, size_t length)
{
    /* The type alone could be an odd text file; the byte-order magic cannot. */
    return length >= 12 && mc_be32(magic) == BT_SHB
        && (mc_be32(magic + 8) == BYTE_ORDER_MAGIC || mc_le32(magic + 8) == BYTE_ORDER_MAGIC);
}

static mc_parse too_short(mc_reader *base, uint32_t type)
{
    return mc_reader_bad(base, "block of type %u in pcapng dump file is too short", type);
}

/* ------------------------------------------------------------------ sections */

static mc_parse read_section(pcapng_reader *r, block *b)
{
    const uint8_t *h = mc_take(&b->body, 16);
    uint16_t major, minor;
    uint32_t i;

    if (h == NULL)
        return too_short(&r->base, b->type);
    if (get32(r, h) != BYTE_ORDER_MAGIC)
        return mc_reader_bad(&r->base, "the file has a section with a bad byte order magic field");
    major = get16(r, h + 4);
    minor = get16(r, h + 6);
    if (!r->base.opened && !(major == 1 && (minor == 0 || minor == 2)))
        return mc_reader_bad(&r->base, "unsupported pcapng savefile version %u.%u",
                             (unsigned)major, (unsigned)minor);
    if (major != 1)
        return mc_reader_bad(&r->base, "unknown pcapng savefile major version number %u",
                             (unsigned)major);
    /* The section length is not needed, and often unknown (-1). */
    if (!r->base.opened)
        r->base.swapped = r->big != host_is_big();
    r->base.opened = true;
    for (i = 0; i < r->count; i++)
        r->earlier_dropped += r->interfaces[i].dropped;
    r->earlier += r->count;
    r->count = 0;
    return MC_PARSE_FULL;
}

/* ------------------------------------------------------------------ interfaces */

/*
 * Takes the next option off 'v': MC_PARSE_FULL with code and value, MC_PARSE_MORE when
 * there is none left, MC_PARSE_BAD when it is cut short (without words).
 */
static mc_parse take_option(const pcapng_reader *r, mc_view *v, uint16_t *code, mc_view *value)
{
    const uint8_t *h;

    *code = OPT_END;
    *value = (mc_view){ NULL, 0 };
    if (v->len == 0)
        return MC_PARSE_MORE;
    h = mc_take(v, 4);
    if (h == NULL)
        return MC_PARSE_BAD;
    *code = get16(r, h);
    value->len = get16(r, h + 2);
    value->p = mc_take(v, (value->len + 3) & ~(size_t)3);
    return value->p == NULL ? MC_PARSE_BAD : MC_PARSE_FULL;
}

static mc_parse read_resolution(pcapng_reader *r, interface *iface, uint8_t value)
{
    unsigned exponent = value & 0x7f;

    iface->time.shift = 0;
    iface->time.a_second = 1;
    if (value & 0x80) {
        if (exponent > 63)
            return mc_reader_bad(&r->base, "Interface Description Block if_tsresol option "
                                 "resolution 2^-%u is too high", exponent);
        iface->time.shift = (uint8_t)exponent;
        iface->time.a_second <<= exponent;
        return MC_PARSE_FULL;
    }
    if (exponent > 19)
        return mc_reader_bad(&r->base, "Interface Description Block if_tsresol option "
                             "resolution 10^-%u is too high", exponent);
    while (exponent-- > 0)
        iface->time.a_second *= 10;
    return MC_PARSE_FULL;
}

static mc_parse read_interface_options(pcapng_reader *r, block *b, interface *iface)
{
    static const char prefix[] = "Interface Description Block has";
    bool saw_resolution = false, saw_offset = false;
    uint16_t code;
    mc_view value;
    mc_parse more;

    while ((more = take_option(r, &b->body, &code, &value)) == MC_PARSE_FULL) {
        switch (code) {
        case OPT_END:
            if (value.len != 0)
                return mc_reader_bad(&r->base, "%s opt_endofopt option with length %zu != 0",
                                     prefix, value.len);
            return MC_PARSE_FULL;
        case IF_TSRESOL:
            if (value.len != 1)
                return mc_reader_bad(&r->base, "%s if_tsresol option with length %zu != 1",
                                     prefix, value.len);
            if (saw_resolution)
                return mc_reader_bad(&r->base, "%s more than one if_tsresol option", prefix);
            saw_resolution = true;
            if (read_resolution(r, iface, value.p[0]) == MC_PARSE_BAD)
                return MC_PARSE_BAD;
            break;
        case IF_TSOFFSET:
            if (value.len != 8)
                return mc_reader_bad(&r->base, "%s if_tsoffset option with length %zu != 8",
                                     prefix, value.len);
            if (saw_offset)
                return mc_reader_bad(&r->base, "%s more than one if_tsoffset option", prefix);
            saw_offset = true;
            iface->time.offset = (int64_t)get64(r, value.p);
            break;
        default:
            break;
        }
    }
    return more == MC_PARSE_BAD ? too_short(&r->base, b->type) : MC_PARSE_FULL;
}

static mc_parse read_interface(pcapng_reader *r, block *b)
{
    const uint8_t *h = mc_take(&b->body, 8);
    interface *iface, *more;
    uint32_t stated;
    uint64_t largest;

    if (h == NULL)
        return too_short(&r->base, b->type);
    if (r->count == MAX_INTERFACES)
        return mc_reader_bad(&r->base, "more than %u interfaces in the file", MAX_INTERFACES);
    if (r->count == r->room) {
        more = realloc(r->interfaces, (r->room == 0 ? 4 : 2 * (size_t)r->room) * sizeof *more);
        if (more == NULL)
            return MC_PARSE_NOMEM;
        r->interfaces = more;
        r->room = r->room == 0 ? 4 : 2 * r->room;
    }
    iface = &r->interfaces[r->count];
    memset(iface, 0, sizeof *iface);
    iface->linktype = mc_linktype_from_dlt(get16(r, h));
    stated = get32(r, h + 4);
    iface->snaplen = mc_reader_snaplen(stated, iface->linktype);
    iface->time.a_second = 1000000;
    if (read_interface_options(r, b, iface) == MC_PARSE_BAD)
        return MC_PARSE_BAD;
    mc_ticks_prepare(&iface->time);
    r->count++;

    largest = (uint64_t)mc_reader_max_caplen(iface->linktype) + BLOCK_EXTRA;
    if (largest > r->max_block)
        r->max_block = (uint32_t)largest;
    if (stated <= INT32_MAX && stated > r->base.snaplen)
        r->base.snaplen = stated;
    if (iface->time.a_second > 1000000)
        r->base.nanoseconds = true;
    r->base.interfaces = (uint32_t)mc_min_u64(r->earlier + r->count, UINT32_MAX);
    return MC_PARSE_FULL;
}

/*
 * Interface Statistics Block: counts since the capture began, so the last one
 * of an interface holds.  One that is broken tells nothing.
 */
static void read_statistics(pcapng_reader *r, block *b)
{
    const uint8_t *h = mc_take(&b->body, 12);
    uint64_t dropped = 0;
    uint16_t code;
    mc_view value;
    uint32_t id, i;
    bool known = false;

    if (h == NULL || (id = get32(r, h)) >= r->count)
        return;
    while (take_option(r, &b->body, &code, &value) == MC_PARSE_FULL && code != OPT_END)
        if ((code == ISB_IFDROP || code == ISB_OSDROP) && value.len == 8) {
            dropped += get64(r, value.p);
            known = true;
        }
    if (!known)
        return;
    r->base.drops_known = true;
    r->interfaces[id].dropped = dropped;
    r->base.dropped = r->earlier_dropped;
    for (i = 0; i < r->count; i++)
        r->base.dropped += r->interfaces[i].dropped;
}

/* ------------------------------------------------------------------ packets */

/*
 * Reads a packet block's fixed part and data to 'out'.  The checks stand in
 * libpcap's order, so that damage is called the same.
 */
static mc_parse read_packet(pcapng_reader *r, block *b, mc_packet *out)
{
    const uint8_t *h;
    const interface *iface;
    uint64_t ticks = 0;
    uint32_t id = 0, caplen, wirelen;

    h = mc_take(&b->body, b->type == BT_SPB ? 4 : 20);
    if (h == NULL)
        return too_short(&r->base, b->type);
    if (b->type == BT_SPB) {
        caplen = wirelen = get32(r, h);
    } else {
        id = b->type == BT_EPB ? get32(r, h) : get16(r, h);
        ticks = (uint64_t)get32(r, h + 4) << 32 | get32(r, h + 8);
        caplen = get32(r, h + 12);
        wirelen = get32(r, h + 16);
    }
    if (r->base.interfaces == 0)
        return mc_reader_bad(&r->base, "the capture file has a packet block before any "
                             "Interface Description Blocks");
    if (id >= r->count)
        return mc_reader_bad(&r->base, "a packet arrived on interface %u, but there's no "
                             "Interface Description Block for that interface", id);
    iface = &r->interfaces[id];
    if (b->type == BT_SPB && caplen > iface->snaplen && caplen > b->body.len)
        caplen = iface->snaplen;     /* not stated, but what was on the wire is */
    if (caplen > iface->snaplen) {
        /* some writers state one that they do not keep */
        if (caplen > mc_reader_max_caplen(iface->linktype))
            return mc_reader_bad(&r->base,
                                 "invalid packet capture length %u, bigger than snaplen of %u",
                                 caplen, iface->snaplen);
        r->base.over_snaplen++;
    }
    out->data = mc_take(&b->body, caplen);
    if (out->data == NULL)
        return too_short(&r->base, b->type);
    out->caplen = caplen;
    out->wirelen = wirelen;
    out->time_ns = b->type == BT_SPB ? MC_NO_TIME : mc_ticks_ns(&iface->time, ticks);
    out->linktype = iface->linktype;
    out->iface = (uint32_t)(r->base.first_iface + r->earlier + id);

    /* The obsolete block counts the packets lost before it; 65535: not known. */
    if (b->type == BT_PB && get16(r, h + 2) != 0xffff) {
        r->base.drops_known = true;
        r->earlier_dropped += get16(r, h + 2);
        r->base.dropped += get16(r, h + 2);
    }
    if (MC_UNLIKELY(iface->linktype == MC_LINKTYPE_NFLOG) && r->big != host_is_big()) {
        out->data = mc_nflog_swap(out->data, caplen, &r->scratch, &r->scratch_size);
        if (out->data == NULL)
            return MC_PARSE_NOMEM;
        r->scratch_used = true;
    }
    return MC_PARSE_FULL;
}

/* A record that Wireshark counts as a frame. */
static void give_record(pcapng_reader *r, const block *b, mc_packet *out)
{
    *out = (mc_packet){
        .data = b->body.p, .time_ns = MC_NO_TIME, .linktype = MC_LINKTYPE_RECORD,
        .iface = r->base.first_iface,
    };
    r->gave_records = true;
}

/* ------------------------------------------------------------------ blocks */

/* Sets the byte order by a section header's magic; false: it has none. */
static bool set_order(pcapng_reader *r, const uint8_t *p)
{
    if (mc_be32(p + 8) != BYTE_ORDER_MAGIC && mc_le32(p + 8) != BYTE_ORDER_MAGIC)
        return false;
    r->big = mc_be32(p + 8) == BYTE_ORDER_MAGIC;
    return true;
}

/* Looks at the block at 'p': its length and, when it is there as a whole, itself. */
static mc_parse frame_block(pcapng_reader *r, const uint8_t *p, size_t left, block *out,
                            uint32_t *total)
{
    if (left < 8)
        return MC_PARSE_MORE;
    if (mc_be32(p) == BT_SHB) {
        if (left < 12)
            return MC_PARSE_MORE;
        set_order(r, p);
    }
    out->type = get32(r, p);
    *total = get32(r, p + 4);
    if (!r->base.opened && (*total < 28 || *total > MAX_SHB))
        return mc_reader_bad(&r->base, "Section Header Block in pcapng dump file has invalid "
                             "length 28 < _%u_ < %u (BT_SHB_INSANE_MAX)", *total, MAX_SHB);
    if (*total < 12)
        return mc_reader_bad(&r->base, "block in pcapng dump file has a length of %u < 12", *total);
    if (*total % 4 != 0 && r->base.opened)
        return mc_reader_bad(&r->base, "block in pcapng dump file has a length of %u that is not "
                             "a multiple of 4", *total);
    if (*total > r->max_block)
        return mc_reader_bad(&r->base, "pcapng block size %u > maximum %u", *total, r->max_block);
    if (left < *total)
        return MC_PARSE_MORE;
    /* libpcap does not look at the first section header's trailer */
    if (r->base.opened && get32(r, p + *total - 4) != *total)
        return mc_reader_bad(&r->base, "block total length in header and trailer don't match");
    out->body.p = p + 8;
    out->body.len = *total - 12;
    return MC_PARSE_FULL;
}

/*
 * A run of ordinary packets: whole Enhanced Packet Blocks of a little-endian section, of
 * known interfaces, with nothing about them that needs a second look.  Stops in front of
 * the first other block, which pcapng_consume() reads.  Returns the packets, and the
 * bytes in 'used'.
 */
MC_INLINE size_t read_run(pcapng_reader *r, const uint8_t *bytes, size_t length, size_t *used, mc_packet *out,
                          size_t max, mc_ahead_how how)
{
    const uint32_t first = (uint32_t)(r->base.first_iface + r->earlier), largest = r->max_block, count = r->count;
    const interface *interfaces = r->interfaces;
    const uint8_t *p = bytes;
    mc_ahead ahead = r->ahead;
    size_t n, left = length;

    for (n = 0; n < max && left >= 32; n++) {
        const uint32_t total = mc_le32(p + 4), id = mc_le32(p + 8), caplen = mc_le32(p + 20);
        const uint64_t ticks = (uint64_t)mc_le32(p + 12) << 32 | mc_le32(p + 16);
        const interface *iface;

        if (mc_le32(p) != BT_EPB || total > left || total > largest || (total & 3) != 0 || total < 32 ||
            caplen > total - 32 || id >= count || mc_le32(p + total - 4) != total)
            break;
        iface = &interfaces[id];
        if (caplen > iface->snaplen || !mc_ticks_are_short(&iface->time, ticks) ||
            iface->linktype == MC_LINKTYPE_NFLOG)
            break;
        mc_ahead_fetch(&ahead, how, (uintptr_t)p + total, total);
        out[n] = (mc_packet){
            .data = p + 28, .caplen = caplen, .wirelen = mc_le32(p + 24),
            .time_ns = mc_ticks_short_ns(&iface->time, ticks),
            .linktype = iface->linktype, .iface = first + id,
        };
        p += total;
        left -= total;
    }
    *used = (size_t)(p - bytes);
    if (how != MC_AHEAD_NOT) {
        mc_ahead_choose(&ahead, n, *used);
        r->ahead = ahead;
        r->base.prefetcher = mc_ahead_prefetcher(&ahead, p, left, n, 4, 0, 28, r->base.whole);
    }
    return n;
}

static size_t read_usual(pcapng_reader *r, const uint8_t *p, size_t length, size_t *used, mc_packet *out, size_t max)
{
    const mc_ahead_how how = mc_ahead_now(&r->ahead, r->base.prefetcher.steps, max);

    r->base.prefetcher.left = r->base.prefetcher.steps = 0;
    *used = 0;
    if (!r->base.opened || r->big || r->count == 0)
        return 0;
    if (!r->base.walk_ahead)
        return read_run(r, p, length, used, out, max, MC_AHEAD_NOT);
    if (how == MC_AHEAD_SMALL)
        return read_run(r, p, length, used, out, max, MC_AHEAD_SMALL);
    if (how == MC_AHEAD_PREFETCHED)
        return read_run(r, p, length, used, out, max, MC_AHEAD_PREFETCHED);
    if (how == MC_AHEAD_GUESS)
        return read_run(r, p, length, used, out, max, MC_AHEAD_GUESS);
    return read_run(r, p, length, used, out, max, MC_AHEAD_ALL);
}

static mc_parse pcapng_consume(mc_reader *base, const uint8_t *bytes, size_t length, size_t *used,
                               mc_packet *out, size_t max, size_t *count)
{
    pcapng_reader *r = (pcapng_reader *)base;
    const uint8_t *p = bytes;
    mc_parse verdict = MC_PARSE_FULL;
    uint32_t total = 0;
    size_t n = 0, run = 0;
    block b = { 0 };

    r->scratch_used = false;
    while (n < max) {
        n += read_usual(r, p, length - (size_t)(p - bytes), &run, &out[n], max - n);
        p += run;
        if (n == max)
            break;
        verdict = frame_block(r, p, length - (size_t)(p - bytes), &b, &total);
        if (verdict != MC_PARSE_FULL)
            break;
        switch (b.type) {
        case BT_SHB:
            verdict = read_section(r, &b);
            break;
        case BT_IDB:
            verdict = read_interface(r, &b);
            break;
        case BT_EPB:
        case BT_PB:
        case BT_SPB:
            verdict = read_packet(r, &b, &out[n]);
            if (verdict == MC_PARSE_FULL)
                n++;
            break;
        case BT_ISB:
            read_statistics(r, &b);
            break;
        case BT_JOURNAL:
        case BT_SYSTEM_EVENT:
        case BT_SYSTEM_EVENT_2:
        case BT_SYSTEM_EVENT_2_LARGE:
        case BT_CUSTOM:
        case BT_CUSTOM_NO_COPY:
            give_record(r, &b, &out[n++]);
            break;
        default:                     /* names, secrets and unknown blocks */
            break;
        }
        if (verdict != MC_PARSE_FULL)
            break;
        p += total;
        if (r->scratch_used)
            break;
    }
    *used = (size_t)(p - bytes);
    *count = n;
    return verdict;
}

static void pcapng_at_end(mc_reader *base, const uint8_t *rest, size_t left)
{
    pcapng_reader *r = (pcapng_reader *)base;
    uint32_t total;

    if (left == 0 && base->interfaces == 0 && !r->gave_records)
        mc_reader_bad(base, "the capture file has no Interface Description Blocks");
    if (left == 0)
        return;
    if (left < 8) {
        mc_reader_bad(base, "truncated pcapng dump file; tried to read 8 bytes, only got %zu", left);
        return;
    }
    total = get32(r, rest + 4);
    if (!base->opened && left >= 12)     /* libpcap has read twelve bytes here */
        mc_reader_bad(base, "truncated pcapng dump file; tried to read %u bytes, only got %zu",
                      total - 12, left - 12);
    else
        mc_reader_bad(base, "truncated pcapng dump file; tried to read %u bytes, only got %zu",
                      total - 8, left - 8);
}

static void pcapng_close(mc_reader *base)
{
    pcapng_reader *r = (pcapng_reader *)base;

    free(r->interfaces);
    free(r->scratch);
    free(r);
}

mc_reader *mc_reader_pcapng_open(void)
{
    static const mc_reader_ops ops = { pcapng_consume, pcapng_at_end, pcapng_close };
    pcapng_reader *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->base.ops = &ops;
    r->base.format = "pcapng";
    r->ahead = (mc_ahead)MC_AHEAD_INIT;
    r->max_block = MAX_BLOCK;
    return &r->base;
}
