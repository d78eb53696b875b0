import { ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import type { Socket } from 'node:net';
import os from 'node:os';
import { LIFELINE_FD } from '../base/lifeline.ts';

/** The environment variables that an engine child inherits: those for its libraries and devices, none about the user or the Hub. */
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
 * Starts children on a plain Node binary with the fewest rights that work: they read files, open llama.cpp's libraries, and write only
 * below `writableFolder` (nowhere without it); they start no processes. `variables` are added to their environment, and a channel with
 * the serialization `advanced` carries bytes. Electron's binary is not used, because its allocator aborts on large allocations. With
 * `inspectPort` a debugger can attach to the first child on that port, and to each later child on the next one. That is for development
 * only, because a debugger can do what the flags forbid. `nodeFlags` are further flags of Node, such as those of its memory.
 */
export function createSpawnChild(
  nodePath: string,
  childPath: string,
  writableFolder: string | null = null,
  inspectPort: number | null = null,
  nodeFlags: readonly string[] = [],
): (variables?: Readonly<Record<string, string>>, serialization?: 'json' | 'advanced') => ChildProcess {
  const environment: NodeJS.ProcessEnv = {
    // One libuv thread, because decoding on four alternating ones takes twice as long (measured).
    UV_THREADPOOL_SIZE: '1',
    LANG: 'C.UTF-8',
    // At a failed assertion the library would start a debugger, which takes seconds.
    GGML_NO_BACKTRACE: '1',
    HOME: os.tmpdir(),
  };
  for (const name of passedOn) if (process.env[name] !== undefined) environment[name] = process.env[name];
  const flags = [
    ...nodeFlags,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    '--permission',
    // Models can be in any folder, and a spare child starts before it gets its model.
    '--allow-fs-read=*',
    ...(writableFolder === null ? [] : [`--allow-fs-write=${writableFolder}`]),
    '--allow-addons',
    // For the thread that renders chat templates.
    '--allow-worker',
    // When it is not bundled, node-llama-cpp tests its libraries in a process of its own.
    ...(childPath.endsWith('.ts') ? ['--allow-child-process'] : []),
  ];
  let nextPort = inspectPort;
  return (variables = {}, serialization = 'json') => {
    const inspect = nextPort === null ? [] : ['--allow-inspector', `--inspect=127.0.0.1:${nextPort++}`];
    const child = spawnChild(nodePath, [...flags, ...inspect, childPath], {
      env: { ...environment, ...variables },
      // The last one is the lifeline, which carries no data and ends with this process.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      windowsHide: true,
      serialization,
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
