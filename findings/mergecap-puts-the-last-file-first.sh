#!/bin/sh
# Packets of one time come out of mergecap in the order in which nobody would put them: those of the file that was named
# last come first.
#
# Seen with mergecap 4.0.17 and tracemerge of libtrace 3.0.22 (Debian 12).  One names files by the way that packets
# take, and where clocks tick in milliseconds, or a box stamps what comes and goes alike, times are equal.  A request
# before a proxy and the same behind it are then swapped, and cause follows effect; the order within each file stays.
# Of three files with a packet at each of three times the merged one goes 3 2 1, 3 2 1, 3 2 1; tracemerge's goes 1 2 3.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install wireshark-common=$v libwiretap13=$v libwsutil14=$v \
  libtrace-tools=3.0.22-0.1 libtrace3=3.0.22-0.1 libwandio1=3.0.22-0.1 libpacketdump3=3.0.22-0.1 libpcap0.8=1.10.3-1 \
  >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >pcap.py <<'END'
import struct
import sys

if sys.argv[1] == "write":
    for number in 1, 2, 3:
        with open("%d.pcap" % number, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for second in range(3):
                file.write(struct.pack("<IIII", 1700000000 + second, 0, 60, 60) + bytes([number]) * 60)
else:
    with open(sys.argv[2], "rb") as file:
        data = file.read()
    packets = [data[at:at + 76] for at in range(24, len(data), 76)]
    seconds = [struct.unpack("<I", packet[:4])[0] - 1700000000 for packet in packets]
    print(", ".join(" ".join(str(p[16]) for p, s in zip(packets, seconds) if s == second) for second in range(3)))
END
python3 pcap.py write
export LD_LIBRARY_PATH="$lib"
root/usr/bin/mergecap -F pcap -w mergecap.pcap 1.pcap 2.pcap 3.pcap
root/usr/bin/tracemerge pcapfile:tracemerge.pcap pcapfile:1.pcap pcapfile:2.pcap pcapfile:3.pcap
seen=$(for name in mergecap tracemerge; do echo "$name: $(python3 pcap.py read $name.pcap)"; done)
echo "$seen"
[ "$seen" = "mergecap: 3 2 1, 3 2 1, 3 2 1
tracemerge: 1 2 3, 1 2 3, 1 2 3" ]
