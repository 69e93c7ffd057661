#!/bin/sh
# ISA-L takes the optional sum of a gzip header (FHCRC; RFC 1952, 2.3.1) for wrong when the header
# comes in two pieces, as out of a pipe: it refuses sound data that zlib takes, and that it takes
# itself when the header comes at once.
#
# Seen with libisal 2.30.0 (Debian 12): a member whose header has a sum is inflated when it is given
# whole; given the first 11 bytes of its header and then the rest, isal_inflate() returns -6
# (ISAL_INCORRECT_CHECKSUM).  Python's zlib takes both.  A header without a sum may come in any pieces.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
apt-get -q download libisal2=2.30.0-5 libisal-dev=2.30.0-5 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in *.deb; do dpkg -x "$deb" root; done
so=$(find "$PWD/root/usr/lib" -name 'libisal.so.2.0.30')
ln -s "$so" libisal.so.2

python3 - <<'END'
import struct
import zlib

text = b"what is said twice, what is said twice\n" * 8
squeezer = zlib.compressobj(6, zlib.DEFLATED, -15)
body = squeezer.compress(text) + squeezer.flush() + struct.pack("<II", zlib.crc32(text), len(text))
plain = b"\x1f\x8b\x08\0\0\0\0\0\0\3"
summed = b"\x1f\x8b\x08\2\0\0\0\0\0\3"
summed += struct.pack("<H", zlib.crc32(summed) & 0xFFFF)
for name, head in ("plain", plain), ("summed", summed):
    whole = head + body
    open(name + ".gz", "wb").write(whole)
    pieces = zlib.decompressobj(31)
    assert b"".join(pieces.decompress(piece) for piece in (whole[:5], whole[5:11], whole[11:])) == text
END

cat >inflate.c <<'END'
#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>

/* inflate FILE FIRST: the first so many bytes, then the rest. */
int main(int argc, char **argv)
{
    static unsigned char in[4096], out[4096];
    static struct inflate_state s;
    unsigned first = (unsigned)atoi(argv[2]), size;
    FILE *file = fopen(argv[1], "rb");
    int status = 0;

    size = (unsigned)fread(in, 1, sizeof in, file);
    isal_inflate_init(&s);
    s.crc_flag = ISAL_GZIP;
    s.next_out = out;
    s.avail_out = sizeof out;
    s.next_in = in;
    s.avail_in = first;
    if (first > 0)
        status = isal_inflate(&s);
    s.avail_in += size - first;
    if (status == 0)
        status = isal_inflate(&s);
    printf("%d %u\n", status, (unsigned)(sizeof out - s.avail_out));
    return argc != 3;
}
END
cc -I root/usr/include -o inflate inflate.c "$so"

seen=$(for name in plain summed; do
  for first in 0 5 11; do
    echo "$name $first: $(LD_LIBRARY_PATH=$PWD ./inflate $name.gz $first)"
  done
done)
echo "$seen"
test "$seen" = "plain 0: 0 312
plain 5: 0 312
plain 11: 0 312
summed 0: 0 312
summed 5: -6 0
summed 11: -6 0"
