/** How a child ended, and whether the system killed it for lack of memory. */
import { existsSync, readFileSync } from 'node:fs';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its stderr. */
  readonly stderr: string;
  /** True when it had answered at least once, so its libraries had started. */
  readonly answered: boolean;
  /** True when the system killed a process of its control group for lack of memory while it ran. */
  readonly outOfMemoryKill: boolean;
}

/** The file in which Linux counts the processes of a control group that it killed for lack of memory. */
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

/** The number of kills in the file of `memoryGroupOf`; 0 when it cannot be read. */
export function outOfMemoryKills(file: string): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
