#!/bin/sh
# A server by the official MCP SDK does not answer what it cannot read, where JSON-RPC has an error for it: a request
# with one member more than it knows, or an id above 2^53, waits until its client gives up.
#
# Seen with @modelcontextprotocol/sdk 1.32.2 (npm) and Node.js.  JSON-RPC 2.0 (5.1) has -32700 for what is no JSON and
# -32600 for what is no request, with the id null where there is none; to a method that it does not know the server says
# -32601.  What its schemas refuse goes to `onerror`, which is unset, and no byte comes back.  They refuse members
# beside the four that they know, and integers that a double may not hold, though both are JSON-RPC, and MCP asks of an
# id that it be a string or an integer.  Four requests out of six find no answer, and no log of it.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export HOME="$tmp"
npm install --no-audit --no-fund --ignore-scripts --cache=npm --before=2026-11-01 --prefix . \
  @modelcontextprotocol/sdk@1.32.2 zod@4.6.7 >npm.log 2>&1 || { cat npm.log; exit 1; }
cat >server.mjs <<'END'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

await new McpServer({ name: 'server', version: '1' }).connect(new StdioServerTransport());
END
cat >ask.py <<'END'
import json
import select
import subprocess

REQUESTS = [
    ("as usual", '{"jsonrpc":"2.0","id":1,"method":"ping"}'),
    ("an unknown method", '{"jsonrpc":"2.0","id":2,"method":"pong"}'),
    ("one member more", '{"jsonrpc":"2.0","id":3,"method":"ping","trace":"a"}'),
    ("id 2^53 + 2", '{"jsonrpc":"2.0","id":9007199254740994,"method":"ping"}'),
    ("no version", '{"id":5,"method":"ping"}'),
    ("no JSON", '{"jsonrpc":"2.0","id":6,"method":"ping"'),
]
with subprocess.Popen(["node", "server.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as server:
    for n, (name, line) in enumerate(REQUESTS):
        server.stdin.write(line.encode() + b"\n")
        if select.select([server.stdout], [], [], 3 if n else 30)[0]:
            answer = json.loads(server.stdout.readline())
            print("%s: %s" % (name, answer["error"]["code"] if "error" in answer else "a result"))
        else:
            print("%s: nothing" % name)
    server.terminate()
END
seen=$(python3 ask.py)
echo "$seen"
[ "$seen" = "as usual: a result
an unknown method: -32601
one member more: nothing
id 2^53 + 2: nothing
no version: nothing
no JSON: nothing" ]
