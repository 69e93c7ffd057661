#!/bin/sh
# `tshark -T fields -e tcp.len | awk '{ n += $1 } END { print n }'`, a common way to count bytes, prints 2.14748e+09
# on Debian and Ubuntu once the sum reaches 2^31; `printf "%d"` makes 2147483647 of it.
#
# Seen with mawk 1.3.4 (20200120, what `awk` is on Debian 12) and gawk 5.2.1.  POSIX has integers printed as integers;
# to mawk those are integers that fit into 31 bits, and six digits are left of all others.  With %d a larger one is cut
# to 2147483647.  gawk prints all digits both times, so that the script is right where it was written.  Sequence
# numbers, which pass 2^31 in half of all connections, and times in milliseconds meet the same; "%.0f" helps.
# The other way round mawk takes "0x0018", as tshark writes flags, for 24, and gawk for 0.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install mawk=1.3.4.20200120-3.1 gawk=1:5.2.1-2 libsigsegv2=2.14-1 \
  libmpfr6=4.2.0-1 >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)

cat >sum.awk <<'AWK'
{ n += $1 }
END { printf "%s %d %.0f ", n, n, n; print 1700000000123, "0x0018" + 0 }
AWK
seen=$(for awk in mawk gawk; do
  export LD_LIBRARY_PATH="$lib"
  echo "$awk: $(printf '2147483647\n1\n' | root/usr/bin/$awk -f sum.awk)"
done)
echo "$seen"
[ "$seen" = "mawk: 2.14748e+09 2147483647 2147483648 1.7e+12 24
gawk: 2147483648 2147483648 2147483648 1700000000123 0" ]
