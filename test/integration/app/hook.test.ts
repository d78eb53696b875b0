/** The pre-commit hook: where it is installed, where it is not, and that an installation never fails because of it. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { typeChecks } from '../../../lint-staged.config.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Runs the script of `npm ci` in a new folder; returns the folder where git then looks for hooks. */
function install(options: { git: boolean; env?: Record<string, string>; ownHook?: boolean }): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-hook-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: folder, encoding: 'utf8', env: cleanEnvironment() }).stdout.trim();
  if (options.git) git('init', '-q');
  if (options.ownHook) writeFileSync(path.join(folder, '.git/hooks/post-receive'), '');
  const run = spawnSync(process.execPath, [path.join(root, '.husky/install.js')], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...cleanEnvironment(), ...options.env },
  });
  expect([run.status, run.stderr]).toEqual([0, '']);
  return options.git ? git('config', 'core.hooksPath') : '';
}

/** Without the variable CI of a test run, and without the variables that git sets for hooks. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CI|HUSKY|GIT_.*)$/.test(name)));
}

it('is set up in a repository', () => {
  expect(install({ git: true })).toBe('.husky/_');
});

it('is not set up in a tarball, on CI, where it is unwanted, or beside hooks of the repository itself', () => {
  expect(install({ git: false })).toBe('');
  expect(install({ git: true, env: { CI: 'true' } })).toBe('');
  expect(install({ git: true, env: { HUSKY: '0' } })).toBe('');
  expect(install({ git: true, ownHook: true })).toBe('');
});

it('checks the types of the parts that a file belongs to', () => {
  const tasks = (...files: string[]): string[] => typeChecks(files.map((file) => path.join(root, file)));
  expect(tasks('renderer/frame/App.tsx')).toEqual(['tsc -p renderer', 'tsc -p test']);
  expect(tasks('dev.ts')).toEqual(['tsc -p test']);
  expect(tasks('main/tsconfig.json')).toEqual(['tsc -p main', 'tsc -p test']);
  expect(tasks('tsconfig.base.json').length).toBe(6);
  expect(tasks('README.md')).toEqual([]);
  expect(tasks('main/serve.ts', 'renderer/frame/App.tsx')).toEqual(['tsc -p main', 'tsc -p renderer', 'tsc -p test']);
  expect(tasks('preload/wire/rpc.ts').length).toBe(6);
  for (const project of tasks('preload/wire/rpc.ts'))
    expect([project, existsSync(path.join(root, project.replace('tsc -p ', ''), 'tsconfig.json'))]).toEqual([
      project,
      true,
    ]);
});

it('checks the part that a commit deletes or moves a file of, which lint-staged is not told of', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-hook-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['.husky/check-deleted.ts', '.husky/pre-commit', 'lint-staged.config.ts']) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    copyFileSync(path.join(root, name), path.join(folder, name));
  }
  // Stand-ins for the commands, which write down that they were called.
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['tsc', 'lint-staged']) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\necho ${name} "$@" >> ${folder}/called\n[ "$2" != renderer ]\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  const node = path.dirname(process.execPath);
  const env = { ...cleanEnvironment(), PATH: [bin, node, process.env['PATH']].join(path.delimiter) };
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: folder, encoding: 'utf8', env });
  const git = (...args: string[]) => run('git', '-c', 'user.name=a', '-c', 'user.email=a@b', ...args);
  git('init', '-q');
  for (const name of ['main/gone.ts', 'renderer/moved.ts', 'README.md']) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), 'export const one = 1;\n');
  }
  git('add', 'main', 'renderer', 'README.md');
  git('commit', '-q', '-m', 'first');
  const hook = (): [number | null, string] => {
    rmSync(path.join(folder, 'called'), { force: true });
    const { status } = run('sh', '.husky/pre-commit');
    return [status, readFileSync(path.join(folder, 'called'), 'utf8')];
  };
  git('rm', '-q', 'README.md');
  expect(hook()).toEqual([0, 'lint-staged --quiet\n']);
  git('rm', '-q', 'main/gone.ts');
  expect(hook()).toEqual([0, 'lint-staged --quiet\ntsc -p main\ntsc -p test\n']);
  // The stand-in refuses this part, and with it the commit.
  git('mv', 'renderer/moved.ts', 'moved.ts');
  expect(hook()).toEqual([1, 'lint-staged --quiet\ntsc -p main\ntsc -p renderer\n']);
});
