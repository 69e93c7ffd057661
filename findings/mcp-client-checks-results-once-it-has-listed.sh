#!/bin/sh
# Whether the MCP client of the official SDK holds a tool's result against its output schema depends on
# whether it has listed the tools before: the same call gives the result first, and an error later.
#
# Seen with @modelcontextprotocol/sdk 1.32.2 (npm).  The schema comes with tools/list and is kept from then
# on; callTool() neither fetches it nor says that it has none.  A result that breaks its schema (text where an
# integer belongs) is handed to the caller by a client that has not called listTools(), and thrown away with
# error -32602 by one that has.  A test that calls its tool and does not list it proves nothing about the
# schema.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  @modelcontextprotocol/sdk@1.32.2 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >try.mjs <<'END'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';

const [near, far] = InMemoryTransport.createLinkedPair();
const outputSchema = { type: 'object', properties: { packets: { type: 'integer' } }, required: ['packets'] };
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} },
    serverInfo: { name: 'server', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'count', inputSchema: { type: 'object' }, outputSchema }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'many' }], structuredContent: { packets: 'many' } }),
};
far.onmessage = ({ id, method, params }) => {
  if (answers[method]) far.send({ jsonrpc: '2.0', id, result: answers[method](params) });
};
await far.start();
const client = new Client({ name: 'client', version: '1' });
await client.connect(near);
const call = () => client.callTool({ name: 'count', arguments: {} })
  .then((result) => result.structuredContent.packets, (error) => `error ${error.code}`);
const before = await call();
await client.listTools();
const seen = `before tools/list: ${before}; after: ${await call()}`;
console.log(seen);
process.exit(seen === 'before tools/list: many; after: error -32602' ? 0 : 1);
END
node try.mjs
