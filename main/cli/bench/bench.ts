/** `hearth bench`: the speed of a model, as llama-bench measures it, beside llama.cpp's own programs where one is found. */
import { checkoutLayout } from '../../app/layout.ts';
import { cpuModel } from '../../base/cpu-model.ts';
import { formatBytes, formatInteger } from '../../base/format.ts';
import { shownName } from '../../base/foreign-text.ts';
import { physicalCores, type EngineModel } from '../../engine/engine.ts';
import { openBenchEngine, type BenchEngine, type BenchTest } from '../../inference/inference.ts';
import { freeMemory } from '../../system/system.ts';
import { createSpawnChild } from '../../process/spawn-child.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { gpuLibraries } from '../gpu-libraries.ts';
import { UsageError, type Invocation, type Values } from '../invocation.ts';
import { engineModelOf, findModelFile } from '../model-files.ts';
import { textTable } from '../text-table.ts';
import { findPeer, openPeer } from './find-peer.ts';
import type { Peer } from './peer.ts';
import { deviation, mean, median } from './statistics.ts';
import { nameOf, planOf, type BenchPlan } from './tests.ts';

/** The smallest context that the engine makes. */
const LEAST_CONTEXT = 256;

interface Measured {
  readonly test: BenchTest;
  readonly rates: readonly number[];
  /** Empty without a peer. */
  readonly peerRates: readonly number[];
}

/**
 * Prints a table, or one JSON object whose `tests` have llama-bench's own field names. With a peer each round measures both, so that
 * what else goes on here falls on both.
 * @throws UsageError, AppError `model.*`, `engine.*`, `not_found` and `unsupported` for the program of `--against`.
 */
export async function runBench(
  values: Values<'bench'>,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { environment, output, signal } = invocation;
  const plan = planOf(values, physicalCores());
  if (values.alone && values.against !== undefined) throw new UsageError('--alone and --against exclude each other.');
  const layout = checkoutLayout();
  const places = { cacheFolder: await cacheFolderOf(environment), layout, environment };
  const file = await findModelFile(reference, places);
  const model = await engineModelOf(file);
  const most = Math.max(...plan.tests.map(({ promptTokens, replyTokens }) => Math.max(1, promptTokens) + replyTokens));
  const contextSize = Math.max(LEAST_CONTEXT, most + 8);
  const trained = model.summary?.contextLength ?? null;
  if (trained !== null && contextSize > trained)
    output.warning(
      `The trained context of this model is ${trained} tokens. The speed of more is measured, not their sense.`,
    );
  const program = values.alone ? null : (values.against ?? (await findPeer()));
  let loadedLayers = 0;
  const peer =
    program === null
      ? null
      : await openPeer(program, { file: file.openPath, contextSize, gpuLayers: () => loadedLayers }, signal).catch(
          (error: unknown) => ignoreFound(error, values, output),
        );
  try {
    output.status(`Loading ${model.name}…`);
    const threads = Math.max(...plan.tests.map((test) => test.threads));
    const machine = {
      spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
      ...{ freeMemory, backends: gpuLibraries(environment) },
    };
    const needs = { contextSize, threads, gpuLayers: plan.gpuLayers };
    const engine = await openBenchEngine(machine, model, needs, signal, (share) =>
      output.status(`Loading ${model.name}, ${Math.floor(share * 100)} %…`),
    );
    loadedLayers = engine.loaded.gpuLayers;
    try {
      const measured = await measure(plan, engine, peer, invocation);
      report(measured, { model, engine, peer, file: file.openPath }, invocation);
    } finally {
      await engine.close();
    }
  } finally {
    await peer?.close();
  }
}

/** A program that was only found does not end the run; one that was named does. */
function ignoreFound(error: unknown, values: Values<'bench'>, output: Invocation['output']): null {
  if (values.against !== undefined || !isAppError(error)) throw error;
  output.warning(`It is compared with nothing. ${error.message}`);
  return null;
}

async function measure(
  { tests, repetitions }: BenchPlan,
  engine: BenchEngine,
  peer: Peer | null,
  { output, signal }: Invocation,
): Promise<readonly Measured[]> {
  const own = tests.map((): number[] => []);
  const others = tests.map((): number[] => []);
  // Round 0 brings the weights and the processor up to speed, and does not count.
  for (let round = 0; round <= repetitions; round += 1) {
    for (const [at, test] of tests.entries()) {
      signal.throwIfAborted();
      output.status(
        round === 0 ? `Warming up, ${nameOf(test)}…` : `Measuring ${nameOf(test)}, ${round} of ${repetitions}…`,
      );
      const rate = await engine.sample(round === 0 ? shortened(test) : test, signal);
      if (round > 0) own[at]?.push(rate);
    }
    if (peer === null || round === 0) continue;
    output.status(`Measuring ${peer.name}, ${round} of ${repetitions}…`);
    for (const [at, rate] of (await peer.sample(tests, signal)).entries()) others[at]?.push(rate);
  }
  return tests.map((test, at) => ({ test, rates: own[at] ?? [], peerRates: others[at] ?? [] }));
}

/** A long reply takes no longer to warm up than a short one. */
const shortened = (test: BenchTest): BenchTest => ({ ...test, replyTokens: Math.min(test.replyTokens, 4) });

interface Subject {
  readonly model: EngineModel;
  readonly engine: BenchEngine;
  readonly peer: Peer | null;
  readonly file: string;
}

function report(
  measured: readonly Measured[],
  { model, engine, peer, file }: Subject,
  { output, version }: Invocation,
): void {
  const { summary } = model;
  const { loaded } = engine;
  const type =
    summary === null || summary === undefined
      ? model.name
      : `${summary.architecture} ${summary.quantization ?? ''}`.trim();
  const tests = measured.map(({ test, rates, peerRates }) => ({
    n_prompt: test.promptTokens,
    n_gen: test.replyTokens,
    n_threads: test.threads,
    avg_ns: Math.round(mean(nanoseconds(test, rates))),
    stddev_ns: Math.round(deviation(nanoseconds(test, rates))),
    avg_ts: mean(rates),
    stddev_ts: deviation(rates),
    samples_ns: nanoseconds(test, rates),
    samples_ts: rates,
    ...(peer !== null && {
      peer: { avg_ts: mean(peerRates), stddev_ts: deviation(peerRates), samples_ts: peerRates },
      ratio: median(rates) / median(peerRates),
    }),
  }));
  const facts = {
    model_filename: file,
    model_type: type,
    model_size: model.weightsBytes,
    model_n_params: summary?.parameterCount ?? null,
    cpu_info: cpuModel(),
    backends: loaded.gpuLayers > 0 ? loaded.device : 'CPU',
    n_gpu_layers: loaded.gpuLayers,
    n_batch: loaded.batchSize,
    n_ctx: loaded.contextSize,
    type_k: loaded.kvCacheType.toLowerCase(),
    type_v: loaded.kvCacheType.toLowerCase(),
    flash_attn: loaded.flashAttention,
    test_time: new Date().toISOString(),
    hearth_version: version,
    peer: peer === null ? null : { name: peer.name, file: peer.file, version: peer.version },
  };
  output.done({ ...facts, tests }, tableOf(measured, facts, peer));
}

const nanoseconds = ({ promptTokens, replyTokens }: BenchTest, rates: readonly number[]): number[] =>
  rates.map((rate) => Math.round(((promptTokens + replyTokens) / rate) * 1e9));

function tableOf(
  measured: readonly Measured[],
  facts: {
    readonly model_type: string;
    readonly model_size: number;
    readonly model_n_params: number | null;
    readonly backends: string;
    readonly n_gpu_layers: number;
  },
  peer: Peer | null,
): string {
  const spread = (rates: readonly number[]): string => `${mean(rates).toFixed(2)} ± ${deviation(rates).toFixed(2)}`;
  const hasGpu = facts.n_gpu_layers > 0;
  const head = [
    'MODEL',
    'SIZE',
    'PARAMS',
    'BACKEND',
    ...(hasGpu ? ['NGL'] : []),
    'THREADS',
    'TEST',
    'TOKENS/S',
    ...(peer === null ? [] : [peer.name.toUpperCase(), 'RATIO']),
  ];
  const rows = measured.map(({ test, rates, peerRates }) => [
    shownName(facts.model_type),
    formatBytes(facts.model_size),
    facts.model_n_params === null ? '-' : formatInteger(facts.model_n_params),
    facts.backends,
    ...(hasGpu ? [String(facts.n_gpu_layers)] : []),
    String(test.threads),
    nameOf(test),
    spread(rates),
    ...(peer === null ? [] : [spread(peerRates), (median(rates) / median(peerRates)).toFixed(2)]),
  ]);
  const notes =
    peer === null
      ? []
      : [
          '',
          `RATIO is Hearth's median over that of ${peer.name}${peer.version === null ? '' : ` ${shownName(peer.version)}`}, measured in turn. Above 1, Hearth is faster.`,
        ];
  return [...textTable(head, rows), ...notes].join('\n');
}
