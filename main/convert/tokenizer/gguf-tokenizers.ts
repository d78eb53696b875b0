/** The tokenizers that GGUF files have in llama.cpp, as the models use them: kept native children with a vocabulary and no weights. */
import { stat } from 'node:fs/promises';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { createKeptChildren, type KeptLimits } from '../kept-children.ts';
import { nativeKind, type NativeClient, type NativeWorkOptions } from '../native-work.ts';
import type { NativeContract } from '../../../native/protocol.ts';
import type { EncodedTexts } from './tokenizer-protocol.ts';

export interface GgufTokenizers {
  /**
   * Tokens of texts by the vocabulary of the file at `path`, of several shards the first.
   * @throws AppError `model.*`, `tokenizer.invalid` (`too_slow`), `engine.*` for a child that ended by itself, `cancelled`.
   */
  encode(
    path: string,
    texts: readonly string[],
    options: { readonly addSpecialTokens: boolean },
    signal?: AbortSignal,
  ): Promise<EncodedTexts>;
  /** Texts of ids, in order. @throws as `encode`; `tokenizer.invalid` (`reason: 'no_such_id'`) for an id without a token. */
  decode(
    path: string,
    batch: readonly (readonly number[])[],
    options: { readonly skipSpecialTokens: boolean },
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  /** Ends the children. */
  close(): Promise<void>;
}

const limits: KeptLimits = { questionMs: 60_000, droppedMs: 10_000, idleMs: 5 * 60_000, maxChildren: 2 };

export function createGgufTokenizers({ startChild, onStderr }: NativeWorkOptions): GgufTokenizers {
  const children = createKeptChildren<NativeContract>({
    ...{ onStderr, limits },
    startChild: () => startChild(null),
    kind: {
      ...nativeKind,
      tooSlow(limitMs) {
        const detail = `llama.cpp did not finish within ${String(limitMs / 1000)} s.`;
        return new AppError('tokenizer.invalid', detail, { reason: 'too_slow', limitMs, detail });
      },
    },
  });

  async function ask<T>(
    path: string,
    signal: AbortSignal | undefined,
    work: (client: NativeClient) => Promise<T>,
  ): Promise<T> {
    // A file that was replaced is another one. A file that is gone is named by the child, as all faults of it.
    const { size, mtimeMs } = (await stat(path).catch(() => null)) ?? { size: 0, mtimeMs: 0 };
    const key = JSON.stringify([path, size, mtimeMs]);
    let isOpening = false;
    const open = async (client: NativeClient): Promise<void> => {
      isOpening = true;
      await client.call('native.tokenize', { modelPath: path, texts: [], addSpecialTokens: false });
      isOpening = false;
    };
    try {
      return await children.ask(key, { prepare: () => Promise.resolve(null), open, work }, signal);
    } catch (error) {
      // llama.cpp ends its process at some vocabularies, such as those with one token twice.
      if (!isOpening || !isAppError(error, 'engine.crashed')) throw error;
      const detail = 'it ends at it';
      throw new AppError('model.unsupported', `llama.cpp does not load this vocabulary: ${detail}`, {
        ...{ reason: 'vocabulary', detail },
      });
    }
  }

  return {
    encode: async (modelPath, texts, { addSpecialTokens }, signal) =>
      await ask(modelPath, signal, (client) => client.call('native.tokenize', { modelPath, texts, addSpecialTokens })),
    async decode(modelPath, batch, { skipSpecialTokens }, signal) {
      const { texts } = await ask(modelPath, signal, (client) =>
        client.call('native.detokenize', { modelPath, batch, skipSpecialTokens }),
      );
      return texts;
    },
    close: children.close,
  };
}
