/*
 * talk.h: captures of a talk, frame by frame, for tests of a session.
 *
 * Ethernet and IPv4; the client is 192.0.2.10:40000, the server 192.0.2.80:80 and the resolver
 * 192.0.2.53.  Times are in milliseconds from 1,000 s on.
 */
#ifndef TALK_H
#define TALK_H

#include "capture_bytes.h"
#include "check.h"
#include "decode/decode.h"
#include "frame.h"

#define CLIENT   10
#define RESOLVER 53
#define SERVER   80

#define SYN     MC_TH_SYN
#define ACK     MC_TH_ACK
#define FIN     (MC_TH_FIN | MC_TH_ACK)
#define RST     MC_TH_RST
#define SYN_ACK (MC_TH_SYN | MC_TH_ACK)

typedef struct talk {
    bytes file;
    unsigned client_port, frames;
    uint32_t linktype;               /* 1 unless it is set before the first frame */
    bool timeless;                   /* the next frames carry no time, in a pcapng file */
    bool pcapng;
} talk;

static inline void talk_begin(talk *t)
{
    if (t->file.len > 0)
        return;
    if (t->linktype == 0)
        t->linktype = 1;
    if (t->pcapng) {
        put_section(&t->file);
        put_interface(&t->file, t->linktype, 0, -1, 0);
    } else {
        put_pcap_header(&t->file, MAGIC_US, 2, 4, 65535, t->linktype);
    }
}

static inline void talk_frame(talk *t, double ms, const void *p, size_t length)
{
    const uint64_t us = (uint64_t)(1000000 * 1000.0 + ms * 1000);
    size_t at;

    talk_begin(t);
    t->frames++;
    if (!t->pcapng) {
        put_pcap_record(&t->file, false, (uint32_t)(us / 1000000), (uint32_t)(us % 1000000), (uint32_t)length, (uint32_t)length);
        put(&t->file, p, length);
        return;
    }
    at = begin_block(&t->file, t->timeless ? 3 : 6);
    if (!t->timeless) {
        put32(&t->file, 0);
        put32(&t->file, us >> 32);
        put32(&t->file, us);
        put32(&t->file, length);
    }
    put32(&t->file, length);
    put(&t->file, p, length);
    end_block(&t->file, at);
}

/* An IPv4 packet of protocol 'protocol' from host 'from' to host 'to'. */
static inline void talk_ip(talk *t, double ms, unsigned from, unsigned to, uint8_t protocol, frame *f)
{
    frame_ipv4(f, protocol);
    frame_set32(f, 12, 0xc0000200 + from);
    frame_set32(f, 16, 0xc0000200 + to);
    frame_set16(f, 10, 0);
    frame_set16(f, 10, frame_sum(frame_start(f), 20, 0));
    frame_ether(f, 0x0800);
    talk_frame(t, ms, frame_start(f), frame_length(f));
}

/* A segment of the client (CLIENT) or the server (SERVER); its number, for mc_connection_find(). */
static inline unsigned talk_tcp(talk *t, double ms, unsigned from, uint8_t flags, uint32_t seq, uint32_t ack,
                                const void *payload, size_t length)
{
    static frame f;
    const unsigned port = t->client_port != 0 ? t->client_port : 40000;

    frame_tcp_options(&f, "\2\4\5\xb4", (flags & MC_TH_SYN) != 0 ? 4 : 0, length);
    if (length > 0)
        memcpy(f.bytes + f.end - length, payload, length);
    frame_set16(&f, 0, from == SERVER ? 80 : port);
    frame_set16(&f, 2, from == SERVER ? port : 80);
    frame_set32(&f, 4, seq);
    frame_set32(&f, 8, ack);
    frame_start(&f)[13] = flags;
    frame_set16(&f, 14, 60000);
    talk_ip(t, ms, from, from == SERVER ? CLIENT : SERVER, 6, &f);
    return t->frames;
}

static inline void talk_udp(talk *t, double ms, unsigned from, unsigned to, unsigned sport, unsigned dport, const void *payload,
                            size_t length)
{
    static frame f;

    frame_payload(&f, length);
    memcpy(frame_start(&f), payload, length);
    frame_udp(&f, sport, dport);
    talk_ip(t, ms, from, to, 17, &f);
}

/* The handshake at 'ms', 10 ms a way; the client goes on at 101, the server at 501. */
static inline unsigned talk_opens(talk *t, double ms)
{
    const unsigned first = talk_tcp(t, ms, CLIENT, SYN, 100, 0, "", 0);

    talk_tcp(t, ms + 10, SERVER, SYN_ACK, 500, 101, "", 0);
    talk_tcp(t, ms + 20, CLIENT, ACK, 101, 501, "", 0);
    return first;
}

/* A question of 3 bytes and its answer of 4, 'took' after it, and both ends. */
static inline void talk_asks_and_ends(talk *t, double ms, double took)
{
    talk_tcp(t, ms, CLIENT, ACK, 101, 501, "GET", 3);
    talk_tcp(t, ms + took, SERVER, ACK, 501, 104, "here", 4);
    talk_tcp(t, ms + took + 10, CLIENT, FIN, 104, 505, "", 0);
    talk_tcp(t, ms + took + 20, SERVER, FIN, 505, 105, "", 0);
    talk_tcp(t, ms + took + 30, CLIENT, ACK, 105, 506, "", 0);
}

static inline void talk_free(talk *t)
{
    free(t->file.p);
    memset(t, 0, sizeof *t);
}

static inline mc_endpoint talk_host(unsigned host, unsigned port)
{
    mc_endpoint e;
    char text[32];
    mc_error err;

    snprintf(text, sizeof text, "192.0.2.%u", host);
    CHECK_EQ(mc_endpoint_parse(&e, text, port, &err), MC_OK);
    return e;
}

#endif
