/** Starts the desktop for its self-test, waits for its end, and makes a table of what it found. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readResults, selfTestArgument, selfTestChecks, type CheckResult } from './self-test-report.ts';

/** A self-test that cannot run is neither passed nor failed; test harnesses know this exit code as "skipped". */
export const SKIPPED_EXIT_CODE = 77;

/** More than the limits of all checks. */
const LIMIT_MS = 600_000;

/** The start of a desktop: a program and its arguments, before that of the test. */
export interface DesktopStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly limitMs?: number;
}

/** The result of every check, also of those that were not reached. */
export async function runDesktopSelfTest(start: DesktopStart): Promise<readonly CheckResult[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-self-test-'));
  const file = path.join(folder, 'results.jsonl');
  try {
    const startedAt = performance.now();
    const desktop = spawn(start.command, [...start.args, selfTestArgument(file)], {
      env: start.env ?? process.env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const timer = setTimeout(() => desktop.kill('SIGKILL'), start.limitMs ?? LIMIT_MS);
    const code = await new Promise<number | null>((resolve, reject) =>
      desktop.once('exit', (ended) => resolve(ended)).once('error', reject),
    );
    clearTimeout(timer);
    const seen = readResults(file);
    const tookMs = Math.round(performance.now() - startedAt);
    const quit = { check: 'quit', tookMs, ...judgeEnd(path.join(folder, 'data'), code) } as const;
    return selfTestChecks.map(
      (check) =>
        [...seen, quit].find((one) => one.check === check) ?? {
          check,
          passed: false,
          detail: 'It was not reached.',
          tookMs: 0,
        },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** An orderly end: the exit code 0, the last line of the log, and a database without a journal. */
function judgeEnd(dataFolder: string, code: number | null): Pick<CheckResult, 'passed' | 'detail'> {
  const log = path.join(dataFolder, 'logs/hearth.log');
  if (code !== 0) return { passed: false, detail: `The app ended with ${String(code)}.` };
  if (!existsSync(log) || !/Closed\.\s*$/.test(readFileSync(log, 'utf8')))
    return { passed: false, detail: 'The log does not say at its end that the app was closed.' };
  if (existsSync(path.join(dataFolder, 'hearth.db-wal')))
    return { passed: false, detail: 'The database was not closed.' };
  return { passed: true, detail: 'closed in order' };
}

/** The table, a line each. */
export function selfTestTable(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ check }) => check.length));
  return results
    .map(({ check, passed, detail, tookMs }) =>
      [passed ? 'ok    ' : 'FAILED', check.padEnd(width), `${(tookMs / 1000).toFixed(1)} s`.padStart(7), detail].join(
        '  ',
      ),
    )
    .join('\n');
}
