/** What Ollama's lists tell of a model. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ModelName } from '../../../preload/contract/server.ts';
import { isGiven } from '../generation/given.ts';
import type { ListedModel } from '../names/models.ts';
import type { Services } from '../services.ts';

/** `8.0B`, `360.82M`, `128K`: the forms that Ollama's lists have. */
function parameterSize(count: number): string {
  if (count >= 1e9) return `${count % 1e9 === 0 ? String(count / 1e9) : (count / 1e9).toFixed(1)}B`;
  if (count >= 1e6) return `${count % 1e6 === 0 ? String(count / 1e6) : (count / 1e6).toFixed(2)}M`;
  return count >= 1e3 ? `${(count / 1e3).toFixed(0)}K` : String(count);
}

export function detailsOf({ model, preset }: ListedModel) {
  const { local } = model;
  const family = local?.architecture ?? '';
  return {
    parent_model: preset === null ? '' : model.modelId,
    format: local === null ? '' : 'gguf',
    family,
    families: family === '' ? null : [family],
    parameter_size: isGiven(local?.parameterCount) ? parameterSize(local.parameterCount) : '',
    quantization_level: model.quantization ?? '',
    ...(isGiven(local?.contextLength) && { context_length: local.contextLength }),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * A digest, in 64 hexadecimal letters. That of a model is its file's sha256 where the cache knows it, which keeps files under their hashes
 * (of a sharded model that of the first file); elsewhere it is a hash of the model's id, which is as stable as the id. What goes with a
 * name changes it.
 */
export async function digestOf(services: Services, { model, preset }: ListedModel): Promise<string> {
  const own = (await fileHash(services, model.modelId)) ?? sha256(model.modelId);
  if (preset === null) return own;
  const { name: _name, modelId: _modelId, ...rest } = preset;
  return isAlias(rest) ? own : sha256(JSON.stringify([own, rest]));
}

const isAlias = ({ systemPrompt, template, sampling, messages }: Omit<ModelName, 'name' | 'modelId'>): boolean =>
  systemPrompt === null && template === null && Object.keys(sampling).length === 0 && messages.length === 0;

async function fileHash(services: Services, modelId: string): Promise<string | null> {
  try {
    const name = path.basename(await realpath((await services.library.find(modelId)).path));
    return /^[0-9a-f]{64}$/.test(name) ? name : null;
  } catch {
    // A model of a provider elsewhere, or a file that went this moment.
    return null;
  }
}
