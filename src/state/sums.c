/*
 * sums.c: one list of the numbers that add up, for all that is done with them.
 */
#include "state/sums.h"

#include "base/sanitize.h"

/* What adds up over frames, inputs and pieces. */
#define SUMS(X)                                                                                                      \
    X(frames) X(matched_frames) X(other_tcp_frames) X(not_tcp_frames) X(undecoded_frames) X(fragment_frames)         \
    X(sliced_header_frames) X(malformed_frames) X(filtered_frames) X(outside_window_frames) X(filter_unfit_frames)   \
    X(tcp_segments) X(icmp_quoted) X(malformed_segments) X(sliced_headers) X(incomplete_fragments) X(reassembled)    \
    X(too_deep) X(bad_ip_checksums) X(sliced_frames) X(sliced_bytes) X(timeless_frames) X(record_frames)             \
    X(inner_length_frames) X(compressed_frames) X(overlong_ip_frames) X(link_type_others) X(bytes_done)              \
    X(inflated_bytes) X(dropped_reported)

/* A new field of mc_capture_facts belongs here, or is none of a piece. */
#ifdef __LP64__
_Static_assert(sizeof(mc_capture_facts) == 2192, "all fields are thought of");
#endif

void mc_sums_add_link_type(mc_capture_facts *c, const mc_link_type *more)
{
    uint32_t i;

    for (i = 0; i < c->link_type_count && c->link_types[i].number != more->number; i++)
        ;
    if (i == MC_LINK_TYPES)
        c->link_type_others += more->frames;
    else if (i < c->link_type_count)
        c->link_types[i].frames += more->frames;
    else
        c->link_types[c->link_type_count++] = *more;
}

void mc_sums_join(mc_capture_facts *a, const mc_capture_facts *b)
{
    uint32_t i;

    if (a->format == NULL) {
        a->format = b->format;
        a->swapped = b->swapped;
    }
    if (a->inputs == 0) {
        a->compression = b->compression;
        a->bytes_total = b->bytes_total;
    } else if (b->inputs > 0) {
        a->bytes_total = a->bytes_total > 0 && b->bytes_total > 0 ? a->bytes_total + b->bytes_total : 0;
    }
    if (a->reader == NULL)
        a->reader = b->reader;
    a->nanoseconds |= b->nanoseconds;
    a->drops_known |= b->drops_known;
    a->snaplen = b->snaplen > a->snaplen ? b->snaplen : a->snaplen;
    a->interfaces += b->interfaces;
    a->inputs += b->inputs;
    for (i = 0; i < b->link_type_count; i++)
        mc_sums_add_link_type(a, &b->link_types[i]);
#define X(name) a->name += b->name;
    SUMS(X)
#undef X
    if (b->times_known) {
        a->first_ns = a->times_known && a->first_ns < b->first_ns ? a->first_ns : b->first_ns;
        a->last_ns = a->times_known && a->last_ns > b->last_ns ? a->last_ns : b->last_ns;
        a->times_known = true;
    }
    if (b->truncated) {
        a->truncated = true;
        a->truncated_offset = b->truncated_offset;
        memcpy(a->truncated_reason, b->truncated_reason, sizeof a->truncated_reason);
        memcpy(a->truncated_input, b->truncated_input, sizeof a->truncated_input);
    }
    if (b->stopped != MC_OK) {
        a->stopped = b->stopped;
        memcpy(a->stopped_reason, b->stopped_reason, sizeof a->stopped_reason);
    }
}

void mc_sums_less(mc_capture_facts *c, const mc_capture_facts *later, const mc_capture_facts *earlier)
{
#define X(name) c->name -= later->name - earlier->name;
    SUMS(X)
#undef X
}

void mc_sums_pack(mc_packer *k, const mc_capture_facts *c)
{
    uint32_t i;

#define X(name) mc_pack(k, c->name);
    SUMS(X)
#undef X
    mc_pack_text(k, c->format);
    mc_pack_text(k, c->compression);
    mc_pack_text(k, c->reader);
    mc_pack(k, (c->nanoseconds ? 1u : 0u) | (c->swapped ? 2u : 0u) | (c->drops_known ? 4u : 0u) | (c->times_known ? 8u : 0u) |
                   (c->truncated ? 16u : 0u));
    mc_pack(k, c->snaplen);
    mc_pack(k, c->interfaces);
    mc_pack(k, c->inputs);
    mc_pack(k, c->bytes_total);
    mc_pack(k, c->link_type_count);
    for (i = 0; i < c->link_type_count; i++) {
        mc_pack(k, c->link_types[i].number);
        mc_pack(k, c->link_types[i].decoded);
        mc_pack(k, c->link_types[i].frames);
    }
    mc_pack_signed(k, c->first_ns);
    mc_pack_signed(k, c->last_ns);
    mc_pack(k, c->truncated_offset);
    mc_pack_text(k, c->truncated_reason);
    mc_pack_text(k, c->truncated_input);
    mc_pack(k, c->stopped);
    mc_pack_text(k, c->stopped_reason);
}

/* A text that will be shown. */
static void unpack_shown(mc_unpacker *u, char *out, size_t size)
{
    char text[MC_ERRMSG_SIZE];

    mc_unpack_text(u, text, size < sizeof text ? size : sizeof text);
    mc_sanitize_text(out, size, text);
}

static const char *unpack_word(mc_unpacker *u, char *out, size_t size)
{
    unpack_shown(u, out, size);
    return out[0] != 0 ? out : NULL;
}

void mc_sums_unpack(mc_unpacker *u, mc_capture_facts *c, mc_sums_words *words)
{
    uint64_t bits;
    uint32_t i;

    memset(c, 0, sizeof *c);
#define X(name) c->name = mc_unpack_most(u, UINT64_MAX >> 16);
    SUMS(X)
#undef X
    c->format = unpack_word(u, words->format, sizeof words->format);
    c->compression = unpack_word(u, words->compression, sizeof words->compression);
    c->reader = unpack_word(u, words->reader, sizeof words->reader);
    bits = mc_unpack_most(u, 31);
    c->nanoseconds = (bits & 1) != 0;
    c->swapped = (bits & 2) != 0;
    c->drops_known = (bits & 4) != 0;
    c->times_known = (bits & 8) != 0;
    c->truncated = (bits & 16) != 0;
    c->snaplen = (uint32_t)mc_unpack_most(u, UINT32_MAX);
    c->interfaces = (uint32_t)mc_unpack_most(u, UINT32_MAX >> 4);
    c->inputs = (uint32_t)mc_unpack_most(u, UINT32_MAX >> 4);
    c->bytes_total = mc_unpack_most(u, UINT64_MAX >> 16);
    c->link_type_count = (uint32_t)mc_unpack_most(u, MC_LINK_TYPES);
    for (i = 0; i < c->link_type_count; i++) {
        c->link_types[i].number = (uint32_t)mc_unpack_most(u, UINT32_MAX);
        c->link_types[i].decoded = mc_unpack_most(u, 1) != 0;
        c->link_types[i].frames = mc_unpack_most(u, UINT64_MAX >> 16);
    }
    c->first_ns = mc_unpack_signed(u);
    c->last_ns = mc_unpack_signed(u);
    c->truncated_offset = mc_unpack_most(u, UINT64_MAX >> 16);
    unpack_shown(u, c->truncated_reason, sizeof c->truncated_reason);
    unpack_shown(u, c->truncated_input, sizeof c->truncated_input);
    c->stopped = (mc_status)mc_unpack_most(u, MC_STATUS_COUNT - 1);
    unpack_shown(u, c->stopped_reason, sizeof c->stopped_reason);
    u->bad |= c->times_known && c->first_ns > c->last_ns;
}
