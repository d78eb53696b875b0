import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{main,preload,renderer}/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    environment: 'node',
    globalSetup: './test/global-setup.ts',
    // Only to end what hangs: a busy machine may stand still for seconds at any line.
    testTimeout: 120_000,
    // What a page does is awaited as Playwright awaits it; the default of one second is a guess about the machine's load.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 180_000,
    // Two cores: more workers would make the engine's threads wait for each other.
    maxWorkers: 2,
    reporters: ['default', './test/closing-line-reporter.ts'],
  },
});
