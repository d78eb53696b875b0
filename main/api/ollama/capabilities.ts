/** What a model can do, by its header and its template, in Ollama's words. */
import { isAppError } from '../../../preload/wire/errors.ts';
import { readChatTemplate, readHeaderOfFile, type FileTemplate } from '../../library/library.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { abilitiesOf } from '../names/abilities.ts';
import type { ListedModel } from '../names/models.ts';
import type { Services } from '../services.ts';

type Capability = 'completion' | 'tools' | 'insert' | 'thinking' | 'vision' | 'embedding';

/** A model's file, as far as descriptions need it. */
export interface ReadModel {
  readonly header: GgufHeader;
  readonly file: FileTemplate;
}

/** Null for a model of a provider elsewhere, and for a file that cannot be read now. */
export async function readModel(services: Services, { model }: ListedModel): Promise<ReadModel | null> {
  try {
    const { path } = await services.library.find(model.modelId);
    return { header: await readHeaderOfFile(path), file: await readChatTemplate(path) };
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}

/** The template in force: that of the name, else the file's. */
export const templateOf = ({ preset }: ListedModel, read: ReadModel | null): string | null =>
  preset?.template ?? read?.file.source ?? null;

/** Tokens around the text before the gap, as llama.cpp knows them by their texts: `llama_vocab::impl::load` in llama.cpp. */
const gapMarks = [
  ...['<|fim_prefix|>', '<fim-prefix>', '<fim_prefix>', '<\uff5cfim\u2581begin\uff5c>', '<PRE>', '\u2581<PRE>'],
  ...['<|code_prefix|>', '<|prefix|>'],
];
const gapKeys = ['tokenizer.ggml.fim_pre_token_id', 'tokenizer.ggml.prefix_token_id'];
/** Like Ollama: a model that writes no text makes vectors. A model of a provider elsewhere is taken for one that writes. */
export async function capabilitiesOf(
  services: Services,
  listed: ListedModel,
  read: ReadModel | null,
): Promise<Capability[]> {
  const abilities = await abilitiesOf(services, listed);
  if (abilities?.completion === false) return abilities.embeddings === true ? ['embedding'] : [];
  const metadata = read?.header.metadata;
  const canInsert =
    gapKeys.some((key) => metadata?.has(key)) || read?.file.specialTokens.some((text) => gapMarks.includes(text));
  return [
    'completion',
    ...(abilities?.vision === true ? (['vision'] as const) : []),
    ...(abilities?.tools === true ? (['tools'] as const) : []),
    ...(canInsert === true ? (['insert'] as const) : []),
    ...(abilities?.reasoning === true ? (['thinking'] as const) : []),
  ];
}
