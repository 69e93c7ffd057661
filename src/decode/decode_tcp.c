/*
 * decode_tcp.c: the end of the way: TCP header, options, checksum (RFC 9293).
 */
#include "decode/decode_layers.h"
#include "decode/decode_tcp.h"

/* Keeps the scale that RFC 7323, 2.3 allows; above 14 counts as 14. */
static uint8_t scale_of(uint8_t shift)
{
    return shift > 14 ? 14 : shift;
}

static void read_sack(mc_segment *seg, const uint8_t *p, size_t len)
{
    seg->has |= MC_HAS_SACK;
    seg->sack_count = 0;
    for (; len >= 8 && seg->sack_count < MC_MAX_SACK; p += 8, len -= 8) {
        seg->sack[seg->sack_count][0] = mc_be32(p);
        seg->sack[seg->sack_count][1] = mc_be32(p + 4);
        seg->sack_count++;
    }
}

/* An option of which the snapshot length took the end: one SACK block that still tells where it begins. */
static void read_cut_sack(mc_segment *seg, mc_view rest)
{
    if (rest.p[0] != 5 || rest.p[1] < 10 || rest.len < 6 || rest.len >= 10)
        return;
    seg->sack_cut = MC_SACK_EDGE;
    seg->sack[0][0] = mc_be32(rest.p + 2);
}

/* RFC 8684, 3: the subtype of the first such option, and the reason of an MP_TCPRST (3.6). */
static void read_mptcp(mc_segment *seg, const uint8_t *o, size_t len)
{
    const uint8_t subtype = o[2] >> 4;

    if (seg->mptcp == 0)
        seg->mptcp = subtype + 1;
    if (subtype == MC_MPTCP_TCPRST && len >= 4 && o[3] < UINT8_MAX)
        seg->mptcp_reset = o[3] + 1;
}

static void read_options_plainly(mc_segment *seg, const uint8_t *p, size_t len)
{
    mc_view rest = { p, len };
    const uint8_t *o;

    while (rest.len > 0) {
        if (rest.p[0] == 0)                      /* end of options */
            return;
        if (rest.p[0] == 1) {                    /* no operation */
            mc_take(&rest, 1);
            continue;
        }
        if (rest.len < 2 || rest.p[1] < 2)
            return;
        o = mc_take(&rest, rest.p[1]);
        if (o == NULL) {
            read_cut_sack(seg, rest);
            return;
        }
        switch (o[0]) {
        case 2:
            if (o[1] == 4) {
                seg->has |= MC_HAS_MSS;
                seg->mss = mc_be16(o + 2);
            }
            break;
        case 3:
            if (o[1] == 3) {
                seg->has |= MC_HAS_SCALE;
                seg->scale = scale_of(o[2]);
            }
            break;
        case 4:
            if (o[1] == 2)
                seg->has |= MC_HAS_SACKOK;
            break;
        case 5:
            if (o[1] >= 10 && o[1] % 8 == 2)
                read_sack(seg, o + 2, o[1] - 2u);
            break;
        case 8:
            if (o[1] == 10) {
                seg->has |= MC_HAS_TS;
                seg->ts_val = mc_be32(o + 2);
                seg->ts_ecr = mc_be32(o + 6);
            }
            break;
        case 30:
            if (o[1] >= 3)
                read_mptcp(seg, o, o[1]);
            break;
        default:
            break;
        }
    }
}

/*
 * Nearly all senders align their options to words in one of few ways (RFC 7323, appendix A,
 * and what the stacks of Linux, BSD and Windows put into a SYN).  From the first word on
 * that is none of these the options are read one by one.
 */
void mc_tcp_read_options(mc_segment *seg, const uint8_t *p, size_t len)
{
    mc_view rest = { p, len };

    while (rest.len >= 4) {
        uint32_t word = mc_be32(rest.p);

        if (word >> 16 == 0x0204) {                                  /* MSS */
            seg->has |= MC_HAS_MSS;
            seg->mss = (uint16_t)word;
        } else if (word == 0x0402080a || word == 0x0101080a) {       /* SACK permitted or two NOPs, timestamps */
            if (rest.len < 12)
                break;
            seg->has |= word == 0x0402080a ? MC_HAS_TS | MC_HAS_SACKOK : MC_HAS_TS;
            seg->ts_val = mc_be32(rest.p + 4);
            seg->ts_ecr = mc_be32(rest.p + 8);
            mc_take(&rest, 8);
        } else if (word >> 8 == 0x010303) {                          /* NOP, window scale */
            seg->has |= MC_HAS_SCALE;
            seg->scale = scale_of((uint8_t)word);
        } else if (word == 0x01010402) {                             /* two NOPs, SACK permitted */
            seg->has |= MC_HAS_SACKOK;
        } else {
            break;
        }
        mc_take(&rest, 4);
    }
    if (rest.len > 0)
        read_options_plainly(seg, rest.p, rest.len);
}

/* RFC 1071: the sum of 16-bit words, not yet folded; an odd last byte is padded with zero. */
static uint64_t sum_words(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i + 1 < len; i += 2)
        sum += mc_be16(p + i);
    if (i < len)
        sum += (uint64_t)p[i] << 8;
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

bool mc_checksum_is_good(const uint8_t *p, size_t len)
{
    return fold(sum_words(p, len)) == 0xffff;
}

/*
 * RFC 9293, 3.1: over the pseudo header of RFC 791 or RFC 8200, 8.1, and the whole
 * segment.
 */
static bool tcp_checksum_is_good(const decoding *s)
{
    size_t skipped = s->ip_version == 4 ? 12 : 0;
    uint64_t sum;

    sum = sum_words(s->src + skipped, 16 - skipped);
    sum += sum_words(s->final_dst + skipped, 16 - skipped);
    sum += 6;
    sum += (s->wire >> 16) + (s->wire & 0xffff);
    sum += sum_words(s->rest.p, s->rest.len);
    return fold(sum) == 0xffff;
}

/*
 * The order of the checks is IN-8, IN-9: what the lengths on the wire make impossible is
 * malformed, however much was captured.  In the first fragment of a datagram that cannot
 * be completed they say nothing.
 */
layer mc_read_tcp(decoding *s)
{
    const uint8_t *t = s->rest.p;
    mc_segment *seg;
    size_t header;

    if (s->wire < MC_TCP_HEADER && !s->len_unknown) {
        s->decoder->stats.malformed_segments++;
        return stop(s, MC_V_MALFORMED);
    }
    if (s->rest.len < MC_TCP_HEADER) {
        s->decoder->stats.sliced_headers++;
        return stop(s, MC_V_TRUNCATED);
    }
    header = (size_t)(t[12] >> 4) * 4;
    if (header < MC_TCP_HEADER || (header > s->wire && !s->len_unknown)) {
        s->decoder->stats.malformed_segments++;
        return stop(s, MC_V_MALFORMED);
    }
    if (s->count == MC_MAX_SEGMENTS)
        return stop(s, MC_V_TCP);

    seg = &s->out[s->count++];
    memcpy(seg->src, s->src, sizeof seg->src);
    memcpy(seg->dst, s->dst, sizeof seg->dst);
    seg->ip_version = s->ip_version;
    seg->ttl = s->ttl;
    seg->tos = s->tos;
    seg->ip_id = s->ip_id;
    seg->has = s->ip_has;
    seg->reassembled = s->reassembled;
    mc_tcp_fill(seg, t, s->rest.len, s->len_unknown ? header : s->wire, header);
    seg->len_known = !s->len_unknown;
    if (s->decoder->verify_checksums && !s->len_unknown && s->rest.len == s->wire &&
        !tcp_checksum_is_good(s))
        seg->has |= MC_BAD_CHECKSUM;
    return stop(s, MC_V_TCP);
}
