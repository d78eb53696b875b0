/**
 * What a converted model is tried with: its vocabulary against the original tokenizer.json, and 16 tokens of a reply. A difference is a
 * finding and not an error.
 */
import { VERIFIED_TOKENS } from '../../../preload/contract/convert-limits.ts';
import type { KnownDifference, Verification } from '../../../preload/contract/convert.ts';
import { AppError, encodeError, isAppError } from '../../../preload/wire/errors.ts';
import type { Inference } from '../../inference/inference.ts';
import { inNativeChild, type NativeWorkOptions } from '../native-work.ts';
import type { TokenizerOrigin, Tokenizers } from '../tokenizer/tokenizers.ts';
import { withTokenizerJson } from '../vocabulary/older-files.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import { knownDifference } from './known-differences.ts';
import { verificationTexts } from './texts.ts';

export interface VerifyOptions {
  readonly inference: Pick<Inference, 'generate' | 'embed'>;
  readonly native: NativeWorkOptions;
  readonly tokenizers: Tokenizers;
  readonly now?: () => number;
}

export interface VerifyRequest {
  /** By which `inference` finds the model. */
  readonly modelId: string;
  /** The GGUF file, or its first shard. */
  readonly modelPath: string;
  /** Whether the model makes vectors and no text. */
  readonly isEmbedding: boolean;
  /** The original tokenizer; null where there is none, or no tokenizer.json. */
  readonly original: TokenizerOrigin | null;
  /** Called when the next check begins. */
  readonly onCheck?: (check: 'tokenizer' | 'generation') => void;
}

const PROMPT = 'Once upon a time';
const MAX_KNOWN = 40;

/**
 * Tries a model. The model is loaded through `inference`, and its vocabulary in a native child.
 * @throws AppError `cancelled`. All else is in the result: `failed` with what differs, or with the error.
 */
export async function verifyModel(
  options: VerifyOptions,
  request: VerifyRequest,
  signal: AbortSignal,
): Promise<Verification> {
  const at = (options.now ?? Date.now)();
  let tokenizer: Verification['tokenizer'] = null;
  let generated: Verification['generated'] = null;
  try {
    if (request.original !== null) {
      request.onCheck?.('tokenizer');
      tokenizer = await compareTokenizers(options, request, request.original, signal);
    }
    request.onCheck?.('generation');
    if (request.isEmbedding) await checkVector(options.inference, request.modelId, signal);
    else generated = await generate(options.inference, request.modelId, signal);
  } catch (error) {
    if (signal.aborted || isAppError(error, 'cancelled')) throw error;
    return { result: 'failed', tokenizer, generated, error: encodeError(error), at };
  }
  const isSame = tokenizer === null || tokenizer.mismatchCount === 0;
  return { result: isSame ? 'passed' : 'failed', tokenizer, generated, error: null, at };
}

async function compareTokenizers(
  { native, tokenizers }: VerifyOptions,
  { modelPath }: VerifyRequest,
  original: TokenizerOrigin,
  signal: AbortSignal,
): Promise<Verification['tokenizer']> {
  const files = withTokenizerJson(await original.readFiles(signal));
  if (!files.has('tokenizer.json')) return null;
  const origin = { key: original.key, readFiles: () => Promise.resolve(files) };
  const { structure, texts, expected } = await idsOfOriginal(tokenizers, origin, signal);
  const found = await idsOfModel(native, modelPath, texts, signal);
  return compared(structure, texts, expected, found);
}

interface OriginalIds {
  readonly structure: TokenizerStructure;
  readonly texts: readonly string[];
  readonly expected: readonly (readonly number[])[];
}

/** The texts of a verification and the ids of the original tokenizer, whose memory the model needs next. */
async function idsOfOriginal(
  tokenizers: Tokenizers,
  origin: TokenizerOrigin,
  signal: AbortSignal,
): Promise<OriginalIds> {
  try {
    const structure = await tokenizers.structure(origin, signal);
    const special = structure.addedTokens.filter((token) => token.special).map(({ content }) => content);
    const texts = verificationTexts(special);
    const { results } = await tokenizers.encode(origin, texts, { addSpecialTokens: false }, signal);
    return { structure, texts, expected: results.map(({ tokens }) => tokens.map(({ id }) => id)) };
  } finally {
    await tokenizers.release(origin);
  }
}

function compared(
  structure: TokenizerStructure,
  texts: readonly string[],
  expected: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
): Verification['tokenizer'] {
  const knownDifferences: KnownDifference[] = [];
  let firstMismatch: NonNullable<Verification['tokenizer']>['firstMismatch'] = null;
  let mismatchCount = 0;
  for (const [index, text] of texts.entries()) {
    const [wanted = [], got = []] = [expected[index], found[index]];
    if (wanted.length === got.length && wanted.every((id, at) => id === got[at])) continue;
    const kind = knownDifference(text, structure);
    if (kind === null) {
      mismatchCount += 1;
      firstMismatch ??= { text, expected: wanted, found: got };
    } else if (knownDifferences.length < MAX_KNOWN) knownDifferences.push({ kind, text });
  }
  return { textCount: texts.length, mismatchCount, firstMismatch, knownDifferences };
}

async function idsOfModel(
  native: NativeWorkOptions,
  modelPath: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const work = inNativeChild(native, null, signal, async function* (client) {
    yield await client.call('native.tokenize', { modelPath, texts, addSpecialTokens: false });
  });
  for await (const { results } of work) return results.map(({ tokens }) => tokens.map(({ id }) => id));
  throw new AppError('internal', 'The native child gave no ids.');
}

async function generate(
  inference: VerifyOptions['inference'],
  modelId: string,
  signal: AbortSignal,
): Promise<Verification['generated']> {
  let text = '';
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: VERIFIED_TOKENS, seed: 1 };
  const reply = inference.generate({ modelId, input: { rawPrompt: PROMPT }, sampling, priority: 'api' }, signal);
  for await (const event of reply) {
    if (event.type === 'text') text += event.reasoning + event.content;
    if (event.type === 'end') return { text, tokenCount: event.result.generatedTokens };
  }
  throw signal.aborted ? new AppError('cancelled', 'Cancelled.') : new AppError('internal', 'The reply had no end.');
}

async function checkVector(inference: VerifyOptions['inference'], modelId: string, signal: AbortSignal): Promise<void> {
  const { vectors } = await inference.embed(modelId, [PROMPT], { signal, priority: 'api' });
  const isSound = vectors.length === 1 && vectors.every((vector) => vector.length > 0 && vector.every(Number.isFinite));
  if (!isSound)
    throw new AppError('convert.invalid', 'The model gives a vector that is not finite.', {
      reason: 'vector',
      detail: 'The model gives a vector that is not finite.',
    });
}
