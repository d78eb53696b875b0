import { spawn, type ChildProcess } from 'node:child_process';
import os from 'node:os';

/** What reaches an engine child of the environment: where to find its libraries and devices, and nothing about the user or the Hub. */
const passedOn = [
  'PATH',
  'SystemRoot',
  'windir',
  'TEMP',
  'TMP',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'CUDA_VISIBLE_DEVICES',
  'GGML_VK_VISIBLE_DEVICES',
  'VK_DRIVER_FILES',
  'VK_ICD_FILENAMES',
];

/** Starts children on a plain Node binary. Electron's own process is never one: its allocator aborts on large allocations. */
export function createSpawnChild(nodePath: string, childPath: string): () => ChildProcess {
  const environment: NodeJS.ProcessEnv = {
    // One libuv thread: four that take turns at the decode cost half the speed (measured).
    UV_THREADPOOL_SIZE: '1',
    LANG: 'C.UTF-8',
    HOME: os.tmpdir(),
  };
  for (const name of passedOn) if (process.env[name] !== undefined) environment[name] = process.env[name];
  return () =>
    spawn(nodePath, ['--disable-warning=ExperimentalWarning', childPath], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    });
}
