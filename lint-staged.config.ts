/**
 * What the pre-commit hook does: the changed files are formatted, and the types of the parts that they belong to are checked. A part is
 * checked whole, because a change in one file can break another.
 */
import path from 'node:path';

/** A part's tsconfig, and what it takes in. */
const parts: readonly (readonly [project: string, sources: readonly string[]])[] = [
  ['preload/wire', ['preload/wire/']],
  ['preload/contract', ['preload/wire/', 'preload/contract/']],
  ['preload', ['preload/']],
  ['main', ['preload/', 'main/']],
  ['renderer', ['preload/', 'renderer/']],
  ['test', ['preload/', 'main/', 'test/', 'build.ts', 'lint-staged.config.ts', 'vite.config.ts', 'vitest.config.ts']],
];

/** The commands that check the types of these files. */
export function typeChecks(files: readonly string[]): string[] {
  const names = files.map((file) => path.relative(import.meta.dirname, file).replaceAll('\\', '/'));
  return parts
    .filter(([, sources]) => names.some((name) => sources.some((source) => name.startsWith(source))))
    .map(([project]) => `tsc -p ${project}`);
}

export default { '*': 'prettier --write --ignore-unknown', '*.{ts,tsx}': typeChecks };
