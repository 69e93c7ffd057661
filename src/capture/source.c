/*
 * source.c: goes through the list of inputs; opens each, looks at its first bytes, stacks
 * decompressors on it, and puts the right reader on top.
 *
 *     mc_source_next
 *       begin_input    path, URL or handle -> stage
 *       sniff          magic -> decompressor (and again), or parser, or libpcap
 *       parse_mapped   parser over the mapped file
 *       parse_buffer   parser over blocks that are read
 *       read_libpcap   libpcap, for what the parsers do not know
 */
#include "capture/source_state.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/foreign.h"
#include "base/cputime.h"
#include "base/sanitize.h"
#include "stage/url_policy.h"

/* The first read of an input: enough to know what it is. */
#define FIRST_READ 4096u

/* What one call parses or inflates at most when no packet comes of it. */
#define SHARE (4u * 1024 * 1024)

/* Decompressors on top of each other. */
#define MAX_DEPTH 2

/* ------------------------------------------------------------------ endings */

/* Adds the current reader's counts to the facts and lets go of the current input. */
static void end_input(mc_source *s)
{
    mc_source_facts now;
    uint64_t done = 0;

    mc_source_get_facts(s, &now);
    if (s->stage != NULL) {
        done = mc_stage_lowest(s->stage)->done;
        if (mc_stage_lowest(s->stage)->total != 0) {
            s->in.list[s->at].total = mc_stage_lowest(s->stage)->total;
            s->in.list[s->at].total_known = true;
        }
    }
    s->facts = now;
    s->done_before += done;
    mc_reader_close(s->reader);
    s->reader = NULL;
    mc_libpcap_close(s->libpcap);
    s->libpcap = NULL;
    mc_stage_close(s->stage);
    s->stage = NULL;
    s->buffer = s->own;
    s->ways = (mc_ways){ .until = UINT64_MAX };
    s->parsed = 0;
    s->begin = s->end = 0;
}

/* Limits and a lack of memory are errors whenever they come. */
static bool is_hard(mc_status status)
{
    return status == MC_LIMIT || status == MC_NOMEM || status == MC_CANCELLED;
}

static void note_truncated(mc_source *s, const char *shown, uint64_t offset, const mc_error *cause)
{
    s->facts.truncated = true;
    s->facts.truncated_offset = offset;
    snprintf(s->facts.truncated_reason, sizeof s->facts.truncated_reason, "%s", cause->msg);
    snprintf(s->facts.truncated_input, sizeof s->facts.truncated_input, "%s", shown);
}

/*
 * Ends the source: with an error before the first packet, otherwise with what could
 * be read and the reason.  Of a list that is followed only this input ends.  'cause' has no
 * object; the input's name is put in front.
 */
static mc_status give_up(mc_source *s, const mc_error *cause)
{
    const char *shown = s->in.list[s->at].shown;
    uint64_t offset = s->libpcap != NULL ? mc_libpcap_offset(s->libpcap) : s->parsed;

    end_input(s);
    if (s->in.options.follow && !is_hard(cause->status)) {
        note_truncated(s, shown, offset, cause);
        s->at++;
        s->phase = PHASE_BEGIN;
        return MC_OK;
    }
    s->phase = PHASE_OVER;
    if (s->packets == 0 || is_hard(cause->status)) {
        s->verdict = cause->status;
        mc_fail(&s->error, cause->status, cause->detail, "%s: %.*s", shown,
                (int)(sizeof s->error.msg - MC_SANITIZED_SIZE - 3), cause->msg);
        return s->verdict;
    }
    s->verdict = MC_END;
    note_truncated(s, shown, offset, cause);
    return MC_END;
}

MC_PRINTF(3, 4)
static mc_status give_up_with(mc_source *s, mc_status status, const char *format, ...)
{
    mc_error cause = { .status = status, .detail = 0, .msg = "" };
    va_list args;

    va_start(args, format);
    vsnprintf(cause.msg, sizeof cause.msg, format, args);
    va_end(args);
    return give_up(s, &cause);
}

static mc_status out_of_memory(mc_source *s)
{
    return give_up_with(s, MC_NOMEM, "%s", mc_status_text(MC_NOMEM));
}

/* ------------------------------------------------------------------ opening */

/* A decompressor is on the stage. */
static void note_compression(mc_source *s, const char *name)
{
    s->depth++;
    if (s->facts.compression == NULL && s->at == 0)
        s->facts.compression = name;
}

static mc_status begin_input(mc_source *s)
{
    mc_error cause;
    bool inflated;
    mc_status status = mc_inputs_open(&s->in, s->at, &s->stage, &inflated, &cause);

    if (status != MC_OK) {
        s->stage = NULL;
        return give_up(s, &cause);
    }
    s->facts.inputs++;
    s->stage_end = MC_OK;
    s->depth = 0;
    if (inflated)
        note_compression(s, s->stage->format);
    s->phase = PHASE_SNIFF;
    return MC_OK;
}

static mc_status begin_libpcap(mc_source *s)
{
    mc_error cause;
    mc_status status;

    if (s->stage_end != MC_OK && s->stage_end != MC_END)
        return give_up(s, &s->stage_error);
    mc_stage_lowest(s->stage)->grows = false;    /* libpcap knows no "not yet" */
    status = mc_libpcap_open(&s->libpcap, s->stage, s->buffer + s->begin, s->end - s->begin,
                             s->in.options.max_bytes, &cause);
    if (status != MC_OK) {
        s->libpcap = NULL;
        if (strcmp(cause.msg, "unknown file format") == 0)
            return give_up_with(s, cause.status, "unknown file format; editcap -F pcapng IN OUT converts it if "
                                "Wireshark knows it");
        return give_up(s, &cause);
    }
    if (s->facts.reader == NULL)
        s->facts.reader = "libpcap";
    s->begin = s->end = 0;
    s->phase = PHASE_LIBPCAP;
    return MC_OK;
}

/* Goes on over the mapped file; false: it cannot be mapped. */
static bool begin_mapped(mc_source *s)
{
    if (!mc_stage_file_map(s->stage))
        return false;
    s->phase = PHASE_MAPPED;
    s->begin = s->end = 0;
    s->stage_end = MC_OK;
    s->reader->walk_ahead = true;
    return true;
}

/* Goes on with read(). */
static void end_mapped(mc_source *s)
{
    s->reader->walk_ahead = false;
    s->reader->prefetcher.left = 0;
    s->phase = PHASE_BUFFER;
}

static mc_status begin_parser(mc_source *s, mc_reader *reader)
{
    mc_reading how = s->in.switches.reading;
    bool file = s->in.list[s->at].path != NULL && !mc_url_is(s->in.list[s->at].path);

    if (reader == NULL)
        return out_of_memory(s);
    s->reader = reader;
    reader->first_iface = s->facts.interfaces;
    reader->whole = s->whole;
    reader->walk_ahead = mc_stage_lends(s->stage);       /* it lies in memory that another thread has written */
    s->phase = PHASE_BUFFER;
    if (file && s->depth == 0 && how != MC_READING_PLAIN && !s->follow && begin_mapped(s))
        mc_ways_begin(&s->ways, how, s->stage->total);
    if (s->facts.reader == NULL)
        s->facts.reader = s->phase == PHASE_MAPPED ? "mapped" : file ? "read" : "stream";
    return MC_OK;
}

/* Looks at the first bytes and decides what to put on the stage. */
static mc_status sniff(mc_source *s, unsigned wait_ms, bool *idle)
{
    const uint8_t *magic;
    const char *name = NULL, *foreign;
    bool zoned = false;
    size_t got, length;
    mc_error cause;
    mc_status status;

    status = mc_source_fill(s, FIRST_READ, &got, wait_ms);
    if (status != MC_OK)
        return out_of_memory(s);
    magic = s->buffer + s->begin;
    length = s->end - s->begin;
    if (length < MC_ZIP_MAGIC && s->stage_end == MC_OK) {
        *idle = got == 0;
        return MC_OK;
    }
    /* Nothing but a failure to show: say that. */
    if (length == 0 && s->stage_end != MC_END)
        return give_up(s, &s->stage_error);

    status = mc_zip_knows(&name, magic, length, &cause);
    if (status != MC_OK)
        return give_up(s, &cause);
    if (name != NULL) {
        if (s->depth == MAX_DEPTH)
            return give_up_with(s, MC_FORMAT, "compressed more than %d times", MAX_DEPTH);
        /* The stage's end comes again when the decompressor asks for more. */
        if (s->stage->limited)
            s->limited_bytes -= mc_min_u64(s->limited_bytes, length);
        status = mc_stage_zip_push(&s->stage, name, magic, length, &cause);
        if (status != MC_OK)
            return give_up(s, &cause);
        note_compression(s, name);
        s->begin = s->end = 0;
        s->stage_end = MC_OK;
        return MC_OK;
    }
    foreign = mc_foreign_name(magic, length, &zoned);
    if (foreign != NULL)
        return give_up_with(s, MC_FORMAT, "a capture in the format of %s, which is not read here; "
                            "%seditcap -F pcapng IN OUT converts it", foreign,
                            zoned ? "with TZ set to the time zone it was written in, " : "");
    if (s->in.switches.reading != MC_READING_LIBPCAP) {
        if (mc_reader_pcap_knows(magic, length))
            return begin_parser(s, mc_reader_pcap_open());
        if (mc_reader_pcapng_knows(magic, length))
            return begin_parser(s, mc_reader_pcapng_open());
    }
    return begin_libpcap(s);
}

/* ------------------------------------------------------------------ packets */

static mc_status damaged(mc_source *s)
{
    return give_up_with(s, MC_FORMAT, "%s", s->reader->words);
}

/* The stage has ended and the parser cannot use what is left: a clean end or not? */
static mc_status at_end(mc_source *s, const uint8_t *rest, size_t left)
{
    if (s->reader->waits) {
        s->reader->ended = true;
        s->reader->waits = false;
        return MC_OK;
    }
    if (s->stage_end != MC_END && s->stage_end != MC_OK)
        return give_up(s, &s->stage_error);
    if (!mc_reader_at_end(s->reader, rest, left))
        return give_up_with(s, s->reader->interfaces > 0 ? MC_TRUNCATED : MC_FORMAT, "%s",
                            s->reader->words);
    end_input(s);
    s->at++;
    s->phase = PHASE_BEGIN;
    return MC_OK;
}

static mc_status parse_mapped(mc_source *s, mc_packet *out, size_t max, size_t *count,
                              size_t *share)
{
    size_t length, used, window;
    const uint8_t *view = mc_stage_file_view(s->stage, s->parsed, &length);
    mc_parse verdict;

    if (view == NULL) {              /* somebody wants to write: no mapping from here on */
        end_mapped(s);
        mc_ways_stop(&s->ways, s->parsed);
        return MC_OK;
    }
    window = (size_t)mc_min_u64(length, SHARE);
    verdict = mc_reader_consume(s->reader, view, window, &used, out, max, count);
    if (verdict == MC_PARSE_MORE && used == 0 && window < length) {
        window = length;
        verdict = mc_reader_consume(s->reader, view, window, &used, out, max, count);
    }
    s->parsed += used;
    s->stage->done = s->parsed;
    *share += used;
    if (verdict == MC_PARSE_NOMEM)
        return out_of_memory(s);
    if (*count > 0)
        return MC_OK;
    if (verdict == MC_PARSE_BAD)
        return damaged(s);
    if (verdict == MC_PARSE_MORE && window == length)
        return at_end(s, view + used, length - used);
    return MC_OK;
}

static mc_status parse_buffer(mc_source *s, mc_packet *out, size_t max, size_t *count,
                              unsigned wait_ms, size_t *share, bool *idle)
{
    size_t used, got;
    mc_parse verdict;

    verdict = mc_reader_consume(s->reader, s->buffer + s->begin, s->end - s->begin, &used, out,
                                max, count);
    s->begin += used;
    s->parsed += used;
    *share += used;
    if (verdict == MC_PARSE_NOMEM)
        return out_of_memory(s);
    if (*count > 0)
        return MC_OK;
    if (verdict == MC_PARSE_BAD)
        return damaged(s);
    if (verdict == MC_PARSE_FULL)
        return MC_OK;
    if (s->stage_end != MC_OK)
        return at_end(s, s->buffer + s->begin, s->end - s->begin);
    if (mc_source_fill(s, SIZE_MAX, &got, wait_ms) != MC_OK)
        return out_of_memory(s);
    *share += got;
    *idle = got == 0 && s->stage_end == MC_OK;
    if (*idle && s->reader->waits) {
        s->reader->ended = true;     /* what has come is not held back for what may come */
        *idle = false;
    }
    return MC_OK;
}

/* The next piece of the file goes the way that is due. */
static void change_way(mc_source *s)
{
    if (mc_ways_next(&s->ways, s->parsed, mc_cpu_ns()) == MC_WAY_READ) {
        if (s->phase == PHASE_MAPPED) {
            mc_stage_file_unmap(s->stage, s->parsed);
            end_mapped(s);
        }
    } else if (s->phase == PHASE_BUFFER && !begin_mapped(s)) {
        mc_ways_stop(&s->ways, s->parsed);
    }
    mc_ways_start(&s->ways, mc_cpu_ns());
}

static mc_status read_libpcap(mc_source *s, mc_packet *out, size_t *count)
{
    mc_error cause;
    mc_status status = mc_libpcap_next(s->libpcap, out, &cause);

    if (status == MC_OK) {
        out->iface += s->facts.interfaces;
        *count = 1;
        return MC_OK;
    }
    if (status != MC_END)
        return give_up(s, &cause);
    end_input(s);
    s->at++;
    s->phase = PHASE_BEGIN;
    return MC_OK;
}

mc_status mc_source_next(mc_source *s, mc_packet *out, size_t max, size_t *count,
                         unsigned wait_ms, mc_error *err)
{
    mc_status status = MC_OK;
    size_t share = 0;
    bool idle = false;

    *count = 0;
    if (MC_UNLIKELY(s->parsed >= s->ways.until))
        change_way(s);
    while (s->phase != PHASE_OVER && *count == 0 && max > 0 && share < SHARE && !idle) {
        switch (s->phase) {
        case PHASE_BEGIN:
            if (s->at == s->in.count && s->follow) {
                mc_stage_pause(wait_ms);
                idle = true;
            } else if (s->at == s->in.count) {
                s->phase = PHASE_OVER;
                s->verdict = MC_END;
            } else {
                status = begin_input(s);
            }
            break;
        case PHASE_SNIFF:
            status = sniff(s, wait_ms, &idle);
            break;
        case PHASE_MAPPED:
            status = parse_mapped(s, out, max, count, &share);
            break;
        case PHASE_BUFFER:
            status = parse_buffer(s, out, max, count, wait_ms, &share, &idle);
            break;
        case PHASE_LIBPCAP:
            status = read_libpcap(s, out, count);
            break;
        case PHASE_OVER:
            break;
        }
    }
    (void)status;                    /* give_up() has put it into 'verdict' */
    s->packets += *count;
    if (s->phase != PHASE_OVER)
        return MC_OK;
    if (s->verdict != MC_END && err != NULL)
        *err = s->error;
    return s->verdict;
}

void mc_source_read_whole(mc_source *s)
{
    s->whole = true;
    if (s->reader != NULL)
        s->reader->whole = true;
}

mc_prefetcher *mc_source_prefetcher(mc_source *s)
{
    return s->reader != NULL && s->reader->walk_ahead ? &s->reader->prefetcher : &s->idle_prefetcher;
}

/* ------------------------------------------------------------------ open, close */

mc_status mc_source_open(mc_source **out, const mc_input *inputs, size_t input_count,
                         const mc_options *options, mc_error *err)
{
    mc_source *s = calloc(1, sizeof *s);
    mc_error cause;
    mc_status status;
    bool alone;

    *out = NULL;
    if (s == NULL)
        return mc_fail(err, MC_NOMEM, ENOMEM, "%s", mc_status_text(MC_NOMEM));
    status = mc_inputs_keep(&s->in, inputs, input_count, options, err);
    if (status != MC_OK) {
        mc_source_close(s);
        return status;
    }
    s->in.options.follow = false;                /* until it is open, what fails is an error */
    /* one file alone is checked by opening it, below */
    alone = input_count == 1 && inputs[0].path != NULL && !mc_url_is(inputs[0].path);
    for (s->at = 0; s->at < input_count && !alone; s->at++) {
        status = mc_inputs_check(&s->in, s->at, &cause);
        if (status != MC_OK)
            break;
    }
    if (status != MC_OK) {
        status = give_up(s, &cause);
    } else {
        s->at = 0;
        s->ways.until = UINT64_MAX;
        if (!options->follow)
            mc_inputs_inflate_early(&s->in);
        if (input_count > 0)
            status = begin_input(s);
        s->follow = s->in.options.follow = options->follow;
    }
    if (status != MC_OK) {
        if (err != NULL)
            *err = s->error;
        mc_source_close(s);
        return status;
    }
    *out = s;
    return MC_OK;
}

mc_status mc_source_add(mc_source *s, const mc_input *input, mc_error *err)
{
    if (!s->follow || s->phase == PHASE_OVER)
        return mc_fail(err, MC_INVALID, 0, "no more inputs are taken");
    return mc_inputs_add(&s->in, input, err);
}

void mc_source_last(mc_source *s)
{
    s->follow = false;
}

void mc_source_follows(mc_source *s)
{
    s->packets++;
}

bool mc_source_name(const mc_source *s, size_t i, char *out, size_t size)
{
    const mc_kept *in;

    if (i >= s->in.count)
        return false;
    in = &s->in.list[i];
    if (in->stream != NULL)
        snprintf(out, size, "%s", in->stream == stdin ? "-" : "(stream)");
    else
        snprintf(out, size, "%s", mc_url_is(in->path) ? in->shown : in->path);
    return true;
}

void mc_source_close(mc_source *s)
{
    if (s == NULL)
        return;
    mc_reader_close(s->reader);
    mc_libpcap_close(s->libpcap);
    mc_stage_close(s->stage);        /* before the options, which it borrows */
    mc_inputs_drop(&s->in);
    free(s->own);
    free(s);
}
