import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffLines, folded } from '../../../renderer/features/server/connect/line-diff.ts';

const signs = { same: ' ', removed: '-', added: '+' } as const;
const written = (before: string, after: string): readonly string[] =>
  diffLines(before, after).map(({ kind, text }) => signs[kind] + text);

describe('diffLines', () => {
  it('keeps what is the same', () => {
    expect(written('a\nb\nc\n', 'a\nx\nc\n')).toEqual([' a', '-b', '+x', ' c']);
    expect(written('', 'a\n')).toEqual(['+a']);
    expect(written('a', '')).toEqual(['-a']);
    expect(written('a\r\nb\r\n', 'a\nb\n')).toEqual([' a', ' b']);
    expect(written('a\na\n', 'a\n')).toEqual([' a', '-a']);
  });

  it('has as few changes as diff has, and gives both texts', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-diff-'));
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let round = 0; round < 20; round++) {
      const text = (): string => Array.from({ length: random(30) }, () => `${'abcd'[random(4)]}\n`).join('');
      const [before, after] = [text(), text()];
      const lines = diffLines(before, after);
      const side = (kind: 'removed' | 'added'): string =>
        lines.flatMap((line) => (line.kind === 'same' || line.kind === kind ? `${line.text}\n` : [])).join('');
      expect(side('removed')).toBe(before);
      expect(side('added')).toBe(after);
      writeFileSync(path.join(folder, 'a'), before);
      writeFileSync(path.join(folder, 'b'), after);
      let reference = '';
      try {
        execFileSync('diff', ['--minimal', path.join(folder, 'a'), path.join(folder, 'b')], { encoding: 'utf8' });
      } catch (error) {
        reference = String((error as { stdout?: string }).stdout ?? '');
      }
      expect(lines.filter(({ kind }) => kind !== 'same')).toHaveLength(reference.match(/^[<>]/gm)?.length ?? 0);
    }
    rmSync(folder, { recursive: true });
  });

  it('folds what is far from a change', () => {
    const before = Array.from({ length: 12 }, (_, index) => `line ${index}`).join('\n');
    const shown = folded(diffLines(before, before.replace('line 6', 'other')), 2);
    expect(shown.map((line) => (line.kind === 'gap' ? line.count : signs[line.kind] + line.text))).toEqual([
      ...[4, ' line 4', ' line 5', '-line 6', '+other', ' line 7', ' line 8', 3],
    ]);
    expect(folded(diffLines('a\nb\nc\nd\n', 'a\nb\nc\nx\n'), 2)).toHaveLength(5);
    expect(folded(diffLines('a\nb', 'a\nb'))).toEqual([{ kind: 'gap', count: 2 }]);
  });
});
