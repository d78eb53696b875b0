/** What models can do, by their files' headers, or as servers elsewhere tell. Nothing is loaded for it. */
import type { RemoteAbilities } from '../../../preload/contract/providers.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { marks } from '../../chat-format/reply/reasoning-marks.ts';
import { readHeaderOfFile } from '../../library/library.ts';
import { continuesText } from '../../model-file/answer-kind.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import type { Services } from '../services.ts';
import type { ListedModel } from './models.ts';

/** Null where a server elsewhere does not tell. */
export interface ModelAbilities {
  readonly completion: boolean | null;
  readonly chat: boolean | null;
  /** The chat template tells the model of tools. Others are told in words. */
  readonly tools: boolean | null;
  readonly reasoning: boolean | null;
  readonly embeddings: boolean | null;
  readonly rerank: boolean | null;
  readonly vision: boolean | null;
  readonly audio: boolean | null;
}

/** Headers do not change as long as the file does not. */
const known = new Map<string, ModelAbilities>();
const MOST_KNOWN = 1000;

/** Null for a model of which a server elsewhere tells nothing, and for a file that cannot be read now. */
export async function abilitiesOf(
  { library }: Pick<Services, 'library'>,
  { model, preset }: ListedModel,
): Promise<ModelAbilities | null> {
  const { local } = model;
  if (!local) return model.remoteAbilities && toldOf(model.remoteAbilities);
  const key = JSON.stringify([local.id, local.sizeBytes, local.addedAt, preset?.template ?? null]);
  const found = known.get(key);
  if (found) return found;
  try {
    const { path } = await library.find(model.modelId);
    const abilities = read(await readHeaderOfFile(path), preset?.template ?? null);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, abilities);
    return abilities;
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}

function toldOf(told: RemoteAbilities): ModelAbilities | null {
  const { chat, tools, reasoning, embeddings, vision, audio } = told;
  const abilities = { completion: chat, chat, rerank: null, embeddings, vision, audio, tools, reasoning };
  return Object.values(abilities).every((one) => one === null) ? null : abilities;
}

function read(header: GgufHeader, given: string | null): ModelAbilities {
  const own = header.metadata.get('tokenizer.chat_template');
  const template = given ?? (typeof own === 'string' ? own : '');
  const completion = continuesText(header);
  const rerank = header.tensors.some(({ name }) => name === 'cls.weight' || name === 'cls.output.weight');
  const knowsReasoning =
    template.includes('enable_thinking') ||
    template.includes('reasoning_effort') ||
    marks.some(({ open, close }) => template.includes(open) && template.includes(close));
  return {
    ...{ completion, chat: completion, rerank, embeddings: !rerank, vision: false, audio: false },
    tools: completion && /\btools\b/.test(template),
    reasoning: completion && knowsReasoning,
  };
}
