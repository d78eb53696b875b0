/** A model with a context for the evaluation of a text in chunks, and the text as tokens. */
import { shownName } from '../../main/base/foreign-text.ts';
import { continuesText } from '../../main/model-file/answer-kind.ts';
import { readHeaders } from '../../main/model-file/disk/header-of-file.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { onThread, type Pointer } from './functions.ts';
import type { Llama } from './llama.ts';
import { createArena, viewFloats } from './memory.ts';
import type { StructValue } from './structs.ts';

export interface SessionSettings {
  readonly modelPath: string;
  readonly threads: number;
  /** Tokens of a chunk, which is the size of the context and of its batches. Less for a model that was trained on shorter texts. */
  readonly chunkSize: number;
  /** Whether the logits are used: models for vectors have none. */
  readonly needsNextTokens: boolean;
  /** Members of llama_context_params that differ from the defaults. */
  readonly context?: StructValue;
}

export interface Session extends Disposable {
  readonly vocabularySize: number;
  readonly chunkSize: number;
  /** A text that is cut into chunks, with the tokens that a tokenizer adds around a text. */
  tokenize(text: string): Promise<Int32Array>;
  /**
   * Evaluates `tokens` as a text of its own, with the beginning-of-text token in place of the first where the model wants one. Answers the
   * logits of the tokens from `firstOutput` on, row by row, valid until the next call. With `first` as `given` the first token stays.
   */
  evaluate(tokens: Int32Array, firstOutput: number, first?: 'bos' | 'given'): Promise<Float32Array>;
  /** For the next evaluations. */
  useThreads(count: number): void;
  /** Evaluates one more token after the last ones. */
  step(token: number): Promise<void>;
}

const failed = (llama: Llama, what: string): AppError => {
  const detail = llama.log.cause();
  if (/alloc|memory/i.test(detail))
    return new AppError('engine.out_of_memory', 'The memory of this computer was not enough for this model.', {
      detail: shownName(detail),
    });
  return new AppError('convert.unsupported', `${what}: ${shownName(detail)}`, {
    reason: 'library',
    detail: `${what}: ${shownName(detail)}`,
  });
};

function noDecoder(): AppError {
  const detail = 'Only models that continue a text can be evaluated on one.';
  return new AppError('convert.unsupported', detail, { reason: 'no_decoder', detail });
}

/**
 * Loads the model into main memory. Who is done disposes of it.
 * @throws AppError `model.corrupt`, `model.unsupported`, `convert.unsupported`, `engine.out_of_memory`.
 */
export async function openSession(llama: Llama, settings: SessionSettings): Promise<Session> {
  // The library itself says of a file that is damaged only that it could not be loaded.
  const [header] = await readHeaders(settings.modelPath);
  if (settings.needsNextTokens && header !== undefined && !continuesText(header)) throw noDecoder();
  using stack = new DisposableStack();
  llama.startBackends();
  llama.log.clearErrors();
  const model = await onThread(llama.loadModel, settings.modelPath, {
    ...llama.structs.modelParams.defaults(),
    // Computed on the processor: the callback for evaluations would stop a graphics card after each product.
    n_gpu_layers: 0,
  });
  if (model === null) throw failed(llama, 'llama.cpp could not load this model');
  stack.defer(() => llama.freeModel(model));
  if (llama.hasEncoder(model) || !llama.hasDecoder(model)) throw noDecoder();
  const trained = llama.trainedContextSize(model);
  const chunkSize = trained > 0 ? Math.min(settings.chunkSize, trained) : settings.chunkSize;
  const context = await onThread(llama.createContext, model, {
    ...llama.structs.contextParams.defaults(),
    n_ctx: chunkSize,
    n_batch: chunkSize,
    n_ubatch: chunkSize,
    n_threads: settings.threads,
    n_threads_batch: settings.threads,
    offload_kqv: false,
    op_offload: false,
    ...settings.context,
  });
  if (context === null) throw failed(llama, 'llama.cpp could not make a context for this model');
  stack.defer(() => llama.freeContext(context));
  return sessionOf(llama, chunkSize, model, context, stack.move());
}

function sessionOf(llama: Llama, chunkSize: number, model: Pointer, context: Pointer, stack: DisposableStack): Session {
  const vocabulary = llama.vocabularyOf(model);
  const vocabularySize = llama.vocabularySize(vocabulary);
  const arena = stack.use(createArena());
  const tokens = arena.zeros(chunkSize * 4);
  const wanted = arena.zeros(chunkSize);
  const batch = (count: number): StructValue => ({
    n_tokens: count,
    token: tokens.pointer,
    embd: null,
    pos: null,
    n_seq_id: null,
    seq_id: null,
    logits: wanted.pointer,
  });
  const decode = async (count: number): Promise<void> => {
    if ((await onThread(llama.decode, context, batch(count))) !== 0)
      throw failed(llama, 'llama.cpp could not evaluate this text');
  };
  const room = new Int32Array(tokens.bytes.buffer, 0, chunkSize);
  return {
    vocabularySize,
    chunkSize,
    async tokenize(text) {
      const bytes = Buffer.from(text.toWellFormed());
      // A token has at least one byte, but for those that the tokenizer adds.
      const found = new Int32Array(bytes.byteLength + 16);
      const count = await onThread(
        llama.tokenize,
        vocabulary,
        bytes,
        bytes.byteLength,
        found,
        found.length,
        true,
        false,
      );
      if (count < 0) throw failed(llama, 'llama.cpp could not read this text');
      return found.slice(0, count);
    },
    async evaluate(chunk, firstOutput, first = 'bos') {
      llama.clearMemory(llama.memoryOf(context), true);
      room.set(chunk);
      if (first === 'bos' && llama.addsBos(vocabulary)) room[0] = llama.bosToken(vocabulary);
      wanted.bytes.fill(0).fill(1, firstOutput, chunk.length);
      await decode(chunk.length);
      const logits = llama.logits(context);
      if (logits === null) throw failed(llama, 'llama.cpp gave no result');
      return viewFloats(logits, (chunk.length - firstOutput) * vocabularySize);
    },
    useThreads: (count) => llama.setThreads(context, count, count),
    async step(token) {
      room[0] = token;
      wanted.bytes.fill(0).fill(1, 0, 1);
      await decode(1);
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}
