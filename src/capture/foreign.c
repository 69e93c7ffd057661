/*
 * foreign.c: formats of other analysers.  All of these are read by Wireshark's tools,
 * and so are a command away from one that is read here.
 */
#include "capture/foreign.h"

#define MAGIC(name, bytes) { name, bytes, sizeof bytes - 1, false }
#define ZONED(name, bytes) { name, bytes, sizeof bytes - 1, true }

static const struct {
    const char *name;
    const char *magic;
    size_t length;
    bool zoned;                  /* its times are those on the wall of a zone that it does not name */
} formats[] = {
    MAGIC("Sun snoop", "snoop\0\0\0"),                           /* RFC 1761 */
    ZONED("Microsoft Network Monitor 1", "RTSS"),
    ZONED("Microsoft Network Monitor 2", "GMBU"),
    MAGIC("Viavi (Network Instruments) Observer", "ObserverPktBuffe"),
    MAGIC("K12 text", "+---------+---------------+----------+"),
    MAGIC("Tektronix K12 rf5", "\x00\x00\x02\x00\x12\x05\x00\x10"),
    ZONED("DOS Sniffer", "TRSNIFF data    \x1a"),
    MAGIC("Windows Sniffer or NetXRay", "XCP\0"),
    MAGIC("NetXRay", "VL\0\0"),
    MAGIC("Novell LANalyzer", "\x01\x10\x4c\x00\x01\x05"),
    MAGIC("InfoVista 5View", "\xaa\xaa\xaa\xaa\x20\x00\x00\x00"),
    MAGIC("Visual Networks", "\x05VNF"),
    MAGIC("Symbian btsnoop", "btsnoop\0"),
    MAGIC("HP-UX nettl", "TR\0d\0"),
    MAGIC("AIX iptrace", "iptrace "),
    MAGIC("EtherPeek or OmniPeek", "\x7fver"),
    MAGIC("EyeSDN", "EyeSDN"),
    MAGIC("NetScaler", "NetScaler"),
    MAGIC("VMS TCPIPtrace", "TCPIPtrace"),
};

const char *mc_foreign_name(const uint8_t *magic, size_t length, bool *zoned)
{
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(formats); i++)
        if (length >= formats[i].length && memcmp(magic, formats[i].magic, formats[i].length) == 0) {
            *zoned = formats[i].zoned;
            return formats[i].name;
        }
    return NULL;
}
