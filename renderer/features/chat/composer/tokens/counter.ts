/**
 * Counts the tokens of a draft while it is typed: some time after the last key, with one request at a time, each of a bounded cost. Of a long
 * text a sample is counted, and a text that was counted is not counted again.
 */
import { MAX_COUNTED_LENGTH, MAX_COUNTED_TEXTS } from '../../../../../preload/contract/prompt-limits.ts';
import { estimatedTokens } from './estimate.ts';

export interface Counted {
  readonly tokens: number;
  /** False for an estimate, also one from a counted sample. */
  readonly exact: boolean;
}

export interface CountOrder<Subject> {
  /** What the texts are of, for who gets the counts. */
  readonly subject: Subject;
  /** Null where no tokenizer can be asked: the tokens are estimated. */
  readonly modelId: string | null;
  readonly texts: readonly CountedText[];
}

export interface CountedText {
  readonly text: string;
  /** It changes with every key, so that only a short one is counted as a whole. */
  readonly isTyped: boolean;
}

export interface TokenCounter<Subject> {
  /** Counts these texts next. An order that was not begun is dropped. */
  want(order: CountOrder<Subject>): void;
  close(): void;
}

interface TokenCounterOptions<Subject> {
  /** Null: the model is not loaded. */
  readonly ask: (modelId: string, texts: readonly string[]) => Promise<readonly number[] | null>;
  /** Gets one count for each text of the order. */
  readonly onCounted: (subject: Subject, counts: readonly Counted[]) => void;
  readonly delayMs?: number;
}

/** Of longer typed texts a sample is counted: some 20 ms of the tokenizer's time. */
const MAX_TYPED = 40_000;
const MAX_FILE = 150_000;
const SAMPLE_PIECES = 4;
const MAX_KEPT = 60;

export function createTokenCounter<Subject>({
  ask,
  onCounted,
  delayMs = 300,
}: TokenCounterOptions<Subject>): TokenCounter<Subject> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next: CountOrder<Subject> | null = null;
  let isBusy = false;
  let isClosed = false;
  let keptOf: string | null = null;
  const kept = new Map<string, number>();

  /** Counts what is not known yet, in requests that main takes. False: there is no tokenizer now. */
  const learn = async (modelId: string, texts: readonly string[]): Promise<boolean> => {
    if (keptOf !== modelId) kept.clear();
    keptOf = modelId;
    for (const batch of batchesOf([...new Set(texts)].filter((text) => text !== '' && !kept.has(text)))) {
      const counts = await ask(modelId, batch).catch(() => null);
      if (counts === null) return false;
      batch.forEach((text, index) => kept.set(text, counts[index] ?? 0));
    }
    return true;
  };

  const work = async (order: CountOrder<Subject>): Promise<void> => {
    const samples = order.texts.map(sampleOf);
    const isKnown = order.modelId !== null && (await learn(order.modelId, samples));
    const counts = order.texts.map(({ text }, index): Counted => {
      const sample = samples[index] ?? '';
      const tokens = isKnown ? kept.get(sample) : undefined;
      if (text === '') return { tokens: 0, exact: true };
      if (tokens === undefined) return { tokens: estimatedTokens(text), exact: false };
      const isWhole = sample.length === text.length;
      return { tokens: isWhole ? tokens : Math.round((tokens * text.length) / sample.length), exact: isWhole };
    });
    // The oldest go first; what this order used came last.
    for (const text of samples)
      if (kept.has(text)) {
        const tokens = kept.get(text) ?? 0;
        kept.delete(text);
        kept.set(text, tokens);
      }
    for (const text of kept.keys()) if (kept.size > MAX_KEPT) kept.delete(text);
    if (!isClosed) onCounted(order.subject, counts);
  };

  const begin = (): void => {
    timer = undefined;
    const order = next;
    if (order === null || isBusy || isClosed) return;
    next = null;
    isBusy = true;
    void work(order).finally(() => {
      isBusy = false;
      // What was wanted meanwhile has waited long enough.
      if (next !== null && timer === undefined) begin();
    });
  };

  return {
    want(order) {
      next = order;
      clearTimeout(timer);
      timer = setTimeout(begin, delayMs);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** The text, or of a long one pieces of equal length at equal distances. */
function sampleOf({ text, isTyped }: CountedText): string {
  const most = isTyped ? MAX_TYPED : MAX_FILE;
  if (text.length <= most) return text;
  const length = Math.floor(MAX_TYPED / SAMPLE_PIECES);
  const step = (text.length - length) / (SAMPLE_PIECES - 1);
  return Array.from({ length: SAMPLE_PIECES }, (_, index) => {
    const from = Math.floor(index * step);
    return text.slice(from, from + length);
  }).join('');
}

function batchesOf(texts: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let length = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    length += text.length;
    if (last === undefined || length > MAX_COUNTED_LENGTH || last.length >= MAX_COUNTED_TEXTS) {
      batches.push([text]);
      length = text.length;
    } else last.push(text);
  }
  return batches;
}
