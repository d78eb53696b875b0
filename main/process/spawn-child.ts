import { ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import os from 'node:os';
import { LIFELINE_FD } from '../base/lifeline.ts';

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

/**
 * Starts children on a plain Node binary with the least rights that work: they read files, open llama.cpp's libraries and write below
 * `writableFolder` alone (nowhere without it); they start no processes. `variables` are added to their environment. Electron's own process is
 * never a child: its allocator aborts on large allocations. With `inspectPort` a debugger can be attached, to the first child on that port
 * and to each later one on the next: for development alone, as whoever attaches can do what the flags forbid.
 */
export function createSpawnChild(
  nodePath: string,
  childPath: string,
  writableFolder: string | null = null,
  inspectPort: number | null = null,
): (variables?: Readonly<Record<string, string>>) => ChildProcess {
  const environment: NodeJS.ProcessEnv = {
    // One libuv thread: four that take turns at the decode cost half the speed (measured).
    UV_THREADPOOL_SIZE: '1',
    LANG: 'C.UTF-8',
    HOME: os.tmpdir(),
  };
  for (const name of passedOn) if (process.env[name] !== undefined) environment[name] = process.env[name];
  const flags = [
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    '--permission',
    // Models lie anywhere, and a spare child is started before one is named.
    '--allow-fs-read=*',
    ...(writableFolder === null ? [] : [`--allow-fs-write=${writableFolder}`]),
    '--allow-addons',
    // The thread that chat templates are rendered in.
    '--allow-worker',
    // Not bundled, node-llama-cpp tries its libraries out in a process of its own.
    ...(childPath.endsWith('.ts') ? ['--allow-child-process'] : []),
  ];
  let nextPort = inspectPort;
  return (variables = {}) => {
    const inspect = nextPort === null ? [] : ['--allow-inspector', `--inspect=127.0.0.1:${nextPort++}`];
    const child = spawnChild(nodePath, [...flags, ...inspect, childPath], {
      env: { ...environment, ...variables },
      // The last one is the lifeline: nothing is ever said over it, and it ends with this process.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      windowsHide: true,
    });
    // Node makes no pipes where this process has no descriptor left for them.
    const lifeline = (child.stdio as Partial<ChildProcess['stdio']> | undefined)?.[LIFELINE_FD] as Socket | undefined;
    lifeline?.on('error', () => {}).unref();
    return child;
  };
}

/** As `spawn`, which emits some failures and throws others, such as a want of memory: here `error` is emitted for all of them. */
function spawnChild(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(file, args, options);
  } catch (error) {
    const child = new ChildProcess();
    process.nextTick(() => child.emit('error', error));
    return child;
  }
}
