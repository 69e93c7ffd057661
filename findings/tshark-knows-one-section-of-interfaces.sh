#!/bin/sh
# Two pcapng captures joined with cat are a valid one; Wireshark shows the packets of the second on the interface of the
# first, a copy by editcap takes their nanoseconds, and where the link types differ there is an "internal error".
#
# Seen with tshark, editcap and mergecap 4.0.17 (Debian 12).  A file of pcapng may have several sections, and each has
# interfaces of its own, numbered from 0.  tshark reads link type and clock of the right one, and the name of number 0
# of the first section.  The copies have one section, and the number is taken over as it is: packets of eth1, in
# nanoseconds, are those of eth0, in microseconds, and what was captured on a tunnel does not fit into an Ethernet, so
# that the copy breaks off there.  mergecap, given the same two files by their names, keeps them apart.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
v=4.0.17-0+deb12u3
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  tshark=$v libwireshark16=$v libwiretap13=$v libwsutil14=$v wireshark-common=$v libwireshark-data=$v >apt.log 2>&1 ||
  { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

python3 - <<'END'
import struct

def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size

def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)

IP = struct.pack(">BBHHHBBH", 0x45, 0, 28, 1, 0, 64, 17, 0) + b"\xc0\0\x02\x01\xc0\0\x02\x02" + bytes(8)
for name, link, digits in ("eth0", 1, 6), ("eth1", 1, 9), ("tun0", 101, 6):
    data = (bytes(12) + b"\x08\0" if link == 1 else b"") + IP
    with open(name, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", link, 0, 65535) + option(2, name.encode()) +
                         option(9, bytes([digits])) + option(0, b"")))
        for n in range(2):
            time = (1700000000 + n) * 10**digits + 10**digits // 10 + 1
            file.write(block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(data), len(data)) + data))
END
export LD_LIBRARY_PATH="$lib" WIRESHARK_DATA_DIR="$PWD/root/usr/share/wireshark" HOME="$tmp"
look() {
  root/usr/bin/tshark -n -r "$1" -T fields -e frame.interface_name -e frame.time_epoch 2>/dev/null |
    sed 's/\t170000000/ /' | paste -s -d ,
}
cat eth0 eth1 >both
cat eth0 tun0 >mixed
root/usr/bin/editcap both both.copy
root/usr/bin/mergecap -w both.merged both
root/usr/bin/mergecap -w apart eth0 eth1
root/usr/bin/editcap mixed mixed.copy 2>error && status=0 || status=$?
seen="joined: $(look both)
editcap: $(look both.copy)
mergecap: $(look both.merged)
mergecap of two: $(look apart)
mixed: $(look mixed)
status $status: $(grep -o 'internal error' error); $(look mixed.copy)"
echo "$seen"
[ "$seen" = "joined: eth0 0.100001000,eth0 1.100001000,eth0 0.100000001,eth0 1.100000001
editcap: eth0 0.100001000,eth0 1.100001000,eth0 0.100000000,eth0 1.100000000
mergecap: eth0 0.100001000,eth0 1.100001000,eth0 0.100000000,eth0 1.100000000
mergecap of two: eth1 0.100000001,eth0 0.100001000,eth1 1.100000001,eth0 1.100001000
mixed: eth0 0.100001000,eth0 1.100001000,eth0 0.100001000,eth0 1.100001000
status 2: internal error; eth0 0.100001000,eth0 1.100001000" ]
