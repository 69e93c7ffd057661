#!/bin/sh
# A server by the official MCP SDK does not hear that its client is gone: when its input ends, `onclose` is not called,
# and one that has a timer or a watch open runs on.
#
# Seen with @modelcontextprotocol/sdk 1.32.2 (npm) and Node.js.  The protocol has a client end a server by closing its
# input, and waits for it to go (2025-06-18, lifecycle, shutdown).  The transport of the SDK listens to data and
# errors of its input, not to its end.  A server without anything open ends because Node.js has nothing left to do, so
# tests pass; what it wanted to put away in `onclose` stays.  One with a timer is still there when that rings, two
# seconds later.
# `process.stdin.on('end', ...)` is left to each server.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  @modelcontextprotocol/sdk@1.32.2 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >server.mjs <<'END'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const how = process.argv[2];
const server = new McpServer({ name: 'server', version: '1' });
server.server.onclose = () => console.log('closed');
if (how !== 'bare') setTimeout(() => console.log('there after 2 s'), 2000);
if (how === 'heard') process.stdin.on('end', async () => { await server.close(); process.exit(); });
await server.connect(new StdioServerTransport());
END
run() {
  node server.mjs "$1" </dev/null >"$1.log" || echo "status $?" >>"$1.log"
  echo "$1: $(cat "$1.log")"
}
seen=$(run bare; run timer; run heard)
echo "$seen"
[ "$seen" = "bare: 
timer: there after 2 s
heard: closed" ]
