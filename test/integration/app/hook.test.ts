/** The pre-commit hook: where it is installed, where it is not, and that an installation never fails because of it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
