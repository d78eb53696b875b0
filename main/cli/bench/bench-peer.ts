/** llama-bench as the peer of a benchmark: one run of it for each sample. */
import { AppError } from '../../../preload/wire/errors.ts';
import { lastLine, runProgram, type Peer, type PeerModel } from './peer.ts';
import type { BenchTest } from '../../inference/inference.ts';
import { nameOf } from './tests.ts';

/** Starts nothing yet. */
export const benchPeer = (file: string, version: string | null, model: PeerModel): Peer => ({
  ...{ name: 'llama-bench', file, version },
  sample: async (tests, signal) => await benchSamples(file, model, tests, signal),
  async close() {},
});

/** One run of llama-bench for each number of threads, with one repetition. */
async function benchSamples(
  file: string,
  model: PeerModel,
  tests: readonly BenchTest[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const rates = new Map<BenchTest, number>();
  for (const threads of new Set(tests.map((test) => test.threads))) {
    const own = tests.filter((test) => test.threads === threads);
    const list = (counts: readonly number[]): string =>
      [...new Set(counts.filter((count) => count > 0))].join(',') || '0';
    const args = [
      ...['-m', model.file, '-r', '1', '-o', 'json', '-t', String(threads), '-ngl', String(model.gpuLayers())],
      ...[
        '-p',
        list(own.map(({ promptTokens }) => promptTokens)),
        '-n',
        list(own.map(({ replyTokens }) => replyTokens)),
      ],
    ];
    const { out, err } = await runProgram(file, args, signal);
    const rows = rowsOf(out);
    for (const test of own) {
      const row = rows.find(({ n_prompt, n_gen }) => n_prompt === test.promptTokens && n_gen === test.replyTokens);
      if (typeof row?.avg_ts !== 'number' || !(row.avg_ts > 0))
        throw new AppError('unsupported', `llama-bench did not measure ${nameOf(test)}: ${lastLine(err)}`);
      rates.set(test, row.avg_ts);
    }
  }
  return tests.map((test) => rates.get(test) ?? 0);
}

interface BenchRow {
  readonly n_prompt?: unknown;
  readonly n_gen?: unknown;
  readonly avg_ts?: unknown;
}

function rowsOf(text: string): readonly BenchRow[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((row): row is BenchRow => typeof row === 'object' && row !== null) : [];
  } catch {
    return [];
  }
}
