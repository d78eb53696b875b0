/** The key by which a saved state is matched to a loaded model. */
import { createHash } from 'node:crypto';
import type { Llama } from 'node-llama-cpp';
import { shardPaths } from '../../model-file/shards.ts';
import type { LoadRequest } from '../protocol.ts';
import { fileKey } from './state.ts';

/** A hash of everything that a state depends on: the model files, the settings of the cache, and llama.cpp's build. */
export function stateKeyOf(
  llama: Pick<Llama, 'llamaCppRelease' | 'gpu'>,
  request: LoadRequest,
  libraryVersion: string,
): string {
  const facts = [
    // The host gives all files of a model the names by which llama.cpp finds them.
    ...shardPaths(request.modelPath).map(fileKey),
    request.kvCacheType,
    request.flashAttention,
    request.sequences,
    request.gpuLayers,
    request.loras.map(({ path, scale }) => [fileKey(path), scale]),
    llama.llamaCppRelease,
    llama.gpu,
    libraryVersion,
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
