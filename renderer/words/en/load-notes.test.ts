import { expect, it } from 'vitest';
import { loadNote } from './load-notes.ts';

it('a template that is not used has a sentence of the page, with its own words in quotes', () => {
  const note = { code: 'template_unused', form: 'ChatML' } as const;
  expect(loadNote({ ...note, why: 'too_slow', limitMs: 3000 })).toBe(
    'The model’s chat template did not finish within 3 seconds. Hearth writes its turns as ChatML instead.',
  );
  expect(loadNote({ ...note, why: 'invalid', detail: 'Roles must alternate' })).toBe(
    'The model’s chat template does not work: “Roles must alternate”. Hearth writes its turns as ChatML instead.',
  );
  expect(loadNote({ ...note, why: 'ended', detail: 'out of memory' })).toBe(
    'The model’s chat template was stopped: “out of memory”. Hearth writes its turns as ChatML instead.',
  );
});
