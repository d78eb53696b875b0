/** How an embedding model pools, by the files of sentence-transformers. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import { isRecord } from '../architectures/config.ts';
import type { Surroundings } from '../architectures/architecture.ts';
import { readSmallText, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';

const MAX_BYTES = 1024 * 1024;

/** Modules by the last part of their type. llama.cpp computes them, or they do nothing outside of training. */
const knownModules = /^(?:\w*Transformer|Pooling|Normalize|Dropout)$/;

/** Ways of pooling by their keys in the configuration of a module `Pooling`. */
export const poolingModes = [
  ['mean', 'pooling_mode_mean_tokens'],
  ['cls', 'pooling_mode_cls_token'],
  ['last', 'pooling_mode_lasttoken'],
] as const;

/**
 * The pooling that `modules.json` leads to; null without one.
 *
 * @throws AppError `convert.unsupported` (`reason: 'pooling'`) for a way, or a module behind it, that the GGUF file would not compute;
 * `convert.invalid` for files that cannot be read as JSON.
 */
export async function readPooling(source: CheckpointSource): Promise<Surroundings['pooling']> {
  const modules = await readJson(source, 'modules.json');
  if (!Array.isArray(modules)) return null;
  const kinds = modules.map((one: unknown) =>
    isRecord(one) && typeof one['type'] === 'string' ? (one['type'].split('.').at(-1) ?? '') : '',
  );
  const unknown = kinds.findIndex((kind) => !knownModules.test(kind));
  if (unknown >= 0) {
    const name = shownName(kinds[unknown] ?? '');
    throw unsupportedCheckpoint({
      ...{ reason: 'pooling', file: 'modules.json', found: kinds[unknown] ?? '' },
      detail: `modules.json has a module ${name}, which the GGUF file would not compute: its vectors would be others.`,
    });
  }
  const module = modules[kinds.indexOf('Pooling')] as Readonly<Record<string, unknown>> | undefined;
  if (typeof module?.['path'] !== 'string') return null;
  const file = `${module['path']}/config.json`;
  const config = await readJson(source, file);
  if (!isRecord(config)) return null;
  const modes = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  if (modes.length > 1)
    throw unsupportedCheckpoint({
      ...{ reason: 'pooling', file, found: modes.join(', ') },
      detail: 'The model joins the vectors of several ways of pooling; llama.cpp computes one.',
    });
  for (const [way, mode] of poolingModes) if (config[mode] === true) return way;
  switch (config['pooling_mode']) {
    case 'mean':
    case 'cls':
      return config['pooling_mode'];
    case 'lasttoken':
      return 'last';
    default:
      throw unsupportedCheckpoint({
        ...{ reason: 'pooling', file },
        detail: 'The model pools in another way than by mean, first or last token.',
      });
  }
}

async function readJson(source: CheckpointSource, file: string): Promise<unknown> {
  const text = await readSmallText(source, file, MAX_BYTES);
  if (text === null) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidCheckpoint({ reason: 'not_json', file, detail: `${file} is not JSON.` });
  }
}
