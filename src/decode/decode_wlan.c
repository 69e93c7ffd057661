/*
 * decode_wlan.c: 802.11 data frames and the headers that radios put in front.
 */
#include "decode/decode_layers.h"

/*
 * Radiotap: version (1), padding (1), length (2), presence words (4 each, bit 31: one
 * more), then the fields, each aligned to its size.  Of interest is the flags byte, the
 * second field: the first, a time of 8 bytes, may be in front.
 */
layer mc_read_radiotap(decoding *s)
{
    const uint8_t *h = s->rest.p;
    size_t length, at;
    uint32_t present;

    if (s->rest.len < 8)
        return cut(s, 8);
    length = mc_le16(h + 2);
    if (h[0] != 0 || length < 8)
        return stop(s, MC_V_NOT_TCP);
    if (take(s, length) == NULL)
        return cut(s, length);

    present = mc_le32(h + 4);
    at = 8;
    while (at + 4 <= length && (mc_le32(h + at - 4) & 0x80000000u) != 0)
        at += 4;
    if ((present & 1) != 0)
        at = ((at + 7) & ~(size_t)7) + 8;
    s->wlan_padded = (present & 2) != 0 && at < length && (h[at] & 0x20) != 0;
    return L_WLAN;
}

/*
 * Prism: message code (4), length (4), in the writer's order; some drivers write AVS
 * instead.
 */
layer mc_read_prism(decoding *s)
{
    const uint8_t *h = s->rest.p;
    uint32_t length;

    if (s->rest.len < 8)
        return cut(s, 8);
    if ((mc_be32(h) & 0xfffff000) == 0x80211000)
        return L_AVS;
    length = mc_le32(h + 4);
    if (length > 0xffff)
        length = mc_be32(h + 4);
    if (length < 8)
        return stop(s, MC_V_NOT_TCP);
    return skip(s, length, L_WLAN);
}

/* AVS: version (4), length (4), big-endian. */
layer mc_read_avs(decoding *s)
{
    const uint8_t *h = s->rest.p;

    if (s->rest.len < 8)
        return cut(s, 8);
    if (mc_be32(h + 4) < 8)
        return stop(s, MC_V_NOT_TCP);
    return skip(s, mc_be32(h + 4), L_WLAN);
}

/*
 * 802.11, 9.3.2.1: control (2), duration (2), three addresses, sequence control (2), a
 * fourth address between access points, QoS control (2), HT control (4).  Encrypted
 * frames and frames without data end here; fragments are not put together.
 */
layer mc_read_wlan(decoding *s)
{
    const uint8_t *h = s->rest.p;
    size_t header = 24, qos = 0;
    bool aggregate = false;

    if (s->rest.len < 2)
        return cut(s, 2);
    if ((h[0] & 0x0f) != 0x08 || (h[0] & 0x40) != 0 || (h[1] & 0x40) != 0)
        return stop(s, MC_V_NOT_TCP);
    if ((h[1] & 0x03) == 0x03)
        header += 6;
    if ((h[0] & 0x80) != 0) {
        qos = header;
        header += 2;
        if ((h[1] & 0x80) != 0)
            header += 4;
    }
    if (s->wlan_padded)
        header = (header + 3) & ~(size_t)3;
    s->wlan_padded = false;

    if (take(s, header) == NULL)
        return cut(s, header);
    if ((h[1] & 0x04) != 0 || (h[22] & 0x0f) != 0)
        return stop(s, MC_V_FRAGMENT);
    if (qos != 0)
        aggregate = (h[qos] & 0x80) != 0;
    return aggregate ? L_AMSDU : L_LLC;
}

/*
 * 802.11, 9.3.2.2: sub-frames of addresses (12), length (2) and an LLC frame, padded to 4
 * but for the last.  The remainder is kept for the loop to come back to.
 */
layer mc_read_amsdu(decoding *s)
{
    const uint8_t *h = take(s, 14);
    size_t length, padded, captured;

    if (h == NULL)
        return stop(s, s->wire < 14 ? MC_V_NOT_TCP : MC_V_TRUNCATED);
    length = mc_be16(h + 12);
    padded = ((14 + length + 3) & ~(size_t)3) - 14;
    if (padded < s->wire && s->pending_count < MC_MAX_PENDING) {
        captured = padded < s->rest.len ? padded : s->rest.len;
        s->pending[s->pending_count].rest.p = s->rest.p + captured;
        s->pending[s->pending_count].rest.len = s->rest.len - captured;
        s->pending[s->pending_count].wire = s->wire - padded;
        s->pending[s->pending_count].inside_ip = s->inside_ip;
        s->pending[s->pending_count].len_unknown = s->len_unknown;
        s->pending[s->pending_count].reassembled = s->reassembled;
        s->pending_count++;
    }
    bound(s, length);
    return L_LLC;
}
