import { expect, it } from 'vitest';
import { readModelfile } from './modelfile.ts';

it('reads the instructions, over several lines where there are three quotes', () => {
  const text = `# A comment
FROM ember
system """You are
  a pirate. """
TEMPLATE "{{ .Prompt }}"
PARAMETER temperature 0.5
PARAMETER stop "<|end|>"
PARAMETER stop """
"""
PARAMETER num_ctx 4096
MESSAGE user Hello there
MESSAGE assistant """Aye,
matey"""
LICENSE MIT\r
`;
  expect(readModelfile(text)).toEqual({
    from: 'ember',
    system: 'You are\n  a pirate. ',
    template: '{{ .Prompt }}',
    license: ['MIT'],
    parameters: { temperature: 0.5, stop: ['<|end|>', '\n'], num_ctx: 4096 },
    messages: [
      { role: 'user', content: 'Hello there' },
      { role: 'assistant', content: 'Aye,\nmatey' },
    ],
  });
});

it.each([
  ['SYSTEM x', /no FROM/],
  ['FROM', /line 1: FROM has no value/],
  ['FROM a\nADAPTER ./x.gguf', /line 2: an adapter/],
  ['FROM a\nRENDERER x', /line 2: Hearth does not know RENDERER/],
  ['FROM a\nSYSTEM """never ended', /line 2: .*no end/],
  ['FROM a\nSYSTEM """x""" y', /line 2: .*behind/],
  ['FROM a\nPARAMETER temperature', /line 2: a name and a value/],
  ['FROM a\nSYSTEM "x', /not closed/],
  [`FROM a\n${'LICENSE x\n'.repeat(2000)}`, /instructions/],
])('refuses %s with the line', (text, reason) => {
  expect(() => readModelfile(text)).toThrow(reason);
});

it('reads a text of very many lines in a moment', () => {
  const lines = '\n'.repeat(1_000_000);
  const startedMs = performance.now();
  expect(readModelfile(`FROM ember\nSYSTEM """a${lines}b"""`).system).toBe(`a${lines}b`);
  // A hundred times what it takes; where each line is joined to all before, it is minutes.
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});
