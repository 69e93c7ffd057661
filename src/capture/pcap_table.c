/*
 * pcap_table.c: finding libpcap at run time.
 */
#include "capture/pcap_table.h"

#include "base/library.h"
#include "capture/reader.h"

static const char *const files[] = {
#ifdef MCPCAP_FILE_PCAP                /* of the library whose header this was built with */
    MCPCAP_FILE_PCAP,
#endif
#ifdef __APPLE__
    "libpcap.A.dylib",
#endif
    "libpcap.so.0.8", "libpcap.so.1",
};

static const mc_library_function functions[] = {
#define X(name) MC_LIBRARY_FUNCTION(pcap_##name, mc_pcap, name),
    MC_PCAP_FUNCTIONS(X)
#undef X
};

static const mc_library library = {
    "a filter, or a file of this kind, needs", "libpcap",
    files, MC_ARRAY_LEN(files), functions, MC_ARRAY_LEN(functions),
};

mc_status mc_pcap_load(const mc_pcap **out, mc_error *err)
{
    static mc_pcap table;            /* written once */
    static bool loaded;

    *out = &table;
    return mc_library_load_once(&library, &table, sizeof table, &loaded, err);
}

const char *mc_linktype_name(uint32_t number)
{
    static const struct {
        uint32_t number;
        const char *name;
    } usual[] = {
        { 1, "EN10MB" },          { 113, "LINUX_SLL" },     { 276, "LINUX_SLL2" },  { 0, "NULL" },
        { 101, "RAW" },           { 228, "IPV4" },          { 229, "IPV6" },        { 9, "PPP" },
        { 127, "IEEE802_11_RADIO" }, { 105, "IEEE802_11" }, { 239, "NFLOG" },
    };
    const mc_pcap *pcap;
    size_t i;

    for (i = 0; i < MC_ARRAY_LEN(usual); i++)
        if (usual[i].number == number)
            return usual[i].name;
    return number <= INT32_MAX && mc_pcap_load(&pcap, NULL) == MC_OK
        ? pcap->datalink_val_to_name(mc_linktype_to_dlt(number))
        : NULL;
}
