import { expect, it } from 'vitest';
import { parseBoundedJson } from './bounded-json.ts';

it('reads what JSON.parse reads, and nothing else', () => {
  expect(parseBoundedJson('{"a":[1,{"b":"{["}]}')).toEqual({ a: [1, { b: '{[' }] });
  expect(parseBoundedJson('null')).toBeNull();
  expect(parseBoundedJson('{"a":')).toBeUndefined();
});

it('refuses more objects and lists than its limit before it makes any', () => {
  const many = (count: number): string => `[${'{},'.repeat(count - 2)}{}]`;
  expect(parseBoundedJson(many(500_000))).toHaveLength(499_999);
  expect(parseBoundedJson(many(500_001))).toBeUndefined();
  expect(parseBoundedJson(many(500_001), 1_000_000)).toHaveLength(500_000);
  expect(parseBoundedJson('['.repeat(9_000_000))).toBeUndefined();
});
