/*
 * record.c: the headers of pcap and pcapng files (link type Ethernet).
 */
#include "record.h"

#include <string.h>

#define LINKTYPE_ETHERNET 1u
#define MAX_SNAPLEN       262144u

static const record_format formats[] = {
    { "us", false, false, false },        { "ns", true, false, false },
    { "swapped", false, true, false },    { "swapped-ns", true, true, false },
    { "pcapng", false, false, true },     { "pcapng-ns", true, false, true },
    { "pcapng-swapped", false, true, true },
};

const record_format *record_format_named(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

/* Little endian, so that the same seed gives the same file everywhere; "swapped" is big endian. */
static uint8_t *put32(const recorder *r, uint8_t *p, uint32_t v)
{
    unsigned i;

    for (i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * (r->format->swapped ? 3 - i : i));
    return p + 4;
}

static uint8_t *put16(const recorder *r, uint8_t *p, uint32_t v)
{
    p[r->format->swapped ? 1 : 0] = (uint8_t)v;
    p[r->format->swapped ? 0 : 1] = (uint8_t)(v >> 8);
    return p + 2;
}

static void write_bytes(recorder *r, const void *bytes, size_t length)
{
    if (!r->failed && fwrite(bytes, 1, length, r->out) != length)
        r->failed = true;
}

static void begin_pcap(recorder *r)
{
    uint8_t h[24], *p = h;

    p = put32(r, p, r->format->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
    p = put16(r, p, 2);
    p = put16(r, p, 4);
    p = put32(r, p, 0);
    p = put32(r, p, 0);
    p = put32(r, p, r->snaplen);
    p = put32(r, p, LINKTYPE_ETHERNET);
    write_bytes(r, h, (size_t)(p - h));
}

/* Section header and one interface; option 9 (if_tsresol) is 9 for nanoseconds. */
static void begin_pcapng(recorder *r)
{
    uint8_t b[28 + 32], *p = b;
    uint32_t length = r->format->nanoseconds ? 32 : 20;

    p = put32(r, p, 0x0a0d0d0a);
    p = put32(r, p, 28);
    p = put32(r, p, 0x1a2b3c4d);
    p = put16(r, p, 1);
    p = put16(r, p, 0);
    p = put32(r, p, 0xffffffff);
    p = put32(r, p, 0xffffffff);
    p = put32(r, p, 28);

    p = put32(r, p, 1);
    p = put32(r, p, length);
    p = put16(r, p, LINKTYPE_ETHERNET);
    p = put16(r, p, 0);
    p = put32(r, p, r->snaplen);
    if (r->format->nanoseconds) {
        p = put16(r, p, 9);
        p = put16(r, p, 1);
        memcpy(p, "\x09\0\0\0", 4);
        p += 4;
        p = put32(r, p, 0);
    }
    p = put32(r, p, length);
    write_bytes(r, b, (size_t)(p - b));
}

void recorder_begin(recorder *r, FILE *out, const record_format *format, uint32_t snaplen)
{
    *r = (recorder){ .out = out, .format = format, .snaplen = snaplen == 0 ? MAX_SNAPLEN : snaplen };
    if (format->pcapng)
        begin_pcapng(r);
    else
        begin_pcap(r);
}

uint32_t recorder_add(recorder *r, int64_t time_ns, const uint8_t *frame, uint32_t length)
{
    uint32_t kept = length < r->snaplen ? length : r->snaplen, padding = 0;
    uint8_t h[28], *p = h;

    if (r->format->pcapng) {
        uint64_t time = (uint64_t)(r->format->nanoseconds ? time_ns : time_ns / 1000);

        padding = (4 - kept % 4) % 4;
        p = put32(r, p, 6);
        p = put32(r, p, 32 + kept + padding);
        p = put32(r, p, 0);
        p = put32(r, p, (uint32_t)(time >> 32));
        p = put32(r, p, (uint32_t)time);
    } else {
        p = put32(r, p, (uint32_t)(time_ns / 1000000000));
        p = put32(r, p, (uint32_t)(time_ns % 1000000000 / (r->format->nanoseconds ? 1 : 1000)));
    }
    p = put32(r, p, kept);
    p = put32(r, p, length);
    write_bytes(r, h, (size_t)(p - h));
    write_bytes(r, frame, kept);
    if (r->format->pcapng) {
        uint8_t end[7] = { 0 };

        put32(r, end + padding, 32 + kept + padding);
        write_bytes(r, end, padding + 4);
    }
    r->frames++;
    r->wire_bytes += length;
    return kept;
}
