/** What the self-test of the desktop found: its checks, and the file between the two processes. */
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** In the order in which they run. The launcher adds the last one, because only it sees the end of the app. */
export const selfTestChecks = [
  'window',
  'isolation',
  'protocol',
  'ipc',
  'safeStorage',
  'dialog',
  'engine',
  'drop',
  'second instance',
  'navigation',
  'quit',
] as const;
export type SelfTestCheck = (typeof selfTestChecks)[number];

export interface CheckResult {
  readonly check: SelfTestCheck;
  readonly passed: boolean;
  /** What was seen, or why it failed. */
  readonly detail: string;
  readonly tookMs: number;
}

const SWITCH = '--self-test=';

/** The argument with which the desktop tests itself and writes its results to `file`, whose folder also gets its data. */
export const selfTestArgument = (file: string): string => `${SWITCH}${file}`;

/** The file of the results; null where the app was started as usual. */
export function selfTestFile(args: readonly string[]): string | null {
  return args.find((one) => one.startsWith(SWITCH))?.slice(SWITCH.length) ?? null;
}

/** The home folder and the variables of a test: its own, so that nothing of the user is read or changed, and no network. */
export function selfTestSurroundings(file: string): readonly [NodeJS.ProcessEnv, string] {
  const folder = path.dirname(file);
  return [{ HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_OFFLINE: '1' }, path.join(folder, 'home')];
}

export function addResult(file: string, result: CheckResult): void {
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

/** The results so far; none where the file is not there. */
export function readResults(file: string): CheckResult[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as CheckResult);
  } catch {
    return [];
  }
}
