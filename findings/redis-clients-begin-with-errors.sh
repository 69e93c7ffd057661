#!/bin/sh
# Each connection of node-redis to Debian's Redis begins with three errors in the answers, and one of ioredis with two,
# before a program has asked for anything; no program hears of them.
#
# Seen with redis 6.3.1 and ioredis 6.0.0 (npm) and Redis 7.0.15 (Debian 12).  Unasked, the clients send their name and
# version (CLIENT SETINFO, which Redis has from 7.2 on), and node-redis asks to be told of maintenance, too.  An older
# server answers "-ERR unknown subcommand", which the clients pass over.  So a capture of short connections has more
# errors than answers, and "total_error_replies", which one watches so as to hear of faults, grows by two or three with
# each connection of a sound program.  With `disableClientInfo: true` and `maintNotifications: 'disabled'` node-redis
# begins without.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export HOME="$tmp"
v=5:7.0.15-1~deb12u10
mkdir -p debs/partial
apt-get -q -y --download-only --reinstall --allow-downgrades --no-install-recommends -o DPkg::Lock::Timeout=120 \
  -o Dir::Cache::archives="$PWD/debs" install redis-server=$v redis-tools=$v >apt.log 2>&1 || { cat apt.log; exit 1; }
for deb in debs/*.deb; do dpkg -x "$deb" root; done
lib=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  redis@6.3.1 ioredis@6.0.0 >npm.log 2>&1 || { cat npm.log; exit 1; }

cat >try.cjs <<'END'
const port = +process.argv[2];
const { createClient } = require('redis');
const Ioredis = require('ioredis');

const nodeRedis = (options) => async (heard) => {
  const client = createClient({ socket: { host: '127.0.0.1', port }, ...options });
  client.on('error', heard);
  await client.connect();
  const answer = await client.set('key', 'value');
  await client.close();
  return answer;
};
const ioredis = async (heard) => {
  const client = new Ioredis({ host: '127.0.0.1', port });
  client.on('error', heard);
  const answer = await client.set('key', 'value');
  await client.quit();
  return answer;
};
const errors = async () => {
  const client = createClient({ socket: { host: '127.0.0.1', port }, ...quiet });
  await client.connect();
  const [, count] = /total_error_replies:(\d+)/.exec(await client.info('stats'));
  await client.close();
  return +count;
};
const quiet = { disableClientInfo: true, maintNotifications: 'disabled' };
(async () => {
  for (const [name, run] of [['node-redis', nodeRedis({})], ['told not to', nodeRedis(quiet)], ['ioredis', ioredis]]) {
    const before = await errors();
    let heard = 0;
    const answer = await run(() => { heard += 1; });
    console.log(`${name}: ${await errors() - before} errors, ${heard} heard of, answer ${answer}`);
  }
})();
END
port=$(python3 -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
LD_LIBRARY_PATH="$lib" root/usr/bin/redis-server --save '' --bind 127.0.0.1 --port "$port" >redis.log 2>&1 &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
sleep 1
seen=$(node try.cjs "$port")
echo "$seen"
[ "$seen" = "node-redis: 3 errors, 0 heard of, answer OK
told not to: 0 errors, 0 heard of, answer OK
ioredis: 2 errors, 0 heard of, answer OK" ]
