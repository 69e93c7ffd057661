#!/bin/sh
# gopacket keeps the lowest eight bits of a capture's link type: to it, what `tcpdump -i any` writes has type 20,
# and what was captured on a field bus is Ethernet.
#
# Seen with gopacket 1.1.19 and Go 1.19 (Debian 12).  Link types have 16 bits in both formats, and have passed 255
# long ago; gopacket's type for them is a uint8.  276 (LINUX_SLL2), which tcpdump writes for "any" since 4.99, is 20
# when it comes out of the reader: an error about a type that the file does not have.  257 (PROFIBUS_DL) becomes 1:
# packets are decoded as Ethernet, and nothing fails.  pcap and pcapng are read alike.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install \
  golang-github-google-gopacket-dev=1.1.19-3 golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 \
  golang-golang-x-net-dev=1:0.7.0+dfsg-1 golang-golang-x-sys-dev=0.3.0-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >try.go <<'END'
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"
)

func bytes(words ...uint32) string {
	file := []byte{}
	for _, word := range words {
		file = binary.LittleEndian.AppendUint32(file, word)
	}
	return string(file)
}

func main() {
	seen := []string{}
	for _, link := range []uint32{276, 257} {
		pcap, _ := pcapgo.NewReader(strings.NewReader(bytes(0xA1B2C3D4, 4<<16|2, 0, 0, 65535, link)))
		next, _ := pcapgo.NewNgReader(strings.NewReader(bytes(0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0xFFFFFFFF, 0xFFFFFFFF, 28,
			1, 20, link, 0, 20)), pcapgo.NgReaderOptions{})
		packet := gopacket.NewPacket(make([]byte, 60), pcap.LinkType(), gopacket.Default)
		first := packet.Layers()[0]
		said := fmt.Sprintf("%d: pcap %d, pcapng %d, %v", link, pcap.LinkType(), next.LinkType(), first.LayerType())
		if failure, is := first.(*gopacket.DecodeFailure); is {
			said += ": " + failure.Error().Error()
		}
		seen = append(seen, said)
	}
	fmt.Println(strings.Join(seen, "\n"))
	if strings.Join(seen, "\n") != `276: pcap 20, pcapng 20, DecodeFailure: Unable to decode LinkType 20
257: pcap 1, pcapng 1, Ethernet` {
		os.Exit(1)
	}
}
END
GOROOT=$PWD/root/usr/lib/go-1.19 GOPATH=$PWD/root/usr/share/gocode GOCACHE=$PWD/cache GO111MODULE=off CGO_ENABLED=0 \
  LD_LIBRARY_PATH=$lib root/usr/lib/go-1.19/bin/go run try.go
