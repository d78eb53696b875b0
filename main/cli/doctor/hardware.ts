/** Processor, memory and GPUs, and whether the engine's libraries start on them. */
import type { Hardware } from '../../../preload/contract/engine.ts';
import { formatBytes, formatInteger } from '../../base/format.ts';
import { shownName } from '../../base/foreign-text.ts';
import { freeMemory } from '../../system/system.ts';
import { engineOfCommand } from '../gpu-libraries.ts';
import type { Invocation } from '../invocation.ts';
import { ok, problem, problemOf, warning, type Finding } from './finding.ts';

/** A small model of 1 B parameters needs about so much. */
const LEAST_FREE_BYTES = 1_500_000_000;

export async function checkHardware({ environment, signal }: Invocation): Promise<readonly Finding[]> {
  const { freeRamBytes, totalRamBytes } = freeMemory();
  const engine = engineOfCommand(environment);
  const memory = `${formatBytes(freeRamBytes)} of ${formatBytes(totalRamBytes)} are free.`;
  const findings: Finding[] = [
    freeRamBytes < LEAST_FREE_BYTES
      ? warning('hardware', 'memory', memory, 'Close other programs: hardly any model fits into so little.')
      : ok('hardware', 'memory', memory),
  ];
  try {
    const hardware = await engine.hardware(signal);
    findings.unshift(ok('hardware', 'processor', processorWords(hardware)));
    findings.push(...gpuFindings(hardware), librariesFinding(hardware));
  } catch (error) {
    signal.throwIfAborted();
    findings.push(problemOf('libraries', 'engine', error, 'Install Hearth again: npm ci in a checkout.'));
  } finally {
    await engine.close();
  }
  return findings;
}

const processorWords = ({ devices, physicalCores }: Hardware): string =>
  `${shownName(devices.find(({ kind }) => kind === 'cpu')?.name ?? 'unknown')}, ${formatInteger(physicalCores)} cores.`;

function gpuFindings({ devices, backends }: Hardware): Finding[] {
  const gpus = devices.filter(({ kind }) => kind === 'gpu');
  const found = gpus.map(({ name, freeBytes, totalBytes }) =>
    ok('hardware', 'GPU', `${shownName(name)}, ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free.`),
  );
  const libraries = backends.flatMap(({ id, installed, available, problem: why }): Finding[] => {
    if (!available) return [];
    if (installed && why?.code === 'does_not_start')
      return [
        warning(
          'libraries',
          id,
          `The GPU libraries (${id}) do not start: ${why.detail}.`,
          'Update the driver of the GPU. Models run on the processor until then.',
        ),
      ];
    if (installed && why !== null)
      return [
        warning(
          'libraries',
          id,
          `The GPU libraries (${id}) are here and find no GPU.`,
          'Update the driver of the GPU, if there is one.',
        ),
      ];
    if (installed) return [ok('libraries', id, `The GPU libraries (${id}) work.`)];
    if (why === null && gpus.length === 0)
      return [
        warning(
          'libraries',
          id,
          `There may be a GPU for ${id}, whose libraries are not here.`,
          'The settings of the app download them, under Engine.',
        ),
      ];
    return [];
  });
  const none = gpus.length === 0 ? [ok('hardware', 'GPU', 'None is used. Models run on the processor.')] : [];
  return [...found, ...none, ...libraries];
}

function librariesFinding({ cpuFeatures }: Hardware): Finding {
  return cpuFeatures.length === 0
    ? problem(
        'libraries',
        'engine',
        'The engine’s libraries do not start.',
        'Install Hearth again: npm ci in a checkout. The log has the reason.',
        'engine.start_failed',
      )
    : ok('libraries', 'engine', `The engine starts, with ${cpuFeatures.map(shownName).join(', ')}.`);
}
