#!/bin/sh
# A capture that editcap turns into Network Monitor's or Sniffer's format, or out of them, is hours later or earlier
# where the two machines have different time zones: these formats hold the time on the wall, without a zone.
#
# Seen with editcap and capinfos 4.0.17 (Debian 12).  In pcap, pcapng and snoop times are counted from 1970 in UTC, so
# TZ changes how they are shown, and nothing else.  netmon2 (Network Monitor) and ngsniffer (Sniffer) are
# written with year, day and hour as the zone of the process has them, and read by the zone of the reader.  A packet of
# 22:13:20 UTC, written in Tokyo and read in UTC, is one of 07:13:20 of the next day; the way back moves it to 13:13:20.
# Beside a log, or a second capture of the same packets, it stands 9 hours off, with each difference in place.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install wireshark-common=$v libwiretap13=$v libwsutil14=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

with open("in.pcap", "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for second in 0, 1:
        file.write(struct.pack("<IIII", 1700000000 + second, 500000, 60, 60) + bytes(60))
END
export LD_LIBRARY_PATH="$lib"
first() { TZ=UTC0 root/usr/bin/capinfos -M -T -r -a "$1" | cut -f 2 | sed 's/\..*//'; }
seen=$(for format in pcap pcapng snoop netmon2 ngsniffer; do
  TZ=JST-9 root/usr/bin/editcap -F $format in.pcap tokyo.$format
  TZ=UTC0 root/usr/bin/editcap -F $format in.pcap utc.$format
  TZ=JST-9 root/usr/bin/editcap -F pcap utc.$format back.pcap
  echo "$format: written in Tokyo $(first tokyo.$format), read there $(first back.pcap)"
done)
echo "$seen"
[ "$seen" = "pcap: written in Tokyo 2023-11-14 22:13:20, read there 2023-11-14 22:13:20
pcapng: written in Tokyo 2023-11-14 22:13:20, read there 2023-11-14 22:13:20
snoop: written in Tokyo 2023-11-14 22:13:20, read there 2023-11-14 22:13:20
netmon2: written in Tokyo 2023-11-15 07:13:20, read there 2023-11-14 13:13:20
ngsniffer: written in Tokyo 2023-11-15 07:13:20, read there 2023-11-14 13:13:20" ]
