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
  // And every TypeScript file beside this one.
  ['test', ['preload/', 'main/', 'renderer/', 'test/']],
];

/** What every part's check depends on. */
const shared: readonly string[] = ['package.json', 'tsconfig.base.json'];

/** The commands that check the types of these files. */
export function typeChecks(files: readonly string[]): string[] {
  const names = files.map((file) => path.relative(import.meta.dirname, file).replaceAll('\\', '/'));
  return parts
    .filter(([project, sources]) =>
      names.some(
        (name) =>
          shared.includes(name) ||
          sources.some((source) => name.startsWith(source)) ||
          (project === 'test' && /^[^/]+\.ts$/.test(name)),
      ),
    )
    .map(([project]) => `tsc -p ${project}`);
}

export default { '*': 'prettier --write --ignore-unknown', '*.{ts,tsx,json,mjs}': typeChecks };
