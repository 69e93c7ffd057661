/*
 * choices.c: what was chosen by measuring it, in words.
 */
#include <inttypes.h>

#include "session/session.h"

#define MIB(bytes) (((bytes) + ((uint64_t)1 << 19)) >> 20)

static int tell_reading(const mc_source *source, char *words, size_t room)
{
    mc_source_facts f;
    const uint64_t *by_way;

    mc_source_get_facts(source, &f);
    by_way = f.bytes_by_way;
    if (by_way[0] + by_way[1] == 0)
        return snprintf(words, room, "reading: %s\n",
                        f.reader == NULL                   ? "nothing yet"
                        : strcmp(f.reader, "stream") == 0  ? "a stream, which nothing can map"
                        : strcmp(f.reader, "libpcap") == 0 ? "by libpcap"
                                                           : "by read(): a small file, or one that no lease is to be had of");
    if (f.looks == 0)
        return snprintf(words, room, "reading: %" PRIu64 " MiB over a mapping, %" PRIu64
                        " by read(); not timed, as no file is large enough\n", MIB(by_way[0]), MIB(by_way[1]));
    return snprintf(words, room, "reading: %" PRIu64 " MiB over a mapping, %" PRIu64 " by read(); timed %" PRIu32
                    " times, at the latest %.3f and %.3f ns a byte with all work on it\n",
                    MIB(by_way[0]), MIB(by_way[1]), f.looks, f.way_cost[0], f.way_cost[1]);
}

static void tell_pages(const mc_blocks *b, char *words, size_t room)
{
    const uint64_t mib = MIB((uint64_t)sizeof(mc_conn) << MC_CONN_BITS);

    if (b->large == 0 && b->count < 3)
        snprintf(words, room, "pages: small ones, as open connections take no more than %" PRIu64 " MiB\n", 2 * mib);
    else
        snprintf(words, room, "pages: connections in %" PRIu32 " blocks of %" PRIu64 " MiB, %" PRIu32
                 " of them asked for in large pages; a block cost %.1f ms in small pages, %.1f in large ones%s\n",
                 b->count, mib, b->large, (double)b->small_ns / 1e6, (double)b->large_ns / 1e6,
                 b->small_until > 0 ? ", which was too dear" : "");
}

void mc_session_choices(const mc_session *s, char words[MC_CHOICES_WORDS])
{
    const int used = tell_reading(s->source, words, MC_CHOICES_WORDS);

    if (s->crowd == NULL && used > 0 && used < MC_CHOICES_WORDS)
        tell_pages(&s->watch.analysis.flows->conns.blocks, words + used, MC_CHOICES_WORDS - (size_t)used);
}
