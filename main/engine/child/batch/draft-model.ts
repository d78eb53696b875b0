/** Loads what a model's speculative decoding needs: for a draft model the model and its context. */
import type { Llama, LlamaContextOptions, LlamaModel } from 'node-llama-cpp';
import type { DraftProblem, LoadNote } from '../../../../preload/contract/load-notes.ts';
import type { LoadRequest } from '../../protocol.ts';
import { watchSampling, type SamplingWatch } from './sampling-errors.ts';
import { createLookupDrafter, createModelDrafter, vocabularyMismatch, type Drafter } from './speculation.ts';

export interface Drafting {
  /** Makes the drafter of one sequence; null where nothing drafts. */
  readonly createDrafter: () => Drafter | null;
  /** Of the draft model and its context. */
  vramBytes(): number;
  /** As of the model's own context, for the draft model's. */
  readonly samplingMs: SamplingWatch['samplingMs'];
  /** Why the draft model is not used. */
  readonly note: LoadNote | null;
}

export interface DraftingOptions {
  readonly llama: Llama;
  readonly speculation: LoadRequest['speculation'];
  readonly mmap: boolean;
  /** The model whose tokens are drafted. */
  readonly target: LlamaModel;
  /** Of the draft model's context: as many sequences and tokens as the target's. */
  readonly contextSettings: LlamaContextOptions;
  readonly signal: AbortSignal;
  /** Gets the draft model, to be disposed of with the target. */
  readonly undo: AsyncDisposableStack;
}

/** A draft model that cannot be used is a note and no failure, and does not stay in memory. @throws what was thrown once `signal` fired. */
export async function loadDrafting(options: DraftingOptions): Promise<Drafting> {
  const { speculation, signal } = options;
  switch (speculation.kind) {
    case 'off':
      return { createDrafter: () => null, vramBytes: none, samplingMs: never, note: null };
    case 'lookup':
      return { createDrafter: createLookupDrafter, vramBytes: none, samplingMs: never, note: null };
    case 'draft':
      try {
        return await loadDraftModel(options, speculation);
      } catch (error) {
        if (signal.aborted) throw error;
        return unused({ why: 'not_loaded' });
      }
    default:
      return speculation satisfies never;
  }
}

async function loadDraftModel(
  { llama, mmap, target, contextSettings, signal, undo }: DraftingOptions,
  { modelPath, gpuLayers }: LoadRequest['speculation'] & { kind: 'draft' },
): Promise<Drafting> {
  await using own = new AsyncDisposableStack();
  const draft = own.use(
    await llama.loadModel({
      ...{ modelPath, gpuLayers, useMmap: mmap },
      ignoreMemorySafetyChecks: true,
      loadSignal: signal,
    }),
  );
  const mismatch = vocabularyMismatch(target, draft);
  if (mismatch !== null) return unused(mismatch);
  const context = await draft.createContext(contextSettings);
  const { samplingMs } = watchSampling(context, { failed: UNSURE });
  undo.use(own.move());
  const vramBytes = (): number => draft.memoryUsage.vram + context.memoryUsage.vram;
  return { createDrafter: () => createModelDrafter(context), vramBytes, samplingMs, note: null };
}

/** The predictor drops a token without confidence and ends its draft. No token at all would be an error that nobody catches. */
const UNSURE = [0, undefined, 0] as const;
const none = (): number => 0;
const never = (): null => null;

const unused = (problem: DraftProblem): Drafting => ({
  createDrafter: () => null,
  vramBytes: none,
  samplingMs: never,
  note: { code: 'draft_model_unused', ...problem },
});
