import { describe, expect, it } from 'vitest';
import { parseJsonText } from './json-text.ts';

describe('JSON that a person wrote', () => {
  it('is its value', () => {
    expect(parseJsonText(' {"a": [1, "\\u00e9", {}, [], null]}\n', 'messages')).toEqual({ a: [1, 'é', {}, [], null] });
  });
  it('keeps numbers as they are written', () => {
    const text = '{"a":[1234567890123456789,-0,2.0,1E3,0.1,1e999,5],"b":-9007199254740993}';
    expect(JSON.stringify(parseJsonText(text, 'messages'))).toBe(text);
  });
  it('is refused in words where it is nested too deeply for a reader', () => {
    const text = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(() => parseJsonText(text, 'tools')).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: { reason: 'json_too_deep', field: 'tools' } }),
    );
  });
  it.each([
    ['', 1, 1],
    ['  ', 1, 3],
    ['[1 2]', 1, 4],
    ['[1,]', 1, 4],
    ['{"a": 1,\n "b" 2}', 2, 6],
    ['{"a": 1,\n}', 2, 1],
    ['{a: 1}', 1, 2],
    ['[\n  "x\ny"\n]', 2, 3],
    ['["\\x"]', 1, 2],
    ['[01]', 1, 2],
    ['{"a": [1}', 1, 9],
    ['{"a": 1', 1, 8],
    ['1 x', 1, 3],
    ['[tru]', 1, 2],
    ['[1]]', 1, 4],
  ])('tells where %j is none', (text, line, column) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(() => parseJsonText(text, 'messages')).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        data: { reason: 'not_json', field: 'messages', line, column },
      }),
    );
  });
  it('tells the place that JavaScript itself tells, where it tells one', () => {
    const good = JSON.stringify({ a: [1, 'x', { b: null }], c: 'y' }, null, 1);
    let compared = 0;
    for (let at = 0; at < good.length; at++)
      for (const put of ['', '%', ',', '}']) {
        const text = good.slice(0, at) + put + good.slice(at + 1);
        try {
          JSON.parse(text);
        } catch (error) {
          const [, line, column] = /\(line (\d+) column (\d+)\)/.exec((error as Error).message) ?? [];
          // Inside of a text JavaScript tells the letter, and here it is the beginning of the text.
          if (line === undefined || /string/i.test((error as Error).message)) continue;
          compared++;
          expect(() => parseJsonText(text, 'x')).toThrow(
            expect.objectContaining({
              data: expect.objectContaining({ line: Number(line), column: Number(column) }) as object,
            }),
          );
        }
      }
    expect(compared).toBeGreaterThan(50);
  });
});
