/** The devices of this machine. GPUs are probed in a child process, so that a driver's crash ends only that process. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import os from 'node:os';
import type { Backend, BackendProblem, Device, Hardware } from '../../../../preload/contract/engine.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import { cpuModel } from '../../../base/cpu-model.ts';
import { createSharedWork } from '../../../base/shared-work.ts';
import { unlessAborted } from '../../../base/unless-aborted.ts';
import type { FreeMemory } from '../../../model-file/fit.ts';
import type { Backends } from '../../packages/backends.ts';
import { physicalCores } from '../../cores.ts';
import type { EngineProcess } from '../processes/engine-process.ts';
import type { ChildBackend, DeviceReport } from '../../protocol.ts';
import { createKeptReport } from './kept-report.ts';

/** Limit for a probe. A driver may compile something at its first use. */
const PROBE_LIMIT_MS = 30_000;

export interface Probed {
  /** The backend that models are loaded with. */
  readonly backend: ChildBackend;
  readonly report: DeviceReport | null;
  readonly problems: ReadonlyMap<Backend['id'], BackendProblem>;
}

export interface HardwareProbe {
  /** Probes at the first call and again after `forget`. Never rejects. */
  probe(): Promise<Probed>;
  /** Drops what is known, as after new GPU libraries. */
  forget(): void;
  /** @throws AppError `cancelled` when `signal` fires. */
  describe(memory: FreeMemory, signal?: AbortSignal): Promise<Hardware>;
  /** `memory` with the GPU's memory, which is at most some seconds old. @throws AppError `cancelled` when `signal` fires. */
  memory(memory: FreeMemory, signal?: AbortSignal): Promise<FreeMemory>;
  /** `memory` with the GPU's memory as at the last question. The first call starts the first probe. */
  lastMemory(memory: FreeMemory): FreeMemory;
  /** Ends the children that are being asked; nothing is asked afterwards. */
  close(): Promise<void>;
}

export interface HardwareOptions {
  /** Starts a child for a backend. */
  readonly start: (backend: ChildBackend) => EngineProcess;
  /** Null: only the CPU is used. */
  readonly backends: Pick<Backends, 'list' | 'installed'> | null;
  /** The models in memory and their sizes, as a key: another key means that the GPU's free memory is another. */
  readonly occupancy: () => string;
  /** A monotonic clock. Default: `performance.now`. */
  readonly elapsedMs?: () => number;
}

const never = new AbortController().signal;
const STOPPED = 'The question for the devices was stopped.';

export function createHardwareProbe(options: HardwareOptions): HardwareProbe {
  const { backends, occupancy } = options;
  const questions = createDeviceQuestions(options.start);
  const elapsedMs = options.elapsedMs ?? (() => performance.now());
  const kept = createKeptReport({ ask: questions.ask, occupancy, elapsedMs });
  const shareFeatures = createSharedWork<readonly string[]>();
  let knownFeatures: readonly string[] | undefined;
  let probed: Promise<Probed> | undefined;
  /** Of `probed`; `forget` begins a new one. */
  let generation = 0;

  async function probeBackends(): Promise<Probed> {
    const of = generation;
    const problems = new Map<Backend['id'], BackendProblem>();
    for (const backend of backends?.installed() ?? []) {
      try {
        const occupied = occupancy();
        const report = await questions.ask(backend, never);
        if (report.gpuNames.length > 0) {
          if (of === generation) kept.keep(report, occupied);
          return { backend, report, problems };
        }
        problems.set(backend, { code: 'found_no_gpu' });
      } catch (error) {
        const reason = error instanceof AppError ? (error.data['reason'] ?? error.message) : String(error);
        problems.set(backend, { code: 'does_not_start', detail: String(reason).slice(0, 200) });
      }
    }
    return { backend: 'cpu', report: null, problems };
  }
  const probe = (): Promise<Probed> => (probed ??= probeBackends());

  /** `ask` until `signal` fires, whose reason may be any value. */
  async function until<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw signal.aborted ? new AppError('cancelled', STOPPED) : error;
    }
  }

  /** What is known of the devices, with a GPU's memory as it is now. */
  async function fresh(signal: AbortSignal): Promise<Probed> {
    const known = await unlessAborted(probe(), signal, STOPPED);
    if (known.report === null) return known;
    return { ...known, report: (await until(signal, () => kept.get(known.backend, signal))) ?? known.report };
  }

  /** The processor's features, which never change; none while no child tells them. */
  async function cpuFeatures(signal: AbortSignal): Promise<readonly string[]> {
    if (knownFeatures) return knownFeatures;
    const ask = async (all: AbortSignal): Promise<readonly string[]> => {
      const report = await questions.ask('cpu', all).catch(() => null);
      if (report) knownFeatures = report.cpuFeatures;
      return report?.cpuFeatures ?? [];
    };
    return await until(signal, () => shareFeatures('cpu', signal, ask));
  }

  return {
    probe,
    forget() {
      generation++;
      probed = undefined;
      kept.forget();
    },
    async describe(memory, signal = never) {
      const { report, problems } = await fresh(signal);
      const cpu: Device = {
        name: cpuModel(),
        kind: 'cpu',
        totalBytes: memory.totalRamBytes,
        freeBytes: memory.freeRamBytes,
      };
      return {
        devices: report === null ? [cpu] : [cpu, ...gpuDevices(report)],
        backends: (backends?.list() ?? []).map((backend) => ({
          ...backend,
          problem: problems.get(backend.id) ?? (backend.id === report?.backend ? null : missingHardware(backend.id)),
        })),
        physicalCores: physicalCores(),
        cpuFeatures: report?.cpuFeatures ?? (await cpuFeatures(signal)),
      };
    },
    memory: async (memory, signal = never) => withGpu(memory, (await fresh(signal)).report),
    lastMemory(memory) {
      void probe();
      return withGpu(memory, kept.latest());
    },
    close: questions.close,
  };
}

function withGpu(memory: FreeMemory, report: DeviceReport | null): FreeMemory {
  if (report === null) return memory;
  const { freeVramBytes, totalVramBytes, unifiedMemory } = report;
  return { ...memory, freeVramBytes, totalVramBytes, unifiedMemory };
}

interface DeviceQuestions {
  /** Starts a child, asks it for its devices and ends it. @throws AppError `engine.*`; `cancelled` once `signal` fired or after `close`. */
  ask(backend: ChildBackend, signal: AbortSignal): Promise<DeviceReport>;
  /** Ends the children that are being asked; no further one is started. */
  close(): Promise<void>;
}

function createDeviceQuestions(start: (backend: ChildBackend) => EngineProcess): DeviceQuestions {
  const asked = new Set<EngineProcess>();
  const over = (): AppError => new AppError('cancelled', 'The look at the devices is over.');
  let closed = false;
  return {
    async ask(backend, signal) {
      if (closed || signal.aborted) throw over();
      const child = start(backend);
      asked.add(child);
      const stop = (): void => void child.kill(over());
      signal.addEventListener('abort', stop);
      const late = new AppError('engine.start_failed', 'The graphics driver did not answer.', { reason: 'no answer' });
      const timer = setTimeout(() => void child.kill(late), PROBE_LIMIT_MS);
      try {
        return await child.client.call('devices', {});
      } catch (error) {
        throw await child.explain(error);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        await child.kill(over());
        asked.delete(child);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...asked].map((child) => child.kill(over())));
    },
  };
}

/** The GPUs of a report. It has one sum of memory for all, which is divided evenly among them here. */
function gpuDevices(report: DeviceReport): Device[] {
  const count = report.gpuNames.length;
  return report.gpuNames.map((name) => ({
    name,
    kind: 'gpu',
    totalBytes: Math.floor(report.totalVramBytes / count),
    freeBytes: Math.floor(report.freeVramBytes / count),
  }));
}

/** Why a backend cannot work on this machine, as far as the system's files tell; null when they do not tell. */
function missingHardware(id: Backend['id']): BackendProblem | null {
  if (process.platform !== 'linux') return null;
  const vendors = gpuVendors();
  if (vendors === null) return null;
  if (id === 'cuda' && !vendors.has('0x10de') && !existsSync('/proc/driver/nvidia/version'))
    return { code: 'no_nvidia_gpu' };
  if (id === 'vulkan' && vendors.size === 0 && !existsSync('/dev/dri')) return { code: 'no_gpu' };
  return null;
}

/** PCI vendors of the GPUs; null where the system does not list its devices. */
function gpuVendors(pciFolder = '/sys/bus/pci/devices'): ReadonlySet<string> | null {
  try {
    const vendors = new Set<string>();
    for (const device of readdirSync(pciFolder)) {
      const read = (name: string): string => readFileSync(`${pciFolder}/${device}/${name}`, 'utf8').trim();
      if (/^0x03/.test(read('class'))) vendors.add(read('vendor')); // class 0x03: display controllers, including compute cards
    }
    return vendors;
  } catch {
    return null;
  }
}

/** A key of this machine for stored measurements: a short hash of its processor, cores, memory and GPUs. */
export function machineKey(report: DeviceReport | null): string {
  const facts = [
    process.platform,
    process.arch,
    cpuModel(),
    physicalCores(),
    Math.round(os.totalmem() / 2 ** 30),
    ...(report?.gpuNames ?? []),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
