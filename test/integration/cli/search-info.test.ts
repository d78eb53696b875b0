/** `hearth search` and `hearth info`, against a Hub of real HTTP and files of this repository. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../../hub-server/hub-server.ts';
import { commandIn, type Outcome } from '../../support/hearth-command.ts';
import { writeProjector } from '../../support/projector-file.ts';

const root = path.join(import.meta.dirname, '../../..');
const story = readFileSync(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'));
const ember = path.join(root, 'assets/models/ember-3M-Q8_0.gguf');
let folder: string;
let hub: Hub;
let hearth: ReturnType<typeof commandIn>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-search-'));
  writeProjector(path.join(folder, 'mmproj.gguf'));
  hub = await startHub({
    repos: [
      { id: 'anna/Story-GGUF', downloads: 300, files: { 'Story-Q8_0.gguf': story, 'Story-F16.gguf': story } },
      { id: 'ben/Story-Two-GGUF', downloads: 20, gated: 'manual', files: { 'Two-Q4_0.gguf': story } },
      { id: 'ben/Broken-GGUF', downloads: 1, files: { 'Broken-Q4_0.gguf': Buffer.from('GGUF but no header') } },
    ],
  });
  hearth = commandIn(folder, { HF_ENDPOINT: hub.url });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

interface FoundModels {
  readonly models: readonly {
    readonly repoId: string;
    readonly recommended: { readonly path: string; readonly fit: { readonly basis: string; readonly verdict: string } };
  }[];
}
const json = ({ out }: Outcome): unknown => JSON.parse(out.trim().split('\n').at(-1) ?? '');

describe('hearth search', () => {
  it('lists models in the order that is asked for, with the file that suits this computer', async () => {
    const found = json(await hearth(['search', 'Story', '--sort', 'downloads', '--json'])) as FoundModels;
    expect(found.models.map(({ repoId }) => repoId)).toEqual(['anna/Story-GGUF', 'ben/Story-Two-GGUF']);
    expect(found.models[0]?.recommended).toMatchObject({
      path: 'Story-Q8_0.gguf',
      fit: { basis: 'header', verdict: 'fits' },
    });
    const { code, out } = await hearth(['search', 'Story', '--sort=downloads', '--limit', '1']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^ {2}MODEL +DOWNLOADS +BEST HERE +SIZE +FITS +SPEED\n {2}anna\/Story-GGUF +300 +Q8_0 +\S+ .B +yes/,
    );
    expect(out).not.toContain('ben/');
  });

  it('finds what fits, and says when nothing is found', async () => {
    const found = json(await hearth(['search', '--fits', '--author', 'anna', '--json'])) as FoundModels;
    expect(found.models).toHaveLength(1);
    expect((await hearth(['search', 'zebra'])).out).toBe('No model was found.\n');
  });

  it('says what keeps it from the network', async () => {
    const offline = commandIn(folder, { HF_ENDPOINT: hub.url, HEARTH_OFFLINE: '1' });
    const { code, err } = await offline(['search', 'Story', '--json']);
    expect([code, JSON.parse(err)]).toMatchObject([1, { error: { code: 'hub.offline' } }]);
    expect((await hearth(['search', '--limit', '0'])).err).toContain('--limit takes a whole number from 1 to 100.');
    expect((await hearth(['search', '--sort', 'dowloads'])).err).toContain('Did you mean "downloads"?');
    expect((await hearth(['search', '--task', 'Not A Task'])).code).toBe(2);
  });
});

describe('hearth info', () => {
  // Counted in the file by a few lines of Python that follow the specification: 56 tensors, 13 of them F32 and 43 Q8_0.
  it('tells the facts of a model that is here', async () => {
    expect(json(await hearth(['info', 'ember', '--json', '--tensors']))).toMatchObject({
      ...{ modelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf', place: 'here', kind: 'model', problem: null, license: 'mit' },
      summary: { architecture: 'llama', contextLength: 1024, parameterCount: 3_049_920 },
      tokenizer: { model: 'gpt2', tokens: 2048, bosId: 1, eosId: 2 },
      tensorTypes: [
        { type: 'Q8_0', tensors: 43 },
        { type: 'F32', tensors: 13 },
      ],
      metadata: { 'llama.block_count': 6, 'tokenizer.ggml.tokens': { omittedLength: 2048 } },
      fits: { automatic: { verdict: 'fits', contextSize: 1024 } },
    });
    const { out } = await hearth(['info', ember, '--tensors', '--metadata']);
    expect(out).toMatch(/^ {2}token_embd\.weight +Q8_0 +192 x 2048 +418 kB$/m);
    expect(out).toMatch(/^ {2}llama\.block_count = 6$/m);
  });

  it('prints the template to the byte', async () => {
    const template = await hearth(['info', 'ember', '--template']);
    expect(template).toMatchObject({ code: 0, err: '' });
    expect(template.out).toMatch(/^\{% for message in messages %\}.*\{% endif %\}$/s);
    writeFileSync(path.join(folder, 'story.gguf'), story);
    const none = await hearth(['info', 'story.gguf', '--template']);
    expect(none).toMatchObject({ code: 1, out: '', err: 'not_found: story.gguf has no chat template.\n' });
  });

  it('reads the header of a model at the Hub without its weights', async () => {
    const told = json(await hearth(['info', 'anna/Story-GGUF:Q8_0', '--json'])) as Record<string, unknown>;
    copyFileSync(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'), path.join(folder, 'copy.gguf'));
    const here = json(await hearth(['info', 'copy.gguf', '--json'])) as Record<string, unknown>;
    expect(told).toMatchObject({ place: 'hub', file: null, modelId: 'anna/Story-GGUF/Story-Q8_0.gguf' });
    for (const same of ['metadata', 'tokenizer', 'tensorTypes', 'summary']) expect(told[same]).toEqual(here[same]);
    expect((await hearth(['list'])).out).not.toContain('anna');
    const unknown = await hearth(['info', 'anna/Story-GGUF:Q2_K']);
    expect(unknown.err).toMatch(/^hub\.not_found: anna\/Story-GGUF has no such file\. It has Story-/);
  });

  it('says the problem of a file, and ends with 1', async () => {
    const broken = await hearth(['info', 'ben/Broken-GGUF', '--json']);
    expect([broken.code, json(broken)]).toMatchObject([1, { place: 'hub', problem: { code: 'model.corrupt' } }]);
    expect(JSON.parse(broken.err)).toMatchObject({ error: { code: 'model.corrupt' } });
    writeFileSync(path.join(folder, 'cut.gguf'), story.subarray(0, story.length / 2));
    const cut = await hearth(['info', 'cut.gguf']);
    expect(cut.code).toBe(1);
    expect(cut.out).toMatch(/^ {2}problem +\S/m);
    const projector = json(await hearth(['info', 'mmproj.gguf', '--json']));
    expect(projector).toMatchObject({ kind: 'projector', problem: null });
  });

  it('says of an unknown name that it is neither here nor at the Hub', async () => {
    expect(await hearth(['info', 'nobody/none'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no model nobody/none on the Hub') as string,
    });
    const offline = commandIn(folder, { HF_ENDPOINT: hub.url, HEARTH_OFFLINE: '1' });
    expect((await offline(['info', 'nobody/none'])).err).toMatch(/not on this computer\. .*HEARTH_OFFLINE/);
    expect((await hearth(['info', './nothing.gguf'])).err).toContain('There is no file ./nothing.gguf');
  });
});
