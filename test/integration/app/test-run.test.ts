/** The test runs themselves: the lines that CI reads at their end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs vitest on one file of these tests, with the configuration of the real runs; returns its output. */
function runTests(source: string, isCi: boolean): string[] {
  // Below the checkout, where `vitest` is found.
  mkdirSync(path.join(root, 'test-results'), { recursive: true });
  const folder = mkdtempSync(path.join(root, 'test-results/run-'));
  made.push(folder);
  writeFileSync(
    path.join(folder, 'some.test.ts'),
    `import { afterAll, beforeAll, describe, expect, it } from 'vitest';\n${source}`,
  );
  writeFileSync(
    path.join(folder, 'vitest.config.ts'),
    `import real from '../../vitest.config.ts';
     const { retry } = real.test;
     export default { root: import.meta.dirname, test: { retry, reporters: ['../../test/closing-line-reporter.ts'] } };`,
  );
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!/^(VITEST|CI$)/.test(name)) env[name] = value;
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const run = spawnSync(process.execPath, [vitest, 'run', '--root', folder], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, ...(isCi ? { CI: 'true' } : {}) },
  });
  return run.stdout.trimEnd().split('\n');
}

const FLAKY_SOURCE = `
  let tries = 0;
  it('passes at once', () => {});
  it('passes at the second try', () => expect(++tries).toBe(2));
  it('never passes', () => expect(1).toBe(2));
  it.skip('is left out', () => {});
`;

it('names the tests that passed only in a retry, above the closing line', () => {
  expect(runTests(FLAKY_SOURCE, true).slice(-2)).toEqual([
    'FLAKY some.test.ts > passes at the second try passed at try 2',
    '2 passed, 1 failed, 1 skipped',
  ]);
});

it('retries nothing outside CI', () => {
  const lines = runTests(FLAKY_SOURCE, false);
  expect(lines.at(-1)).toBe('1 passed, 2 failed, 1 skipped');
  expect(lines.filter((line) => line.startsWith('FLAKY'))).toEqual([]);
});

it.each([
  ["describe('inside', () => { beforeAll(() => { throw new Error('no'); }); it('waits', () => {}); });", 1, 1],
  ["describe('inside', () => { afterAll(() => { throw new Error('no'); }); it('passes', () => {}); });", 2, 0],
  [
    "describe('a', () => describe('b', () => { beforeAll(() => { throw new Error('no'); }); it('waits', () => {}); }));",
    ...[1, 1],
  ],
])('counts a suite whose hooks fail: %s', (source, passed, skipped) => {
  expect(runTests(`it('passes', () => {});\n${source}`, false).at(-1)).toBe(
    `${passed} passed, 1 failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
});

it('says of a run without a test that it failed', () => {
  expect(runTests('', false).at(-1)).toBe('0 passed, 1 failed');
});
