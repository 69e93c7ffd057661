#!/bin/sh
# MQTT.js keeps messages of QoS 0, "at most once", for as long as the broker is away, and sends all of them when it is
# back: an old measurement arrives as if it were of now.
#
# Seen with mqtt 5.16.0 and aedes 1.2.0 (npm).  QoS 0 is what one takes for values that are soon replaced, and what is
# sent while nobody hears is thought to be gone.  The client puts it into a queue (`queueQoSZero`, true unless it is
# told otherwise), publish() reports neither success nor an error, and once there is a connection the broker gets it, in
# order and without a mark.  Of five values that were published before there was a broker five arrive, more than a
# second late.  With `queueQoSZero: false` none does, and each publish() fails.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  mqtt@5.16.0 aedes@1.2.0 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >try.js <<'END'
const net = require('net');
const { Aedes } = require('aedes');
const mqtt = require('mqtt');

const pause = ms => new Promise(done => setTimeout(done, ms));

function listen(handler, port) {
  const server = net.createServer(handler);
  return new Promise(done => server.listen(port, '127.0.0.1', () => done(server)));
}

async function tell(options) {
  const broker = await Aedes.createBroker();
  const arrived = [];
  broker.on('publish', ({ topic, payload }) => {
    if (topic === 'value') {
      arrived.push({ text: payload.toString(), at: Date.now() });
    }
  });
  const free = await listen(() => {}, 0);
  const { port } = free.address();
  await new Promise(done => free.close(done));

  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 200, ...options });
  client.on('error', () => {});                                              // refused, and tried again
  let told = 0;
  let failed = 0;
  const begun = Date.now();
  for (let i = 1; i <= 5; i += 1) {
    client.publish('value', String(i), { qos: 0 }, error => { told += 1; failed += error ? 1 : 0; });
  }
  await pause(1200);
  const before = `${told} told, ${failed} failed`;
  const server = await listen(broker.handle, port);
  await pause(1500);
  const late = arrived.length > 0 && arrived[0].at - begun > 1000 ? ', late' : '';
  console.log(`${before}; arrived: ${arrived.map(one => one.text).join(' ') || 'none'}${late}`);
  client.end(true);
  server.close();
  await new Promise(done => broker.close(done));
}

(async () => {
  await tell({});
  await tell({ queueQoSZero: false });
  process.exit();
})();
END
seen=$(node try.js)
echo "$seen"
[ "$seen" = "0 told, 0 failed; arrived: 1 2 3 4 5, late
5 told, 5 failed; arrived: none" ]
