import { describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { distinctNames, selectLocal, sortLocal, attachAuxiliary, totalSizeBytes } from './local-list.ts';

function model(name: string, changes: Partial<LocalModel> = {}): LocalModel {
  return {
    id: `owner/${name}/${name}.gguf`,
    repoId: `owner/${name}`,
    name,
    kind: 'model',
    origin: 'hub',
    sizeBytes: 100,
    addedAt: 1,
    lastUsedAt: null,
    lastRepliedAt: null,
    problem: null,
    ...changes,
  } as LocalModel;
}

describe('sortLocal', () => {
  it('puts models with problems first, then the last used, then the newest, then the built-in one', () => {
    const models = [
      model('built-in', { origin: 'built_in', addedAt: 99 }),
      model('old', { addedAt: 1 }),
      model('new', { addedAt: 5 }),
      model('used', { lastUsedAt: 3 }),
      model('broken', { problem: { code: 'model.corrupt', message: '' } }),
    ];
    expect(sortLocal(models).map((one) => one.name)).toEqual(['broken', 'used', 'new', 'old', 'built-in']);
  });
});

describe('attachAuxiliary', () => {
  it('puts auxiliary files under the first model of their repository, in their order', () => {
    const all = [
      model('lora', { kind: 'adapter', repoId: 'owner/b' }),
      model('a', { repoId: 'owner/a' }),
      model('b4', { repoId: 'owner/b' }),
      model('head', { kind: 'draft', repoId: 'owner/b' }),
      model('b8', { repoId: 'owner/b' }),
      model('eye', { kind: 'projector', repoId: 'owner/gone' }),
      model('dropped', { repoId: 'imported/files', origin: 'imported' }),
      model('style', { kind: 'adapter', repoId: 'imported/files', origin: 'imported' }),
    ];
    const { rows, alone } = attachAuxiliary(all);
    expect(rows.map((row) => [row.model.name, row.auxiliary.map(({ name }) => name)])).toEqual([
      ['a', []],
      ['b4', ['lora', 'head']],
      ['b8', []],
      ['dropped', []],
    ]);
    expect(alone.map(({ name }) => name)).toEqual(['eye', 'style']);
  });
});

describe('selectLocal', () => {
  const models = [model('a'), model('b', { id: 'owner/b/q4.gguf' }), model('b', { id: 'owner/b/q8.gguf' })];
  it('selects the chosen model, else one of the repository, else none', () => {
    expect(selectLocal(models, 'owner/b/q8.gguf', 'owner/a')?.id).toBe('owner/b/q8.gguf');
    expect(selectLocal(models, 'owner/gone/x.gguf', 'owner/b')?.id).toBe('owner/b/q4.gguf');
    expect(selectLocal(models, 'owner/gone/x.gguf', null)).toBeNull();
  });
});

describe('totalSizeBytes', () => {
  it('adds up', () => expect(totalSizeBytes([model('a'), model('b', { sizeBytes: 7 })])).toBe(107));
});

describe('distinctNames', () => {
  const names = (...models: LocalModel[]): readonly string[] => [...distinctNames(models).values()];
  const ember = (id: string, changes: Partial<LocalModel> = {}): LocalModel =>
    model('Ember', {
      id,
      repoId: id.split('/').slice(0, 2).join('/'),
      quantization: 'Q8_0',
      fileName: 'e.gguf',
      ...changes,
    });

  it('keeps a unique name', () => {
    expect(names(model('a', { quantization: 'Q4_0' }), model('b', { quantization: 'Q4_0' }))).toEqual(['a', 'b']);
  });
  it('distinguishes quantizations', () => {
    expect(names(ember('x/y/1.gguf'), ember('x/y/2.gguf', { quantization: 'Q4_0' }))).toEqual([
      'Ember Q8_0',
      'Ember Q4_0',
    ]);
  });
  it('distinguishes a copy from the Hub and the built-in model', () => {
    expect(names(ember('hearth/ember/e.gguf', { origin: 'built_in' }), ember('x/y/e.gguf'))).toEqual([
      'Ember',
      'Ember (x/y)',
    ]);
  });
  it('adds the file name when all else is equal', () => {
    expect(names(ember('x/y/1.gguf', { fileName: '1.gguf' }), ember('x/y/2.gguf', { fileName: '2.gguf' }))).toEqual([
      'Ember, 1.gguf',
      'Ember, 2.gguf',
    ]);
  });
});
