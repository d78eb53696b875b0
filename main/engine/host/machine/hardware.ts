/** The devices of this machine. GPUs are probed in a child process, so that a driver's crash ends only that process. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import os from 'node:os';
import type { Backend, BackendProblem, Device, Hardware } from '../../../../preload/contract/engine.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import { cpuModel } from '../../../base/cpu-model.ts';
import type { FreeMemory } from '../../../model-file/fit.ts';
import type { Backends } from '../../packages/backends.ts';
import { physicalCores } from '../../cores.ts';
import type { EngineProcess } from '../processes/engine-process.ts';
import type { ChildBackend, DeviceReport } from '../../protocol.ts';

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
  forget(): void;
  describe(memory: FreeMemory): Promise<Hardware>;
  /** `memory` with the present memory of the GPU. */
  memory(memory: FreeMemory): Promise<FreeMemory>;
  /** `memory` with the GPU's memory of the last probe. The first call starts the first probe. */
  lastMemory(memory: FreeMemory): FreeMemory;
  /** Ends the children that are being asked; nothing is asked afterwards. */
  close(): Promise<void>;
}

/** `start` starts a child for a backend. With `backends` null only the CPU is used. */
export function createHardwareProbe(
  start: (backend: ChildBackend) => EngineProcess,
  backends: Pick<Backends, 'list' | 'installed'> | null,
): HardwareProbe {
  const questions = createDeviceQuestions(start);
  let probed: Promise<Probed> | undefined;
  let last: DeviceReport | null = null;

  async function probeBackends(): Promise<Probed> {
    const problems = new Map<Backend['id'], BackendProblem>();
    for (const backend of backends?.installed() ?? []) {
      try {
        const report = await questions.ask(backend);
        if (report.gpuNames.length > 0) {
          last = report;
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

  async function fresh(): Promise<Probed> {
    // Free memory changes, so the GPU in use is asked again.
    const known = await probe();
    if (known.report === null) return known;
    try {
      last = await questions.ask(known.backend);
      return { ...known, report: last };
    } catch {
      return known;
    }
  }

  return {
    probe,
    forget() {
      probed = undefined;
    },
    async describe(memory) {
      const { report, problems } = await fresh();
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
        cpuFeatures: report?.cpuFeatures ?? (await cpuFeatures(questions)),
      };
    },
    memory: async (memory) => withGpu(memory, (await fresh()).report),
    lastMemory(memory) {
      void probe();
      return withGpu(memory, last);
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
  /** Starts a child, asks it for its devices and ends it. @throws AppError `engine.*`; `cancelled` after `close`. */
  ask(backend: ChildBackend): Promise<DeviceReport>;
  /** Ends the children that are being asked; no further one is started. */
  close(): Promise<void>;
}

function createDeviceQuestions(start: (backend: ChildBackend) => EngineProcess): DeviceQuestions {
  const asked = new Set<EngineProcess>();
  const over = (): AppError => new AppError('cancelled', 'The look at the devices is over.');
  let closed = false;
  return {
    async ask(backend) {
      if (closed) throw over();
      const child = start(backend);
      asked.add(child);
      const late = new AppError('engine.start_failed', 'The graphics driver did not answer.', { reason: 'no answer' });
      const timer = setTimeout(() => void child.kill(late), PROBE_LIMIT_MS);
      try {
        return await child.client.call('devices', {});
      } catch (error) {
        throw await child.explain(error);
      } finally {
        clearTimeout(timer);
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

let knownCpuFeatures: readonly string[] | undefined;
async function cpuFeatures({ ask }: DeviceQuestions): Promise<readonly string[]> {
  try {
    return (knownCpuFeatures ??= (await ask('cpu')).cpuFeatures);
  } catch {
    return [];
  }
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
