/** Verification of a file that a job has just made, and that no list of models has yet. */
import type { Inference } from '../../inference/inference.ts';
import { makesVectors } from '../../model-file/answer-kind.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { openLocalSource } from '../checkpoint/local-source.ts';
import type { ModelOnDisk, VerifyFile } from '../jobs/tools.ts';
import type { NativeWorkOptions } from '../native-work.ts';
import { folderKey } from '../sources/tokenizer-origins.ts';
import type { TokenizerOrigin, Tokenizers } from '../tokenizer/tokenizers.ts';
import { withTokenizerJson } from '../vocabulary/older-files.ts';
import { readTokenizerFiles } from '../vocabulary/tokenizer-files.ts';
import { verifyModel } from './verify.ts';

/** A model as the engine loads it. */
export interface RunnableFile extends ModelOnDisk {
  readonly contextSize: number;
}

/** Runs files that no list has. */
export interface FileRunner {
  inferenceOf(model: RunnableFile): Pick<Inference, 'generate' | 'embed'>;
  unload(modelId: string): Promise<void>;
}

export interface VerifyFileOptions {
  readonly runner: FileRunner;
  readonly native: NativeWorkOptions;
  readonly tokenizers: Tokenizers;
  readonly readHeader: (path: string) => Promise<GgufHeader>;
}

/** A verification reads and writes less than that. */
const CONTEXT_SIZE = 512;

/** The file is loaded under the id that it will have, and unloaded after that, so that it can be moved. */
export function createVerifyFile({ runner, native, tokenizers, readHeader }: VerifyFileOptions): VerifyFile {
  return async (model, checkpointFolder, signal) => {
    const original = checkpointFolder === null ? null : await originIn(checkpointFolder);
    const isEmbedding = makesVectors(await readHeader(model.path));
    const inference = runner.inferenceOf({ ...model, contextSize: CONTEXT_SIZE });
    const request = { modelId: model.modelId, modelPath: model.path, isEmbedding, original };
    try {
      return await verifyModel({ inference, native, tokenizers }, request, signal);
    } finally {
      await runner.unload(model.modelId);
    }
  };
}

/** Null without a tokenizer.json, and without older files that say all of it. @throws AppError as `readTokenizerFiles`. */
export async function originIn(folder: string): Promise<TokenizerOrigin | null> {
  const source = await openLocalSource(folder);
  try {
    const bytes = withTokenizerJson(await readTokenizerFiles(source)).get('tokenizer.json');
    if (bytes === undefined) return null;
    const files = new Map([['tokenizer.json', bytes]]);
    return { key: folderKey({ kind: 'folder', path: folder }, source), readFiles: () => Promise.resolve(files) };
  } finally {
    await source.close();
  }
}
