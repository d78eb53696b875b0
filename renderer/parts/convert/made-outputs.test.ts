import { expect, it } from 'vitest';
import type { ConversionRecord, Verification } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { madeOutputs } from './made-outputs.ts';

const shown = { repoId: 'tiny/Tern', revision: 'c1' };
const whole: ConversionRecord = {
  sourceName: 'tiny/Tern',
  sourceRepoId: 'tiny/Tern',
  sourceRevision: 'c1',
  sourceModelId: null,
  prunedLayerCount: 0,
  type: 'Q8_0',
  converterVersion: '1',
  verification: null,
};
const found = (result: Verification['result']) => ({ result }) as Verification;
const model = (facts: Partial<LocalModel> = {}) =>
  ({ id: 'a', kind: 'model', problem: null, addedAt: 1, ...facts }) as LocalModel;
const idsOf = (record: Partial<ConversionRecord>, facts: Partial<LocalModel> = {}): [string, string][] =>
  [...madeOutputs(shown, new Map([['a', { ...whole, ...record }]]), [model(facts)])].map(([type, { id }]) => [
    type,
    id,
  ]);

it('are the models that were converted of this commit', () => {
  expect(idsOf({})).toEqual([['Q8_0', 'a']]);
  expect(idsOf({ type: 'IQ2_M', verification: found('passed') })).toEqual([['IQ2_M', 'a']]);
});

it.each<[string, Partial<ConversionRecord>, Partial<LocalModel>]>([
  ['of another repository', { sourceRepoId: 'other/Tern', sourceName: 'other/Tern' }, {}],
  ['of a folder with its name', { sourceRepoId: null }, {}],
  ['with an adapter in it', { sourceName: 'tiny/Tern + tiny/Pirate' }, {}],
  ['of another commit', { sourceRevision: 'c0' }, {}],
  ['without some layers', { prunedLayerCount: 1 }, {}],
  ['quantized from another one', { sourceModelId: 'b' }, {}],
  ['that failed its verification', { verification: found('failed') }, {}],
  ['that cannot be used', {}, { problem: { code: 'model.corrupt', message: '' } }],
  ['that is no model', {}, { kind: 'adapter' }],
])('are not models %s', (_what, record, facts) => {
  expect(idsOf(record, facts)).toEqual([]);
});

it('are the newest of several, in whatever order they are listed', () => {
  const records = new Map(['a', 'b', 'c', 'from elsewhere'].map((id) => [id, whole]));
  records.delete('from elsewhere');
  const models = [model({ addedAt: 2 }), model({ id: 'b', addedAt: 3 }), model({ id: 'c' })];
  for (const listed of [models, models.toReversed(), [...models, model({ id: 'from elsewhere', addedAt: 9 })]])
    expect(madeOutputs(shown, records, listed).get('Q8_0')?.id).toBe('b');
});
