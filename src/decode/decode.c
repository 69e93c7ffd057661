/*
 * decode.c: the loop over the layers.
 */
#include "decode/decode.h"

#include <stdlib.h>

#include "decode/decode_fast.h"
#include "decode/decode_layers.h"

static layer (*const readers[L_COUNT])(decoding *) = {
#define X(name, reader) [L_##name] = reader,
    MC_LAYER_MAP(X)
#undef X
};

mc_status mc_decoder_open(mc_decoder **out, bool verify_checksums, mc_error *err)
{
    mc_decoder *d = calloc(1, sizeof *d);

    *out = NULL;
    if (d == NULL)
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    d->fragments = mc_fragments_open();
    if (d->fragments == NULL) {
        free(d);
        return mc_fail(err, MC_NOMEM, 0, "out of memory");
    }
    d->verify_checksums = verify_checksums;
    d->linktype = 1;
    d->first = L_ETHER;
    *out = d;
    return MC_OK;
}

void mc_decoder_set_exact_gtp(mc_decoder *d)
{
    d->exact_gtp = true;
}

void mc_decoder_close(mc_decoder *d)
{
    if (d == NULL)
        return;
    mc_fragments_close(d->fragments);
    free(d);
}

const mc_icmp_quote *mc_decode_icmp(const mc_decoder *d)
{
    return d->has_quote ? &d->quote : NULL;
}

const mc_other *mc_decode_other(const mc_decoder *d)
{
    return &d->other;
}

void mc_decode_get_stats(const mc_decoder *d, mc_decode_stats *out)
{
    *out = d->stats;
    out->incomplete_fragments = mc_fragments_incomplete(d->fragments);
}

/* Of several chains in one frame the most telling verdict stands. */
static unsigned weight(mc_verdict verdict)
{
    static const uint8_t weights[MC_V_COUNT] = {
        [MC_V_NOT_TCP] = 0,   [MC_V_UNDECODED] = 1, [MC_V_FRAGMENT] = 2,
        [MC_V_TRUNCATED] = 3, [MC_V_MALFORMED] = 4, [MC_V_TCP] = 5,
    };

    return weights[verdict];
}

/* Ends a chain and starts the next sub-frame of an aggregate, if there is one. */
static layer next_chain(decoding *s)
{
    if (weight(s->verdict) > weight(s->frame_verdict))
        s->frame_verdict = s->verdict;
    if (s->pending_count == 0)
        return L_DONE;

    s->pending_count--;
    s->rest = s->pending[s->pending_count].rest;
    s->wire = s->pending[s->pending_count].wire;
    s->inside_ip = s->pending[s->pending_count].inside_ip;
    s->len_unknown = s->pending[s->pending_count].len_unknown;
    s->reassembled = s->pending[s->pending_count].reassembled;
    return L_AMSDU;
}

/* The full path: any frame, layer by layer. */
static mc_verdict decode_layers(mc_decoder *d, const mc_packet *packet, mc_segment *out,
                                size_t *count)
{
    decoding s;
    layer next;
    unsigned depth;

    if (packet->linktype != d->linktype) {
        d->linktype = packet->linktype;
        d->first = mc_layer_of_linktype(packet->linktype);
    }
    next = d->first;
    if (next == L_DONE)
        return MC_V_UNDECODED;
    mc_fragments_release(d->fragments);          /* of the frame before */

    s.decoder = d;
    s.packet = packet;
    s.rest.p = packet->data;
    s.rest.len = packet->caplen;
    /* Bytes that were captured were on the wire, whatever a broken writer says. */
    s.wire = packet->wirelen > packet->caplen ? packet->wirelen : packet->caplen;
    s.inside_ip = false;
    s.no_length = false;
    s.overclaims = false;
    s.len_unknown = false;
    s.reassembled = false;
    s.wlan_padded = false;
    s.verdict = MC_V_NOT_TCP;
    s.frame_verdict = MC_V_NOT_TCP;
    s.pending_count = 0;
    s.out = out;
    s.count = 0;

    for (depth = 0; depth < MC_MAX_LAYERS; depth++) {
        next = readers[next](&s);
        if (next == L_DONE)
            next = next_chain(&s);
        if (next == L_DONE)
            break;
    }
    if (next != L_DONE) {
        d->stats.too_deep++;
        if (weight(MC_V_MALFORMED) > weight(s.frame_verdict))
            s.frame_verdict = MC_V_MALFORMED;
    }
    *count = s.count;
    return s.frame_verdict;
}

mc_verdict mc_decode(mc_decoder *d, const mc_packet *packet, mc_segment *out, size_t *count)
{
    d->has_quote = false;
    if (MC_LIKELY(!d->verify_checksums) && MC_LIKELY(mc_decode_fast(packet, out))) {
        *count = 1;
        return MC_V_TCP;
    }
    *count = 0;
    d->other.kind = MC_OTHER_NONE;
    return decode_layers(d, packet, out, count);
}
