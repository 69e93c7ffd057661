#!/bin/sh
# A server by the official MCP SDK drops arguments that its tool does not have, and runs the tool without: a limit
# with a slip in its name is no limit, and the model that asked for it is told of success.
#
# Seen with @modelcontextprotocol/sdk 1.32.2 and zod 4.6.7 (npm).  Arguments are checked, a text for a number is an
# error.  But the shape that registerTool() takes becomes a zod object that strips unknown keys, and the input
# schema that tools/list hands out does not forbid them.  A call with max_packet instead of max_packets reaches the
# tool as one without.  Given z.strictObject() instead, the schema says additionalProperties: false, and the call is
# an error that names the key.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  @modelcontextprotocol/sdk@1.32.2 zod@4.6.7 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >try.mjs <<'END'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

const [near, far] = InMemoryTransport.createLinkedPair();
const server = new McpServer({ name: 'server', version: '1' });
const shape = { file: z.string(), max_packets: z.number().optional() };
for (const [name, inputSchema] of [['shape', shape], ['strict', z.strictObject(shape)]]) {
  server.registerTool(name, { inputSchema },
    async (given) => ({ content: [{ type: 'text', text: `ran with ${JSON.stringify(given)}` }] }));
}
await server.connect(far);
const client = new Client({ name: 'client', version: '1' });
await client.connect(near);
const lines = [];
for (const { name, inputSchema } of (await client.listTools()).tools) {
  const { isError, content } = await client.callTool({ name, arguments: { file: 'a', max_packet: 5 } });
  lines.push(`${name}: additionalProperties ${inputSchema.additionalProperties}, `
    + (isError ? content[0].text.replace(/^.*(Unrecognized key[^"]*"[^"]*").*$/s, 'error: $1') : content[0].text));
}
const wrong = await client.callTool({ name: 'shape', arguments: { file: 'a', max_packets: '5' } });
lines.push(`text for a number: ${wrong.isError ? 'error' : 'taken'}`);
console.log(lines.join('\n'));
process.exit(lines.join('\n') === `shape: additionalProperties undefined, ran with {"file":"a"}
strict: additionalProperties false, error: Unrecognized key: "max_packet"
text for a number: error` ? 0 : 1);
END
node try.mjs
