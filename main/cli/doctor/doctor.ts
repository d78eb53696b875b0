/** `hearth doctor`: whether everything that Hearth needs is there and works, and what to do where not. */
import { AppError } from '../../../preload/wire/errors.ts';
import { withoutMarks } from '../../base/foreign-text.ts';
import type { Invocation, Values } from '../invocation.ts';
import { checkData } from './data.ts';
import { checkDisk } from './disk.ts';
import { areas, problemOf, type Area, type Finding } from './finding.ts';
import { checkHardware } from './hardware.ts';
import { checkNetwork } from './network.ts';
import { checkVersions } from './versions.ts';

interface Check {
  readonly area: Area;
  readonly words: string;
  readonly run: (invocation: Invocation) => Promise<readonly Finding[]> | readonly Finding[];
}

const checks: readonly Check[] = [
  { area: 'hardware', words: 'the hardware', run: checkHardware },
  { area: 'disk', words: 'the disk', run: checkDisk },
  { area: 'data', words: 'the database', run: checkData },
  { area: 'network', words: 'the network', run: checkNetwork },
  { area: 'versions', words: 'the versions', run: checkVersions },
];

/** Prints all findings, or one JSON object. Changes nothing. @throws AppError of the first problem. */
export async function runDoctor(
  _values: Values<'doctor'>,
  _positionals: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const findings: Finding[] = [];
  for (const { area, words, run } of checks) {
    signal.throwIfAborted();
    output.status(`Checking ${words}…`);
    try {
      findings.push(...(await run(invocation)));
    } catch (error) {
      signal.throwIfAborted();
      // One check that fails says so, and the others are made.
      findings.push(problemOf(area, 'check', error, 'This is a defect of Hearth. The log may have more.'));
    }
  }
  const sorted = areas.flatMap((area) => findings.filter((finding) => finding.area === area));
  const problems = sorted.filter((finding) => finding.status === 'problem');
  const warnings = sorted.filter((finding) => finding.status === 'warning').length;
  output.done({ problems: problems.length, warnings, findings: sorted }, described(sorted, problems.length, warnings));
  const [first] = problems;
  if (first !== undefined)
    throw new AppError(first.code, `${first.message} ${first.advice}`, { problems: problems.length });
}

const marks: Readonly<Record<Finding['status'], string>> = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' };

function described(findings: readonly Finding[], problems: number, warnings: number): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap((finding) => {
    const { area, name, status, message } = finding;
    const head = `  ${marks[status].padEnd(8)} ${area.padEnd(9)} ${name.padEnd(width)}  `;
    return [
      `${head}${withoutMarks(message)}`,
      ...(finding.status === 'ok' ? [] : [`${' '.repeat(head.length)}${withoutMarks(finding.advice)}`]),
    ];
  });
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const end =
    problems + warnings === 0 ? 'Everything works.' : `${count(problems, 'problem')}, ${count(warnings, 'warning')}.`;
  return [...lines, '', end].join('\n');
}
