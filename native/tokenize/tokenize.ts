/** Token ids by the vocabulary of a GGUF file, of which no weights are loaded. */
import { AppError } from '../../preload/wire/errors.ts';
import { shownName } from '../../main/base/foreign-text.ts';
import { readHeaders } from '../../main/model-file/disk/header-of-file.ts';
import type { Llama } from '../library/llama.ts';
import type { Pointer } from '../library/functions.ts';
import type { TokenizeRequest, TokenizeResult } from '../protocol.ts';

/**
 * The ids of each text, without those that are added around a text. Special tokens in a text are read as such.
 * @throws AppError `model.unsupported` (`reason: 'vocabulary'`, `detail` from llama.cpp) where the vocabulary cannot be loaded, `model.corrupt`.
 */
export async function tokenize(llama: Llama, { modelPath, texts }: TokenizeRequest): Promise<TokenizeResult> {
  // The library itself says of a file that is damaged only that it could not be loaded.
  await readHeaders(modelPath);
  llama.log.clearErrors();
  const model = llama.loadModel(modelPath, {
    ...llama.structs.modelParams.defaults(),
    vocab_only: true,
    n_gpu_layers: 0,
  });
  if (model === null) {
    const detail = shownName(llama.log.cause());
    throw new AppError('model.unsupported', `llama.cpp does not load this vocabulary: ${detail}`, {
      reason: 'vocabulary',
      detail,
    });
  }
  try {
    const vocabulary = llama.vocabularyOf(model);
    return {
      ids: texts.map((text) => idsOf(llama, vocabulary, text)),
      vocabularySize: llama.vocabularySize(vocabulary),
    };
  } finally {
    llama.freeModel(model);
  }
}

function idsOf(llama: Llama, vocabulary: Pointer, text: string): number[] {
  const bytes = Buffer.from(text);
  let ids = new Int32Array(bytes.length + 16);
  let count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, false, true);
  if (count < 0) {
    // A negative count says how many there are.
    ids = new Int32Array(-count);
    count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, false, true);
  }
  return [...ids.subarray(0, Math.max(0, count))];
}
