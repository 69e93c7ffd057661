#!/bin/sh
# libtrace counts four bytes more for each packet than the capture has, and a copy that it makes in ERF has them
# too: to Wireshark each packet of the copy was cut.
#
# Seen with libtrace-tools 3.0.22 and capinfos 4.0.17 (Debian 12).  The length on the wire is to libtrace that of
# the whole Ethernet frame, with the frame check sequence that hardly any capture holds: it adds four bytes to what
# pcap says.  Of ten packets of 60 bytes tracestats counts 640.  In ERF this length stands beside the 60 bytes that
# are there, so capinfos finds 640 bytes of data in the copy, and 600 in the original; taken back to pcap it has 600
# again.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  libtrace-tools=3.0.22-0.1 libtrace3=3.0.22-0.1 libwandio1=3.0.22-0.1 libpacketdump3=3.0.22-0.1 \
  libpcap0.8=1.10.3-1 wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for ms in range(10):
        file.write(struct.pack("<IIII", 1700000000, ms * 1000, 60, 60) + bytes(60))
END
export LD_LIBRARY_PATH="$lib"
for ends in 'pcapfile:in.pcap erf:out.erf' 'erf:out.erf pcapfile:back.pcap'; do
  # shellcheck disable=SC2086
  root/usr/bin/tracesplit -z 0 -Z none $ends >run.log 2>&1 || { cat run.log; exit 1; }
done
bytes() { root/usr/bin/capinfos -M -T -r -d "$1" | cut -f 2; }
seen="tracestats $(root/usr/bin/tracestats pcapfile:in.pcap 2>&1 | sed -n 's/^ *Total:.*\t *//p')
capinfos: original $(bytes in.pcap), ERF $(bytes out.erf), back $(bytes back.pcap)"
echo "$seen"
[ "$seen" = "tracestats 640
capinfos: original 600, ERF 640, back 600" ]
