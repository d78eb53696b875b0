/** The Server page against the real server: what people do there, and what shows of what programs do. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { axeProblems } from './axe.ts';
import {
  animationsDone,
  closeAfterTest,
  closeBrowser,
  openHash,
  startApp,
  switchDeveloperModeOn,
  targets,
  type RunningApp,
} from './harness.ts';

let app: RunningApp | undefined;
let other: Server | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
  other?.close();
  other = undefined;
});
afterAll(closeBrowser);

/** A port that was free a moment ago. The server's own is the same on every run, and other tests may have it. */
async function freePort(): Promise<number> {
  const probe = await listening(0);
  const port = portOf(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
async function listening(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return server;
}
function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function setPort(page: Page, port: number): Promise<void> {
  await openHash(page, '#/server/settings');
  const field = page.getByRole('textbox', { name: 'Port' });
  await field.fill(String(port));
  await field.press('Enter');
}

/** Starts the server on a free port, and answers its address. */
async function startServer(page: Page): Promise<string> {
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  const port = await freePort();
  await setPort(page, port);
  await page.getByRole('button', { name: 'Start the server' }).click();
  await page.getByRole('button', { name: 'Stop the server' }).waitFor();
  return `http://127.0.0.1:${port}`;
}

const numbers = { type: 'array', items: { type: 'integer' }, minItems: 250, maxItems: 250 };

const chat = (
  address: string,
  body: object,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> =>
  fetch(`${address}/v1/chat/completions`, {
    method: 'POST',
    ...(signal && { signal }),
    headers: { 'content-type': 'application/json', 'user-agent': 'tester/1.0', ...headers },
    body: JSON.stringify({ model: 'ember', messages: [{ role: 'user', content: 'Who are you?' }], ...body }),
  });

const rowOf = (page: Page, text: string | RegExp): Locator =>
  page.getByRole('region', { name: 'Requests' }).getByRole('row').filter({ hasText: text });

describe.each(targets())('the server in the %s', (target) => {
  it('is started, used and stopped, and shows what programs do', async () => {
    app = await startApp(target);
    const { page } = app;
    const address = await startServer(page);
    await page.getByRole('link', { name: 'Server, on' }).waitFor();
    expect(await page.locator('.server-address').textContent()).toContain(address);
    await openHash(page, '#/server');
    expect((await chat(address, {})).status).toBe(200);
    await rowOf(page, 'tester/1.0').getByText('200').waitFor();
    expect((await chat(address, { model: 'embre' })).status).toBe(404);
    await rowOf(page, '404')
      .getByRole('button', { name: /^Details of POST/ })
      .click();
    const details = page.getByRole('dialog', { name: 'Request' });
    // The program was told the nearest name, and so is who looks here.
    await details.getByText(/There is no model "embre" here/).waitFor();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Failed' }).click();
    await expect.poll(() => page.locator('.server-requests tbody tr').count()).toBe(1);
    await page.getByRole('radio', { name: 'All' }).click();
    await page.getByRole('searchbox', { name: 'Filter requests' }).fill('nobody');
    await page.getByText('No request matches').waitFor();
    await page.getByRole('searchbox', { name: 'Filter requests' }).fill('');

    await switchDeveloperModeOn(page);
    await page.getByRole('switch', { name: 'Keep contents' }).click();
    await expect
      .poll(() => page.getByRole('switch', { name: 'Keep contents' }).getAttribute('aria-checked'))
      .toBe('true');
    await chat(address, { messages: [{ role: 'user', content: 'Say the word lantern' }] });
    await expect.poll(() => page.locator('.server-requests tbody tr').count()).toBe(3);
    await page.locator('.server-requests tbody tr').first().click();
    await details.getByRole('group', { name: 'Sent' }).getByText('Say the word lantern').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Pause the log' }).click();
    await chat(address, {});
    await page.getByText('Paused: 1 newer request').waitFor();
    expect(await page.locator('.server-requests tbody tr').count()).toBe(3);
    await page.getByRole('button', { name: 'Resume the log' }).click();
    await expect.poll(() => page.locator('.server-requests tbody tr').count()).toBe(4);
    await page.getByRole('button', { name: 'Clear the log' }).click();
    await page.getByText('No requests yet').waitFor();

    await page.getByRole('button', { name: 'Stop the server' }).click();
    await page.getByRole('button', { name: 'Start the server' }).waitFor();
    await expect(chat(address, {})).rejects.toThrow();
  });

  it('ends a running request from the log', async () => {
    app = await startApp(target);
    const { page } = app;
    const address = await startServer(page);
    await openHash(page, '#/server');
    // Lists that long keep the slots busy, so that the last request waits.
    const form = { type: 'json_schema', json_schema: { name: 'list', schema: numbers } };
    const leave = new AbortController();
    const statuses: (number | null)[] = [];
    const replies = Array.from({ length: 12 }, async () => {
      const reply = await chat(address, { response_format: form }, {}, leave.signal).catch(() => null);
      statuses.push(reply?.status ?? null);
    });
    const waiting = rowOf(page, 'Waiting').first();
    await waiting.waitFor();
    // The picture shows who waits behind the slots.
    await page
      .locator('.server-slots li')
      .getByText(/^\d+ of \d+ slots in use, \d+ waiting$/)
      .waitFor();
    expect(await page.locator('.server-queue > i').count()).toBeGreaterThan(0);
    // The palette asks as the page does, and stops nothing without a yes.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Stop the API server');
    await page.getByRole('option', { name: 'Stop the API server', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Stop the server?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Stop the server?' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Server, on' }).waitFor();
    // The rows stay where they are.
    await page.getByRole('button', { name: 'Pause the log' }).click();
    await waiting.getByRole('button', { name: /^End this request to/ }).click();
    await page.getByText('The request was ended').waitFor();
    await expect.poll(() => statuses.some((status) => status !== 200)).toBe(true);
    leave.abort();
    await Promise.all(replies);
  });

  it('says why it does not start, and starts with the act that mends it', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    other = await listening(0);
    const taken = portOf(other);
    await setPort(page, taken);
    await page.getByRole('button', { name: 'Start the server' }).click();
    await page.getByRole('alert').getByText(`listens on port ${taken}`).waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await page.getByRole('button', { name: /^Use port \d+$/ }).click();
    await page.getByRole('button', { name: 'Stop the server' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('listens on the network only with a key, which is shown once', async () => {
    app = await startApp(target);
    const { page } = app;
    const address = await startServer(page);
    const networks = page.getByRole('radio', { name: /^All addresses/ });
    await networks.click();
    const form = page.getByRole('dialog', { name: 'New key' });
    await form.getByText(/Other computers can reach 0\.0\.0\.0/).waitFor();
    await form.getByRole('button', { name: 'Make the key' }).click();
    await form.getByText('Give it a name.').waitFor();
    await form.getByRole('textbox', { name: 'Name' }).fill('Laptop');
    await form.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.getByRole('dialog', { name: 'Copy the key now' });
    const secret = (await shown.getByRole('group', { name: 'Key' }).textContent()) ?? '';
    expect(secret).toMatch(/^hearth-/);
    await shown.getByRole('button', { name: 'Done' }).click();
    await shown.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(secret);
    await expect.poll(() => networks.getAttribute('aria-checked')).toBe('true');
    await page.getByText(/travel unencrypted/).waitFor();
    await expect.poll(async () => (await chat(address, {}).catch(() => null))?.status).toBe(401);
    expect((await chat(address, {}, { authorization: `Bearer ${secret}` })).status).toBe(200);

    await openHash(page, '#/server/keys');
    await page.getByText(/^\d+ tokens$/).waitFor();
    await page.getByRole('button', { name: 'Revoke Laptop' }).click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    // The only key of a server that others reach.
    await page.getByText('The server needs this key').waitFor();
    await page.getByRole('button', { name: 'Edit Laptop' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit Laptop' });
    await edit.getByRole('radio', { name: 'Only these' }).first().click();
    await edit.getByRole('checkbox', { name: 'Vectors Embeddings and reranking' }).check();
    await edit.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Vectors · all models').waitFor();
    expect((await chat(address, {}, { authorization: `Bearer ${secret}` })).status).toBe(403);
  });

  it('connects a program after showing the difference', async () => {
    const before = '# mine\nmodel = "gpt-5"\n\n[mcp_servers.x]\nenv = { API_KEY = "sk-0123456789abcdef" }\n';
    app = await startApp(target, {
      async prepare(folder) {
        mkdirSync(path.join(folder, '.codex'));
        writeFileSync(path.join(folder, '.codex/config.toml'), before);
      },
    });
    const { page, folder } = app;
    const address = await startServer(page);
    await openHash(page, '#/server/connect');
    await page.getByRole('tab', { name: 'Codex' }).click();
    await page.getByRole('button', { name: 'Connect Codex…' }).click();
    const difference = page.getByRole('group', { name: /^Difference in / });
    await difference.getByText('model_provider = "hearth"').waitFor();
    expect(await page.content()).not.toContain('sk-0123456789abcdef');
    const file = path.join(folder, '.codex/config.toml');
    expect(readFileSync(file, 'utf8')).toBe(before);
    // The file is changed between the look and the yes.
    writeFileSync(file, `${before}# later\n`);
    await page.getByRole('button', { name: 'Write the settings' }).click();
    await page.getByRole('heading', { name: 'The settings were changed meanwhile' }).waitFor();
    await page.getByRole('button', { name: 'Look again' }).click();
    await difference.getByText('# later').waitFor();
    await page.getByRole('button', { name: 'Write the settings' }).click();
    await page.getByText('Codex uses Hearth now').waitFor();
    const after = readFileSync(file, 'utf8');
    expect(after).toContain(`base_url = "${address}/v1"`);
    expect(after).toContain('API_KEY = "sk-0123456789abcdef"');
    expect(after).toContain('# later');
    expect(readFileSync(`${file}.before-hearth`, 'utf8')).toBe(`${before}# later\n`);
    await page.getByText('Uses this server').waitFor();
  });

  it('gives a model a name that programs use, and takes it away again', async () => {
    app = await startApp(target);
    const { page } = app;
    const address = await startServer(page);
    await openHash(page, '#/server/names');
    await page.getByRole('button', { name: 'New name…' }).click();
    const form = page.getByRole('dialog', { name: 'New name' });
    await form.getByRole('textbox', { name: 'Name' }).fill('two words');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText(/^A name begins with/).waitFor();
    await form.getByRole('textbox', { name: 'Name' }).fill('helper');
    await form.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: /^Ember/ }).click();
    await form.getByRole('textbox', { name: 'System prompt' }).fill('You are brief.');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'helper' }).waitFor();
    const listed = async (): Promise<string> => await (await fetch(`${address}/v1/models`)).text();
    expect(await listed()).toContain('"helper"');
    expect((await chat(address, { model: 'helper' })).status).toBe(200);

    // The name of a model stays that model's, and the page says so.
    await page.getByRole('button', { name: 'Edit helper' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit helper' });
    await edit.getByRole('textbox', { name: 'Name' }).fill('ember');
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.getByText('A model has this name').waitFor();
    // Upper and lower case are the same name: it is changed, not removed.
    await edit.getByRole('textbox', { name: 'Name' }).fill('Helper');
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Helper', exact: true }).waitFor();
    expect(await listed()).toContain('"Helper"');

    await page.getByRole('button', { name: 'Remove Helper' }).click();
    await page.getByText('No names yet').waitFor();
    expect(await listed()).not.toContain('"Helper"');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('heading', { name: 'Helper' }).waitFor();
    expect(await listed()).toContain('"Helper"');
  });

  it('keeps wrong values in their fields, with what is wrong', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await openHash(page, '#/server/settings');
    const port = page.getByRole('textbox', { name: 'Port' });
    await port.fill('70000');
    await port.press('Enter');
    await page.getByText('A whole number from 1 to 65,535').waitFor();
    const origins = page.getByRole('textbox', { name: 'Web origins' });
    await origins.fill('localhost:3000');
    await origins.press('Enter');
    await page.getByText(/^An origin is a scheme/).waitFor();
    expect(await origins.inputValue()).toBe('localhost:3000');
    await origins.fill('http://localhost:3000');
    await origins.press('Enter');
    await page.getByRole('button', { name: 'Remove http://localhost:3000' }).waitFor();
    await app.restart('SIGTERM').then((again) => (app = again));
    await openHash(app.page, '#/server/settings');
    await app.page.getByRole('button', { name: 'Remove http://localhost:3000' }).waitFor();
  });

  it('works by keyboard alone', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await setPort(page, await freePort());
    const byCommand = async (title: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(title);
      await page.getByRole('option', { name: title, selected: true }).waitFor();
      await page.keyboard.press('Enter');
    };
    await byCommand('Start the API server');
    await page.getByText(/^The server is on: http/).waitFor();
    await byCommand('Go to Server');
    await page.getByRole('tab', { name: 'Activity', selected: true }).focus();
    for (const name of ['Connect', 'Keys']) {
      await page.keyboard.press('ArrowRight');
      await page.getByRole('tab', { name, selected: true }).waitFor();
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'New key' }).waitFor();
    await page.keyboard.type('Keys only');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Copy the key now' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Keys only' }).waitFor();
    await byCommand('Stop the API server');
    await page.getByRole('button', { name: 'Start the server' }).waitFor();
  });

  it.each(['light', 'dark'] as const)('axe finds nothing serious in any of its views (%s)', async (colorScheme) => {
    app = await startApp(target, { colorScheme });
    const { page } = app;
    const address = await startServer(page);
    const look = async (where: string): Promise<void> => {
      await animationsDone(page);
      expect(await axeProblems(page), where).toEqual([]);
    };
    await look('settings');
    await openHash(page, '#/server');
    await chat(address, {});
    await chat(address, { model: 'nothing' });
    await rowOf(page, '404').waitFor();
    await look('activity');
    await page.locator('.server-requests tbody tr').first().click();
    await page.getByRole('dialog').waitFor();
    await look('request');
    await page.keyboard.press('Escape');
    await openHash(page, '#/server/connect');
    await page.getByRole('tab', { name: 'Claude Code' }).click();
    await look('connect');
    await page.getByRole('button', { name: /^Connect Claude/ }).click();
    await page.getByRole('group', { name: /^Difference/ }).waitFor();
    await look('difference');
    await page.keyboard.press('Escape');
    await openHash(page, '#/server/keys');
    await look('no keys');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('dialog').getByRole('radio', { name: 'Only these' }).first().click();
    await page.getByRole('button', { name: 'Make the key' }).click();
    await look('key form');
    await page.getByRole('dialog').getByRole('radio', { name: 'Everything' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Laptop');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('dialog', { name: 'Copy the key now' }).waitFor();
    await look('secret');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: 'Laptop' }).waitFor();
    await look('keys');
    await openHash(page, '#/server/names');
    await page.getByRole('button', { name: 'New name…' }).click();
    await page.getByRole('button', { name: 'Template and sampling' }).click();
    await look('name form');
  });

  it.each([
    [640, 700, 1],
    // 200 % zoom of a small laptop.
    [683, 384, 2],
    [3840, 2160, 1],
  ])('fits %i x %i without a sideways scroll, also right to left', async (width, height) => {
    app = await startApp(target, { viewport: { width, height } });
    const { page } = app;
    const address = await startServer(page);
    await chat(address, {});
    for (const tab of ['', '/connect', '/keys', '/names', '/settings']) {
      await openHash(page, `#/server${tab}`);
      await page.locator('.server-content-width > *').first().waitFor();
      for (const dir of ['ltr', 'rtl']) {
        const overflow = await page.evaluate(
          `document.documentElement.dir = '${dir}', Math.max(...['html', '.server-page', '.server-head', '.app-main'].map((one) => { const box = document.querySelector(one); return box.scrollWidth - box.clientWidth; }))`,
        );
        expect(overflow, `${tab} ${dir}`).toBeLessThanOrEqual(0);
      }
    }
  });
});
