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

it('tools that go in words have a sentence with the reason', () => {
  expect(loadNote({ code: 'tools_as_text', why: 'left_out' })).toBe(
    'Tools are described to this model in words: its chat template leaves them out.',
  );
  expect(loadNote({ code: 'tools_as_text', why: 'invalid', detail: "'tool' is undefined (line 4)" })).toBe(
    "Tools are described to this model in words: its chat template fails on them: “'tool' is undefined (line 4)”.",
  );
});
