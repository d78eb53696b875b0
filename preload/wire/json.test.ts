import { expect, it } from 'vitest';
import { isJsonObject, orderedObject, readExactJson } from './json.ts';

/** What Python's `json.dumps(json.loads(text), separators=(',', ':'))` gives. */
const written = [
  ['{"b":1,"2":2,"1":3}', '{"b":1,"2":2,"1":3}'],
  ['[{"z":[{"10":0,"9":0}],"0":9007199254740993}]', '[{"z":[{"10":0,"9":0}],"0":9007199254740993}]'],
  ['{"a":1,"1":2.0,"a":3,"1":4}', '{"a":3,"1":4}'],
  ['{"a":1,"\\u0031":2,"#":3,"1x":4,"":5,"01":6}', '{"a":1,"1":2,"#":3,"1x":4,"":5,"01":6}'],
  [
    '{"a\\"1\\":":"\\"1\\":","__proto__":{"b":1,"1":1},"3" : null}',
    '{"a\\"1\\":":"\\"1\\":","__proto__":{"b":1,"1":1},"3":null}',
  ],
] as const;

it.each(written)('keeps the keys of %s in their order', (text, expected) => {
  expect(JSON.stringify(readExactJson(text))).toBe(expected);
});

it('gives such an object all that an object has', () => {
  const value = readExactJson('{"b":1,"2":2,"1":3}');
  if (!isJsonObject(value)) throw new Error('no object');
  expect([Object.keys(value), Object.entries(value)]).toEqual([
    ['b', '2', '1'],
    [
      ['b', 1],
      ['2', 2],
      ['1', 3],
    ],
  ]);
  expect(value).toEqual({ b: 1, 1: 3, 2: 2 });
  expect([value['1'], '2' in value, Object.hasOwn(value, '3')]).toEqual([3, true, false]);
  expect(JSON.stringify(orderedObject(Object.entries(value)))).toBe('{"b":1,"2":2,"1":3}');
});

it.each(['{"a":1,"1":}', '{"a":1,"1":1}{', '{"1":"', '{"1":1,"b":"\\"', '"1":'])(
  'refuses %s as JavaScript does',
  (text) => {
    const messageOf = (read: (text: string) => unknown): unknown => {
      try {
        return read(text);
      } catch (error) {
        return String(error);
      }
    };
    expect(messageOf((one) => readExactJson(one))).toBe(messageOf((one) => JSON.parse(one)));
  },
);

it('reads a long text with keys of digits in time in proportion to it', () => {
  const text = `{"b":"${'x\\"'.repeat(2_000_000)}","1":1}`;
  expect(JSON.stringify(readExactJson(text))).toBe(text);
  expect(() => readExactJson(`{"1":1}"${'\\"'.repeat(300_000)}`)).toThrow(SyntaxError);
});
