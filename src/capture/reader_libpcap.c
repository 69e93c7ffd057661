/*
 * reader_libpcap.c: libpcap over any stage, through a FILE of our own.
 */
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>

#include "capture/pcap_table.h"
#include "capture/reader.h"
#include "stage/stage.h"

/* libpcap reads in the pieces that records have; stdio turns them into blocks. */
#define BUFFER (256u * 1024)

/* How long one wait for an idle stage lasts; it is repeated until something comes. */
#define WAIT_MS 1000u

enum { HEADER = 24 };

/* What the stream's callbacks work on. */
typedef struct cookie {
    mc_stage *stage;
    uint8_t *begin;                  /* bytes that were read before */
    size_t begin_length, begin_at;
    uint8_t header[HEADER];          /* the first bytes that went by */
    uint64_t passed;
    uint64_t max_bytes;
    mc_error error;                  /* of the stage: libpcap only sees an errno */
} cookie;

struct mc_libpcap {
    const mc_pcap *call;
    pcap_t *pcap;
    FILE *file;                      /* libpcap's, once it is open */
    char *buffer;
    uint64_t offset;                 /* where the next record begins */
    uint32_t linktype;
    bool big, micro;
    cookie cookie;
};

static ssize_t cookie_read(void *opaque, char *out, size_t size)
{
    cookie *c = opaque;
    size_t got = 0;
    mc_status status = MC_OK;

    if (c->begin_at < c->begin_length) {
        got = (size_t)mc_min_u64(size, c->begin_length - c->begin_at);
        memcpy(out, c->begin + c->begin_at, got);
        c->begin_at += got;
    }
    while (got == 0 && status == MC_OK && size > 0)
        status = mc_stage_read(c->stage, (uint8_t *)out, size, &got, WAIT_MS, &c->error);
    if (status == MC_OK && c->max_bytes != 0 && c->stage->limited
        && c->passed + got > c->max_bytes)
        status = mc_fail(&c->error, MC_LIMIT, 0, "more than %llu bytes of capture (max_bytes)",
                         (unsigned long long)c->max_bytes);
    if (status != MC_OK && status != MC_END) {
        c->error.status = status;
        errno = EIO;
        return -1;
    }
    if (c->passed < HEADER)
        memcpy(c->header + c->passed, out, (size_t)mc_min_u64(got, HEADER - c->passed));
    c->passed += got;
    return (ssize_t)got;
}

/* Only so that ftello() can tell where libpcap is. */
static int cookie_seek(void *opaque, off64_t *offset, int whence)
{
    const cookie *c = opaque;

    if (whence != SEEK_CUR || *offset != 0)
        return -1;
    *offset = (off64_t)c->passed;
    return 0;
}

/* What libpcap says, or what it could not know. */
static mc_status failed(mc_libpcap *r, mc_status status, const char *words, mc_error *err)
{
    if (r->cookie.error.status != MC_OK) {
        if (err != NULL)
            *err = r->cookie.error;
        return r->cookie.error.status;
    }
    return mc_fail(err, status, 0, "%s", words);
}

void mc_libpcap_close(mc_libpcap *r)
{
    if (r == NULL)
        return;
    if (r->pcap != NULL)
        r->call->close(r->pcap);         /* closes the file */
    else if (r->file != NULL)
        fclose(r->file);
    free(r->buffer);
    free(r->cookie.begin);
    free(r);
}

mc_status mc_libpcap_open(mc_libpcap **out, mc_stage *stage, const uint8_t *begin, size_t length,
                          uint64_t max_bytes, mc_error *err)
{
    static const cookie_io_functions_t functions = { .read = cookie_read, .seek = cookie_seek };
    char words[PCAP_ERRBUF_SIZE] = "";
    const mc_pcap *call;
    mc_status status = mc_pcap_load(&call, err);
    mc_libpcap *r;

    if (status != MC_OK)
        return status;
    r = calloc(1, sizeof *r);
    if (r == NULL)
        return mc_stage_errno(err, ENOMEM);
    r->call = call;
    r->cookie.stage = stage;
    r->cookie.max_bytes = max_bytes;
    r->cookie.begin = malloc(length + 1);
    r->buffer = malloc(BUFFER);
    if (r->cookie.begin == NULL || r->buffer == NULL) {
        mc_libpcap_close(r);
        return mc_stage_errno(err, ENOMEM);
    }
    memcpy(r->cookie.begin, begin, length);
    r->cookie.begin_length = length;
    r->file = fopencookie(&r->cookie, "r", functions);
    if (r->file == NULL) {
        mc_libpcap_close(r);
        return mc_stage_errno(err, ENOMEM);
    }
    /* glibc ignores a size without a buffer */
    setvbuf(r->file, r->buffer, _IOFBF, BUFFER);
    __fsetlocking(r->file, FSETLOCKING_BYCALLER);
    r->pcap = call->fopen_offline_with_tstamp_precision(r->file, PCAP_TSTAMP_PRECISION_NANO, words);
    if (r->pcap == NULL) {
        status = failed(r, MC_FORMAT, words, err);
        mc_libpcap_close(r);
        return status;
    }
    r->linktype = mc_linktype_from_dlt((uint32_t)call->datalink(r->pcap));
    r->micro = mc_reader_pcap_knows(r->cookie.header, 4) && !mc_libpcap_nanoseconds(r);
    r->offset = (uint64_t)ftello(r->file);
    *out = r;
    return MC_OK;
}

mc_status mc_libpcap_next(mc_libpcap *r, mc_packet *out, mc_error *err)
{
    struct pcap_pkthdr *h;
    const u_char *data;
    int n = r->call->next_ex(r->pcap, &h, &data);
    int64_t seconds, fraction;

    if (n == PCAP_ERROR_BREAK)
        return MC_END;
    if (n != 1)
        return failed(r, strncmp(r->call->geterr(r->pcap), "truncated", 9) == 0 ? MC_TRUNCATED
                                                                            : MC_FORMAT,
                      r->call->geterr(r->pcap), err);
    seconds = h->ts.tv_sec;
    fraction = h->ts.tv_usec;
    if (mc_reader_pcap_knows(r->cookie.header, 4)) {
        /* Whether the file's 32 bits came out signed depends on the byte order in
           libpcap 1.10.3; here seconds are signed and fractions are not. */
        seconds = (int32_t)(uint32_t)seconds;
        fraction = r->micro ? (int64_t)(uint32_t)(fraction / 1000) * 1000 : (uint32_t)fraction;
    }
    if (seconds > INT64_MAX / MC_NS_PER_S - 1)
        out->time_ns = INT64_MAX;
    else if (seconds < -(INT64_MAX / MC_NS_PER_S - 1))
        out->time_ns = -INT64_MAX;
    else
        out->time_ns = seconds * MC_NS_PER_S + fraction;
    out->data = data;
    out->caplen = h->caplen;
    out->wirelen = h->len;
    out->linktype = r->linktype;
    out->iface = 0;
    r->offset = (uint64_t)ftello(r->file);
    return MC_OK;
}

uint64_t mc_libpcap_offset(const mc_libpcap *r)
{
    return r->offset;
}

const char *mc_libpcap_format(const mc_libpcap *r)
{
    return mc_reader_pcap_knows(r->cookie.header, 4)    ? "pcap"
         : mc_reader_pcapng_knows(r->cookie.header, 12) ? "pcapng"
                                                        : "other";
}

bool mc_libpcap_swapped(const mc_libpcap *r)
{
    return r->call->is_swapped(r->pcap) != 0;
}

bool mc_libpcap_nanoseconds(const mc_libpcap *r)
{
    return mc_be32(r->cookie.header) == 0xa1b23c4d || mc_le32(r->cookie.header) == 0xa1b23c4d;
}

uint32_t mc_libpcap_snaplen(const mc_libpcap *r)
{
    return (uint32_t)r->call->snapshot(r->pcap);
}
