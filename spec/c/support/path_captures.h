/*
 * path_captures.h: captures of several points of one path, made by code.
 *
 * Client 10.0.0.1 asks server 10.0.0.2 at port 7777.  The points lie 5 ms from each other, the
 * first one nearest to the client; what a point does not see is said connection by connection.
 */
#ifndef PATH_CAPTURES_H
#define PATH_CAPTURES_H

#include "capture_bytes.h"
#include "frame.h"

#define PATH_MS 5

/* A segment as a record of a capture, 'us' after it began. */
static inline void put_segment(bytes *b, uint64_t us, unsigned port, bool from_server, uint8_t flags, uint32_t seq,
                               uint32_t ack, size_t len, unsigned id)
{
    static frame f;
    size_t n;

    frame_tcp(&f, len);
    frame_set16(&f, 0, from_server ? 7777 : port);
    frame_set16(&f, 2, from_server ? port : 7777);
    frame_set32(&f, 4, seq);
    frame_set32(&f, 8, ack);
    frame_start(&f)[13] = flags;
    frame_ipv4(&f, 6);
    frame_set16(&f, 4, id);
    frame_start(&f)[15] = from_server ? 2 : 1;
    frame_start(&f)[19] = from_server ? 1 : 2;
    frame_set16(&f, 10, 0);
    frame_set16(&f, 10, frame_sum(frame_start(&f), 20, 0));
    frame_ether(&f, 0x0800);
    n = frame_length(&f);
    put_pcap_record(b, false, (uint32_t)(us / 1000000), (uint32_t)(us % 1000000), (uint32_t)n, (uint32_t)n);
    put(b, frame_start(&f), n);
}

/* One point's capture of 'count' connections, one begun every 100 ms, of six segments each.  Of connection n
   the answer is not seen at all points whose bit is set in hidden[n]. */
static inline bytes path_capture(unsigned point, unsigned points, unsigned count, const uint8_t *hidden)
{
    bytes b = { .big = false };
    unsigned n, i;

    put_pcap_header(&b, MAGIC_US, 2, 4, 65535, 1);
    for (n = 0; n < count; n++) {
        static const struct {
            uint64_t ms;
            bool from_server;
            uint8_t flags;
            uint32_t seq, ack, len;
        } all[] = {
            { 0, false, MC_TH_SYN, 1000, 0, 0 },
            { 30, true, MC_TH_SYN | MC_TH_ACK, 5000, 1001, 0 },
            { 50, false, MC_TH_ACK, 1001, 5001, 100 },
            { 80, true, MC_TH_ACK, 5001, 1101, 400 },
            { 82, true, MC_TH_FIN | MC_TH_ACK, 5401, 1101, 0 },
            { 90, false, MC_TH_FIN | MC_TH_ACK, 1101, 5402, 0 },
        };

        for (i = 0; i < sizeof all / sizeof all[0]; i++) {
            const unsigned way = all[i].from_server ? points - 1 - point : point;

            if (i == 3 && hidden != NULL && (hidden[n] >> point & 1) != 0)
                continue;
            put_segment(&b, (1000 + 100 * n + all[i].ms + PATH_MS * way) * 1000, 10000 + n, all[i].from_server,
                        all[i].flags, all[i].seq, all[i].ack, all[i].len, 1 + 6 * n + i);
        }
    }
    return b;
}

#endif
