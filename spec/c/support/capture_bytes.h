/*
 * capture_bytes.h: captures made by code, and what a source makes of them, for tests.
 */
#ifndef CAPTURE_BYTES_H
#define CAPTURE_BYTES_H

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/switches.h"
#include "capture/source.h"

/* ------------------------------------------------------------------ bytes */

typedef struct bytes {
    uint8_t *p;
    size_t len, room;
    bool big;                        /* byte order of what is put */
} bytes;

static inline void put(bytes *b, const void *data, size_t length)
{
    if (b->len + length > b->room) {
        b->room = 2 * (b->len + length) + 256;
        b->p = realloc(b->p, b->room);
        if (b->p == NULL)
            exit(3);
    }
    if (length > 0)
        memcpy(b->p + b->len, data, length);
    b->len += length;
}

static inline void put_number(bytes *b, uint64_t value, size_t size)
{
    uint8_t octets[8];
    size_t i;

    for (i = 0; i < size; i++)
        octets[b->big ? size - 1 - i : i] = (uint8_t)(value >> (8 * i));
    put(b, octets, size);
}

static inline void put16(bytes *b, unsigned value)
{
    put_number(b, value, 2);
}

static inline void put32(bytes *b, uint64_t value)
{
    put_number(b, value, 4);
}

static inline void put_zeros(bytes *b, size_t length)
{
    while (length-- > 0)
        put(b, "", 1);
}

static inline void set32(bytes *b, size_t at, uint64_t value)
{
    bytes four = { .big = b->big };

    put32(&four, value);
    memcpy(b->p + at, four.p, 4);
    free(four.p);
}

/* 'length' bytes that tell packet 'number' from others. */
static inline void put_payload(bytes *b, unsigned number, size_t length)
{
    size_t i;
    uint8_t octet;

    for (i = 0; i < length; i++) {
        octet = (uint8_t)(number * 7 + i);
        put(b, &octet, 1);
    }
}

/* ------------------------------------------------------------------ classic pcap */

#define MAGIC_US      0xa1b2c3d4u
#define MAGIC_NS      0xa1b23c4du
#define MAGIC_PATCHED 0xa1b2cd34u

static inline void put_pcap_header(bytes *b, uint32_t magic, unsigned major, unsigned minor,
                                   uint32_t snaplen, uint32_t linktype)
{
    put32(b, magic);
    put16(b, major);
    put16(b, minor);
    put32(b, 0);
    put32(b, 0);
    put32(b, snaplen);
    put32(b, linktype);
}

static inline void put_pcap_record(bytes *b, bool patched, uint32_t sec, uint32_t frac,
                                   uint32_t caplen, uint32_t len)
{
    put32(b, sec);
    put32(b, frac);
    put32(b, caplen);
    put32(b, len);
    if (patched)
        put_zeros(b, 8);
}

/* ------------------------------------------------------------------ pcapng */

static inline size_t begin_block(bytes *b, uint32_t type)
{
    put32(b, type);
    put32(b, 0);
    return b->len - 8;
}

static inline void end_block(bytes *b, size_t at)
{
    put_zeros(b, (4 - (b->len - at) % 4) % 4);
    set32(b, at + 4, b->len - at + 4);
    put32(b, b->len - at + 4);
}

static inline void put_option(bytes *b, unsigned code, const void *value, size_t length)
{
    put16(b, code);
    put16(b, (unsigned)length);
    put(b, value, length);
    put_zeros(b, (4 - length % 4) % 4);
}

static inline void put_section(bytes *b)
{
    size_t at = begin_block(b, 0x0a0d0d0a);

    put32(b, 0x1a2b3c4d);
    put16(b, 1);
    put16(b, 0);
    put32(b, 0xffffffff);
    put32(b, 0xffffffff);
    end_block(b, at);
}

/* 'resolution' below 0: not stated; 'offset' 0: not stated. */
static inline void put_interface(bytes *b, unsigned linktype, uint32_t snaplen, int resolution,
                                 int64_t offset)
{
    size_t at = begin_block(b, 1);
    uint8_t octet = (uint8_t)resolution;

    put16(b, linktype);
    put16(b, 0);
    put32(b, snaplen);
    if (resolution >= 0)
        put_option(b, 9, &octet, 1);
    if (offset != 0) {
        put16(b, 14);
        put16(b, 8);
        put_number(b, (uint64_t)offset, 8);
    }
    if (resolution >= 0 || offset != 0)
        put32(b, 0);
    end_block(b, at);
}

static inline void put_enhanced(bytes *b, uint32_t iface, uint64_t ticks, unsigned number,
                                uint32_t caplen, uint32_t len)
{
    size_t at = begin_block(b, 6);

    put32(b, iface);
    put32(b, ticks >> 32);
    put32(b, ticks);
    put32(b, caplen);
    put32(b, len);
    put_payload(b, number, caplen);
    end_block(b, at);
}

static inline void put_simple(bytes *b, unsigned number, uint32_t caplen, uint32_t len)
{
    size_t at = begin_block(b, 3);

    put32(b, len);
    put_payload(b, number, caplen);
    end_block(b, at);
}

static inline void put_obsolete(bytes *b, unsigned iface, unsigned drops, uint64_t ticks,
                                unsigned number, uint32_t caplen, uint32_t len)
{
    size_t at = begin_block(b, 2);

    put16(b, iface);
    put16(b, drops);
    put32(b, ticks >> 32);
    put32(b, ticks);
    put32(b, caplen);
    put32(b, len);
    put_payload(b, number, caplen);
    end_block(b, at);
}

/* ------------------------------------------------------------------ outcomes */

#define SEEN_MAX 64

/* What a source gave. */
typedef struct outcome {
    mc_status status;                /* MC_END, or the error */
    mc_error err;
    mc_source_facts facts;
    uint64_t packets;
    uint64_t records;                /* that are none, and count as frames */
    uint64_t sum;                    /* over lengths, link types and bytes, not times */
    int64_t times[SEEN_MAX];         /* of the first packets */
    uint32_t caplens[SEEN_MAX], wirelens[SEEN_MAX], linktypes[SEEN_MAX], ifaces[SEEN_MAX];
    uint64_t calls;
} outcome;

static inline uint64_t fnv(uint64_t sum, const void *data, size_t length)
{
    const uint8_t *p = data;

    while (length-- > 0)
        sum = (sum ^ *p++) * 0x100000001b3u;
    return sum;
}

/* Reads to the end, 'batch' packets a call. */
static inline outcome read_inputs(const mc_input *inputs, size_t count, const mc_options *options,
                                  size_t batch)
{
    mc_packet packets[64];
    outcome o;
    mc_source *s = NULL;
    size_t n, i;

    memset(&o, 0, sizeof o);
    o.sum = 0xcbf29ce484222325u;
    o.status = mc_source_open(&s, inputs, count, options, &o.err);
    while (o.status == MC_OK) {
        o.status = mc_source_next(s, packets, batch, &n, 50, &o.err);
        o.calls++;
        for (i = 0; i < n; i++) {
            if (packets[i].linktype == MC_LINKTYPE_RECORD) {
                o.records++;
                continue;
            }
            if (o.packets < SEEN_MAX) {
                o.times[o.packets] = packets[i].time_ns;
                o.caplens[o.packets] = packets[i].caplen;
                o.wirelens[o.packets] = packets[i].wirelen;
                o.linktypes[o.packets] = packets[i].linktype;
                o.ifaces[o.packets] = packets[i].iface;
            }
            o.sum = fnv(o.sum, &packets[i].caplen, 4);
            o.sum = fnv(o.sum, &packets[i].wirelen, 4);
            o.sum = fnv(o.sum, &packets[i].linktype, 4);
            o.sum = fnv(o.sum, packets[i].data, packets[i].caplen);
            o.packets++;
        }
    }
    if (s != NULL)
        mc_source_get_facts(s, &o.facts);
    mc_source_close(s);
    return o;
}

/* A file of this process, written anew for each case; removed by drop_file(). */
static char file_name[64];

static inline const char *file_with(const void *data, size_t length)
{
    FILE *f;

    if (file_name[0] == '\0')
        snprintf(file_name, sizeof file_name, "/tmp/mcpcap_test_%ld", (long)getpid());
    f = fopen(file_name, "wb");
    if (f == NULL || fwrite(data, 1, length, f) != length || fclose(f) != 0)
        exit(3);
    return file_name;
}

static inline void drop_file(void)
{
    if (file_name[0] != '\0')
        unlink(file_name);
}

static inline outcome read_bytes_by(const void *data, size_t length, const char *reader,
                                    size_t batch)
{
    mc_options options = MC_OPTIONS_INIT;
    mc_input input = { .path = file_with(data, length) };

    options.switches = &(mc_switches)MC_SWITCHES(mc_reading_named(reader));
    return read_inputs(&input, 1, &options, batch);
}

static inline outcome read_bytes(const bytes *b)
{
    return read_bytes_by(b->p, b->len, NULL, 16);
}

/* The open descriptors of this process. */
static inline int count_descriptors(void)
{
    struct stat st;
    int fd, n = 0;

    for (fd = 0; fd < 256; fd++)
        n += fstat(fd, &st) == 0;
    return n;
}

#endif
