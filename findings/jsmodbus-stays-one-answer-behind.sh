#!/bin/sh
# After one answer that comes too late, jsmodbus refuses all others of the connection, though each of them is right and
# in time: it holds each against the question after its own.
#
# Seen with jsmodbus 5.0.0 and modbus-serial 8.0.25 (npm).  Modbus/TCP has a number in each message so that answers find
# their questions.  A device takes 0.8 s for the first and 0.05 s for each other one, and the client waits for 0.5 s.
# jsmodbus takes the late answer for that of the second question, sees by the number that it is not, gives the second up
# as "OutOfSync", and asks the third; then the answer to the second comes, and so on: of eight questions back to back
# none has a result, and in the capture each has its answer.  A pause between questions ends it.  modbus-serial drops
# the late one, and has the other seven.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export HOME="$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  jsmodbus@5.0.0 modbus-serial@8.0.25 >npm.log 2>&1 || { cat npm.log; exit 1; }

cat >device.py <<'END'
import socket
import struct
import time

def read(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    pause = 0.8
    try:
        while True:
            number, _, size, unit, function, register, _ = struct.unpack(">HHHBBHH", read(client, 12))
            time.sleep(pause)
            pause = 0.05
            client.sendall(struct.pack(">HHHBBBH", number, 0, 5, unit, function, 2, register))
    except (EOFError, OSError):
        client.close()
END
cat >try.cjs <<'END'
const net = require('net');
const jsmodbus = require('jsmodbus');
const ModbusSerial = require('modbus-serial');

const port = +process.argv[2];
const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const eight = async (name, pause, read) => {
  const seen = {};
  for (let register = 100; register < 108; register += 1) {
    let what;
    try {
      what = await read(register) === register ? 'right' : 'wrong';
    } catch (error) {
      what = error.err ?? error.message;
    }
    seen[what] = (seen[what] ?? 0) + 1;
    if (pause) await sleep(pause);
  }
  console.log(`${name}: ${Object.entries(seen).map(([what, count]) => `${count} ${what}`).join(', ')}`);
};
(async () => {
  for (const [name, pause] of [['jsmodbus', 0], ['jsmodbus, pauses of 0.4 s', 400]]) {
    const socket = net.connect(port, '127.0.0.1');
    const client = new jsmodbus.client.TCP(socket, 1, 500);
    await new Promise((done) => { socket.once('connect', done); });
    await eight(name, pause, async (register) => {
      const { response } = await client.readHoldingRegisters(register, 1);
      return response.body.values[0];
    });
    socket.destroy();
  }
  const client = new ModbusSerial();
  await client.connectTCP('127.0.0.1', { port });
  client.setID(1);
  client.setTimeout(500);
  await eight('modbus-serial', 0, async (register) => (await client.readHoldingRegisters(register, 1)).data[0]);
  process.exit();
})();
END
python3 device.py >port &
device=$!
trap 'kill $device; rm -rf "$tmp"' EXIT
until [ -s port ]; do sleep 0.1; done
seen=$(node try.cjs "$(cat port)")
echo "$seen"
[ "$seen" = "jsmodbus: 1 Timeout, 7 OutOfSync
jsmodbus, pauses of 0.4 s: 1 Timeout, 7 right
modbus-serial: 1 Timed out, 7 right" ]
