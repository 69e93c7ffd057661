/*
 * talk_kinds.h: a capture with all kinds of frames that a session looks at.
 */
#ifndef TALK_KINDS_H
#define TALK_KINDS_H

#include "talk.h"

/* A segment of the client to another port. */
static inline void talk_other_port(talk *t, double ms, unsigned to, unsigned port, uint8_t flags, const void *payload, size_t length)
{
    static frame f;

    frame_tcp_options(&f, "", 0, length);
    if (length > 0)
        memcpy(f.bytes + f.end - length, payload, length);
    frame_set16(&f, 0, 43000);
    frame_set16(&f, 2, port);
    frame_set32(&f, 4, 1);
    frame_start(&f)[13] = flags;
    talk_ip(t, ms, CLIENT, to, 6, &f);
}

/* What the rules of a session look at besides segments: names, ICMP, fragments, other servers, TLS and HTTP. */
static inline void talk_of_all_kinds(talk *t)
{
    static const char hello[] = "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03";
    static frame f;
    unsigned i;

    memset(t, 0, sizeof *t);
    for (i = 0; i < 12; i++) {
        const double ms = 100.0 * i;

        t->client_port = 41000 + i;
        talk_udp(t, ms, CLIENT, RESOLVER, 5000 + i, 53, "\0\1\1\0\0\1\0\0\0\0\0\0\1a\2ex\0\0\1\0\1", 22);
        talk_udp(t, ms + 1, RESOLVER, CLIENT, 53, 5000 + i,
                 "\0\1\x81\x80\0\1\0\1\0\0\0\0\1a\2ex\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x50", 38);
        talk_opens(t, ms + 2);
        if (i % 3 == 0)
            talk_tcp(t, ms + 30, CLIENT, ACK, 101, 501, hello, sizeof hello - 1);
        else
            talk_tcp(t, ms + 30, CLIENT, ACK, 101, 501, "GET / HTTP/1.1\r\n\r\n", 18);
        if (i % 4 == 1)
            talk_tcp(t, ms + 40, SERVER, ACK, 501, 119, "HTTP/1.1 502 Bad\r\n\r\n", 20);
        if (i % 4 == 2)
            talk_tcp(t, ms + 40, SERVER, RST, 501, 0, "", 0);
        if (i % 4 == 3) {
            frame_payload(&f, 36);
            memset(frame_start(&f), 0, 36);
            memcpy(frame_start(&f), "\3\3", 2);
            memcpy(frame_start(&f) + 8, "\x45\0\0\x28\0\1\0\0\x40\6\0\0\xc0\0\2\x0a\xc0\0\2\x50", 20);
            frame_start(&f)[28] = (uint8_t)(t->client_port >> 8);
            frame_start(&f)[29] = (uint8_t)t->client_port;
            frame_start(&f)[31] = 80;
            talk_ip(t, ms + 50, SERVER, CLIENT, 1, &f);
        }
        talk_tcp(t, ms + 60, 99, SYN, 7, 0, "", 0);           /* somebody else's */
        talk_other_port(t, ms + 70, SERVER, 8000 + i, SYN, "", 0);
        talk_other_port(t, ms + 80, RESOLVER, 53, ACK, "\0\x1c\0\1\1\0\0\1\0\0\0\0\0\0\1a\2ex\0\0\1\0\1", 24);
    }
}

#endif
