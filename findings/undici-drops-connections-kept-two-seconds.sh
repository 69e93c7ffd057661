#!/bin/sh
# To a server that says it keeps connections for two seconds undici, the HTTP client behind fetch() in Node.js, opens a
# new one for each request; to one that says three seconds it opens one for all.
#
# Seen with undici 7.16.0 (npm).  undici takes two seconds off what "Keep-Alive: timeout=N" announces, so as not to send
# on a connection that is just being closed, and what is left of one or two seconds is nothing: the connection is
# closed when the answer has come, by the client, whatever the pause.  Ten requests, 50 ms apart, to a server that in
# truth keeps connections for a minute open ten connections at 1 and 2, and one at 3 and 60.  The capture shows a
# client that does not want to keep connections; `keepAliveTimeoutThreshold: 500` brings one connection for 2, too.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  undici@7.16.0 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >try.js <<'END'
const http = require('http');
const { Agent, request } = require('undici');

async function connections(seconds, options) {
  let opened = 0;
  const server = http.createServer((_, response) => {
    response.setHeader('Connection', 'keep-alive');
    response.setHeader('Keep-Alive', `timeout=${seconds}`);
    response.end('an answer');
  });
  server.keepAliveTimeout = 60000;
  server.on('connection', () => { opened += 1; });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const dispatcher = new Agent(options);
  for (let i = 0; i < 10; i += 1) {
    const { body } = await request(`http://127.0.0.1:${server.address().port}/`, { dispatcher });
    await body.text();
    await new Promise(done => setTimeout(done, 50));
  }
  await dispatcher.close();
  server.close();
  return opened;
}

(async () => {
  const opened = [];
  for (const seconds of [1, 2, 3, 60]) {
    opened.push(`timeout=${seconds}: ${await connections(seconds, {})}`);
  }
  opened.push(`timeout=2, 500 ms off: ${await connections(2, { keepAliveTimeoutThreshold: 500 })}`);
  console.log(opened.join('\n'));
})();
END
seen=$(node try.js)
echo "$seen"
[ "$seen" = "timeout=1: 10
timeout=2: 10
timeout=3: 1
timeout=60: 1
timeout=2, 500 ms off: 1" ]
