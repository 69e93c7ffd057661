/*
 * source.h: where packets come from.
 *
 * Two kinds of thing, stacked:
 *   a stage gives bytes    (regular file, file handle, URL; gzip, zstd ... on top of another stage)
 *   a reader gives packets (classic pcap, pcapng, or libpcap over any stage)
 * A source is the whole stack for one list of inputs, read one after the other.
 *
 * Decisions that its users meet:
 *   - A file ends where it ended when it was opened, even if it grows meanwhile, unless it is
 *     the last one of a list that is followed (options.follow): that is never mapped; one
 *     that shrinks is truncated.  While a large file is mapped, a process that wants to write to it
 *     waits (a read lease) until the next call here, at most lease-break-time.
 *   - The first damage ends the capture, also in an earlier one of several inputs; in a list
 *     that is followed it ends that input.  Names of all inputs are checked when the source is
 *     opened.
 *   - max_bytes counts downloads and inflated data, of all inputs together; plain
 *     files are not limited by it.
 *   - url_max_redirects 0 follows none.
 *   - Bytes behind the end of compressed data that are neither zeros nor another
 *     member are damage.
 */
#ifndef MC_SOURCE_H
#define MC_SOURCE_H

#include "base/base.h"
#include "decode/decode.h"
#include "capture/prefetcher.h"

typedef struct mc_source mc_source;

/* How the reading went: for the ledger, filled at any time. */
typedef struct mc_source_facts {
    const char *format;          /* "pcap", "pcapng", ... of the first input; static string */
    const char *compression;     /* "gzip", "zstd", ... or NULL; static string */
    const char *reader;          /* "mapped", "read", "stream", "libpcap": how it was read; static string */
    bool nanoseconds;            /* the file's own precision is finer than a microsecond */
    bool swapped;                /* written in the other byte order */
    uint32_t snaplen;            /* greatest of all interfaces; 0: none stated */
    uint32_t interfaces;         /* pcapng interfaces, or 1 */
    uint32_t inputs;             /* inputs opened so far */
    uint64_t bytes_done;         /* bytes taken from the file or network (compressed bytes, where compressed) */
    uint64_t bytes_total;        /* the same for the whole, 0 when not known */
    uint64_t inflated_bytes;     /* capture bytes parsed, after decompression */
    uint64_t bytes_by_way[2];    /* of files that could be mapped: so read (mc_way); the rest of them by the way in 'reader' */
    uint32_t looks;              /* so often both ways were timed, and what each took at the latest: nanoseconds a byte */
    double way_cost[2];
    uint64_t over_snaplen;       /* packets longer than the stated snapshot length; they are given whole */
    uint64_t dropped_reported;   /* packets the capturing system says that it dropped (pcapng statistics) */
    bool drops_known;            /* such a statement was seen */
    bool truncated;              /* the file or transfer ended early or is damaged */
    uint64_t truncated_offset;   /* in capture bytes, of the damaged record's start */
    char truncated_reason[MC_ERRMSG_SIZE];
    char truncated_input[MC_ERRMSG_SIZE]; /* which input, safe to show */
} mc_source_facts;

/*
 * Opens the inputs (the first at once, the others when their turn comes).
 * Options and inputs are copied as far as they are kept; handles are borrowed
 * and neither closed nor moved in position more than reading moves them.
 */
mc_status mc_source_open(mc_source **out, const mc_input *inputs, size_t input_count,
                         const mc_options *options, mc_error *err);
void mc_source_close(mc_source *s);              /* accepts NULL */

/* One more input, and that no more come: see mc_session_add() and mc_session_last(). */
mc_status mc_source_add(mc_source *s, const mc_input *input, mc_error *err);
void mc_source_last(mc_source *s);

/*
 * Writes up to 'max' packets to 'out' and their number to 'count'.
 *   MC_OK   packets, or count 0: nothing there yet (an idle network or pipe), or this
 *           call's share of work (bytes inflated, say) is done: call again.  'wait_ms' is how
 *           long an idle source may wait for more (0: not at all).
 *   MC_END  the end; facts.truncated says whether it came early.  count is 0.
 *   other   an error before the first packet of all inputs; afterwards damage
 *           is MC_END with facts.truncated.  Limits (max_bytes) are MC_LIMIT at any time.
 * Packets stay valid until the next call.
 */
mc_status mc_source_next(mc_source *s, mc_packet *out, size_t max, size_t *count,
                         unsigned wait_ms, mc_error *err);

/* How long all calls have read, and waited for what there is to read; nothing of a file that is mapped. */
int64_t mc_source_waited(const mc_source *s);

/*
 * What may be walked on with mc_prefetcher_step() while the packets of the last call are worked
 * on, so that the next call waits less.  Good until the next call.
 */
mc_prefetcher *mc_source_prefetcher(mc_source *s);

/* Of each packet all bytes will be read, not the headers alone: they are fetched ahead as well. */
void mc_source_read_whole(mc_source *s);

/* Packets came before, from elsewhere: what is damaged from here on ends the capture early. */
void mc_source_follows(mc_source *s);

/* The name of an input as it was given; a URL without secrets.  False: there are not so many. */
bool mc_source_name(const mc_source *s, size_t i, char *out, size_t size);

void mc_source_get_facts(const mc_source *s, mc_source_facts *out);

#endif
