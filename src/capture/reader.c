/*
 * reader.c: what the parsers share.
 */
#include "capture/reader.h"

#include <stdlib.h>

#include <pcap/dlt.h>

/* Link types whose DLT_ value is not their LINKTYPE_ value.  Those of libpcap's
   table that no system here writes are left alone. */
static const struct {
    int dlt;
    uint32_t linktype;
} differing[] = {
    { DLT_ATM_RFC1483, 100 }, { DLT_RAW, 101 },       { DLT_SLIP_BSDOS, 102 },
    { DLT_PPP_BSDOS, 103 },   { DLT_ATM_CLIP, 106 },  { DLT_PFSYNC, 246 },
#if DLT_PKTAP != 258
    { DLT_PKTAP, 258 },
#endif
};

uint32_t mc_linktype_from_dlt(uint32_t dlt)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(differing); i++)
        if ((uint32_t)differing[i].dlt == dlt)
            return differing[i].linktype;
    return dlt;
}

int mc_linktype_to_dlt(uint32_t linktype)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(differing); i++)
        if (differing[i].linktype == linktype)
            return differing[i].dlt;
    return (int)(linktype & INT32_MAX);
}

const uint8_t *mc_nflog_swap(const uint8_t *data, size_t length, uint8_t **scratch,
                             size_t *scratch_size)
{
    /* family, version and resource id (network order), then type-length-value
       entries: length and type of 16 bits each, padded to four bytes */
    size_t at = 4, entry;
    uint8_t *copy = *scratch, byte;
    uint16_t host;

    if (length > *scratch_size || copy == NULL) {
        copy = realloc(copy, length + 1);
        if (copy == NULL)
            return NULL;
        *scratch = copy;
        *scratch_size = length;
    }
    memcpy(copy, data, length);
    if (length < 4 || copy[1] != 0)
        return copy;
    while (length - at >= 4) {
        byte = copy[at];
        copy[at] = copy[at + 1];
        copy[at + 1] = byte;
        byte = copy[at + 2];
        copy[at + 2] = copy[at + 3];
        copy[at + 3] = byte;
        memcpy(&host, copy + at, 2);
        entry = host;
        if (entry < 4)
            break;
        entry = (entry + 3) & ~(size_t)3;
        if (entry > length - at)
            break;
        at += entry;
    }
    return copy;
}
