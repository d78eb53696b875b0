/**
 * The children that outlive an app that was killed. A child ends itself when its app is gone, but one that the system has stopped
 * (SIGSTOP, a full swap) does nothing, and keeps the memory of its model. Its record lets the next start of the app end it. On Linux
 * alone: the others tell no process from a later one of the same id.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface ChildRecords {
  /** Records a child that was just started, until it ends. Never throws. */
  keep(child: ChildProcess): void;
  /** Ends the recorded children. To be called only while no other app can use the folder. Returns their ids; never throws. */
  endOrphans(): readonly number[];
}

/** Records in `folder`, one file per child: `<pid>-<start>`, with where that id and that time mean something. */
export function createChildRecords(folder: string): ChildRecords {
  const here = place();
  return {
    keep(child) {
      const { pid } = child;
      const start = pid === undefined ? null : startOf(pid);
      if (here === null || start === null) return;
      const file = path.join(folder, `${pid}-${start}`);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(file, here, { mode: 0o600 });
        child.once('exit', () => discard(file));
      } catch {
        // Without a record the child still ends itself, unless it is stopped.
      }
    },
    endOrphans() {
      const ended: number[] = [];
      for (const name of namesIn(folder)) {
        const [, pid, start] = /^(\d+)-(\d+)$/.exec(name) ?? [];
        const file = path.join(folder, name);
        if (here !== null && contentOf(file) === here && startOf(Number(pid)) === start && end(Number(pid)))
          ended.push(Number(pid));
        discard(file);
      }
      return ended;
    },
  };
}

/** The run of the system and the space of process ids; null where they are not told. */
function place(): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

/** When a process was started, in ticks since the system's start; null where there is none, or one that has ended already. */
function startOf(pid: number): string | null {
  try {
    // The name, which is in brackets, may have spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? null : (fields[START_FIELD] ?? null);
  } catch {
    return null;
  }
}

/** `starttime`, counted from the state of the process, which is the first field behind its name (proc_pid_stat(5)). */
const START_FIELD = 22 - 3;

/** SIGKILL also ends a process that is stopped. */
function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It names no process any more, and the next start tries again.
  }
}
