/*
 * filter_names.c: the names in a BPF expression that libpcap would ask the network for.
 *
 * Words are cut as libpcap's scanner cuts them.  A word that is no keyword, number or address is a name; whose, says
 * the qualifier before it: those of ports and protocols stand in files of the machine.
 */
#include "capture/filter.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define MAX_WORD 128                 /* longer ones are no keywords and no addresses */

/* Words behind which names are those of ports and protocols, also those that follow with "or" and "and" ... */
static const char *const of_ports[] = { "port", "portrange", "proto", "protochain" };

/* ... and those of which the next word is of libpcap's own, or of an interface. */
static const char *const of_one[] = {
    "type", "subtype", "dir", "direction", "on", "ifname", "reason", "action", "rset", "ruleset", "llc",
};

static const char *const joining[] = { "and", "or", "not" };

static const char *const keywords[] = {
    "dst", "src", "link", "ether", "ppp", "slip", "fddi", "tr", "wlan", "arp", "rarp", "ip", "sctp", "tcp", "udp",
    "icmp", "igmp", "igrp", "pim", "vrrp", "carp", "radio", "ip6", "icmp6", "ah", "esp", "atalk", "aarp", "decnet",
    "lat", "sca", "moprc", "mopdl", "iso", "esis", "es-is", "isis", "is-is", "l1", "l2", "iih", "lsp", "snp", "csnp",
    "psnp", "clnp", "stp", "ipx", "netbeui", "host", "net", "mask", "gateway", "ra", "ta", "addr1", "address1",
    "addr2", "address2", "addr3", "address3", "addr4", "address4", "less", "greater", "byte", "broadcast",
    "multicast", "len", "length", "inbound", "outbound", "ifindex", "vlan", "mpls", "pppoed", "pppoes", "geneve",
    "vxlan", "lane", "metac", "bcc", "oam", "oamf4", "oamf4ec", "oamf4sc", "sc", "ilmic", "vpi", "vci", "connectmsg",
    "metaconnect", "rnr", "rulenum", "rnum", "srnr", "subrulenum", "fisu", "fissu", "lssu", "lsu", "msu", "hfisu",
    "hlssu", "hmsu", "sio", "opc", "dpc", "sls", "hsio", "hopc", "hdpc", "hsls", "icmptype", "icmpcode", "icmp6type",
    "icmp6code", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench", "icmp-redirect", "icmp-echo",
    "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed", "icmp-timxceeded", "icmp-paramprob", "icmp-tstamp",
    "icmp-tstampreply", "icmp-ireq", "icmp-ireqreply", "icmp-maskreq", "icmp-maskreply",
    "icmp6-destinationunreach", "icmp6-destinationrunreach", "icmp6-packettoobig", "icmp6-timeexceeded",
    "icmp6-parameterproblem", "icmp6-echo", "icmp6-echoreply", "icmp6-multicastlistenerquery",
    "icmp6-multicastlistenerreportv1", "icmp6-multicastlistenerdone", "icmp6-routersolicit", "icmp6-routeradvert",
    "icmp6-neighborsolicit", "icmp6-neighboradvert", "icmp6-redirect", "icmp6-routerrenum", "icmp6-nodeinformationquery",
    "icmp6-nodeinformationresponse", "icmp6-ineighbordiscoverysolicit", "icmp6-ineighbordiscoveryadvert",
    "icmp6-multicastlistenerreportv2", "icmp6-homeagentdiscoveryrequest", "icmp6-homeagentdiscoveryreply",
    "icmp6-mobileprefixsolicit", "icmp6-mobileprefixadvert", "icmp6-certpathsolicit", "icmp6-certpathadvert",
    "icmp6-multicastrouteradvert", "icmp6-multicastroutersolicit", "icmp6-multicastroutertermination", "tcpflags",
    "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg", "tcp-ece", "tcp-cwr",
};

/* As they are written: for the scanner, ICMP is no keyword. */
static bool is_among(const char *word, const char *const *list, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

/* Hexadecimal groups of 'least' to 'most' digits, so many, with one mark between any two: a hardware address. */
static bool is_grouped(const char *word, char mark, size_t count, size_t least, size_t most)
{
    for (;;) {
        size_t digits = 0;

        while (isxdigit((unsigned char)word[digits]))
            digits++;
        if (digits < least || digits > most)
            return false;
        word += digits;
        if (--count == 0)
            return *word == '\0';
        if (*word++ != mark)
            return false;
    }
}

/* One number or up to four with dots: what the scanner takes for a number or a part of an address. */
static bool is_number(const char *word)
{
    size_t groups = 1;

    if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
        return word[2] != '\0' && strspn(word + 2, "0123456789abcdefABCDEF") == strlen(word + 2);
    for (;; word++, groups++) {
        const size_t digits = strspn(word, "0123456789");

        if (digits == 0)
            return false;
        word += digits;
        if (*word == '\0')
            return groups <= 4;
        if (*word != '.')
            return false;
    }
}

static bool is_address(const char *word)
{
    uint8_t addr[16];

    return is_number(word) || inet_pton(AF_INET6, word, addr) == 1 || is_grouped(word, ':', 6, 1, 2) ||
           is_grouped(word, '-', 6, 1, 2) || is_grouped(word, '.', 6, 1, 2) || is_grouped(word, '.', 3, 4, 4);
}

/* How many bytes of 'at' are of 'set' besides letters and digits. */
static size_t run_of(const char *at, const char *set)
{
    size_t n = 0;

    while (at[n] != '\0' && (isalnum((unsigned char)at[n]) || strchr(set, at[n]) != NULL))
        n++;
    return n;
}

/* The longest address that begins here and has colons; 0: none. */
static size_t address_with_colons(const char *at)
{
    char word[MAX_WORD];
    size_t n = run_of(at, ":.");

    if (n >= sizeof word || memchr(at, ':', n) == NULL)
        return 0;
    memcpy(word, at, n);
    word[n] = '\0';
    return is_address(word) ? n : 0;
}

const char *mc_filter_asks_for(const char *expression, size_t *length)
{
    const char *at = expression;
    enum { ANY, PORTS, ONE } next = ANY;

    while (*at != '\0') {
        const size_t colons = address_with_colons(at);
        const bool is_escaped = *at == '\\';
        char word[MAX_WORD] = "";
        size_t n;

        if (colons != 0) {
            at += colons;
            continue;
        }
        if (is_escaped) {
            n = 1 + strcspn(at + 1, " !()\n\t");
        } else if (isalnum((unsigned char)*at)) {
            n = run_of(at, "-_.");
            while (!isalnum((unsigned char)at[n - 1]) && at[n - 1] != '.')
                n--;
        } else {
            at++;
            continue;
        }
        if (n < sizeof word)
            memcpy(word, at, n);
        if (!is_escaped && is_among(word, of_ports, MC_ARRAY_LEN(of_ports))) {
            next = PORTS;
        } else if (!is_escaped && is_among(word, of_one, MC_ARRAY_LEN(of_one))) {
            next = ONE;
        } else if (!is_escaped && is_among(word, keywords, MC_ARRAY_LEN(keywords))) {
            next = ANY;
        } else {
            if (next == ANY && (is_escaped || (!is_address(word) && !is_among(word, joining, MC_ARRAY_LEN(joining))))) {
                *length = n;
                return at;
            }
            if (next == ONE)
                next = ANY;
        }
        at += n;
    }
    return NULL;
}
