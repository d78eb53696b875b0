import { expect, it } from 'vitest';
import { isDesktopKey, keyProblem } from './key-problems.ts';

it.each([
  ['Mod+K', null],
  ['F4', null],
  ['?', null],
  ['Alt+ArrowUp', null],
  ['Mod+Shift+Enter', null],
  ['Enter', 'control'],
  ['Shift+Tab', 'control'],
  ['ArrowDown', 'control'],
  ['Mod+C', 'editing'],
  ['Mod+Shift+Z', 'editing'],
  ['Mod+Q', 'window'],
  ['Mod++', 'window'],
  ['Mod+T', 'browser'],
  ['Mod+Shift+N', 'browser'],
] as const)('%s is kept by %s in a browser', (key, problem) => {
  expect(keyProblem(key, false)).toBe(problem);
  expect(keyProblem(key, true)).toBe(problem === 'browser' ? null : problem);
  expect(isDesktopKey(key)).toBe(problem === 'browser');
});
