import { describe, expect, it } from 'vitest';
import { createBodyMemory, parseBody } from './body.ts';

describe('parseBody', () => {
  it.each([
    '{"a":[1,{"b":"c"}]}',
    '1',
    ' [] ',
    String.raw`{"a\"{[,:":"\\","b":"\\\"[[["}`,
    // Brackets of other people's code are none of the body's.
    JSON.stringify({ code: '[{"a":1},'.repeat(500_000) }),
    `[${'1,'.repeat(1_000_000)}1]`,
    `${'['.repeat(256)}${']'.repeat(256)}`,
  ])('reads %.40s', (text) => {
    expect(parseBody(text)).toEqual(JSON.parse(text));
  });

  it('reads what begins with a byte order mark', () => {
    expect(parseBody('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  it.each([
    ['', /no.* JSON|not JSON/],
    ['{"a', /not JSON/],
    [String.raw`"\"`, /not JSON/],
    [']]]', /not JSON/],
    ['['.repeat(257), /256 levels/],
    [`{"a":${'{"a":'.repeat(2_000_000)}`, /256 levels/],
    [`[${'[],'.repeat(1_100_000)}[]]`, /values/],
    [`{${'"a":1,'.repeat(300_000)}"b":1}`, /fields/],
  ])('refuses %.40s', (text, reason) => {
    expect(() => parseBody(text)).toThrow(
      expect.objectContaining({ code: 'invalid_input', message: expect.stringMatching(reason) as string }),
    );
  });
});

it('refuses a body while others take the memory, and takes it when they are gone', () => {
  const memory = createBodyMemory(10);
  const first = memory.share();
  first.take(4);
  first.take(4);
  const second = memory.share();
  expect(() => second.take(3)).toThrow(expect.objectContaining({ code: 'busy', data: { reason: 'queue_full' } }));
  second.take(2);
  first[Symbol.dispose]();
  second.take(8);
  expect(() => second.take(1)).toThrow();
});
