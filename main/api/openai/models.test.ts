import { expect, it } from 'vitest';
import { pageOf } from './models.ts';

const all = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));
const page = (query: string): string => {
  const { data, hasMore } = pageOf(all, new URLSearchParams(query));
  return data.map(({ id }) => id).join('') + (hasMore ? '+' : '');
};

it('gives pages forward and backward, as Anthropic does', () => {
  expect(page('')).toBe('abcde');
  expect(page('limit=2')).toBe('ab+');
  expect(page('limit=2&after_id=b')).toBe('cd+');
  expect(page('limit=2&after_id=d')).toBe('e');
  expect(page('limit=2&before_id=e')).toBe('cd+');
  expect(page('limit=2&before_id=c')).toBe('ab');
  expect(page('after_id=a&before_id=d')).toBe('bc');
  expect(page('after_id=e')).toBe('');
});

it.each([
  'limit=0',
  'limit=1001',
  'limit=-1',
  'limit=1.5',
  'limit=x',
  'limit=',
  'limit=99999',
  'after_id=z',
  'before_id=',
])('refuses %s', (query) => {
  expect(() => page(query)).toThrow(query.split('=')[0]);
});
