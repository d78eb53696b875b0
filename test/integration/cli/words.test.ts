/** What the command line says to people: of what lies at a path, of what is missing, and of wrong usage. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../../hub-server/hub-server.ts';

const root = path.join(import.meta.dirname, '../../..');
const story = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
let folder: string;
let hub: Hub;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-words-'));
  mkdirSync(path.join(folder, 'models'));
  writeFileSync(path.join(folder, 'models', 'notes.txt'), 'Not a model.');
  writeFileSync(path.join(folder, 'nothing'), '');
  writeFileSync(path.join(folder, 'package.json'), '{}');
  copyFileSync(story, path.join(folder, 'a blob'));
  hub = await startHub({
    repos: [
      { id: 'owner/Open-GGUF', files: { 'open-Q8_0.gguf': Buffer.alloc(100), 'open-Q4_0.gguf': Buffer.alloc(100) } },
      { id: 'owner/Gated-GGUF', gated: 'manual', files: { 'gated-Q8_0.gguf': Buffer.alloc(100) } },
    ],
    tokens: { hf_stranger: { name: 'ben' } },
  });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
function hearth(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const own = {
    PATH: process.env['PATH'],
    HOME: folder,
    HEARTH_DATA_DIR: path.join(folder, 'data'),
    HEARTH_CACHE_DIR: path.join(folder, 'cache'),
    HF_ENDPOINT: hub.url,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(root, 'main/hearth.mjs'), ...args],
      { cwd: folder, env: { ...own, ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe('a model that a command does not find', () => {
  it('is told by what lies at that path', async () => {
    for (const [reference, sentence] of [
      ['package.json', 'package.json is not a GGUF file.'],
      ['models/notes.txt', 'models/notes.txt is not a GGUF file.'],
      ['models', 'models is a folder. Name a GGUF file in it.'],
      ['nothing', 'nothing is empty.'],
    ] as const) {
      const { code, out, err } = await hearth(['run', reference, 'hi']);
      expect([reference, code, out]).toEqual([reference, 1, '']);
      expect(err).toContain(sentence);
      expect(err).not.toContain('There is no file');
    }
    const none = await hearth(['run', 'nowhere', 'hi']);
    expect(none.err).toMatch(/There is no file nowhere, .* hearth list /);
  });

  it('is the built-in one by its name, and a GGUF file whatever its name', async () => {
    const args = ['hi', '--raw', '--max-tokens', '1', '--json'];
    for (const [reference, modelId] of [
      ['ember', 'hearth/ember-3M/ember-3M-Q8_0.gguf'],
      ['a blob', 'a blob'],
    ] as const) {
      const { out } = await hearth(['run', reference, ...args]);
      expect(out).toContain(`"type":"end","modelId":"${modelId}"`);
    }
  });

  it('is not said to be on the Hub where it is the built-in one', async () => {
    const { code, err } = await hearth(['run', 'hearth/ember-3M:Q4_K_M', 'hi']);
    expect([code, err]).toEqual([1, expect.stringContaining('no Q4_K_M file of the built-in model, only Q8_0.')]);
    expect(err).not.toContain('pull');
  });
});

describe('a refusal of the Hub', () => {
  it('says that a gated model needs an account that accepted its terms, and its token', async () => {
    const page = `${hub.url}/owner/Gated-GGUF`;
    const without = await hearth(['pull', 'owner/Gated-GGUF']);
    expect(without.err).toMatch(/accepted at \S+, with an access token of that account: set HF_TOKEN/);
    const stranger = await hearth(['pull', 'owner/Gated-GGUF'], { HF_TOKEN: 'hf_stranger' });
    expect(stranger.err).toContain(`accepted at ${page} by the account of the access token.`);
    expect([without.code, stranger.code]).toEqual([1, 1]);
    expect(without.err).toContain(page);
  });

  it('names the model, the file, and the files that are there', async () => {
    expect((await hearth(['pull', 'nobody/nothing'])).err).toContain('There is no model nobody/nothing on the Hub, or');
    const file = await hearth(['pull', 'owner/Open-GGUF/open-Q2_K.gguf']);
    expect([file.code, file.out]).toEqual([1, '']);
    expect(file.err).toMatch(
      /no file open-Q2_K\.gguf in owner\/Open-GGUF\. It has open-Q\d_0\.gguf, open-Q\d_0\.gguf\./,
    );
  });
});
