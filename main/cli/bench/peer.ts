/** A program of llama.cpp that a benchmark compares with. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import type { BenchTest } from '../../inference/inference.ts';

/** A program that computes the same tests. */
export interface Peer {
  readonly name: 'llama-bench' | 'llama-server';
  readonly file: string;
  /** As it says itself, such as `build 4567 (abc)`; null where it does not. */
  readonly version: string | null;
  /** The tokens per second of one sample of each test, in their order. @throws AppError `unsupported` with what the program said. */
  sample(tests: readonly BenchTest[], signal: AbortSignal): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** The model as its file, and what its context must hold. */
export interface PeerModel {
  readonly file: string;
  readonly contextSize: number;
  /** The layers on the GPU, as Hearth has loaded the model by the first sample. */
  readonly gpuLayers: () => number;
}

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

export const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? '';

/** Ends the program when `signal` fires. @throws AppError `unsupported` where it fails. */
export function runProgram(
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly out: string; readonly err: string }> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { signal, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' }, (error, out, err) => {
      if (error === null) resolve({ out, err });
      else if (signal.aborted) reject(new AppError('cancelled', 'Canceled.'));
      else reject(new AppError('unsupported', `${path.basename(file)} failed: ${lastLine(err) || error.message}`));
    });
  });
}
