#!/bin/sh
# The MCP client of the official SDK drops the progress that reaches it together with the answer: a tool that
# reports three times and is done at once is never seen to move.
#
# Seen with @modelcontextprotocol/sdk 1.32.2 (npm).  A server sends three notifications of progress, then the
# result, all in order, as the protocol asks.  A response is dealt with at once, and forgets who listens to
# the progress of its request; a notification is put off by a turn of the event loop's microtasks.  When the
# lines come in one piece, as short ones out of one write do, the response overtakes: onprogress is not
# called, onerror is, three times, with "unknown token".  With 50 ms between the lines all three arrive.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  @modelcontextprotocol/sdk@1.32.2 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >server.mjs <<'END'
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const line = (message) => JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n';
for await (const text of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(text);
  if (method === 'initialize') {
    const { protocolVersion } = params;
    process.stdout.write(line({ id, result: { protocolVersion, capabilities: { tools: {} },
      serverInfo: { name: 'server', version: '1' } } }));
  } else if (method === 'tools/call') {
    const { progressToken } = params._meta;
    const lines = [1, 2, 3].map((progress) =>
      line({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } }));
    lines.push(line({ id, result: { content: [{ type: 'text', text: 'done' }] } }));
    const pieces = process.argv[2] === 'apart' ? lines : [lines.join('')];
    for (const piece of pieces) {
      process.stdout.write(piece);
      await wait(50);
    }
  }
}
END
cat >client.mjs <<'END'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const seen = [];
for (const how of ['apart', 'together']) {
  const client = new Client({ name: 'client', version: '1' });
  let progress = 0, unknown = 0;
  client.onerror = (error) => { unknown += /unknown token/.test(error.message) ? 1 : 0; };
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ['server.mjs', how] }));
  await client.callTool({ name: 'tool', arguments: {} }, undefined, { onprogress: () => { progress++; } });
  await client.close();
  seen.push(`${how}: ${progress} seen, ${unknown} unknown`);
}
console.log(seen.join('; '));
process.exit(seen.join('; ') === 'apart: 3 seen, 0 unknown; together: 0 seen, 3 unknown' ? 0 : 1);
END
node client.mjs
