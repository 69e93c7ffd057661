/*
 * source_facts.c: what a source has read so far, over all its inputs.
 */
#include "capture/source_state.h"

/* Adds what the current reader knows to the facts of the inputs before. */
static void add_reader(const mc_source *s, mc_source_facts *out)
{
    const mc_reader *r = s->reader;

    if (r != NULL) {
        if (out->format == NULL) {
            out->format = r->format;
            out->swapped = r->swapped;
        }
        out->nanoseconds = out->nanoseconds || r->nanoseconds;
        out->snaplen = r->snaplen > out->snaplen ? r->snaplen : out->snaplen;
        out->interfaces += r->interfaces;
        out->over_snaplen += r->over_snaplen;
        out->dropped_reported += r->dropped;
        out->drops_known = out->drops_known || r->drops_known;
        out->inflated_bytes += s->parsed;
        mc_ways_add(&s->ways, s->parsed, out->bytes_by_way);
        if (s->ways.looks > 0)
            memcpy(out->way_cost, s->ways.found, sizeof out->way_cost);
        out->looks += s->ways.looks;
    } else if (s->libpcap != NULL) {
        if (out->format == NULL) {
            out->format = mc_libpcap_format(s->libpcap);
            out->swapped = mc_libpcap_swapped(s->libpcap);
        }
        out->nanoseconds = out->nanoseconds || mc_libpcap_nanoseconds(s->libpcap);
        if (mc_libpcap_snaplen(s->libpcap) > out->snaplen)
            out->snaplen = mc_libpcap_snaplen(s->libpcap);
        out->interfaces += 1;
        out->inflated_bytes += mc_libpcap_offset(s->libpcap);
    }
}

void mc_source_get_facts(const mc_source *s, mc_source_facts *out)
{
    const mc_stage *lowest;
    uint64_t total = 0;
    bool known = true;
    size_t i;

    *out = s->facts;
    add_reader(s, out);
    out->bytes_done = s->done_before;
    lowest = s->stage != NULL ? mc_stage_lowest(s->stage) : NULL;
    if (lowest != NULL)
        out->bytes_done += lowest->done;
    for (i = 0; i < s->in.count; i++) {
        if (i == s->at && lowest != NULL && lowest->total != 0)
            total += lowest->total;
        else if (s->in.list[i].total_known)
            total += s->in.list[i].total;
        else
            known = false;
    }
    out->bytes_total = known ? total : 0;
}
