/*
 * reader.h: bytes in, packets out; the push parsers behind source.h.
 *
 *     while (bytes have arrived)
 *         switch (mc_reader_consume(r, block, length, &used, out, max, &count)) ...
 *
 * A parser works on whatever is there, takes whole records only and hands packets out
 * where they lie, so one function serves mapped files, read() blocks, pipes,
 * downloads and decompressors.  Limits and words are those of libpcap 1.10.3;
 * memory follows the data and never a length that a file claims.
 */
#ifndef MC_READER_H
#define MC_READER_H

#include "base/base.h"
#include "decode/decode.h"
#include "capture/prefetcher.h"

/* The largest packet that is believed (libpcap: MAXIMUM_SNAPLEN). */
#define MC_MAX_CAPLEN 262144u

#define MC_READER_WORDS 256

typedef enum mc_parse {
    MC_PARSE_MORE,               /* the rest is not a whole record: more bytes are needed */
    MC_PARSE_FULL,               /* there may be more packets in these bytes */
    MC_PARSE_BAD,                /* damage at block + used; 'words' says which */
    MC_PARSE_NOMEM
} mc_parse;

typedef struct mc_reader mc_reader;

typedef struct mc_reader_ops {
    mc_parse (*consume)(mc_reader *r, const uint8_t *block, size_t length, size_t *used,
                        mc_packet *out, size_t max, size_t *count);
    void (*at_end)(mc_reader *r, const uint8_t *rest, size_t left);
    void (*close)(mc_reader *r);
} mc_reader_ops;

/* What all parsers have; each has its own struct around it. */
struct mc_reader {
    const mc_reader_ops *ops;
    const char *format;              /* "pcap", "pcapng": static */
    bool opened;                     /* the file header was read: the file is a capture */
    bool nanoseconds, swapped;
    bool walk_ahead;                 /* fetch memory ahead: 'block' is a mapped file */
    bool whole;                      /* all bytes of the packets will be read: set before use */
    mc_prefetcher prefetcher;        /* for whoever works on the packets: it begins behind them */
    uint32_t snaplen;                /* greatest stated, 0: none */
    uint32_t interfaces;             /* seen so far */
    uint32_t first_iface;            /* number of the first interface: set before use */
    bool waits;                      /* whole records may be there, but what they mean is open: more bytes, or ... */
    bool ended;                      /* ... set by the caller: no more for now, go on with what there is */
    uint64_t over_snaplen;           /* packets longer than the stated snapshot length */
    uint64_t dropped;
    bool drops_known;
    char words[MC_READER_WORDS];     /* after MC_PARSE_BAD, or after mc_reader_at_end() */
};

/* NULL when there is no memory. */
mc_reader *mc_reader_pcap_open(void);
mc_reader *mc_reader_pcapng_open(void);

/* Whether a file that begins with these bytes (at least 4; 12 for pcapng) is of the format. */
bool mc_reader_pcap_knows(const uint8_t *magic, size_t length);
bool mc_reader_pcapng_knows(const uint8_t *magic, size_t length);

/*
 * Parses records at 'block'.  'used' bytes are done with afterwards (and must not be
 * given again; the rest must, with more behind it).  Up to 'max' packets go to
 * 'out', their number to 'count'; they point into the block and stay valid as long
 * as it does, or until the next call.  MC_PARSE_BAD may come with packets from
 * before the damage.
 */
static inline mc_parse mc_reader_consume(mc_reader *r, const uint8_t *block, size_t length,
                                         size_t *used, mc_packet *out, size_t max, size_t *count);

/*
 * Says that no byte follows the 'left' ones at 'rest' that were not used.  Returns
 * true when that is a clean end; otherwise 'words' says what is missing.
 */
static inline bool mc_reader_at_end(mc_reader *r, const uint8_t *rest, size_t left);

/* Accepts NULL. */
static inline void mc_reader_close(mc_reader *r);

/* Writes the words of damage and returns MC_PARSE_BAD. */
MC_PRINTF(2, 3)
static inline mc_parse mc_reader_bad(mc_reader *r, const char *format, ...);

/* The largest captured length that is believed for a link type. */
static inline uint32_t mc_reader_max_caplen(uint32_t linktype);

/* A stated snapshot length that is none counts as the maximum. */
static inline uint32_t mc_reader_snaplen(uint32_t stated, uint32_t linktype);

/*
 * Old files carry the DLT_ value of the system that wrote them; where those of
 * this system differ from the LINKTYPE_ values, this is the LINKTYPE_ value.
 */
uint32_t mc_linktype_from_dlt(uint32_t dlt);

/* The DLT_ value that libpcap takes for a LINKTYPE_ value. */
int mc_linktype_to_dlt(uint32_t linktype);

/*
 * libpcap's name of a LINKTYPE_ value, "EN10MB"; NULL when it knows none, or cannot be
 * loaded to be asked.  The usual ones are known without it.
 */
const char *mc_linktype_name(uint32_t number);

/*
 * LINKTYPE_NFLOG (239) has its lengths in the byte order of the writer.  Returns 'data', or
 * a copy in this machine's order in 'scratch' (which grows as needed), or NULL: no memory.
 */
const uint8_t *mc_nflog_swap(const uint8_t *data, size_t length, uint8_t **scratch,
                             size_t *scratch_size);
#define MC_LINKTYPE_NFLOG 239u

/* ------------------------------------------------------------------ libpcap */

struct mc_stage;

/*
 * libpcap over a stage: for formats that the parsers do not know, and to hold
 * the parsers against.  It waits for an idle stage.
 */
typedef struct mc_libpcap mc_libpcap;

/*
 * 'begin' are 'length' bytes that were already read from the stage, which is
 * borrowed.  'max_bytes' as in mc_options, for stages that are limited.
 */
mc_status mc_libpcap_open(mc_libpcap **out, struct mc_stage *stage, const uint8_t *begin,
                          size_t length, uint64_t max_bytes, mc_error *err);
void mc_libpcap_close(mc_libpcap *r);

/*
 * The next packet, valid until the next call; MC_END; MC_FORMAT or MC_TRUNCATED with libpcap's words,
 * or the stage's own failure.
 */
mc_status mc_libpcap_next(mc_libpcap *r, mc_packet *out, mc_error *err);

/* Bytes taken by libpcap: before a call of next(), where that record begins. */
uint64_t mc_libpcap_offset(const mc_libpcap *r);

/* "pcap" or "pcapng" by the magic; byte order, precision and snapshot length of the file. */
const char *mc_libpcap_format(const mc_libpcap *r);
bool mc_libpcap_swapped(const mc_libpcap *r);
bool mc_libpcap_nanoseconds(const mc_libpcap *r);
uint32_t mc_libpcap_snaplen(const mc_libpcap *r);

/* ------------------------------------------------------------------ bodies */

static inline mc_parse mc_reader_consume(mc_reader *r, const uint8_t *block, size_t length,
                                         size_t *used, mc_packet *out, size_t max, size_t *count)
{
    return r->ops->consume(r, block, length, used, out, max, count);
}

static inline bool mc_reader_at_end(mc_reader *r, const uint8_t *rest, size_t left)
{
    r->words[0] = '\0';
    r->ops->at_end(r, rest, left);
    return r->words[0] == '\0';
}

static inline void mc_reader_close(mc_reader *r)
{
    if (r != NULL)
        r->ops->close(r);
}

static inline mc_parse mc_reader_bad(mc_reader *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->words, sizeof r->words, format, args);
    va_end(args);
    return MC_PARSE_BAD;
}

static inline uint32_t mc_reader_max_caplen(uint32_t linktype)
{
    switch (linktype) {
    case 231:
        return 128u * 1024 * 1024;   /* DBUS */
    case 279:
        return 8u * 1024 * 1024;     /* EBHSCR */
    case 249:
        return 1024u * 1024;         /* USBPCAP */
    default:
        return MC_MAX_CAPLEN;
    }
}

static inline uint32_t mc_reader_snaplen(uint32_t stated, uint32_t linktype)
{
    return stated == 0 || stated > INT32_MAX ? mc_reader_max_caplen(linktype) : stated;
}

#endif
