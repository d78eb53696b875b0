/** How an exported embedding model pools, as sentence-transformers reads it from modules.json. */
import { poolingTypes } from '../architectures/pooling.ts';
import { poolingModes } from '../plan/pooling-files.ts';
import type { GgufFacts } from './gguf-config.ts';

/** Where sentence-transformers puts the pooling. */
const POOLING_FOLDER = '1_Pooling';

/**
 * The contents of modules.json and of the pooling's own file by their paths; null for a model without pooling. A file does not say whether
 * its vectors are normalized: they are, as llama.cpp does it.
 */
export function poolingFiles(metadata: GgufFacts['metadata']): Readonly<Record<string, object>> | null {
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string') return null;
  const type = metadata.get(`${architecture}.pooling_type`);
  const found = poolingModes.find(([way]) => poolingTypes[way] === type);
  if (found === undefined) return null;
  const kinds = [
    ['Transformer', ''],
    ['Pooling', POOLING_FOLDER],
    ['Normalize', '2_Normalize'],
  ] as const;
  return {
    'modules.json': kinds.map(([kind, path], idx) => ({
      ...{ idx, name: String(idx), path, type: `sentence_transformers.models.${kind}` },
    })),
    [`${POOLING_FOLDER}/config.json`]: {
      word_embedding_dimension: Number(metadata.get(`${architecture}.embedding_length`)),
      ...Object.fromEntries(poolingModes.map((one) => [one[1], one === found])),
    },
  };
}
