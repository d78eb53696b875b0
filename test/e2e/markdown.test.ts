/** Messages as people see them: what Markdown becomes, what a message can be copied as, and that nothing in one runs or is fetched. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectTo } from '../support/app-client.ts';
import { said, startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';
import { input } from '../support/remote-setup.ts';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, openHash, startApp, type RunningApp } from './harness.ts';

let app: RunningApp;
let remote: OpenAiServer;
/** What anybody asked the server to which the messages point. */
let asked: string[];
let elsewhere: http.Server;
let address: string;

beforeEach(async () => {
  asked = [];
  elsewhere = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('window.hacked = true');
  });
  // A connection that asks for nothing tells its other side as much.
  elsewhere.on('connection', () => asked.push('connection'));
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  remote = await startOpenAiServer('unknown');
  app = await startApp('browser');
});
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  await remote.close();
  elsewhere.closeAllConnections();
  await new Promise((resolve) => elsewhere.close(resolve));
});
afterAll(closeBrowser);

/** One event of a server may neither be as long as a hostile message nor have as many brackets. */
const piecesOf = (text: string): string[] =>
  Array.from({ length: Math.ceil(text.length / 5_000) }, (_, at) => text.slice(at * 5_000, (at + 1) * 5_000));

/** Opens a chat in which the model answered `reply`. */
async function answered(reply: string, question = 'Tell me.'): Promise<Page> {
  const { page } = app;
  const token = await page.evaluate(() => sessionStorage.getItem('hearth-token') ?? '');
  const { client, close } = await connectTo({ origin: new URL(page.url()).origin, token });
  remote.always('/v1/chat/completions', said(...piecesOf(reply)));
  await client.call('providers.save', input(remote.url));
  const { chatId } = await client.call('chat.send', {
    chat: { fresh: { modelId: 'remote--test/a-model', systemPrompt: '', sampling: null, contextPolicy: null } },
    parts: [{ type: 'text', text: question }],
  });
  close();
  await openHash(page, `#/chat/${chatId}`);
  await page.locator('.chat-reply[data-status=complete]').waitFor();
  await page.locator('.chat-reply .chat-md:not(.chat-md-plain)').first().waitFor();
  return page;
}

const reply = (page: Page) => page.locator('.chat-reply');

async function showPreviews(page: Page): Promise<void> {
  const buttons = page.getByRole('button', { name: 'Show preview' });
  while ((await buttons.count()) > 0) await buttons.first().click();
}

/** A key in the composer is there soon, so nothing keeps the page busy. */
async function isResponsive(page: Page): Promise<void> {
  const composer = page.getByRole('textbox', { name: 'Message' });
  await composer.fill('');
  await composer.press('x');
  expect(await composer.inputValue()).toBe('x');
}

describe('messages', () => {
  it('show maths, code, tables, tasks, footnotes and lists of both sides', async () => {
    const page = await answered(
      [
        'Let $x^2$ cost $5 or $10[^n], see [it][ref].\n\n\\[\na\n- b\n\\]',
        '| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] done',
        '```js\nconst a = "b"; // c\n```\n\n[ref]: https://example.org/x\n\n[^n]: The *note*.',
      ].join('\n\n'),
      'Please:\n- one\n- two *stars*',
    );
    await expect.poll(() => reply(page).locator('.katex').count()).toBe(2);
    expect(await reply(page).locator('.chat-md p').first().innerText()).toContain('cost $5 or $10');
    expect(await reply(page).locator('.katex-display').count()).toBe(1);
    await reply(page).locator('.code-keyword').waitFor();
    expect(await reply(page).locator('.code-keyword').innerText()).toBe('const');
    expect(await reply(page).getByRole('cell').allInnerTexts()).toEqual(['1', '2']);
    expect(await reply(page).getByRole('checkbox', { name: 'Done' }).isChecked()).toBe(true);
    expect(await page.locator('.chat-bubble li').allInnerTexts()).toEqual(['one', 'two *stars*']);
    await reply(page).getByRole('button', { name: 'Footnote 1', exact: true }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('The note.');
    await page.getByRole('button', { name: 'Back to the text of footnote 1' }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('1');
    expect(await reply(page).getByRole('link', { name: 'it' }).getAttribute('href')).toBe('https://example.org/x');
    const code = reply(page).getByRole('group', { name: 'Code, js' });
    await reply(page).getByRole('button', { name: 'Wrap lines' }).click();
    expect(await code.evaluate((pre) => getComputedStyle(pre).whiteSpace)).toBe('pre-wrap');
    expect(await code.evaluate((pre) => getComputedStyle(pre).fontVariantLigatures)).toBe('none');
    expect(await axeProblems(page, '.chat-conversation')).toEqual([]);
  });

  it('show where a link goes before it is opened', async () => {
    const page = await answered(
      `[https://bank.example](http://${address}/login) [b\u0430nk](https://b\u0430nk.example/) [mail](mailto:a@b.example?attach=/etc/passwd)`,
    );
    const dialog = page.getByRole('dialog', { name: 'Open this link?' });
    await page.getByRole('link', { name: /bank\.example/ }).click();
    expect(await dialog.getByRole('group', { name: 'Address' }).innerText()).toBe(`http://${address}/login`);
    expect(await dialog.locator('strong').innerText()).toBe(address);
    expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'b\u0430nk' }).click();
    expect(await dialog.locator('strong').innerText()).toBe('xn--bnk-6cd.example');
    await dialog.getByText('coded form').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'mail', exact: true }).click();
    expect(await dialog.getByRole('group', { name: 'Address' }).innerText()).toBe('mailto:a@b.example');
    await page.keyboard.press('Escape');
    // The middle button asks as well.
    await page.getByRole('link', { name: /bank\.example/ }).click({ button: 'middle' });
    expect(asked).toEqual([]);
    const opened = page.context().waitForEvent('page');
    await dialog.getByRole('button', { name: 'Open' }).click();
    expect((await opened).url()).toContain(address);
    await expect.poll(() => asked).toContain('GET /login');
  });

  it('are copied as Markdown, as plain and as formatted text', async () => {
    const page = await answered('Some **bold** and $x$.\n\n- one\n- two');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = async (name: string): Promise<Record<string, string>> => {
      await page.evaluate(() => navigator.clipboard.writeText('nothing'));
      await page.getByRole('button', { name: 'Copy as…' }).click();
      await page.getByRole('menuitem', { name }).click();
      const read = () =>
        page.evaluate(async () => {
          const [item] = await navigator.clipboard.read();
          const texts: Record<string, string> = {};
          for (const type of item?.types ?? []) texts[type] = (await (await item?.getType(type))?.text()) ?? '';
          return texts;
        });
      await expect.poll(async () => (await read())['text/plain']).not.toBe('nothing');
      return await read();
    };
    expect(await copied('Copy as Markdown')).toEqual({ 'text/plain': 'Some **bold** and $x$.\n\n- one\n- two' });
    expect(await copied('Copy as plain text')).toEqual({ 'text/plain': 'Some bold and $x$.\n\n• one\n• two' });
    const rich = await copied('Copy as formatted text');
    expect(rich['text/plain']).toBe('Some bold and $x$.\n\n• one\n• two');
    expect(rich['text/html']).toMatch(/<strong[^>]*>bold<\/strong>/);
  });

  it('show diagrams, pages and pictures in a frame of no origin', async () => {
    const page = await answered(
      [
        '```mermaid\ngraph TD\n  A[Start] --> B[End]\n```',
        '```html\n<p id="p"></p><script>p.textContent = `${origin} ${typeof parent.document}`</script>\n```',
        '```svg\n<svg viewBox="0 0 10 10"><circle r="4" cx="5" cy="5"/></svg>\n```',
        '```mermaid\nno diagram at all\n```',
      ].join('\n\n'),
    );
    await showPreviews(page);
    await page.frameLocator('iframe[title=Diagram]').first().getByText('Start', { exact: true }).waitFor();
    await page.frameLocator('iframe[title="Preview of the picture"]').locator('circle').waitFor();
    const frames = page.frames().slice(1);
    const texts = await Promise.all(frames.map((frame) => frame.locator('#p').allInnerTexts()));
    // Its script ran, and stopped where it reached for the page.
    expect(texts.flat()).toEqual(['']);
    for (const frame of frames) expect(await frame.evaluate(() => origin)).toBe('null');
    await reply(page).getByRole('alert').filter({ hasText: 'This diagram could not be drawn' }).waitFor();
    await page.getByRole('button', { name: 'Show source' }).first().click();
    await reply(page).getByText('graph TD').waitFor();
  });
});

/** A text that reaches for everything. */
function hostile(to: string): string {
  const url = `http://${to}`;
  return [
    `<script>window.hacked = true; fetch('${url}/a')</script>`,
    `<img src="${url}/b.png" onerror="window.hacked = true"> <svg onload="window.hacked = true">`,
    `<iframe src="${url}/c"></iframe><link rel="stylesheet" href="${url}/d.css"><style>@import url(${url}/e.css)</style>`,
    `![picture](${url}/f.png) ![data](data:image/svg+xml,<svg/onload=alert(1)>) ![file](file:///etc/passwd)`,
    '[a](javascript:window.hacked=true) [b](JaVaScRiPt:window.hacked=true) [c](java&#10;script:window.hacked=true) [d](data:text/html,x)',
    '[e](file:///etc/passwd) [f](vbscript:x) <javascript:window.hacked=true> [g](https://bank.example@evil.example/)',
    `[h](${url}/g "title" onclick="window.hacked = true")`,
    '$\\href{javascript:window.hacked=true}{x}$ $\\url{file:///etc/passwd}$ $\\includegraphics{http://x.example/y.png}$ $\\htmlData{a=b}{x}$',
    '$\\def\\a{\\a\\a}\\a$ $\\rule{99999em}{99999em}$',
    'lone \ud800 and \udc00 surrogates, \u0000 zero, \u202e turned around',
  ].join('\n\n');
}

/** Pages of a preview that try each way out. */
const escapes = (to: string): readonly string[] => {
  const url = `http://${to}`;
  return [
    `<script>fetch('${url}/1').catch(() => {}); new Image().src = '${url}/2'; navigator.sendBeacon('${url}/3'); new WebSocket('ws://${to}/4')</script>`,
    `<link rel="stylesheet" href="${url}/5"><link rel="prefetch" href="${url}/6"><link rel="preload" as="image" href="${url}/7"><link rel="icon" href="${url}/8">`,
    `<img src="${url}/9"><video src="${url}/10" autoplay></video><object data="${url}/11"></object><embed src="${url}/12"><iframe src="${url}/13"></iframe>`,
    `<style>@import '${url}/14'; @font-face { font-family: f; src: url(${url}/15) } body { background: url(${url}/16); font-family: f }</style>x`,
    `<script>location.href = '${url}/17'</script>`,
    `<meta http-equiv="refresh" content="0; url=${url}/18">`,
    `<form action="${url}/19" method="post"><input name="a"></form><script>document.forms[0].submit()</script>`,
    `<script>open('${url}/20'); top.location = '${url}/21'</script>`,
    `<script>parent.postMessage({ height: Infinity, refused: {} }, '*'); parent.postMessage({ height: 1e9 }, '*'); parent.hacked = true</script>`,
    `<script>const f = document.createElement('iframe'); document.documentElement.append(f); f.contentWindow.fetch('${url}/22').catch(() => {}); f.contentWindow.location = '${url}/23'</script>`,
    `<script src="${url}/24"></script><script type="module">import('${url}/25').catch(() => {})</script><script>new Worker('${url}/26')</script>`,
    `<base href="${url}/"><a id="a" href="27" ping="${url}/28" download>x</a><script>a.click()</script>`,
  ];
};

describe('a hostile message', () => {
  it('runs nothing and fetches nothing', async () => {
    const { page } = app;
    const own = new URL(page.url()).origin;
    const requests: string[] = [];
    page.context().on('request', (request) => {
      if (!request.url().startsWith(own) && !request.url().startsWith('data:')) requests.push(request.url());
    });
    const opened: string[] = [];
    page.context().on('page', (other) => opened.push(other.url()));
    await answered(hostile(address));
    expect(await reply(page).getByText('<script>window.hacked = true').count()).toBe(1);
    const links = await reply(page).getByRole('link').all();
    const hrefs = await Promise.all(links.map((link) => link.getAttribute('href')));
    expect(hrefs.every((href) => href?.startsWith('http://127.0.0.1') === true)).toBe(true);
    expect(await reply(page).locator('img, iframe, script, object, embed, form, style').count()).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    await isResponsive(page);
    expect([asked, requests, opened]).toEqual([[], [], []]);
  });

  it('gets nothing out of a preview', async () => {
    const pages = escapes(address);
    const page = await answered(pages.map((text) => `\`\`\`html\n${text}\n\`\`\``).join('\n\n'));
    const before = page.url();
    await showPreviews(page);
    // Each frame has got its page: it measured it, or it went away from it.
    await expect.poll(() => page.locator('.chat-preview iframe').count()).toBe(pages.length);
    await expect.poll(() => page.locator('.chat-preview[aria-busy=true]').count()).toBeLessThan(3);
    const heights = await page
      .locator('.chat-preview iframe')
      .evaluateAll((frames) => frames.map((one) => one.clientHeight));
    expect(Math.max(...heights)).toBeLessThanOrEqual(640);
    await isResponsive(page);
    expect(page.url()).toBe(before);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(page.context().pages()).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  it('does not keep the page busy with a preview that never ends', async () => {
    const page = await answered('```html\n<script>for (;;);</script>\n```');
    await page.getByRole('button', { name: 'Show preview' }).click();
    await page.locator('.chat-preview iframe').waitFor();
    await isResponsive(page);
    await page.getByRole('button', { name: 'Show source' }).click();
    await reply(page).getByText('for (;;);').waitFor();
  });

  it('gives up a diagram that is not drawn in time', async () => {
    const edges = Array.from({ length: 480 }, (_, at) => `  N${at % 97} --> N${(at * 31 + 7) % 97}`).join('\n');
    const page = await answered(
      `\`\`\`mermaid\ngraph TD\n${edges}\n\`\`\`\n\n\`\`\`mermaid\ngraph TD\n${'  A --> B\n'.repeat(600)}\`\`\``,
    );
    await showPreviews(page);
    await isResponsive(page);
    // Too many edges are refused, and the others are drawn or given up.
    await reply(page).getByRole('alert').first().waitFor();
    await expect.poll(() => page.locator('.chat-preview[aria-busy=true]').count()).toBe(0);
  });

  it.each([
    ['a line of a megabyte', 'x'.repeat(1_000_000)],
    ['a megabyte of marks', '*_`[$'.repeat(200_000)],
    ['quotes in quotes', `${'>'.repeat(20_000)} x`],
    ['lists in lists', Array.from({ length: 500 }, (_, at) => `${'  '.repeat(at)}- x`).join('\n')],
    ['emphasis in emphasis', `${'*a **b '.repeat(900)}${'b** a*'.repeat(900)}`],
    ['a huge table', `| a | b |\n| - | - |\n${'| 1 | 2 |\n'.repeat(50_000)}`],
    ['very many blocks', 'x\n\n'.repeat(150_000)],
    ['very many lines of code', `\`\`\`js\n${'const a = 1;\n'.repeat(60_000)}\`\`\``],
    [
      'very many definitions',
      Array.from({ length: 20_000 }, (_, at) => `[l${at}][l${at}]\n\n[l${at}]: https://x.example/${at}`).join('\n\n'),
    ],
  ])('does not freeze the page: %s', async (_name, text) => {
    const page = await answered(text);
    await isResponsive(page);
    expect((await reply(page).innerText()).length).toBeGreaterThan(10);
  });
});
