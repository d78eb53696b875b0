/** How a child ended, and whether the system ended it for want of memory. */
import { existsSync, readFileSync } from 'node:fs';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it wrote to stderr. */
  readonly stderr: string;
  /** It had answered at least once: its libraries were there and started. */
  readonly answered: boolean;
  /** The system has killed a process of its group for want of memory while it ran. */
  readonly outOfMemoryKill: boolean;
}

/** The file in which Linux counts the processes of a process's own control group that it killed for want of memory. */
export function memoryGroupOf(pid: number | undefined): string {
  try {
    const groups = readFileSync(`/proc/${pid ?? 'self'}/cgroup`, 'utf8');
    const first = /^\d+:(?:[\w,=]+,)?memory(?:,[\w,=]+)?:(\/.+)$/m.exec(groups)?.[1];
    const second = /^0::(\/.+)$/m.exec(groups)?.[1];
    const file =
      first !== undefined
        ? `/sys/fs/cgroup/memory${first}/memory.oom_control`
        : second !== undefined
          ? `/sys/fs/cgroup${second}/memory.events`
          : '';
    if (existsSync(file)) return file;
  } catch {
    // Gone, or not Linux.
  }
  return '/proc/vmstat'; // of the whole machine
}

/** What the file of `memoryGroupOf` counts; 0 where that cannot be told. */
export function outOfMemoryKills(file: string): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
