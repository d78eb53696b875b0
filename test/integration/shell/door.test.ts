/** The door for commands: of the desktop, on the recording stand-in of Electron, and what a program may ask through it. */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildStale } from '../../../main/app/bundles.ts';
import { readControl } from '../../../main/app/control.ts';
import { checkoutRoot } from '../../../main/app/layout.ts';
import { connectApp, type RunningApp } from '../../../main/cli/running-app.ts';
import { openDoor } from '../../../main/shell/http/door.ts';
import manifest from '../../../package.json' with { type: 'json' };
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { startStandIn, type StandIn } from '../../fixtures/electron-stand-in/start.ts';
import { serveFolder } from '../../support/app-setup.ts';
import { hearth, objectsIn } from '../../support/command-process.ts';

const ember = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const sampling = { temperature: 0, topK: 40, topP: 0.95, minP: 0.05, repeatPenalty: 1, maxTokens: 8, seed: 1 };
const input = { messages: [{ role: 'user' as const, content: 'Who are you?' }] };

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-door-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}

function startDesktop(dataFolder: string): StandIn {
  const shell = startStandIn(
    path.join(checkoutRoot, 'main/electron.ts'),
    {
      ...{ appPath: checkoutRoot, isPackaged: false, resourcesPath: '/nowhere', hasLock: true, pickedFolder: null },
      storageBackend: 'none',
    },
    { HOME: dataFolder, HEARTH_DATA_DIR: dataFolder, HEARTH_OFFLINE: '1' },
  );
  onTestFinished(() => shell.kill());
  return shell;
}

describe('the desktop', () => {
  beforeAll(() => buildStale(checkoutRoot, ['page']));

  it('answers commands once its window is shown, and no longer when it closes', async () => {
    const folder = temporaryFolder();
    const dataFolder = path.join(folder, 'data');
    const shell = startDesktop(dataFolder);
    await shell.seen('window.show');
    await expect.poll(() => readControl(dataFolder)).toMatchObject({ owner: 'desktop', pid: shell.pid });
    if (process.platform !== 'win32') expect(statSync(path.join(dataFolder, 'control.json')).mode & 0o777).toBe(0o600);
    const { origin, token, version } = readControl(dataFolder) ?? { origin: '', token: '', version: '' };
    expect((await fetch(origin)).status).toBe(404);
    expect(shell.stderr()).not.toContain(token);
    const app = await connectApp({ dataFolder }, version);
    expect(await app?.client.call('system.info', {})).toMatchObject({ shell: 'electron', version });
    const steps = [];
    for await (const step of app?.client.stream('inference.generate', { modelId: ember, input, sampling }) ?? [])
      steps.push(step);
    expect(steps.at(-1)).toMatchObject({ type: 'end', result: { generatedTokens: 8 } });
    const served = await hearth(folder, ['serve', '--json']);
    expect([served.code, objectsIn(served.err)[0]]).toEqual([
      1,
      { error: expect.objectContaining({ code: 'store.in_use', message: expect.stringContaining("Hearth's window") }) },
    ]);
    // The stand-in is of another version than the commands of this checkout.
    expect(version).not.toBe(manifest.version);
    const ps = await hearth(folder, ['ps']);
    expect([ps.code, ps.err]).toEqual([1, expect.stringContaining(`Hearth ${version} is running`)]);
    void shell.act('quit').catch(() => {});
    expect(await shell.exited).toBe(0);
    expect(existsSync(path.join(dataFolder, 'control.json'))).toBe(false);
  });
});

async function served(): Promise<RunningApp> {
  const folder = temporaryFolder();
  const app = await serveFolder(folder);
  onTestFinished(() => app.close());
  const connected = await connectApp({ dataFolder: path.join(folder, 'data') }, manifest.version);
  if (connected === null) throw new Error('The app does not answer.');
  onTestFinished(() => connected.close());
  return connected;
}

describe('a program', () => {
  it('gets replies, vectors and tokens of a model', async () => {
    const { client } = await served();
    const steps = [];
    for await (const step of client.stream('inference.generate', { modelId: ember, input, sampling })) steps.push(step);
    expect(steps.map(({ type }) => type)).toEqual(expect.arrayContaining(['found', 'opened', 'prompt', 'text', 'end']));
    expect(steps.at(-1)).toMatchObject({ type: 'end', result: { endReason: 'max_tokens', generatedTokens: 8 } });
    const { tokens } = await client.call('inference.tokenize', { modelId: ember, text: 'Hello there', special: false });
    const ids = tokens.map(({ id }) => id);
    expect(await client.call('inference.detokenize', { modelId: ember, ids })).toEqual({ text: 'Hello there' });
    expect(await client.call('inference.count', { modelId: ember, of: { text: 'Hello there' } })).toEqual({
      tokens: ids.length,
    });
    const { tokens: promptTokens } = await client.call('inference.count', { modelId: ember, of: { input } });
    expect(promptTokens).toBe((steps.at(-1) as { result: { promptTokens: number } }).result.promptTokens);
    const { vectors } = await client.call('inference.embed', { modelId: ember, texts: ['a', 'b'], dimensions: 4 });
    expect(vectors.map((vector) => vector.length)).toEqual([4, 4]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    await expect(
      client.call('inference.rerank', { modelId: ember, query: 'a', documents: ['b'] }),
    ).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('leaves a reply and frees its slot', async () => {
    const { client } = await served();
    const endless = { ...sampling, maxTokens: null, temperature: 5, minP: 0, topK: 0, topP: 1 };
    for await (const step of client.stream('inference.generate', {
      modelId: ember,
      input: { rawPrompt: 'a' },
      sampling: endless,
    }))
      if (step.type === 'text') break;
    const active = async (): Promise<number | undefined> => {
      for await (const { loaded } of client.stream('engine.watch', {})) return loaded[0]?.activeSequences;
      return undefined;
    };
    await expect.poll(active).toBe(0);
  });

  const message = { role: 'user', content: 'Hi' };
  it.each<[string, unknown]>([
    ['a path for a model', { modelId: '/etc/passwd' }],
    ['no message', { input: { messages: [] } }],
    ['a role that there is not', { input: { messages: [{ role: 'root', content: 'Hi' }] } }],
    [
      'a file of this computer',
      {
        input: {
          messages: [
            { role: 'user', content: [{ type: 'image', path: '/etc/passwd', name: 'a', mediaType: 'image/png' }] },
          ],
        },
      },
    ],
    ['too long a text', { input: { rawPrompt: 'x'.repeat(2_000_001) } }],
    ['two inputs', { input: { rawPrompt: 'a', messages: [message] } }],
    ['a tool with a name of its own kind', { input: { messages: [message], tools: [{ name: '../x' }] } }],
    [
      'too many tools',
      { input: { messages: [message], tools: Array.from({ length: 257 }, (_, at) => ({ name: `t${at}` })) } },
    ],
    ['a negative time', { keepMs: -1 }],
    ['a time that is no number', { keepMs: '5m' }],
    ['a client of a name with a line break', { client: 'a\nb' }],
    ['a variable of a name that is none', { templateOptions: { 'a b': 1 } }],
    ['a variable that is an object', { templateOptions: { a: {} } }],
    ['a huge number', { sampling: { ...sampling, maxTokens: 1e300 } }],
    ['a number in a text', { sampling: { ...sampling, temperature: '1' } }],
    ['a field that there is not', { states: {} }],
    ['the place of a window', { priority: 'window' }],
  ])('is refused %s', async (_, part) => {
    const { client } = await served();
    const ask = async (): Promise<void> => {
      const request = { modelId: ember, input, sampling, ...(part as object) };
      for await (const _step of client.stream('inference.generate', request as never)) break;
    };
    await expect(ask()).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

it('hearth rerank sorts what the app scores', async () => {
  const folder = temporaryFolder();
  const dataFolder = path.join(folder, 'data');
  const asked: unknown[] = [];
  const scores: Readonly<Record<string, number>> = { one: 0.25, two: 0.75, 'three\nlines\nof text': 0.5 };
  const handlers: Partial<HearthHandlers> = {
    async *'library.watch'() {
      yield {
        revision: 1,
        models: [
          {
            id: 'a/b/c.gguf',
            repoId: 'a/b',
            fileName: 'c.gguf',
            kind: 'model',
            problem: null,
            notes: [],
            quantization: null,
          },
        ],
      } as never;
    },
    async *'settings.watch'() {
      yield { cacheFolder: { current: { path: path.join(folder, 'cache') } } } as never;
    },
    async *'engine.watch'() {
      yield { revision: 1, loaded: [] };
    },
    async *'server.watch'() {
      yield { names: [] } as never;
    },
    'inference.rerank': async (request) => {
      asked.push(request);
      return { scores: request.documents.map((document) => scores[document] ?? 0) };
    },
  };
  const app = { handlers: handlers as HearthHandlers, onFailure: () => {} };
  const door = await openDoor({ app, dataFolder, version: manifest.version, owner: 'desktop' });
  onTestFinished(() => door.close());
  const documents = Object.keys(scores);
  const ranked = await hearth(folder, ['rerank', 'a/b', 'query', ...documents, '--json']);
  expect([ranked.code, ranked.err]).toEqual([0, '']);
  expect(objectsIn(ranked.out)).toEqual([
    {
      modelId: 'a/b/c.gguf',
      results: [
        { index: 1, score: 0.75, document: 'two' },
        { index: 2, score: 0.5, document: 'three\nlines\nof text' },
        { index: 0, score: 0.25, document: 'one' },
      ],
    },
  ]);
  expect(asked).toMatchObject([{ modelId: 'a/b/c.gguf', query: 'query', documents }]);
  expect((await hearth(folder, ['rerank', 'a/b', 'query'], 'one\n\ntwo\n')).out).toBe(
    '0.7500     2  two\n0.2500     1  one\n',
  );
});
