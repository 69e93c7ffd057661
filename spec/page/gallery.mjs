// Makes the pictures of docs/page.md: node gallery.mjs [FOLDER WITH PAGES]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const out = join(root, 'docs/pictures');
const page = join(mkdtempSync(join(tmpdir(), 'mcpcap-gallery-')), 'report.html');
const lib = process.env.MCPCAP_LIB ?? join(root, 'build/lib');
execFileSync(process.env.MCPCAP_LUA ?? 'lua5.4', ['bin/mcpcap', 'flow', 'spec/fixtures/web-session.pcapng', '192.0.2.80', '-o', page], {
  cwd: root, env: { ...process.env, LUA_PATH: `${root}/lua/?.lua;${root}/lua/?/init.lua;;`, LUA_CPATH: `${lib}/?.so;;` },
});
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 120000 });

async function shoot(name, options, selector, before) {
  const context = await browser.newContext(options);
  const view = await context.newPage();
  view.setDefaultTimeout(120000);
  await view.goto(`file://${page}`);
  await view.waitForSelector('html[data-ready]', { state: 'attached' });
  if (before) await before(view);
  await view.waitForTimeout(300);
  const path = join(out, `${name}.png`);
  if (selector) await view.locator(selector).screenshot({ path });
  else await view.screenshot({ path });
  await context.close();
}

await shoot('page-top', { viewport: { width: 1000, height: 1180 } });
await shoot('page-inside', { viewport: { width: 1000, height: 900 } }, '#inside', (view) => view.selectOption('#inside select', { label: '192.0.2.12:49061 → 192.0.2.80:80 (no. 5)' }));
await shoot('page-narrow', { viewport: { width: 375, height: 900 }, colorScheme: 'dark' });
await browser.close();
