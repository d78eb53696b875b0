import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withoutHidden } from './hidden-lines.ts';

/** What is left of these lines. */
function shown(text: string): string[] {
  const lines: string[] = [];
  const sink = withoutHidden({ line: (line) => lines.push(line), end: () => lines.push('END') });
  for (const line of text.split('\n')) if (line !== '') sink.line(line);
  sink.end();
  return lines;
}

/** What a child prints that runs this after the marks are on or off. */
function printedBy(body: string): string {
  const script = `import { hideLines, markHiddenLines } from ${JSON.stringify(path.join(import.meta.dirname, 'hidden-lines.ts'))};
    ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stderr;
}

it('leaves out what a child prints meanwhile, also where the work fails or two overlap', () => {
  const printed = printedBy(`markHiddenLines();
    console.error('before');
    await hideLines(async () => { console.error('a secret'); console.error('hearth: show 1'); });
    console.error('between');
    await hideLines(async () => { throw new Error(); }).catch(() => {});
    const gate = Promise.withResolvers();
    const one = hideLines(() => gate.promise);
    await hideLines(async () => console.error('a secret'));
    process.stderr.write('a secret without an end');
    gate.resolve();
    await one;
    console.error('after');`);
  expect(printed).toContain('a secret');
  expect(shown(printed)).toEqual([
    'before',
    '(left out, because they may quote a user: 2 of its lines)',
    'between',
    '(left out, because they may quote a user: 2 of its lines)',
    'after',
    'END',
  ]);
});

it('says so as well of a child that dies meanwhile, and marks nothing where nobody asked for it', () => {
  const dying = printedBy(
    `markHiddenLines(); await hideLines(async () => { console.error('a secret'); process.exit(1); });`,
  );
  expect(shown(dying)).toEqual(['(left out, because they may quote a user: 1 of its lines)', 'END']);
  expect(printedBy(`await hideLines(async () => console.error('plain'));`)).toBe('plain\n');
});
