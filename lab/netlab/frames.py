"""Reads the headers of an Ethernet frame and builds the few frames that a middlebox sends."""

import struct

ETH_IPV4, ETH_IPV6 = 0x0800, 0x86DD
ETH_VLAN = (0x8100, 0x88A8)
TCP, ICMP, ICMPV6 = 6, 1, 58
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Packet:
    """The IP packet inside a frame.  'seq', 'ack', 'flags', 'len' are set for TCP only."""

    __slots__ = ("frame", "ip", "family", "proto", "src", "dst", "ip_len", "l4",
                 "sport", "dport", "seq", "ack", "flags", "len")

    @property
    def is_tcp(self):
        return self.proto == TCP


def tag(frame, vlans):
    """Puts 802.1Q tags behind the addresses, the outer one first."""
    tags = b"".join(struct.pack("!HH", 0x8100, vlan) for vlan in vlans)
    return frame[:12] + tags + frame[12:]


def untag(frame):
    """Takes all 802.1Q tags off."""
    while int.from_bytes(frame[12:14], "big") in ETH_VLAN:
        frame = frame[:12] + frame[16:]
    return frame


def parse(frame):
    """A Packet, or None when the frame carries neither IPv4 nor IPv6."""
    ip = 14
    while int.from_bytes(frame[ip - 2:ip], "big") in ETH_VLAN:
        ip += 4
    kind = int.from_bytes(frame[ip - 2:ip], "big")
    p = Packet()
    p.frame, p.ip = frame, ip
    p.sport = p.dport = p.seq = p.ack = p.flags = p.len = 0
    if kind == ETH_IPV4:
        p.family = 4
        p.proto = frame[ip + 9]
        p.src, p.dst = frame[ip + 12:ip + 16], frame[ip + 16:ip + 20]
        p.l4 = ip + (frame[ip] & 15) * 4
        p.ip_len = int.from_bytes(frame[ip + 2:ip + 4], "big")
    elif kind == ETH_IPV6:
        p.family = 6
        p.proto = frame[ip + 6]
        p.src, p.dst = frame[ip + 8:ip + 24], frame[ip + 24:ip + 40]
        p.l4 = ip + 40
        p.ip_len = 40 + int.from_bytes(frame[ip + 4:ip + 6], "big")
    else:
        return None
    if p.proto == TCP:
        p.sport, p.dport, p.seq, p.ack, offset, p.flags = struct.unpack_from("!HHIIBB", frame, p.l4)
        p.len = ip + p.ip_len - p.l4 - (offset >> 4) * 4
    return p


def with_port(p, at, port):
    """The frame with another source port (at 0) or destination port (at 2)."""
    frame = bytearray(p.frame)
    frame[p.l4 + at:p.l4 + at + 2] = (port & 0xFFFF).to_bytes(2, "big")
    return mend(bytes(frame), p)


def header(p):
    """The TCP header of a packet with its options, without what differs from segment to segment."""
    start = p.l4 + (p.frame[p.l4 + 12] >> 4) * 4
    return (p.src, p.dst, p.sport, p.dport, p.ack, p.frame[p.l4 + 20:start])


def follows(a, b, size):
    """Would GRO put segment b, of segments of that size, behind a?"""
    return header(a) == header(b) and (a.seq + a.len) & 0xFFFFFFFF == b.seq and b.len <= size


def joined(a, b):
    """One segment that holds both."""
    frame = bytearray(a.frame[:a.ip + a.ip_len] + b.frame[b.ip + b.ip_len - b.len:b.ip + b.ip_len])
    frame[a.l4 + 13] |= b.flags
    at, length = (2, a.ip_len + b.len) if a.family == 4 else (4, a.ip_len - 40 + b.len)
    frame[a.ip + at:a.ip + at + 2] = length.to_bytes(2, "big")
    return parse(mend(bytes(frame), parse(bytes(frame))))


def options(frame, p):
    """The TCP options of a frame: kind, place, size of each."""
    at, end = p.l4 + 20, min(len(frame), p.l4 + (frame[p.l4 + 12] >> 4) * 4)
    while at < end and frame[at] != 0:
        size = 1 if frame[at] == 1 else max(2, frame[at + 1]) if at + 1 < end else end - at
        if frame[at] != 1:
            yield frame[at], at, size
        at += size


def checksum(data):
    """The Internet checksum, RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def hop(p, count):
    """The frame behind so many routers: the TTL is lower, the header's checksum follows (RFC 1624)."""
    at, frame = p.ip + (8 if p.family == 4 else 7), bytearray(p.frame)
    count = min(count, frame[at] - 1)
    frame[at] -= count
    if p.family == 4:
        total = (int.from_bytes(frame[p.ip + 10:p.ip + 12], "big") + (count << 8))
        total = (total & 0xFFFF) + (total >> 16)
        frame[p.ip + 10:p.ip + 12] = total.to_bytes(2, "big")
    return bytes(frame)


def mend(frame, p):
    """The frame with right checksums of IPv4 and TCP, after its header was changed."""
    frame = bytearray(frame)
    if p.family == 4:
        frame[p.ip + 10:p.ip + 12] = b"\0\0"
        frame[p.ip + 10:p.ip + 12] = checksum(bytes(frame[p.ip:p.l4])).to_bytes(2, "big")
    end = p.ip + p.ip_len
    frame[p.l4 + 16:p.l4 + 18] = b"\0\0"
    tcp = bytes(frame[p.l4:end])
    total = checksum(pseudo_header(p.src, p.dst, TCP, len(tcp)) + tcp)
    frame[p.l4 + 16:p.l4 + 18] = total.to_bytes(2, "big")
    return bytes(frame)


def pseudo_header(src, dst, proto, length):
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, proto, length)
    return src + dst + struct.pack("!IHBB", length, 0, 0, proto)


def ethernet(like, back):
    """The link header of packet 'like' with its tags; 'back': with the addresses swapped."""
    head = like.frame[:like.ip]
    return head[6:12] + head[:6] + head[12:] if back else head


def ip_header(family, src, dst, proto, length, ttl, ident=0):
    if family == 6:
        return struct.pack("!IHBB", 6 << 28, length, proto, ttl) + src + dst
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, ident, 0, ttl, proto, 0) + src + dst
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]


def build_tcp(like, back, seq, ack, flags, ttl):
    """A bare TCP frame between the endpoints of 'like', in its direction or 'back'."""
    src, dst, sport, dport = like.src, like.dst, like.sport, like.dport
    if back:
        src, dst, sport, dport = dst, src, dport, sport
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                      5 << 4, flags, 0, 0, 0)
    total = checksum(pseudo_header(src, dst, TCP, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    return ethernet(like, back) + ip_header(like.family, src, dst, TCP, len(tcp), ttl) + tcp


def build_too_big(like, mtu, router):
    """The ICMP error that a router with a narrow way out sends back (RFC 1191, RFC 4443)."""
    if like.family == 4:
        quoted = like.frame[like.ip:like.ip + 28]
        icmp = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quoted
        proto, pseudo = ICMP, b""
    else:
        quoted = like.frame[like.ip:like.ip + 88]
        icmp = struct.pack("!BBHI", 2, 0, 0, mtu) + quoted
        proto, pseudo = ICMPV6, pseudo_header(router, like.src, ICMPV6, len(icmp))
    icmp = icmp[:2] + struct.pack("!H", checksum(pseudo + icmp)) + icmp[4:]
    return ethernet(like, True) + ip_header(like.family, router, like.src, proto, len(icmp), 64) + icmp


def build_unreachable(like, code, router):
    """The ICMP error of a filter or a router that lets the packet not pass (RFC 792, RFC 4443)."""
    if like.family == 4:
        quoted = like.frame[like.ip:like.ip + 28]
        icmp = struct.pack("!BBHI", 3, code, 0, 0) + quoted
        proto, pseudo = ICMP, b""
    else:
        quoted = like.frame[like.ip:like.ip + 88]
        icmp = struct.pack("!BBHI", 1, code, 0, 0) + quoted
        proto, pseudo = ICMPV6, pseudo_header(router, like.src, ICMPV6, len(icmp))
    icmp = icmp[:2] + struct.pack("!H", checksum(pseudo + icmp)) + icmp[4:]
    return ethernet(like, True) + ip_header(like.family, router, like.src, proto, len(icmp), 64) + icmp
