/**
 * Log probabilities of all tokens at a position in 16 bits each, in the form in which llama-perplexity keeps them in its file of logits:
 * a scale and a least value as two numbers of 32 bits, then steps of that scale. What is more than 16 below the likeliest token counts as
 * 16 below.
 */

/** Numbers of 16 bits for a position. */
export const rowLength = (vocabularySize: number): number => 2 * Math.floor((vocabularySize + 1) / 2) + 4;

const RANGE = 16;
const STEPS = 65_535;

export interface Softmax {
  readonly maximum: number;
  readonly likeliest: number;
  /** The logarithm of the sum of the exponentials of the logits minus the maximum. */
  readonly logSum: number;
}

/** Of the logits at one position. The first of equal ones is the likeliest. */
export function softmaxOf(logits: Float32Array): Softmax {
  let maximum = -Infinity;
  let likeliest = 0;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? 0;
    if (logit > maximum) {
      maximum = logit;
      likeliest = token;
    }
  }
  let sum = 0;
  for (let token = 0; token < logits.length; token++) sum += Math.exp((logits[token] ?? 0) - maximum);
  return { maximum, likeliest, logSum: Math.log(sum) };
}

/** Writes the row of a position. `row` has `rowLength` numbers. */
export function encodeRow(logits: Float32Array, { maximum, logSum }: Softmax, row: Uint16Array): void {
  let minimum = Infinity;
  for (let token = 0; token < logits.length; token++) minimum = Math.min(minimum, logits[token] ?? 0);
  minimum = Math.fround(Math.max(minimum, maximum - RANGE));
  const scale = Math.fround((maximum - minimum) / STEPS);
  const head = new Float32Array(row.buffer, row.byteOffset, 2);
  head[0] = scale;
  head[1] = minimum - maximum - logSum;
  const steps = row.subarray(4);
  if (scale === 0) {
    steps.fill(0);
    return;
  }
  for (let token = 0; token < logits.length; token++) {
    const above = (logits[token] ?? 0) - minimum;
    steps[token] = above > 0 ? Math.min(STEPS, Math.round(above / scale)) : 0;
  }
}

/** Log probabilities below this add nothing to the divergence. */
const LEAST = -16;

export interface Compared {
  /** The Kullback-Leibler divergence from the reference, in nats. */
  readonly divergence: number;
  readonly isSameLikeliest: boolean;
}

/** The logits of a position beside the row of the reference. */
export function compareRow(logits: Float32Array, softmax: Softmax, row: Uint16Array): Compared {
  const [scale = 0, least = 0] = new Float32Array(row.buffer, row.byteOffset, 2);
  const steps = row.subarray(4);
  const normal = softmax.maximum + softmax.logSum;
  let divergence = 0;
  let most = -1;
  let likeliest = 0;
  for (let token = 0; token < logits.length; token++) {
    const step = steps[token] ?? 0;
    if (step > most) {
      most = step;
      likeliest = token;
    }
    const expected = scale * step + least;
    if (expected > LEAST) divergence += Math.exp(expected) * (expected - (logits[token] ?? 0) + normal);
  }
  return { divergence, isSameLikeliest: likeliest === softmax.likeliest };
}
