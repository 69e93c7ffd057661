/*
 * frame_kinds.h: one frame for each encapsulation that is followed: the usual segment
 * with PAYLOAD bytes in it.  A new encapsulation is a builder and a row here.
 */
#ifndef FRAME_KINDS_H
#define FRAME_KINDS_H

#include "frame_tunnels.h"

#define ROW(linktype, version, build) { #build, build, linktype, version }

static const struct {
    const char *name;
    void (*build)(frame *f);
    uint32_t linktype;
    uint8_t version;
} frame_kinds[] = {
    ROW(1, 4, ethernet), ROW(1, 6, ethernet6), ROW(1, 4, llc_snap), ROW(1, 4, llc_ip),
    ROW(1, 4, llc_nlpid), ROW(1, 6, llc_nlpid6), ROW(1, 4, llc_tunnel),
    ROW(106, 4, llc_bridged), ROW(1, 4, vlan), ROW(1, 6, vlan6), ROW(1, 4, qinq),
    ROW(1, 6, three_tags), ROW(1, 4, vlan_snap), ROW(1, 4, itag), ROW(1, 4, backbone),
    ROW(1, 4, vntag), ROW(1, 4, fabricpath),
    ROW(1, 4, cisco_metadata), ROW(1, 6, cisco_metadata_vlan), ROW(1, 4, mpls), ROW(1, 6, mpls6_stack),
    ROW(1, 4, mpls_pseudowire), ROW(219, 4, linktype_mpls), ROW(1, 4, pppoe),
    ROW(1, 6, pppoe6_qinq), ROW(51, 4, linktype_pppoe), ROW(9, 4, ppp), ROW(50, 4, ppp),
    ROW(9, 4, ppp_short), ROW(50, 4, ppp_mpls), ROW(50, 4, chdlc),
    ROW(166, 4, ppp_with_direction), ROW(204, 4, ppp_with_direction),
    ROW(104, 4, chdlc), ROW(107, 4, frelay), ROW(107, 6, frelay6),
    ROW(107, 6, frelay_snap), ROW(107, 4, frelay_cisco), ROW(0, 4, null_little),
    ROW(0, 4, null_big), ROW(108, 4, null_big), ROW(0, 6, null6_netbsd),
    ROW(108, 6, null6_freebsd), ROW(0, 6, null6_darwin), ROW(0, 6, null6_linux),
    ROW(0, 6, null6_windows), ROW(113, 4, sll), ROW(113, 6, sll_vlan),
    ROW(113, 4, sll_llc), ROW(276, 6, sll2), ROW(276, 4, sll2_llc), ROW(10, 4, fddi),
    ROW(6, 4, token_ring), ROW(7, 4, arcnet_1051), ROW(7, 4, arcnet_1201),
    ROW(7, 4, arcnet_exception), ROW(129, 6, arcnet_linux), ROW(242, 4, ipoib),
    ROW(239, 4, nflog), ROW(239, 6, nflog_big), ROW(117, 4, pflog), ROW(109, 4, enc),
    ROW(8, 4, slip), ROW(178, 4, juniper), ROW(178, 4, juniper_no_ether),
    ROW(281, 4, dsa), ROW(284, 6, dsa_vlan), ROW(285, 4, edsa),
    ROW(282, 4, dsa_prepended), ROW(226, 4, ipnet), ROW(12, 4, raw4), ROW(14, 6, raw6),
    ROW(101, 4, raw4), ROW(101, 6, raw6), ROW(228, 4, raw4), ROW(229, 6, raw6),
    ROW(258, 4, pktap), ROW(100, 4, atm_bridged), ROW(11, 4, atm_routed),
    ROW(106, 4, atm_routed), ROW(105, 4, wlan_data), ROW(105, 6, wlan_qos_wds),
    ROW(127, 4, radiotap), ROW(127, 4, radiotap_padded), ROW(127, 4, radiotap_flags),
    ROW(192, 4, ppi_wlan), ROW(192, 4, ppi_ether), ROW(119, 4, prism), ROW(119, 4, avs),
    ROW(163, 4, avs), ROW(1, 4, ip4_in_ip4), ROW(1, 6, ip6_in_ip4),
    ROW(1, 4, ip4_in_ip6), ROW(1, 6, ip6_in_ip6), ROW(1, 4, gre),
    ROW(1, 6, gre6_all_fields), ROW(1, 4, gre_routing), ROW(1, 4, gre_mpls),
    ROW(1, 4, gre_bridge), ROW(1, 4, gre_pptp), ROW(1, 4, erspan1), ROW(1, 4, erspan2),
    ROW(1, 4, erspan3), ROW(1, 4, erspan3_subheader), ROW(1, 4, erspan3_ip),
    ROW(1, 4, wccp1), ROW(1, 4, wccp2), ROW(1, 4, gre_aruba), ROW(1, 4, gre_in_udp),
    ROW(1, 4, mpls_in_udp), ROW(1, 4, etherip), ROW(1, 4, vxlan),
    ROW(1, 6, vxlan_linux), ROW(1, 4, geneve), ROW(1, 6, geneve_ip), ROW(1, 4, gtp),
    ROW(1, 4, gtp_extensions), ROW(1, 4, gtp_sequence), ROW(1, 6, teredo),
    ROW(1, 6, teredo_indications), ROW(1, 6, ayiya), ROW(1, 4, ah), ROW(1, 6, ah6),
    ROW(1, 6, extensions), ROW(1, 4, ipv4_options), ROW(1, 6, rare_extensions),
    ROW(1, 4, mpls_in_ip), ROW(1, 6, babel),
};

#endif
