// The official TypeScript clients against mcpcap's servers: SDK 1.x speaks the era of `initialize`,
// client 2.x the era of 2026-07-28 (and, told so, the older one).
//
//   npm test                                                 over stdio
//   MCPCAP_URL=http://127.0.0.1:8080/mcp npm test            over HTTP as well
//
// MCPCAP_COMMAND: the command that serves (default: bin/mcpcap of this checkout; words are split at blanks);
// MCPCAP_CAPTURES: the captures as a server behind MCPCAP_URL names their folder (default: as here).

import { strict as assert } from 'node:assert';
import { createServer } from 'node:http';
import { describe, test, before, after } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as Client2, StreamableHTTPClientTransport as Http2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio2 } from '@modelcontextprotocol/client/stdio';
import { Ajv2020 } from 'ajv/dist/2020.js';

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = resolve(here, '../fixtures');
const command = (process.env.MCPCAP_COMMAND ?? resolve(here, '../../bin/mcpcap')).split(' ');
const info = { name: 'mcpcap-tests', version: '1.0.0' };

// What is known of a bundled capture.
function expected(name) {
  return JSON.parse(readFileSync(join(fixtures, name.replace(/\.pcap(ng)?$/, '.expected.json'))));
}

// Clients start servers with a poor environment; what the build needs is passed on.
function environment() {
  const env = {};
  for (const name of ['PATH', 'HOME', 'MCPCAP_LUA', 'LUA_PATH', 'LUA_CPATH', 'LD_PRELOAD', 'ASAN_OPTIONS',
    'UBSAN_OPTIONS', 'LSAN_OPTIONS']) {
    if (process.env[name] !== undefined) env[name] = process.env[name];
  }
  return env;
}

function serve(more = []) {
  return {
    command: command[0], args: [...command.slice(1), 'serve', '--root', fixtures, ...more], env: environment(),
    stderr: 'pipe',
  };
}

const legacy = { name: 'SDK 1.x, legacy', era: 'legacy', make: () => new Client1(info),
  stdio: (more) => new Stdio1(serve(more)), http: (url) => new Http1(new URL(url)) };
const modern = { name: 'client 2.x, modern', era: 'modern',
  make: () => new Client2(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
  stdio: (more) => new Stdio2(serve(more)), http: (url) => new Http2(new URL(url)) };
const auto = { name: 'client 2.x, finding out', era: 'modern',
  make: () => new Client2(info, { versionNegotiation: { mode: 'auto' } }),
  stdio: (more) => new Stdio2(serve(more)), http: (url) => new Http2(new URL(url)) };
const older = { name: 'client 2.x, legacy', era: 'legacy', make: () => new Client2(info),
  stdio: (more) => new Stdio2(serve(more)), http: (url) => new Http2(new URL(url)) };

// A host that gives the head of a capture and then nothing more.
async function stallingHost() {
  const head = Buffer.from('d4c3b2a1020004000000000000000000000004000100000000000001000000003c0000003c000000', 'hex');
  const state = { open: 0, waiting: [] };
  const changed = () => { state.waiting = state.waiting.filter((w) => !w()); };
  const server = createServer((request, response) => {
    state.open += 1;
    response.on('close', () => { state.open -= 1; changed(); });
    response.writeHead(200, { 'content-length': '1000000' });
    response.write(Buffer.concat([head, Buffer.alloc(60)]));
    changed();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  state.url = `http://127.0.0.1:${server.address().port}/x.pcap`;
  state.until = (condition) => new Promise((done) => {
    const look = () => { if (condition()) { done(); return true; } return false; };
    if (!look()) state.waiting.push(look);
  });
  state.close = () => { server.closeAllConnections(); server.close(); };
  return state;
}

const captures = readdirSync(fixtures).filter((name) => /\.pcap(ng)?$/.test(name));
const few = ['clean-http.pcap', 'ipv6.pcapng', 'refused.pcap', 'web-session.pcapng'];

function suite(way, kind, connectTo, names) {
  const folder = kind === 'stdio' ? fixtures : process.env.MCPCAP_CAPTURES ?? fixtures;
  const capture = (name) => join(folder, name);

  describe(`${way.name} over ${kind}`, () => {
    let client;
    let tools;

    before(async () => {
      client = way.make();
      await client.connect(connectTo());
      ({ tools } = await client.listTools());
    });

    after(async () => {
      await client?.close();
    });

    test('connects and learns who is there', () => {
      const version = readFileSync(resolve(here, '../../include/mcpcap.h'), 'utf8').match(/MC_VERSION "([^"]*)"/)[1];
      assert.equal(client.getServerVersion().name, 'mcpcap');
      assert.equal(client.getServerVersion().version, version);
      assert.ok(client.getServerCapabilities().tools);
      assert.ok(client.getServerCapabilities().prompts);
      assert.ok(client.getInstructions().includes('analyze_traffic_flow'));
      if (client.getNegotiatedProtocolVersion) {
        assert.equal(client.getNegotiatedProtocolVersion(), way.era === 'modern' ? '2026-07-28' : '2025-11-25');
      }
    });

    test('lists seven tools, whose schemas are right', () => {
      assert.deepEqual(tools.map((t) => t.name), ['analyze_traffic_flow', 'analyze_tcp_connections',
        'analyze_tcp_anomalies', 'analyze_tcp_retransmissions', 'compare_captures', 'list_servers', 'show_connection']);
      for (const tool of tools) {
        const ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true });
        assert.ok(ajv.compile(tool.inputSchema));
        assert.ok(ajv.compile(tool.outputSchema));
        assert.equal(tool.annotations.readOnlyHint, true);
      }
    });

    test('lists prompts and fills them in', async () => {
      const { prompts } = await client.listPrompts();
      assert.deepEqual(prompts.map((p) => p.name), ['tcp_connection_troubleshooting', 'tcp_security_analysis']);
      const { messages } = await client.getPrompt({ name: prompts[0].name, arguments: { server_ip: '192.0.2.80' } });
      assert.ok(messages[0].content.text.includes('192.0.2.80'));
    });

    test('gets results that keep to their schemas', async () => {
      const ajv = new Ajv2020({ strict: false });
      for (const tool of tools) {
        const validate = ajv.compile(tool.outputSchema);
        for (const name of names) {
          const args = 'pcap_files' in tool.inputSchema.properties
            ? { pcap_files: [capture(name), capture(name)] } : { pcap_file: capture(name) };
          if (tool.inputSchema.required.includes('server_ip')) args.server_ip = '192.0.2.80';
          if ('number' in tool.inputSchema.properties) {
            args.number = 1;
            args.server_ip = expected(name).server_ip;
          }
          const result = await client.callTool({ name: tool.name, arguments: args });
          assert.ok(!result.isError, `${tool.name} ${name}: ${result.content[0]?.text}`);
          assert.ok(validate(result.structuredContent), `${tool.name} ${name}: ${JSON.stringify(validate.errors)}`);
          assert.equal(result.content[0].type, 'text');
          assert.ok(result.content[0].text.length > 50);
        }
      }
    });

    test('gets the same text as JSON when asked', async () => {
      const result = await client.callTool({ name: 'analyze_traffic_flow',
        arguments: { pcap_file: capture('clean-http.pcap'), server_ip: '192.0.2.80', format: 'json' } });
      assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
    });

    test('is told how to correct a call', async () => {
      for (const [args, word] of [
        [{ pcap_file: capture('clean-http.pcap') }, 'server_ip'],
        [{ pcap_file: capture('clean-http.pcap'), server_ip: '192.0.2.80', server_port: 80.5 }, 'server_port'],
        [{ pcap_file: capture('clean-http.pcap'), server_ip: 'nobody' }, 'server_ip'],
        [{ pcap_file: capture('nothing-here.pcap'), server_ip: '192.0.2.80' }, 'nothing-here.pcap'],
        [{ pcap_file: '/etc/passwd', server_ip: '192.0.2.80' }, 'allowed'],
      ]) {
        const result = await client.callTool({ name: 'analyze_traffic_flow', arguments: args });
        assert.equal(result.isError, true);
        assert.ok(result.content[0].text.includes(word), result.content[0].text);
      }
    });

    test('is told when a request is wrong', async () => {
      await assert.rejects(client.callTool({ name: 'nonsense', arguments: {} }), (e) => e.code === -32602);
      await assert.rejects(client.getPrompt({ name: 'nonsense' }), (e) => e.code === -32602);
    });

    // A client that gets a notification and the answer in one piece may drop the first, so here is
    // only looked at what was heard; that it is heard is shown below, by a call that hangs.
    test('hears of progress that grows', async () => {
      const heard = [];
      await client.callTool({ name: 'analyze_tcp_connections', arguments: { pcap_file: capture('web-session.pcapng') } },
        way.make === legacy.make ? undefined : { onprogress: (p) => heard.push(p) },
        way.make === legacy.make ? { onprogress: (p) => heard.push(p) } : undefined);
      heard.forEach((p, i) => {
        assert.ok(i === 0 || p.progress > heard[i - 1].progress);
        assert.ok(p.total === undefined || p.total >= p.progress);
      });
    });

    test('makes many calls at once', async () => {
      const results = await Promise.all(names.map((name) => client.callTool({ name: 'analyze_traffic_flow',
        arguments: { pcap_file: capture(name), server_ip: '192.0.2.80' } })));
      results.forEach((result, i) => assert.equal(result.structuredContent.file, capture(names[i])));
    });
  });
}

function cancelSuite(way) {
  describe(`${way.name} over stdio`, () => {
    test('hears of a call that hangs, cancels it, and goes on', async () => {
      const host = await stallingHost();
      const client = way.make();
      await client.connect(way.stdio(['--allow-private']));
      try {
        const stop = new AbortController();
        const args = { name: 'analyze_traffic_flow', arguments: { pcap_file: host.url, server_ip: '192.0.2.80' } };
        let heard;
        const progress = new Promise((done) => { heard = done; });
        const options = { signal: stop.signal, onprogress: (p) => heard(p) };
        const hanging = way.make === legacy.make ? client.callTool(args, undefined, options)
          : client.callTool(args, options);
        const failure = assert.rejects(hanging);
        await host.until(() => host.open === 1);
        assert.ok((await progress).progress >= 0);
        const other = await client.callTool({ name: 'analyze_traffic_flow',
          arguments: { pcap_file: join(fixtures, 'clean-http.pcap'), server_ip: '192.0.2.80' } });
        assert.equal(other.structuredContent.status, 'ok');
        assert.equal(host.open, 1);
        stop.abort('no longer wanted');
        await failure;
        await host.until(() => host.open === 0);
        assert.ok((await client.listPrompts()).prompts.length > 0);
      } finally {
        await client.close();
        host.close();
      }
    });
  });
}

for (const way of [legacy, modern]) {
  suite(way, 'stdio', () => way.stdio(), captures);
}
for (const way of [auto, older]) {
  suite(way, 'stdio', () => way.stdio(), few);
}
for (const way of [legacy, modern]) {
  cancelSuite(way);
}
if (process.env.MCPCAP_URL) {
  for (const way of [legacy, modern]) {
    suite(way, 'HTTP', () => way.http(process.env.MCPCAP_URL), few);
  }
}
