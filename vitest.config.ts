import { defineConfig } from 'vitest/config';

/**
 * Three projects, one after the other in a run of all: `unit` beside the code, `integration` over several files or processes, `e2e` in a
 * real browser.
 */
export default defineConfig({
  test: {
    // A test that fails and then passes is named at the end of the run (closing-line-reporter.ts) and is to be mended.
    retry: process.env['CI'] === 'true' ? 2 : 0,
    reporters: ['default', './test/closing-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{main,native,preload,renderer}/**/*.test.{ts,tsx}'],
          environment: 'node',
          setupFiles: ['./test/support/words-setup.ts'],
          // Modules are loaded once for each worker, not once for each file: most of the time was spent there.
          isolate: false,
          // Ends only tests that hang: on a busy machine any step can take seconds.
          testTimeout: 60_000,
          expect: { poll: { timeout: 50_000 } },
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          environment: 'node',
          setupFiles: ['./test/support/words-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 60_000 } },
          // More workers than cores would make the engine's threads wait for each other.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          globalSetup: './test/e2e/global-setup.ts',
          testTimeout: 240_000,
          hookTimeout: 180_000,
          // What a page does is awaited as Playwright awaits it; the default of one second is a guess about the machine's load.
          expect: { poll: { timeout: 60_000 } },
          // Pages mostly wait: two files at once take little more than half of the time.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
