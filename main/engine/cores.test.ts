import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { physicalCores } from './cores.ts';

/** A folder as Linux has it, of a machine whose cores run these threads. */
function cpuFolder(cores: readonly (readonly number[])[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-cpus-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const threads of cores)
    for (const thread of threads) {
      const topology = path.join(folder, `cpu${thread}`, 'topology');
      mkdirSync(topology, { recursive: true });
      writeFileSync(path.join(topology, 'thread_siblings_list'), `${threads.join(',')}\n`);
    }
  mkdirSync(path.join(folder, 'cpufreq'));
  return folder;
}

it('threads of one core count once, and no core counts that this process may not use', () => {
  const usable = os.availableParallelism();
  expect(physicalCores(cpuFolder([[0, 1]]))).toBe(1);
  // A container with a part of a large machine: every thread beyond what it may use waits at each step.
  const machine = Array.from({ length: usable + 3 }, (_, core) => [core, core + usable + 3]);
  expect(physicalCores(cpuFolder(machine))).toBe(usable);
});
