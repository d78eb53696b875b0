import { expect, it } from 'vitest';
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { ProviderEntry } from '../../../preload/contract/providers.ts';
import { modelChoices } from './model-choices.ts';

const model = (id: string, more: Partial<LocalModel> = {}): LocalModel =>
  ({ id, name: id, kind: 'model', problem: null, origin: 'hub', lastUsedAt: null, addedAt: 0, ...more }) as LocalModel;
const server = (name: string, enabled: boolean): ProviderEntry =>
  ({
    name,
    enabled,
    leavesComputer: true,
    models: [{ modelId: `remote--${name}/big`, name: 'big' }],
  }) as unknown as ProviderEntry;

it('lists usable models, the last used first and the built-in one last, then those of servers that are on', () => {
  const choices = modelChoices(
    [
      model('ember', { origin: 'built_in', lastUsedAt: 9 }),
      model('a'),
      model('b', { lastUsedAt: 5 }),
      model('broken', { problem: { code: 'model.corrupt', message: '' } }),
      model('projector', { kind: 'projector' }),
    ],
    [server('cluster', true), server('asleep', false)],
  );
  expect(choices.map(({ value }) => value)).toEqual(['b', 'a', 'ember', 'remote--cluster/big']);
  expect(choices.at(-1)?.detail).toContain('leaves this computer');
});
