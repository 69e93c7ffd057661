// Runs the scenarios of the official conformance suite that apply to this server.
//
//   npm ci && npm test                                    starts the nginx example itself
//   MCPCAP_URL=http://127.0.0.1:8080/mcp npm test         against a server that runs
//
// The last line is "N passed, N failed, N skipped", checks counted.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const suite = join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

// What applies: a server with tools and prompts, without sessions.  The rest of the
// suite calls tools, prompts and resources of the suite's own example server, or
// features that this server does not declare; docs/mcp.md has the list.
const applicable = {
  '2026-07-28': ['server-stateless', 'tools-list', 'prompts-list', 'resources-list', 'caching',
    'sep-2164-resource-not-found', 'dns-rebinding-protection', 'http-header-validation',
    'server-sse-multiple-streams', 'input-required-result-unsupported-methods'],
  '2025-11-25': ['server-initialize', 'ping', 'tools-list', 'prompts-list', 'resources-list',
    'dns-rebinding-protection', 'server-session-lifecycle', 'server-sse-multiple-streams'],
  '2025-06-18': ['server-initialize', 'ping', 'tools-list', 'prompts-list', 'resources-list',
    'server-session-lifecycle'],
  '2025-03-26': ['server-session-lifecycle'],
};

// Checks inside those that have no subject here: they need a tool of the suite's
// example server, or sessions.
const withoutSubject = new Set([
  'sep-2575-server-rejects-undeclared-capability', 'sep-2575-missing-capability-http-400',
  'sep-2575-http-server-no-independent-requests-on-stream', 'sep-2575-server-no-log-without-loglevel',
  'server-sse-multiple-streams-session',
]);

// Scenarios and checks that only concern a server that declares resources.
const aboutResources = new Set(['resources-list', 'sep-2164-resource-not-found',
  'sep-2549-resources-list-caching-hints', 'sep-2549-resources-templates-list-caching-hints',
  'sep-2549-resources-read-caching-hints']);

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function startServer() {
  const port = await freePort();
  const child = spawn('sh', [join(here, '../../examples/openresty/run'), String(port)],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 150; i++) {
    if (child.exitCode !== null) break;
    try {
      if ((await fetch(`${url}/health`)).ok) return { url: `${url}/mcp`, child };
    } catch { /* not yet */ }
    await sleep(100);
  }
  child.kill();
  throw new Error('the server did not start');
}

// What the server declares, as its clients learn it.
async function capabilities(url) {
  const meta = 'io.modelcontextprotocol/';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
      'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'server/discover' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: {
      [`${meta}protocolVersion`]: '2026-07-28', [`${meta}clientCapabilities`]: {} } } }),
  });
  return (await response.json()).result.capabilities;
}

// The checks of one scenario, each { id, status, errorMessage }.
async function run(url, version, scenario) {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-conformance-'));
  try {
    const output = await new Promise((done) => {
      execFile(process.execPath, ['--import', join(here, 'old_node.mjs'), suite, 'server', '--url', url,
        '--scenario', scenario, '--spec-version', version, '--output-dir', folder, '--timeout', '30000'],
      { timeout: 60000, cwd: folder }, (_, stdout, stderr) => done(stdout + stderr));
    });
    const file = readdirSync(folder, { recursive: true }).find((name) => name.endsWith('checks.json'));
    if (!file) return [{ id: scenario, status: 'FAILURE', errorMessage: `no result\n${output.slice(-2000)}` }];
    return JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sums = { passed: 0, failed: 0, skipped: 0 };

function count(version, scenario, checks) {
  const line = { passed: 0, failed: 0, skipped: 0 };
  const complaints = [];
  for (const check of checks) {
    if (check.status === 'SUCCESS') {
      line.passed++;
    } else if (check.status === 'FAILURE' || check.status === 'WARNING') {
      if (withoutSubject.has(check.id) || (!declared.resources && aboutResources.has(check.id))) {
        line.skipped++;
      } else {
        line.failed++;
        complaints.push(`    ${check.status} ${check.id}: ${check.errorMessage ?? check.description}`);
      }
    } else {
      line.skipped++;
    }
  }
  for (const key of Object.keys(sums)) sums[key] += line[key];
  console.log(`${version}  ${scenario.padEnd(44)} ${line.passed} passed, ${line.failed} failed, `
    + `${line.skipped} without subject`);
  for (const complaint of complaints) console.log(complaint);
}

const server = process.env.MCPCAP_URL ? { url: process.env.MCPCAP_URL } : await startServer();
let declared = {};
try {
  declared = await capabilities(server.url);
  if (!declared.resources) {
    console.log('The server declares no resources: what is about them is skipped.');
    for (const version of Object.keys(applicable)) {
      applicable[version] = applicable[version].filter((name) => !aboutResources.has(name));
    }
  }
  const todo = Object.entries(applicable).flatMap(([version, names]) => names.map((name) => [version, name]));
  const results = new Map();
  await Promise.all([0, 1].map(async () => {
    for (let next = todo.shift(); next; next = todo.shift()) {
      results.set(next.join(' '), await run(server.url, ...next));
    }
  }));
  for (const [version, names] of Object.entries(applicable)) {
    for (const name of names) count(version, name, results.get(`${version} ${name}`));
  }
} finally {
  if (server.child) {
    server.child.kill();
    await Promise.race([new Promise((ended) => server.child.once('exit', ended)), sleep(5000)]);
  }
}
console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed === 0 && sums.passed > 0 ? 0 : 1;
