/*
 * filter.c: BPF expressions, compiled by libpcap for each link type that comes.
 */
#include "capture/filter.h"

#include <stdlib.h>

#include "capture/pcap_table.h"
#include "capture/reader.h"
#include "base/sanitize.h"

/* Compiled programs kept.  A capture has a handful of link types; a file made
   to have thousands must not cost a compilation a packet. */
#define MAX_PROGRAMS 64

typedef struct program {
    uint32_t linktype;
    bool compiled;                   /* false: the expression makes no sense for this link type */
    struct bpf_program code;
} program;

struct mc_filter {
    const mc_pcap *pcap;
    char *expression;
    size_t count;
    uint64_t unfit;
    program programs[MAX_PROGRAMS];
};

/* Compiles for one link type; 'words' gets libpcap's words when that fails. */
static bool compile(const mc_pcap *pcap, struct bpf_program *code, const char *expression,
                    uint32_t linktype, char *words, size_t size)
{
    pcap_t *p = pcap->open_dead(mc_linktype_to_dlt(linktype), (int)MC_MAX_CAPLEN);
    bool good;

    if (p == NULL) {
        snprintf(words, size, "%s", mc_status_text(MC_NOMEM));
        return false;
    }
    good = pcap->compile(p, code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
    if (!good)
        snprintf(words, size, "%s", pcap->geterr(p));
    pcap->close(p);
    return good;
}

/*
 * An expression is good when it makes sense for any usual link type; which
 * ones a capture has is not known yet.  The words are those for Ethernet.
 */
static bool is_good(const mc_pcap *pcap, const char *expression, char *words, size_t size)
{
    static const uint32_t usual[] = { 1, 101, 113, 276, 127, 105, 9, 0, 239, 149, 122 };
    struct bpf_program code;
    char other[PCAP_ERRBUF_SIZE] = "";
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(usual); i++)
        if (compile(pcap, &code, expression, usual[i], i == 0 ? words : other,
                    i == 0 ? size : sizeof other)) {
            pcap->freecode(&code);
            return true;
        }
    return false;
}

/*
 * Is there the memory that libpcap's compiler takes?  It does not bear the want of it: its scanner ends the
 * process then.
 */
static bool has_room(void)
{
    void *volatile room = malloc((size_t)256 << 10);
    const bool has = room != NULL;

    free(room);
    return has;
}

mc_status mc_filter_open(mc_filter **out, const char *expression, mc_error *err)
{
    char words[PCAP_ERRBUF_SIZE] = "", shown[MC_SANITIZED_SIZE], shown_words[MC_SANITIZED_SIZE / 2];
    const mc_pcap *pcap;
    mc_filter *f;
    mc_status status;

    *out = NULL;
    status = mc_pcap_load(&pcap, err);
    if (status != MC_OK)
        return status;
    if (!has_room())
        return mc_fail(err, MC_NOMEM, 0, "filter: %s", mc_status_text(MC_NOMEM));
    if (!is_good(pcap, expression, words, sizeof words))
        return mc_fail(err, MC_FILTER, 0, "filter \"%s\": %s",
                       mc_sanitize_text(shown, sizeof shown, expression),
                       mc_sanitize_text(shown_words, sizeof shown_words, words));
    f = calloc(1, sizeof *f);
    if (f != NULL)
        f->expression = strdup(expression);
    if (f == NULL || f->expression == NULL) {
        free(f);
        return mc_fail(err, MC_NOMEM, 0, "filter: %s", mc_status_text(MC_NOMEM));
    }
    f->pcap = pcap;
    *out = f;
    return MC_OK;
}

void mc_filter_close(mc_filter *f)
{
    size_t i;

    if (f == NULL)
        return;
    for (i = 0; i < f->count; i++)
        if (f->programs[i].compiled)
            f->pcap->freecode(&f->programs[i].code);
    free(f->expression);
    free(f);
}

/* The program for a link type, compiled now if need be; NULL: there is none. */
static const program *find_program(mc_filter *f, uint32_t linktype)
{
    char words[PCAP_ERRBUF_SIZE];
    program *p;
    size_t i;

    for (i = 0; i < f->count; i++)
        if (f->programs[i].linktype == linktype)
            return &f->programs[i];
    if (f->count == MAX_PROGRAMS)
        return NULL;
    p = &f->programs[f->count++];
    p->linktype = linktype;
    p->compiled = compile(f->pcap, &p->code, f->expression, linktype, words, sizeof words);
    return p;
}

bool mc_filter_match(mc_filter *f, const mc_packet *packet)
{
    const program *p = find_program(f, packet->linktype);
    struct pcap_pkthdr h = { .caplen = packet->caplen, .len = packet->wirelen };

    if (p == NULL || !p->compiled) {
        f->unfit++;
        return false;
    }
    return f->pcap->offline_filter(&p->code, &h, packet->data) != 0;
}

uint64_t mc_filter_unfit(const mc_filter *f)
{
    return f->unfit;
}
