import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createChildRecords } from './child-records.ts';

function makeFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-children-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'children');
}
async function sleeper(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child as ChildProcess & { readonly pid: number };
}
const ended = async (child: ChildProcess): Promise<NodeJS.Signals | null> => {
  await once(child, 'exit');
  return child.signalCode;
};

describe.skipIf(process.platform !== 'linux')('the records of children', () => {
  it('end the child of an app that is gone, also one that is stopped, and are gone themselves', async () => {
    const folder = makeFolder();
    const child = await sleeper();
    // The app that recorded it is killed: it hears of no end.
    createChildRecords(folder).keep(Object.assign(Object.create(null) as ChildProcess, { pid: child.pid, once() {} }));
    expect(readdirSync(folder)).toEqual([expect.stringMatching(new RegExp(`^${child.pid}-\\d+$`))]);
    child.kill('SIGSTOP');
    const end = ended(child);
    expect(createChildRecords(folder).endOrphans()).toEqual([child.pid]);
    expect(await end).toBe('SIGKILL');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('last until the child ends', async () => {
    const folder = makeFolder();
    const child = await sleeper();
    createChildRecords(folder).keep(child);
    expect(readdirSync(folder)).toHaveLength(1);
    const end = ended(child);
    child.kill('SIGKILL');
    await end;
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never end another process: of another start, of another run of the system, of no record', async () => {
    const folder = makeFolder();
    const child = await sleeper();
    const records = createChildRecords(folder);
    records.keep(child);
    const [name = ''] = readdirSync(folder);
    const here = readFileSync(path.join(folder, name), 'utf8');
    const start = Number(name.split('-')[1]);
    // The start as `ps` and others read it: the 22nd field of the file.
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/\(.*\)/, 'name');
    expect(start).toBe(Number(stat.split(' ')[21]));

    for (const [file, content] of [
      [`${child.pid}-${start + 1}`, here],
      [`${child.pid}-${start - 1}`, here],
      [name, here.replace(/^./, (first) => (first === '0' ? '1' : '0'))],
      [name, here.replace(/pid:\[\d+\]/, 'pid:[1]')],
      [name, ''],
      [`${child.pid}`, here],
      [`x${name}`, here],
      [`-${name}`, here],
    ] as const) {
      rmSync(folder, { recursive: true });
      createChildRecords(folder).keep(child);
      rmSync(path.join(folder, name));
      writeFileSync(path.join(folder, file), content);
      expect(createChildRecords(folder).endOrphans(), file).toEqual([]);
    }
    expect(child.exitCode ?? child.signalCode).toBeNull();
    process.kill(child.pid, 0);
  });

  it('cost nothing where the folder cannot be made', async () => {
    const file = makeFolder();
    writeFileSync(file, '');
    const child = await sleeper();
    const records = createChildRecords(file);
    records.keep(child);
    expect(records.endOrphans()).toEqual([]);
  });
});
