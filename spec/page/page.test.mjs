// The page in a real Chromium: what it shows, and that it asks nobody for anything.
//
//   npm test
//
// MCPCAP_LUA: the interpreter (lua5.4); MCPCAP_LIB: the folder of the module (build/lib); CHROMIUM: the browser.
// PAGES: a folder where pages.lua has written already.

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = process.env.PAGES ?? mkdtempSync(join(tmpdir(), 'mcpcap-page-'));
const fixtures = join(root, 'spec/fixtures');

// The bundled captures, by their table.
const captures = readFileSync(join(fixtures, 'README.md'), 'utf8').split('\n')
  .map((line) => /^\| `([^`]+)` \|.*?\| `\[?([0-9a-f.:]+?)\]?(?::(\d+))?(?:, any port)?` \|/.exec(line))
  .filter(Boolean).map(([line, file, server, port]) => ({ name: file.replace(/\..*/, ''), file, server, port: /any port/.test(line) ? 'any' : port || 'any' }));

let browser;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 120000 });
  if (process.env.PAGES) return;
  const list = join(folder, 'list');
  writeFileSync(list, captures.map((c) => [c.name, c.file, c.server, c.port].join(' ')).join('\n') + '\n');
  const lib = process.env.MCPCAP_LIB ?? join(root, 'build/lib');
  execFileSync(process.env.MCPCAP_LUA ?? 'lua5.4', [join(here, 'pages.lua'), folder, fixtures, list], {
    stdio: 'inherit',
    env: { ...process.env, LUA_PATH: `${root}/lua/?.lua;${root}/lua/?/init.lua;;`, LUA_CPATH: `${lib}/?.so;;` },
  });
});

after(async () => {
  await browser?.close();
  if (!process.env.PAGES) rmSync(folder, { recursive: true, force: true });
});

// Pages that have said nothing and asked for nothing by the time that they are left.
async function lookAll(names, options, work) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);                // a machine may be busy
  const said = [];
  let name;
  page.on('console', (m) => said.push(m.text()));
  page.on('pageerror', (e) => said.push(e.message));
  page.on('dialog', (d) => { said.push('dialog ' + d.message()); d.dismiss(); });
  page.on('request', (r) => { if (r.url() !== `file://${folder}/${name}.html`) said.push('request ' + r.url()); });
  try {
    for (name of names) {
      await page.goto(`file://${folder}/${name}.html`);
      await page.waitForSelector('html[data-ready]', { state: 'attached' });
      await work(page, name);
      assert.deepEqual(said, [], name);
    }
  } finally {
    await context.close();
  }
}

const look = (name, options, work) => lookAll([name], options, work);

const known = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
const marks = (page, selector) => page.$eval(selector, (box) => JSON.parse(box.dataset.marks || '{}'));

// How far something reaches beyond the page's width.
const overhang = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function checkByAxe(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(found.violations.map((v) => [v.id, ...v.nodes.map((n) => n.html.slice(0, 200))]), []);
}

describe('the page of a bundled capture', () => {
  test('there are some', () => assert.ok(captures.length > 40));

  test('renders without a word, with every event marked', async () => {
    await lookAll(captures.map((c) => c.name), {}, async (page, name) => {
      const truth = known(name);
      // one look for all that is drawn: the ladders by turns, and both sides of each graph
      const seen = await page.evaluate(async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const marks = (selector) => JSON.parse(document.querySelector(selector)?.dataset.marks ?? '{}');
        const out = { findings: document.querySelectorAll('.findings > li').length, verdict: document.querySelector('.verdict').innerText.replaceAll('\u00a0', ' '),
          options: document.querySelectorAll('#inside option').length, told: [] };
        await frame();
        out.events = marks('#timeline .chart');
        const select = document.querySelector('#inside select');
        for (let i = 0; i < Math.max(out.options, document.querySelector('#inside .ladder') ? 1 : 0); i += 1) {
          if (select) {
            select.value = String(i);
            select.dispatchEvent(new Event('change'));
          }
          const one = { lost: document.querySelectorAll('#inside .seg.lost').length, drawn: document.querySelectorAll('#inside .seg').length,
            ...document.querySelector('#inside .ladder svg').dataset, graph: {} };
          for (const side of ['client', 'server']) {
            [...document.querySelectorAll('#inside button')].find((b) => b.textContent.toLowerCase().startsWith(side)).click();
            await frame();
            one.graph[side] = marks('#inside .chart');
          }
          out.told.push(one);
        }
        return out;
      });
      assert.equal(seen.findings, truth.findings, name);
      assert.ok(seen.verdict.includes(truth.interpretation), name);
      for (const [key, n] of Object.entries(truth.events)) assert.equal(seen.events[key]?.sum ?? 0, n, `${name}: ${key}`);
      assert.equal(seen.options, truth.told.length > 1 ? truth.told.length : 0, name);
      assert.equal(seen.told.length, truth.told.length, name);
      for (const [i, one] of truth.told.entries()) {
        const { graph, lost, drawn, shown, folded } = seen.told[i];
        assert.equal(drawn, Number(shown), name);
        assert.equal(Number(shown) + Number(folded), one.all, name);
        assert.equal(lost, one.resent.client + one.resent.server, name);
        for (const [side, other] of [['client', 'server'], ['server', 'client']]) {
          assert.deepEqual(graph[side], { segments: one.count[side], resent: one.resent[side], sack: one.sack[other] }, `${name} ${side}`);
        }
      }
    });
  });

  for (const width of [375, 768, 1024, 1440]) {
    for (const colorScheme of width === 375 || width === 1440 ? ['light', 'dark'] : ['light']) {
      test(`fits ${width} pixels, ${colorScheme}, and axe finds nothing`, async () => {
        await lookAll(['web-session', 'refused', 'zero-window'], { viewport: { width, height: 900 }, colorScheme }, async (page, name) => {
          assert.equal(await overhang(page), 0, name);
          const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          assert.equal(background, colorScheme === 'dark' ? 'rgb(19, 23, 28)' : 'rgb(255, 255, 255)');
          if (name === 'web-session') await checkByAxe(page);
          // no chart has a legend of dashes while nothing is read from it
          assert.deepEqual(await page.$$eval('.u-legend', (list) => list.map((one) => one.innerText).filter((text) => text.includes('\u2013'))), [], name);
          // the columns that there is room for, whole, what became of a connection always among them
          const cut = await page.evaluate(() => {
            const grid = document.querySelector('.grid');
            return { grid: grid.scrollWidth - grid.clientWidth,
              cells: [...grid.querySelectorAll('.n, button')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent),
              state: [...grid.querySelectorAll('.head button')].some((b) => b.textContent === 'what became of it' && b.clientWidth > 0) };
          });
          assert.deepEqual(cut, { grid: 0, cells: [], state: true }, name);
        });
      });
    }
  }

  test('shows packets where there is no payload, and says where there is nothing to draw', async () => {
    await lookAll(['unanswered-client', 'web-session'], { viewport: { width: 768, height: 900 } }, async (page, name) => {
      const said = await page.evaluate(() => ({ title: document.querySelector('#timeline h2').textContent,
        key: document.querySelector('#timeline .key').textContent, side: document.querySelector('#inside [aria-pressed=true]').textContent }));
      const what = name === 'web-session' ? 'payload' : 'packets';
      assert.equal(said.title, what === 'payload' ? 'Throughput over time' : 'Packets over time');
      assert.ok(said.key.startsWith(what + ' to the client'), said.key);
      assert.equal(said.side, what === 'payload' ? "Server's data" : "Client's data");
      await page.click(`#inside button:text("Server's data")`);
      assert.equal(await page.locator('#inside .chart .note').count(), what === 'payload' ? 0 : 1);
    });
  });

  test('leaves columns out where there is no room, and shows all where asked', async () => {
    await look('web-session', { viewport: { width: 768, height: 900 } }, async (page) => {
      const columns = () => page.$$eval('.grid .head [role=columnheader]', (list) => list.filter((e) => e.clientWidth > 0).length);
      const cells = () => page.$$eval('.grid .row:first-child > *', (list) => list.filter((e) => e.clientWidth > 0).length);
      const some = await columns(), all = await page.locator('.grid .head [role=columnheader]').count();
      assert.ok(all >= 9 && some >= 3 && some < all, `${some} of ${all}`);
      assert.equal(await cells(), some);
      await page.click('#connections button:text("All columns")');
      assert.equal(await columns(), all);
      assert.equal(await cells(), all);
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.waitForFunction(() => document.querySelector('#connections .bar button').hidden);
    });
  });

  test('prints: figures instead of what only a screen can do, dark on light', async () => {
    await look('web-session', { colorScheme: 'dark' }, async (page) => {
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
      assert.ok(await page.locator('#connections table').isVisible());
      assert.ok(!await page.locator('.grid').isVisible());
      assert.ok(await page.locator('#timeline svg').first().isVisible());
      assert.ok(!await page.locator('button.copy').first().isVisible());
      assert.ok((await page.pdf()).length > 20000);
    });
  });

  test('is whole without its script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
  page.setDefaultTimeout(120000);                // a machine may be busy
    await page.goto(`file://${folder}/web-session.html`);
    for (const id of ['findings', 'timeline', 'directions', 'latency', 'connections', 'limits', 'ledger', 'capture']) {
      assert.ok(await page.locator(`#${id}`).isVisible(), id);
    }
    assert.equal(await page.locator('#connections tbody th').count(), known('web-session').connections);
    await context.close();
  });

  test('the ladder and the graph of one connection, and the ladder of two points', async () => {
    await look('connection', {}, async (page) => {
      assert.ok(await page.locator('#inside .seg').count() > 5);
      assert.ok((await marks(page, '#inside .chart')).segments > 0);
    });
    await look('comparison', {}, async (page) => {
      const rows = await page.locator('#ladder tbody tr').count();
      assert.ok(rows > 5);
      assert.equal(await page.locator('#ladder .seg').count(), rows);
      assert.ok(await page.locator('#ladder .seg .step.lost').count() > 0);
    });
  });
});

test('the marks of an axis are in one unit, and no longer than they must be', () => {
  const base = readFileSync(join(root, 'web/base.js'), 'utf8');
  const node = { setAttribute() {}, append() {} };
  const said = (what) => JSON.parse(runInNewContext(`${base}\nJSON.stringify(${what})`, { document: { createElement: () => node } }));
  assert.deepEqual(said('[ticks([0, 500, 1000, 1500], RATES), ticks([-2e6, 0, 2.5e6], RATES), wholeTicks([0, 0.5, 1], BYTES), wholeTicks([0, 0.5, 2], [""])]'),
    [['0', '0.5 kbit/s', '1.0 kbit/s', '1.5 kbit/s'], ['2.0 Mbit/s', '0', '2.5 Mbit/s'], ['0', '', '1 B'], ['0', '', '2']]);
  assert.deepEqual(said('[[0, 250, 500], [0, 2500, 5000], [0.1], [1000], [0, 3600000]].map(timeTicks)'),
    [['0', '250 ms', '500 ms'], ['0', '2.5 s', '5.0 s'], ['0.1 ms'], ['1 s'], ['0', '1 h']]);
  // in ms; null: a step without a mark
  assert.deepEqual(said('[[0.010326, 0.02, null, 0.1, 10], [0.012, 0.0155]].map(logTicks)'),
    [['', '0.02 ms', '', '0.1 ms', '10 ms'], ['0.012 ms', '0.0155 ms']]);
});

describe('what one does with it', () => {
  test('zooms by buttons, keys and mouse', async () => {
    await look('web-session', {}, async (page) => {
      const ticks = async () => (await marks(page, '#timeline .chart')) && page.evaluate(() => document.querySelector('#timeline .u-legend').innerText);
      const chart = page.locator('#timeline .chart');
      await chart.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      const first = await ticks();
      assert.match(first, /to the client:?\s*[\d.]+ [kM]?bit\/s/);
      await page.keyboard.press('ArrowRight');
      assert.notEqual(await ticks(), first);
      const image = async () => (await chart.locator('canvas').screenshot()).toString('base64');
      const whole = await image();
      await page.keyboard.press('+');
      await page.waitForTimeout(50);
      const zoomed = await image();
      assert.notEqual(zoomed, whole);
      await page.keyboard.press('0');
      await page.mouse.move(5, 5);
      await page.waitForTimeout(50);
      const box = await chart.locator('.u-over').boundingBox();
      await page.mouse.move(box.x + 200, box.y + 100);
      await page.mouse.down();
      await page.mouse.move(box.x + 500, box.y + 110, { steps: 4 });
      await page.mouse.up();
      await page.mouse.move(5, 5);
      await page.waitForTimeout(50);
      const dragged = await image();
      assert.notEqual(dragged, whole);
      await page.click('#timeline button[aria-label="Show all"]');
      await page.waitForTimeout(50);
      assert.notEqual(await image(), dragged);
    });
  });

  test('opens the ladder at a frame that a finding names', async () => {
    await look('web-session', {}, async (page) => {
      await page.click('.findings button.frame >> nth=0');
      await page.waitForSelector('.seg.found');
      assert.equal(await page.getAttribute('.seg.found', 'data-frame'), await page.textContent('.findings button.frame >> nth=0'));
    });
  });

  test('copies a display filter', async () => {
    await look('web-session', { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      await page.click('button.copy >> nth=0');
      await page.waitForFunction(() => document.querySelector('button.copy').textContent === 'Copied');
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.textContent('.filter code >> nth=0'));
    });
  });

  test('sorts, filters and walks through 10,000 connections, which are there at once', async () => {
    assert.ok(statSync(join(folder, 'big.html')).size < 3e6, String(statSync(join(folder, 'big.html')).size));
    await look('big', {}, async (page) => {
      // what the browser's main thread has worked until the page stands there, whatever else the machine does
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable', { timeDomain: 'threadTicks' });
      await page.reload();
      await page.waitForSelector('html[data-ready]', { state: 'attached' });
      const { metrics } = await session.send('Performance.getMetrics');
      const seconds = metrics.find((m) => m.name === 'TaskDuration').value;
      assert.ok(seconds < 1, `${seconds} s`);
      assert.equal(await page.textContent('#connections [role=status]'), '10,000 connections of 12,345');
      assert.ok(await page.locator('.grid .row').count() < 60);
      const column = async (n) => page.$$eval('.grid .row', (rows, k) => rows.map((r) => [Number(r.getAttribute('aria-rowindex')), r.children[k].textContent])
        .sort((a, b) => a[0] - b[0]).map((r) => r[1]), n);
      const lasts = (await page.$$eval('.grid .head [role=columnheader]', (heads) => heads.map((h) => h.textContent))).indexOf('lasts');
      await page.click('.grid .head button:text("lasts")');
      assert.equal(await page.getAttribute(`.grid .head [role=columnheader] >> nth=${lasts}`, 'aria-sort'), 'descending');
      assert.ok((await column(lasts))[0].endsWith(' s'));
      await page.click('.grid .head button:text("lasts")');
      assert.equal(await page.getAttribute(`.grid .head [role=columnheader] >> nth=${lasts}`, 'aria-sort'), 'ascending');
      assert.equal((await column(lasts))[0], '0 ms');
      await page.click('.grid .head button:text("client")');
      await page.fill('#connections input', '198.51.7. closed');
      const rows = await column(0);
      assert.ok(rows.length > 10 && rows.every((t) => t.startsWith('198.51.7.')));
      assert.match(await page.textContent('#connections [role=status]'), /^\d+ of 10,000 connections$/);
      await page.fill('#connections input', 'no such thing');
      assert.equal(await page.locator('.grid .row').count(), 0);
      await page.fill('#connections input', '');
      await page.focus('.grid');
      await page.keyboard.press('End');
      assert.equal(await page.getAttribute('.grid .row.active', 'aria-rowindex'), '10001');
      await page.keyboard.press('Home');
      await page.keyboard.press('PageDown');
      await page.keyboard.press('ArrowDown');
      const at = await page.textContent('.grid .row.active > * >> nth=0');
      await page.keyboard.press('Enter');
      assert.equal(await page.getAttribute('.grid .row.active', 'aria-selected'), 'true');
      assert.ok((await page.textContent('#inside pre')).includes(` --client ${at}`));
      // scrolls fluently: each step is drawn at once, and makes no more rows than can be seen, with some to spare
      const most = await page.evaluate(async () => {
        const grid = document.querySelector('.grid');
        const made = [];
        const watch = new MutationObserver((list) => { made[made.length - 1] += list.reduce((n, m) => n + m.addedNodes.length, 0); });
        watch.observe(grid.querySelector('.rows'), { childList: true });
        for (let i = 0; i < 40; i += 1) {
          made.push(0);
          grid.scrollTop = i * 7777 % grid.scrollHeight;
          grid.dispatchEvent(new Event('scroll'));
          await new Promise((done) => requestAnimationFrame(done));
          const seen = [...grid.querySelectorAll('.row')].map((r) => r.getBoundingClientRect()).filter((r) => r.bottom > grid.getBoundingClientRect().top + 40 && r.top < grid.getBoundingClientRect().bottom);
          if (seen.length < 8) return 'empty at ' + i;
        }
        return Math.max(...made) - Math.ceil(grid.clientHeight / 32);
      });
      assert.ok(most <= 20, String(most));
    });
  });
});

describe('a hostile result', () => {
  for (const width of [375, 1440]) {
    test(`is shown as text, ${width} pixels wide`, async () => {
      await look('hostile', { viewport: { width, height: 900 } }, async (page) => {
        assert.equal(await page.evaluate(() => document.images.length + document.scripts.length), 2);
        assert.ok(!(await page.title()).startsWith('owned'));
        const text = await page.evaluate(() => document.body.innerText);
        assert.ok(text.includes('<script>'));
        assert.ok(!/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/.test(text));
        assert.ok(await page.locator('#inside .seg').count() > 3);
        await page.focus('.grid');
        await page.keyboard.press('Enter');
        assert.equal(await overhang(page), 0);
        await checkByAxe(page);
      });
    });
  }
});

// A host of MCP Apps, as small as one can be: the page in a frame, and messages.
async function inHost(result, options, work) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);                // a machine may be busy
  const said = [];
  page.on('console', (m) => said.push(m.text()));
  page.on('pageerror', (e) => said.push(e.message));
  const html = readFileSync(join(folder, 'app.html'), 'utf8');
  try {
    await page.setContent('<!doctype html><title>host</title><iframe id="app" title="app" sandbox="allow-scripts" style="width:100%;height:860px"></iframe>');
    await page.evaluate(({ html, result, capabilities, theme }) => {
      window.seen = [];
      const frame = document.getElementById('app');
      const send = (m) => frame.contentWindow.postMessage({ jsonrpc: '2.0', ...m }, '*');
      window.send = send;
      addEventListener('message', ({ source, data: m }) => {
        if (source !== frame.contentWindow) return;
        window.seen.push(m);
        if (m.method === 'ui/initialize') {
          send({ id: m.id, result: { protocolVersion: '2026-01-26', hostInfo: { name: 'host', version: '1' }, hostCapabilities: capabilities, hostContext: { theme } } });
        } else if (m.method === 'ui/notifications/initialized') {
          send({ method: 'ui/notifications/tool-input', params: { arguments: { pcap_file: 'web.pcap', server_ip: '192.0.2.80' } } });
          send({ method: 'ui/notifications/tool-result', params: result });
        } else if (m.method === 'tools/call') {
          send({ id: m.id, result: { content: [], _meta: { 'mcpcap/page': window.connection } } });
        }
      });
      frame.srcdoc = html;
    }, { html, result, capabilities: options?.alone ? {} : { serverTools: {} }, theme: options?.colorScheme ?? 'light' });
    const app = await (await page.waitForSelector('#app')).contentFrame();
    await work(app, page);
    assert.deepEqual(said, []);
  } finally {
    await context.close();
  }
}

describe('the page of an MCP App', () => {
  const answers = () => JSON.parse(readFileSync(join(folder, 'app.json'), 'utf8'));
  const words = (text) => text.replace(/\s+/g, ' ').trim();

  test('shows what the page of a file shows', async () => {
    const { page: model, structured } = answers();
    const sections = ['findings', 'directions', 'handshakes', 'latency', 'limits', 'ledger', 'capture'];
    let file;
    await look('session', {}, async (page) => {
      file = await page.evaluate((ids) => ids.map((id) => document.getElementById(id).innerText), sections);
    });
    await inHost({ content: [{ type: 'text', text: '...' }], structuredContent: structured, _meta: { 'mcpcap/page': model } }, {}, async (app, page) => {
      await app.waitForSelector('html[data-shown]', { state: 'attached' });
      const shown = await app.evaluate((ids) => ids.map((id) => document.getElementById(id).innerText), sections);
      sections.forEach((id, i) => assert.equal(words(shown[i]), words(file[i]), id));
      assert.ok(words(await app.locator('.verdict').innerText()).includes(structured.analysis.interpretation));
      assert.equal(await app.locator('.grid .row').count(), structured.connections.length);
      assert.ok((await marks(app, '#timeline .chart')).resets.sum > 0);
      const seen = await page.evaluate(() => window.seen.map((m) => m.method));
      assert.deepEqual(seen.slice(0, 2), ['ui/initialize', 'ui/notifications/initialized']);
      assert.ok(seen.includes('ui/notifications/size-changed'));
      await app.evaluate(axe);
      const found = await app.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      assert.deepEqual(found.violations.map((v) => v.id), []);
    });
  });

  test('asks the host for a connection, and answers what the host asks', async () => {
    const { page: model, connection } = answers();
    await inHost({ content: [], _meta: { 'mcpcap/page': model } }, { colorScheme: 'dark' }, async (app, page) => {
      await app.waitForSelector('html[data-shown]', { state: 'attached' });
      assert.equal(await app.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(19, 23, 28)');
      await page.evaluate((c) => { window.connection = c; }, connection);
      await app.click('.grid .row >> nth=4');
      await app.click('#inside button:text("Show its segments")');
      await app.waitForSelector('#inside .seg');
      const call = await page.evaluate(() => window.seen.find((m) => m.method === 'tools/call').params);
      assert.equal(call.name, 'show_connection');
      assert.equal(call.arguments.pcap_file, 'web.pcap');
      assert.ok(call.arguments.frame > 0);
      assert.match(call.arguments.client, /:\d+$/);
      await page.evaluate(() => { window.send({ id: 'a', method: 'ping' }); window.send({ id: 'b', method: 'x/y' }); window.send({ id: 'c', method: 'ui/resource-teardown' });
        window.send({ method: 'ui/notifications/host-context-changed', params: { theme: 'light' } }); });
      await app.waitForFunction(() => getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)');
      const replies = await page.evaluate(() => window.seen.filter((m) => m.method === undefined));
      assert.deepEqual(replies, [{ jsonrpc: '2.0', id: 'a', result: {} }, { jsonrpc: '2.0', id: 'b', error: { code: -32601, message: 'Method not found' } },
        { jsonrpc: '2.0', id: 'c', result: {} }]);
    });
  });

  test('does with the structured answer alone, with a failure, and with text', async () => {
    const { structured } = answers();
    await inHost({ content: [], structuredContent: structured }, { alone: true }, async (app) => {
      await app.waitForSelector('html[data-shown]', { state: 'attached' });
      assert.equal(await app.locator('.findings > li').count(), structured.analysis.findings.length);
    });
    await inHost({ isError: true, content: [{ type: 'text', text: 'no <b>such</b> file' }] }, {}, async (app) => {
      await app.waitForSelector('.verdict');
      assert.equal(await app.locator('.verdict').innerText(), 'no <b>such</b> file');
    });
  });
});
