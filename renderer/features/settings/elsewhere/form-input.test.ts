import { expect, it } from 'vitest';
import type { ProviderEntry } from '../../../../preload/contract/providers.ts';
import { draftOf, inputOf, inputOfDraft, isOtherHost } from './form-input.ts';
import { withEvent } from './step-state.ts';

const provider: ProviderEntry = {
  ...{ id: 'gpu', kind: 'openai-compatible', name: 'GPU', address: 'https://gpu.example/v1', hasKey: true },
  ...{ headerNames: ['X-Team'], certificates: { count: 1, names: [] }, enabled: true },
  ...{ leavesComputer: true, unencrypted: false, status: { state: 'ready', at: 0 }, server: null },
  ...{ models: [], modelsLeftOut: 0 },
};

it('keeps what is stored where nothing is entered', () => {
  const kept = { id: 'gpu', kind: 'openai-compatible', name: 'GPU', address: 'https://gpu.example/v1', enabled: true };
  expect(inputOf(provider)).toEqual({ ...kept, headers: [{ name: 'X-Team', value: null }] });
  expect(inputOfDraft(draftOf(provider), provider)).toEqual(inputOf(provider));
});

it('sends what is entered, without rows that have no name', () => {
  const draft = {
    ...draftOf(provider),
    name: ' New ',
    headers: [
      { key: 0, name: 'X-Team', value: 'blue', kept: true },
      { key: 1, name: ' ', value: 'x', kept: false },
      { key: 2, name: 'X-Empty', value: '', kept: false },
    ],
    certificates: 'PEM',
  };
  expect(inputOfDraft(draft, provider)).toMatchObject({
    name: 'New',
    headers: [
      { name: 'X-Team', value: 'blue' },
      { name: 'X-Empty', value: '' },
    ],
    certificates: 'PEM',
  });
});

it('forgets certificates only where that is asked for, and where none take their place', () => {
  const draft = draftOf(provider);
  expect(inputOfDraft({ ...draft, certificates: ' \n' }, provider)).not.toHaveProperty('certificates');
  expect(inputOfDraft({ ...draft, forgetsCertificates: true }, provider).certificates).toBeNull();
  expect(inputOfDraft({ ...draft, certificates: 'PEM', forgetsCertificates: true }, provider).certificates).toBe('PEM');
});

it('adds a server that is off', () => {
  expect(inputOfDraft({ ...draftOf(null), name: 'A', address: 'b' }, null)).toMatchObject({ id: null, enabled: false });
});

it('knows another host by its origin', () => {
  expect(isOtherHost('https://gpu.example/other', provider)).toBe(false);
  expect(isOtherHost('http://gpu.example/v1', provider)).toBe(true);
  expect(isOtherHost('https://evil.example/v1', provider)).toBe(true);
  expect(isOtherHost('half an addr', provider)).toBe(false);
  expect(isOtherHost('https://x', null)).toBe(false);
});

it('folds the events of a check into its steps', () => {
  const error = { code: 'busy', message: '' } as const;
  const events = [
    { type: 'begun', step: 'connect' },
    { type: 'found', finding: { step: 'connect', ms: 3 } },
    { type: 'begun', step: 'models' },
    { type: 'failed', step: 'models', error },
  ] as const;
  expect(events.reduce(withEvent, [])).toEqual([
    { step: 'connect', finding: { step: 'connect', ms: 3 } },
    { step: 'models', error },
  ]);
});
