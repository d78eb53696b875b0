import os from 'node:os';

/** The processor's name as the system gives it, with single spaces. */
export function cpuModel(): string {
  return os.cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor';
}
