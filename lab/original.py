#!/usr/bin/env python3
"""Counts as the Python tool mcpcap 0.9.6 counts, so that its figures can be set beside the product's.

usage: original.py CAPTURE ADDRESS PORT

Its definitions, on Ethernet with IPv4 or IPv6 (no other layers): a packet is the client's when its destination port is PORT;
payload is every byte behind the TCP header, Ethernet padding included; a retransmission is a packet with
payload whose sequence number was seen before in its direction, on any connection, in any packet.
"""

import struct
import sys


def packets(path):
    """(bytes, length on the wire) of each frame of a classic pcap file."""
    data = open(path, "rb").read()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
    if data[:4] not in order:
        sys.exit("%s: not a classic pcap file" % path)
    at = 24
    while at + 16 <= len(data):
        captured, wire = struct.unpack(order[data[:4]] + "II", data[at + 8:at + 16])
        yield data[at + 16:at + 16 + captured], wire
        at += 16 + captured


def address(raw):
    if len(raw) == 4:
        return ".".join(str(b) for b in raw)
    import ipaddress
    return str(ipaddress.IPv6Address(raw))


def main(path, server, port):
    import ipaddress
    server, port = str(ipaddress.ip_address(server)), int(port)
    names = ("client_to_server", "server_to_client")
    count = {n: {"packet_count": 0, "byte_count": 0, "data_packets": 0, "retransmissions": 0} for n in names}
    seen = {n: set() for n in names}
    for frame, _ in packets(path):
        kind = struct.unpack(">H", frame[12:14])[0]
        if kind == 0x0800 and frame[23] == 6:
            start, src, dst = 14 + (frame[14] & 15) * 4, frame[26:30], frame[30:34]
        elif kind == 0x86dd and frame[20] == 6:
            start, src, dst = 54, frame[22:38], frame[38:54]
        else:
            continue
        sport, dport, seq = struct.unpack(">HHI", frame[start:start + 8])
        if server not in (address(src), address(dst)) or port not in (sport, dport):
            continue
        name = names[0] if dport == port else names[1]
        payload = len(frame) - start - (frame[start + 12] >> 4) * 4
        c = count[name]
        c["packet_count"] += 1
        c["byte_count"] += len(frame)
        if payload > 0:
            c["data_packets"] += 1
            if seq in seen[name]:
                c["retransmissions"] += 1
        seen[name].add(seq)
    for name in names:
        print(name, ", ".join("%s %d" % item for item in count[name].items()))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
