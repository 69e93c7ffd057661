/*
 * decode_tcp.h: from a TCP header to a segment; shared by the full path (decode_tcp.c)
 * and the fast path (decode_fast.h), so that both agree.
 */
#ifndef MC_DECODE_TCP_H
#define MC_DECODE_TCP_H

#include "decode/decode.h"

#define MC_TCP_HEADER 20

/* Reads the options in 'p', 'len' bytes as far as captured (IN-14, RFC 9293, 3.2). */
void mc_tcp_read_options(mc_segment *seg, const uint8_t *p, size_t len);

#define MC_TLS_ALERT      21        /* record types (RFC 8446, 5.1) */
#define MC_TLS_DATA       23
#define MC_TLS_ALERT_MOST 128u      /* bytes of an alert with its record header, however it is encrypted */

/*
 * Is the payload, 'len' bytes of which 'captured' are at 'p', one TLS record with an alert that
 * ends the session?  Its type stands in clear up to TLS 1.2.  In TLS 1.3 it is hidden, but for
 * its length: two bytes of content, its type and a tag of 16 (RFC 8446, 5.2).
 */
MC_INLINE bool mc_tls_is_alert(const uint8_t *p, size_t captured, uint32_t len);

/*
 * Fills what the TCP header tells.  'captured' >= MC_TCP_HEADER bytes are at 't'; the
 * segment, header included, has 'wire' bytes; the header's own 'header' bytes are at most
 * that.  seg->has must be set already: bits are added.
 */
MC_INLINE void mc_tcp_fill(mc_segment *seg, const uint8_t *t, size_t captured, size_t wire,
                           size_t header);

/* An IPv4 address as ::ffff:a.b.c.d. */
static inline void mc_map_ipv4(uint8_t out[16], const uint8_t *p);

/* ------------------------------------------------------------------ bodies */

MC_INLINE bool mc_tls_is_alert(const uint8_t *p, size_t captured, uint32_t len)
{
    if (MC_LIKELY(len - 7u > MC_TLS_ALERT_MOST - 7u) || captured < 7 || p[1] != 3 || p[2] > 4 ||
        mc_be16(p + 3) + 5u != len)
        return false;
    if (p[0] == MC_TLS_ALERT)
        return len > 7 || p[5] != 1 || p[6] == 0;            /* in clear: no mere warning, or close_notify (6.1) */
    return p[0] == MC_TLS_DATA && len == 5 + 2 + 1 + 16;
}

MC_INLINE void mc_tcp_fill(mc_segment *seg, const uint8_t *t, size_t captured, size_t wire,
                           size_t header)
{
    seg->len_known = true;
    seg->scale = 0;
    seg->sack_count = 0;
    seg->mptcp = 0;
    seg->mptcp_reset = 0;
    seg->sack_cut = 0;
    seg->mss = 0;
    seg->sport = mc_be16(t);
    seg->dport = mc_be16(t + 2);
    seg->seq = mc_be32(t + 4);
    seg->ack = mc_be32(t + 8);
    seg->len = (uint32_t)(wire - header);
    seg->win = mc_be16(t + 14);
    seg->flags = t[13];
    seg->captured = captured > header ? (uint32_t)(captured - header) : 0;
    seg->payload = t + header;
    seg->alert = captured > header && mc_tls_is_alert(t + header, captured - header, seg->len);
    /* RFC 7323, appendix A: NOP, NOP, timestamps; nearly all options there are. */
    if (MC_LIKELY(header == 32 && captured >= 32 && mc_be32(t + 20) == 0x0101080a)) {
        seg->has |= MC_HAS_TS;
        seg->ts_val = mc_be32(t + 24);
        seg->ts_ecr = mc_be32(t + 28);
        return;
    }
    seg->ts_val = 0;
    seg->ts_ecr = 0;
    if (header == MC_TCP_HEADER)
        return;
    mc_tcp_read_options(seg, t + MC_TCP_HEADER,
                        (captured < header ? captured : header) - MC_TCP_HEADER);
    if (captured < header && seg->sack_count == 0 && seg->sack_cut == 0)
        seg->sack_cut = MC_SACK_UNSEEN;
}

static inline void mc_map_ipv4(uint8_t out[16], const uint8_t *p)
{
    static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

    memcpy(out, prefix, sizeof prefix);
    memcpy(out + 12, p, 4);
}

#endif
