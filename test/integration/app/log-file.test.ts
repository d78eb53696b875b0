/** The log file of the running app: it has what support needs, and no chat, no token and no signed URL. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { childLogger } from '../../../main/app/event-log.ts';
import { createLog } from '../../../main/base/log.ts';
import type { Sampling } from '../../../preload/contract/chat.ts';
import type { LogTail } from '../../../preload/contract/system.ts';
import { serveFolder } from '../../support/app-setup.ts';
import { ember, greedy, reply, startEngine, stories } from '../../support/engine-host-setup.ts';
import { startHub } from '../../hub-server/hub-server.ts';

const SAID = 'a sentence that nobody else may read';
const TOKEN = 'hf_abcdefghijklmnopqrstuvwxyz';

it('has starts, loads and failures, and no chat, no token and no signed address', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-log-file-'));
  const weights = readFileSync(path.join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf'));
  const hub = await startHub({
    repos: [{ id: 'o/n', files: { 'x.gguf': weights } }],
    tokens: { [TOKEN]: { name: 'ada' } },
  });
  hub.setFault({ at: 'cdn', kind: 'corruptByte', offset: 5000 });
  const app = await serveFolder(folder, { HF_ENDPOINT: hub.url });
  let isOpen = true;
  onTestFinished(async () => {
    if (isOpen) await app.close();
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  await app.call('settings.setHubToken', { token: TOKEN });
  await app.call('library.download', { repoId: 'o/n', path: 'x.gguf', revision: 'main' });
  const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };
  await app.call('chat.send', { chat: { fresh }, parts: [{ type: 'text', text: SAID }], parentId: null });
  await expect(app.call('system.openLog')).rejects.toMatchObject({ code: 'unsupported' });
  const builtIn = { modelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf' };
  await expect(app.call('library.revealModel', builtIn)).rejects.toMatchObject({ code: 'unsupported' });
  const { path: place } = await app.call<{ path: string }>('library.modelPath', builtIn);
  expect(readFileSync(place, { encoding: 'latin1' }).slice(0, 4)).toBe('GGUF');
  const log = async (): Promise<string> => (await app.call<LogTail>('system.log')).lines.join('\n');
  await expect.poll(log).toMatch(/error Job: download x is failed, /);
  await expect.poll(log).toMatch(/Engine: hearth\/ember-3M\/ember-3M-Q8_0\.gguf is ready/);
  await app.close();
  isOpen = false;

  const text = readFileSync(path.join(folder, 'data/logs/hearth.log'), 'utf8');
  expect(text).toMatch(/info {2}Hearth \d+\.\d+\.\d+ \(http\) on /);
  expect(text).toMatch(/info {2}Closed\.\n$/);
  for (const secret of [SAID, TOKEN, TOKEN.slice(3), app.token, 'Signature', 'Expires='])
    expect(text).not.toContain(secret);
  expect(text).not.toMatch(/https?:\/\/[^\s]*\?[^\s…]/);
});

it('has the reason of a failed start', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-log-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const lines = (): string => readFileSync(path.join(folder, 'data/logs/hearth.log'), 'utf8');
  const app = await serveFolder(folder);
  try {
    await expect(serveFolder(folder)).rejects.toMatchObject({ code: 'store.in_use' });
    expect(lines()).toMatch(/ error The start: store\.in_use: Hearth already serves this data folder/);
  } finally {
    await app.close();
  }
  const store = new Database(path.join(folder, 'data/hearth.db'));
  store.pragma('user_version = 99');
  store.close();
  await expect(serveFolder(folder)).rejects.toMatchObject({ code: 'store.newer_schema' });
  expect(lines()).toContain(' error The start: store.newer_schema: ');
  writeFileSync(path.join(folder, 'data/hearth.db'), 'no database, but long enough to be read as one'.repeat(40));
  await expect(serveFolder(folder)).rejects.toMatchObject({ code: 'store.corrupt' });
  expect(lines()).toContain(' error The start: store.corrupt: ');
});

it('has the standard error of a child that died, with the id of its model', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-log-child-'));
  const program = path.join(folder, 'child.mjs');
  writeFileSync(program, "process.stderr.write('ggml.c:12: GGML_ASSERT(n > 0) failed\\n', () => process.exit(3));");
  const log = createLog({ folder });
  const test = startEngine({ onStderr: childLogger(log) }, program);
  onTestFinished(async () => {
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await expect(test.engine.load(stories)).rejects.toMatchObject({ code: 'engine.start_failed' });
  await expect
    .poll(() => log.tail(10).join('\n'))
    .toMatch(/warn {2}Engine child \d+ \(karpathy\/tinyllamas\/stories260K\.gguf\): ggml\.c:12: GGML_ASSERT/);
});

it('has nothing of a grammar or a schema, and the lines after them', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-log-grammar-'));
  const lines: string[] = [];
  const log = createLog({ folder });
  const toLog = childLogger(log);
  const test = startEngine({
    onStderr(...said) {
      lines.push(said[0]);
      toLog(...said);
    },
  });
  onTestFinished(async () => {
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await test.engine.load(ember);
  const ask = async (grammar: NonNullable<Sampling['grammar']>): Promise<void> => {
    const request = { input: { rawPrompt: 'One' }, sampling: { ...greedy, maxTokens: 4, grammar } };
    for await (const _ of reply(test.engine, ember, request));
  };
  // The first two are refused before llama.cpp sees them, the others by llama.cpp, which prints them.
  for (const text of [
    'root ::= SECRETRULE',
    'root = "SECRETEQUALS"\nSECRETTWO ::= "a"',
    'SECRETOTHER ::= "a"',
    'root ::= "SECRETREPEATED"{2000}',
  ])
    await expect(ask({ kind: 'gbnf', text })).rejects.toMatchObject({ code: 'invalid_input' });
  const schema = { type: 'object', properties: { a: { $ref: '#/SECRETREFERENCE' } } };
  await expect(ask({ kind: 'json_schema', text: JSON.stringify(schema) })).rejects.toMatchObject({
    code: 'invalid_input',
    data: { keyword: '$ref', place: '/properties/a' },
  });
  const notes = (): readonly string[] => lines.filter((line) => line.startsWith('(left out'));
  await expect.poll(() => notes().length).toBeGreaterThan(0);
  expect(lines.filter((line) => !line.startsWith('(left out'))).toEqual([]);
  expect(log.tail(100).join('\n')).not.toMatch(/SECRET|root/);
});
