/**
 * `npm run screens`: a screenshot of every screen in both themes, into test-results/screens. Those in README.md are chat,
 * convert and server, wide and light, as docs/chat.png, docs/convert.png and docs/server.png.
 */
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { startHub, type RepoInput } from '../hub-server/hub-server.ts';
import { safetensorsContent } from '../hub-server/safetensors-file.ts';
import { seedRepos, shapes } from '../hub-server/seed.ts';
import { animationsDone, closeBrowser, openHash, root, startApp } from './harness.ts';

const folder = path.join(root, 'test-results/screens');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

async function ask(page: Page, text: string): Promise<void> {
  const articles = page.getByRole('log').getByRole('article');
  const before = (await articles.count()) + 2;
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
  await page
    .getByRole('log')
    .getByRole('article')
    .nth(before - 1)
    .waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

/** Original weights of a size that people meet, whose types differ in memory and speed. The weights are made up. */
function originalWeights(): RepoInput {
  const shape = shapes['3B'];
  const config = {
    ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu', torch_dtype: 'bfloat16' },
    ...{ hidden_size: shape.embedding, num_hidden_layers: shape.layers, intermediate_size: shape.feedForward },
    ...{ num_attention_heads: shape.heads, num_key_value_heads: shape.kvHeads, vocab_size: shape.vocabulary },
    ...{ max_position_embeddings: shape.contextLength, rms_norm_eps: 1e-5, rope_theta: 500_000 },
    tie_word_embeddings: true,
  };
  const tokenizer = (name: string): Buffer =>
    readFileSync(path.join(root, 'test/fixtures/conversion/tokenizers/llama', name));
  return {
    ...{ id: 'orchard-ai/Juniper-3B-Chat', license: 'apache-2.0', downloads: 81_240, likes: 960 },
    files: {
      'config.json': JSON.stringify(config),
      'tokenizer.json': tokenizer('tokenizer.json'),
      'tokenizer_config.json': tokenizer('tokenizer_config.json'),
      'model.safetensors': safetensorsContent(shape, 300),
    },
  };
}

const USUAL_PORT = 11_535;

/** Requests of several programs, each in its dialect. One names a model that is not here. */
const requests: readonly (readonly [program: string, endpoint: string, body: object])[] = [
  ['OpenAI/Python 2.8.1', '/v1/embeddings', { model: 'ember', input: ['The fire is warm.', 'The hearth glows.'] }],
  ['claude-cli/2.1.304 (external, cli)', '/v1/messages', { model: 'ember', max_tokens: 64, ...said('Who are you?') }],
  ['ollama/0.32.15 (amd64 linux)', '/api/chat', { model: 'ember', stream: false, ...said('Tell me a story') }],
  ['node', '/v1/chat/completions', { model: 'embre', ...said('Hello') }],
  ['Zed/0.251.0', '/v1/chat/completions', { model: 'ember', ...said('What is a context window?') }],
  ['codex_cli_rs/0.98.0', '/v1/responses', { model: 'ember', input: 'What is a token?' }],
];
function said(content: string) {
  return { messages: [{ role: 'user', content }] };
}

/** Whether a program listens there, such as a Hearth that is in use. */
async function isTaken(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return await once(socket, 'connect').then(
    () => (socket.destroy(), true),
    () => false,
  );
}

/** The Server page with a few requests in its log. */
async function shootServer(page: Page, shoot: (name: string) => Promise<void>): Promise<void> {
  await openHash(page, '#/server/settings');
  if (await isTaken(USUAL_PORT)) {
    const port = page.getByRole('textbox', { name: 'Port' });
    await port.fill(String(USUAL_PORT + 100));
    await port.press('Enter');
  }
  await page.getByRole('button', { name: 'Start the server' }).click();
  const address = (await page.locator('.server-address code').textContent()) ?? '';
  await openHash(page, '#/server');
  for (const [program, endpoint, body] of requests)
    await fetch(`${address}${endpoint}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': program },
      body: JSON.stringify(body),
    });
  await page.locator('.server-requests').getByText('404', { exact: true }).waitFor();
  await shoot('server');
  await openHash(page, '#/server/connect');
  await page.getByRole('tab', { name: 'Claude Code' }).click();
  await shoot('server-connect');
  await openHash(page, '#/server/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Laptop');
  await shoot('server-key');
  await page.keyboard.press('Escape');
}

async function tour(colorScheme: 'light' | 'dark', size: 'wide' | 'narrow'): Promise<void> {
  const hub = await startHub({ repos: [...(await seedRepos()), originalWeights()] });
  const viewport = size === 'wide' ? { width: 1280, height: 800 } : { width: 700, height: 900 };
  const app = await startApp('browser', { env: { HF_ENDPOINT: hub.url }, viewport, colorScheme });
  const { page } = app;
  const shoot = async (name: string): Promise<void> => {
    await animationsDone(page);
    await page.screenshot({ path: path.join(folder, `${name}-${size}-${colorScheme}.png`) });
  };
  try {
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await shoot('first-run');
    await ask(page, 'What is a context window?');
    await ask(page, 'Tell me a story about a robot');
    await page.getByRole('log').getByRole('article').last().hover();
    await shoot('chat');
    await page.keyboard.press('Control+i');
    await shoot('chat-inspector');
    await page.keyboard.press(size === 'wide' ? 'Control+i' : 'Escape');
    await page.getByRole('button', { name: /^Context size: / }).click();
    await shoot('chat-context');
    await page.getByRole('button', { name: 'Exact prompt' }).click();
    await page.getByRole('group', { name: 'Exact prompt' }).waitFor();
    await shoot('chat-exact-prompt');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Model:/ }).click();
    await shoot('chat-models');
    await page.getByRole('menuitem', { name: 'Load settings for Ember' }).click();
    await page.getByRole('region', { name: 'In memory now' }).waitFor();
    await shoot('load-settings');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().waitFor();
    // The recommended model takes the half beside the list in a wide window, and a row above it in a narrow one.
    await page.locator('.models-pick-row').waitFor();
    if (size === 'wide') await page.getByText(/of the file was read/).waitFor();
    await shoot('discover');
    await page.getByRole('searchbox', { name: 'Search models' }).fill('Ladder-7B-Instruct-GGUF');
    await page
      .getByRole('link', { name: /Ladder-7B-Instruct-GGUF/ })
      .first()
      .click();
    await page.getByRole('table', { name: 'Files' }).waitFor();
    await shoot('model');
    if (size === 'narrow') await page.getByRole('button', { name: 'All models' }).click();
    await page.getByRole('searchbox', { name: 'Search models' }).fill('hearth-models/ember-3M-GGUF');
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().click();
    await page.getByRole('button', { name: 'Download ember-3M-Q8_0.gguf' }).click();
    await page.getByRole('button', { name: 'Downloads' }).first().click();
    await page.getByRole('dialog', { name: 'Downloads' }).waitFor();
    await shoot('downloads');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'On this computer' }).click();
    await shoot('on-this-computer');
    await page.getByRole('radio', { name: 'Storage' }).click();
    await page.getByRole('region', { name: 'Models folder' }).waitFor();
    await shoot('storage');
    await openHash(page, '#/models/quality');
    await page.getByRole('button', { name: 'New comparison' }).waitFor();
    await shoot('quality');
    await openHash(page, '#/models/tokenizer');
    await page.getByRole('group', { name: 'Tokens' }).waitFor();
    await shoot('tokenizer');
    await openHash(page, '#/models/discover/orchard-ai/Juniper-3B-Chat');
    await page.getByText('Can be converted').waitFor();
    await shoot('original-weights');
    await page.getByRole('button', { name: 'Convert Juniper-3B-Chat' }).click();
    await page.getByRole('dialog', { name: 'Convert Juniper-3B-Chat' }).getByRole('radio').first().waitFor();
    // The pointer stands over a card.
    await page.mouse.move(0, 0);
    await shoot('convert');
    await page.keyboard.press('Escape');
    await shootServer(page, shoot);
    await page.keyboard.press('Control+,');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await shoot('settings');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    await shoot('commands');
  } finally {
    await app.close();
    await hub.close();
  }
}

for (const size of ['wide', 'narrow'] as const) for (const theme of ['light', 'dark'] as const) await tour(theme, size);
await closeBrowser();
console.log(`Pictures are in ${path.relative(process.cwd(), folder)}.`);
process.exit(0);
