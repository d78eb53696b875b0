/** Measures a model on a text as llama-perplexity does: perplexity, and how its answers differ from those of a reference. */
import type { Llama } from '../library/llama.ts';
import { chunksOf } from '../library/chunks.ts';
import { evaluateFastest } from '../library/fastest-threads.ts';
import { openSession, type Session } from '../library/session.ts';
import type { EvaluateEvent, EvaluateRequest } from '../protocol.ts';
import { compareRow, encodeRow, rowLength, softmaxOf } from './log-probabilities.ts';
import { createReference, openReference, type ReferenceFile, type ReferenceShape } from './reference-file.ts';

/** A mean with its standard error. */
interface Mean {
  add(value: number): void;
  mean(): number;
  error(): number;
}

function createMean(): Mean {
  let sum = 0;
  let squares = 0;
  let count = 0;
  return {
    add(value) {
      sum += value;
      squares += value * value;
      count++;
    },
    mean: () => sum / count,
    error() {
      const variance = squares / count - (sum / count) ** 2;
      return variance > 0 && count > 1 ? Math.sqrt(variance / (count - 1)) : 0;
    },
  };
}

interface Tally {
  /** Negative log likelihoods of the text's tokens. */
  readonly surprise: Mean;
  readonly divergence: Mean;
  readonly agreement: Mean;
}

/**
 * Evaluates the text chunk by chunk, each as a text of its own; the predictions in the second half of a chunk are measured.
 * @throws AppError `convert.unsupported` with `data.reason`; errors of the file system.
 */
export async function* evaluateModel(llama: Llama, request: EvaluateRequest): AsyncGenerator<EvaluateEvent> {
  const { reference } = request;
  using session = await openSession(llama, { ...request, needsNextTokens: true });
  const { chunkSize } = session;
  const chunks = chunksOf(await session.tokenize(request.text), chunkSize, request.chunkLimit);
  const first = Math.floor(chunkSize / 2);
  const shape = { chunkSize, vocabularySize: session.vocabularySize, chunks, positions: chunkSize - 1 - first };
  const tally: Tally = { surprise: createMean(), divergence: createMean(), agreement: createMean() };
  const file = reference === null ? null : await openFile(reference, shape);
  const evaluate = evaluateFastest(session, request.threads);
  let evaluationMs = 0;
  try {
    for (const [index, chunk] of chunks.entries()) {
      const perplexity = index === 0 ? null : Math.exp(tally.surprise.mean());
      yield { type: 'progress', chunk: index, chunkCount: chunks.length, perplexity };
      if (reference?.kind === 'compare') await file?.read(index);
      const startMs = performance.now();
      const logits = await evaluate(chunk, first);
      evaluationMs += performance.now() - startMs;
      measureChunk(logits, chunk.subarray(first + 1), shape, reference?.kind ?? null, file, tally);
      if (reference?.kind === 'write') await file?.write(index);
    }
  } finally {
    await file?.close();
  }
  const isCompared = reference?.kind === 'compare';
  const perplexity = Math.exp(tally.surprise.mean());
  yield {
    type: 'done',
    tokenCount: chunks.length * shape.positions,
    chunkCount: chunks.length,
    perplexity,
    perplexityError: tally.surprise.error() * perplexity,
    klDivergence: isCompared ? tally.divergence.mean() : null,
    klDivergenceError: isCompared ? tally.divergence.error() : null,
    topAgreement: isCompared ? tally.agreement.mean() : null,
    topAgreementError: isCompared ? tally.agreement.error() : null,
    promptTokensPerSecond: (chunks.length * chunkSize * 1000) / evaluationMs,
    decodeTokensPerSecond: await decodeSpeed(session, chunks[0] ?? new Int32Array(0), request.threads),
  };
}

const openFile = (
  { kind, path }: NonNullable<EvaluateRequest['reference']>,
  shape: ReferenceShape,
): Promise<ReferenceFile> => (kind === 'write' ? createReference(path, shape) : openReference(path, shape));

/** Adds the predictions of `expected`, one for each row of `logits`. */
function measureChunk(
  logits: Float32Array,
  expected: Int32Array,
  { vocabularySize }: ReferenceShape,
  kind: 'write' | 'compare' | null,
  file: ReferenceFile | null,
  { surprise, divergence, agreement }: Tally,
): void {
  const length = rowLength(vocabularySize);
  for (const [position, token] of expected.entries()) {
    const row = logits.subarray(position * vocabularySize, (position + 1) * vocabularySize);
    const softmax = softmaxOf(row);
    surprise.add(softmax.maximum + softmax.logSum - (row[token] ?? 0));
    if (file === null) continue;
    const kept = file.rows.subarray(position * length, (position + 1) * length);
    if (kind === 'write') encodeRow(row, softmax, kept);
    else {
      const compared = compareRow(row, softmax, kept);
      divergence.add(compared.divergence);
      agreement.add(compared.isSameLikeliest ? 1 : 0);
    }
  }
}

/** Tokens that are evaluated before the clock runs, and the limits of what is timed. */
const WARMUP_TOKENS = 2;
const MOST_TOKENS = 64;
const ENOUGH_MS = 2000;

/**
 * Tokens per second, one after another, behind a prompt of a quarter of a chunk: with one thread or with all of them, whichever is faster.
 * One thread more than there are free cores is many times slower.
 */
async function decodeSpeed(session: Session, chunk: Int32Array, threads: number): Promise<number> {
  const prompt = chunk.subarray(0, Math.floor(chunk.length / 4));
  const rest = chunk.subarray(prompt.length, prompt.length + WARMUP_TOKENS + MOST_TOKENS);
  let best = 0;
  for (const count of new Set([1, threads])) {
    await session.evaluate(prompt, prompt.length - 1);
    session.useThreads(count);
    best = Math.max(best, await timedSteps(session, rest));
    session.useThreads(threads);
  }
  return best;
}

async function timedSteps(session: Session, tokens: Int32Array): Promise<number> {
  let startMs = 0;
  let count = -WARMUP_TOKENS;
  for (const token of tokens) {
    if (count === 0) startMs = performance.now();
    await session.step(token);
    count++;
    if (count > 0 && performance.now() - startMs > ENOUGH_MS) break;
  }
  return (count * 1000) / (performance.now() - startMs);
}
