#!/bin/sh
# tcpdump cannot read two captures of tcpdump's own once mergecap has put them together, when one was taken
# with `-s 96` and the other whole.
#
# Seen with mergecap 4.0.17 and tcpdump 4.99.3 on libpcap 1.10.3 (Debian 12).  mergecap writes pcapng and makes an
# interface of each file, with the snapshot length of that file.  A pcapng file may have as many as it likes;
# libpcap has one snapshot length for a file, and wants all interfaces to have the same: "an interface has a
# snapshot length 262144 different from the snapshot length of the first interface".  tcpdump prints not one packet.
# capinfos counts all six, and `mergecap -F pcap`, which has one header to write, makes a file that tcpdump reads to
# its end.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

for snap in 96, 262144:
    with open("%d.pcap" % snap, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, 1))
        for n in range(3):
            file.write(struct.pack("<IIII", 1700000000 + n, snap, min(snap, 200), 200) + bytes(min(snap, 200)))
END
export LD_LIBRARY_PATH="$lib"
for format in pcapng pcap; do
  root/usr/bin/mergecap -F $format -w both.$format 96.pcap 262144.pcap
  root/usr/bin/tcpdump -Z root -n -r both.$format >$format.txt 2>$format.log || echo "status $?" >>$format.log
done
[ "$(root/usr/bin/capinfos -c -M -T -r both.pcapng | cut -f 2)" = 6 ]
said=$(sed -n 's/.*an interface has a snapshot length/has a snapshot length/p' pcapng.log)
seen="of 6 packets pcapng $(grep -c '^[0-9][0-9]:' pcapng.txt || true), pcap $(grep -c '^[0-9][0-9]:' pcap.txt); $said"
echo "$seen"
grep -q 'status 1' pcapng.log
[ "$seen" = "of 6 packets pcapng 0, pcap 6; \
has a snapshot length 262144 different from the snapshot length of the first interface" ]
