#!/bin/sh
# A packet that Scapy has read and changed is written with the length on the wire that it had before: one that was
# lengthened contradicts itself, one that was shortened looks as if the capture had cut it.
#
# Seen with Scapy 2.5.0 and tcpdump 4.99.3 (Debian 12).  rdpcap() notes in `wirelen` how long each packet was, so
# that cut ones stay recognisable.  Who changes a payload deletes IP length and checksums, and they are made anew;
# wirelen is not.  Of two packets with 100 bytes of payload, one gets 300 and one none: 354 bytes of 154 are
# captured, and 54 of 154.  tcpdump calls the first "Invalid header" and does not decode it, and a count of bytes on
# the wire stays what it was.  `packet.wirelen = None` makes both right.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  python3-scapy=2.5.0+dfsg-2 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.py <<'END'
import struct
import sys

sys.path.insert(0, "root/usr/lib/python3/dist-packages")
from scapy.all import IP, Raw, TCP, Ether, rdpcap, wrpcap

wrpcap("in.pcap", [Ether() / IP(src="192.0.2.1", dst="192.0.2.80") / TCP(flags="PA", dport=80) / Raw(bytes(100))] * 2)
for name, forget in ("kept", False), ("forgotten", True):
    longer, shorter = packets = rdpcap("in.pcap")
    longer[TCP].payload = Raw(bytes(300))
    shorter[TCP].remove_payload()
    for packet in packets:
        del packet[IP].len, packet[IP].chksum, packet[TCP].chksum
        if forget:
            packet.wirelen = None
    wrpcap(name + ".pcap", packets)
    data, at, lengths = open(name + ".pcap", "rb").read(), 24, []
    while at < len(data):
        lengths.append(struct.unpack("=II", data[at + 8:at + 16]))
        at += 16 + lengths[-1][0]
    print("wirelen %s: %s" % (name, " ".join("%d of %d" % pair for pair in lengths)))
END
python3 try.py >lengths 2>python.log || { cat python.log; exit 1; }
for name in kept forgotten; do
  LD_LIBRARY_PATH=$lib root/usr/bin/tcpdump -Z root -n -t -r $name.pcap 2>/dev/null | grep -c 'Invalid header' || true
done >invalid
seen="$(cat lengths)
invalid to tcpdump: $(paste -s -d ' ' invalid)"
echo "$seen"
[ "$seen" = "wirelen kept: 354 of 154 54 of 154
wirelen forgotten: 354 of 354 54 of 54
invalid to tcpdump: 1 0" ]
