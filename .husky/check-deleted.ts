/** Checks the types of the parts that a commit deletes or moves files out of: lint-staged hears of none of these files. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { typeChecks } from '../lint-staged.config.ts';

const root = path.join(import.meta.dirname, '..');
const staged = spawnSync('git', ['diff', '--cached', '--name-only', '--no-renames', '--diff-filter=D', '-z'], {
  encoding: 'utf8',
});
const deleted = staged.stdout.split('\0').filter((name) => /\.(ts|tsx|json|mjs)$/.test(name));
for (const check of typeChecks(deleted.map((name) => path.join(root, name)))) {
  const [command = '', ...rest] = check.split(' ');
  const { status } = spawnSync(command, rest, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(1);
}
