import path from 'node:path';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Ends a run with the line `N passed, N failed` (and `, N skipped`), for readers of the end only. The lines above it
 * name each test that passed only in a retry: such a test is a defect like a failed one.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    const flaky: string[] = [];
    for (const module of modules) {
      // A module that fails to load has no tests to count.
      if (module.errors().length > 0) failed++;
      // The tests below a beforeAll that throws count as skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'failed') failed++;
        else skipped++;
        const retries = test.diagnostic()?.retryCount ?? 0;
        if (state === 'passed' && retries > 0) {
          const file = path.relative(module.project.vitest.config.root, module.moduleId).replaceAll('\\', '/');
          flaky.push(`FLAKY ${file} > ${test.fullName} passed at try ${retries + 1}`);
        }
      }
    }
    // Whatever else fails a run, such as no test at all, must not end in the line of one that passed.
    if (reason === 'failed') failed = Math.max(failed, 1);
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    process.once('exit', () => process.stdout.write([...flaky, counts].map((line) => `${line}\n`).join('')));
  }
}
