import { expect, it } from 'vitest';
import { failureTitle } from './failure-title.ts';

const parts = [{ type: 'text', text: 'Once' }] as const;
const crashed = { code: 'engine.crashed', message: '' } as const;

it('says that the engine stopped, and not that Hearth was closed, where a reply lost its engine', () => {
  expect(failureTitle(crashed, { status: 'interrupted', parts })).toBe('The engine stopped while writing this reply');
  expect(failureTitle(crashed, { status: 'failed', parts: [] })).toBeUndefined();
  expect(failureTitle({ code: 'disk.full', message: '' }, { status: 'complete', parts })).toBe(
    'This reply is not stored yet',
  );
});
