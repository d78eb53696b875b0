/** The tokenizer of a merged model: that of the base, as far as the adapter's folder has none of its own that was trained. */
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import { readSmallFile, readSmallJson, readSmallText, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { readTokenizerFiles } from '../vocabulary/tokenizer-files.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';

const TEMPLATE = 'chat_template.jinja';
const CONFIG = 'tokenizer_config.json';
const GENERATION = 'generation_config.json';

/**
 * The files of the tokenizer; null where they are the base's. An adapter with other tokens brings its own, as PEFT stores them beside it;
 * of any other only the chat template is taken, since its tokens have no embeddings.
 * @throws AppError `convert.invalid` (`reason: 'vocabulary'`) where the adapter has other tokens and no tokenizer; as `readTokenizerFiles`.
 */
export async function tokenizerFilesOf(
  { base, adapter }: { readonly base: CheckpointSource; readonly adapter: CheckpointSource },
  hasOtherTokens: boolean,
): Promise<TokenizerFiles | null> {
  if (hasOtherTokens) {
    const own = await readTokenizerFiles(adapter);
    if (!['tokenizer.json', 'tokenizer.model', 'vocab.json'].some((name) => own.has(name))) throw noTokenizer();
    const generation = await readSmallFile(base, GENERATION);
    return new Map([...(generation === null ? [] : [[GENERATION, generation] as const]), ...own]);
  }
  const template = await templateOf(adapter);
  if (template === null) return null;
  const files = await readTokenizerFiles(base);
  const config = await readSmallJson(base, CONFIG);
  // The template of tokenizer_config.json goes before that of a file of its own.
  if (config === null) return new Map([...files, [TEMPLATE, encoded(template)]]);
  return new Map([...files, [CONFIG, encoded(JSON.stringify({ ...config, chat_template: template }))]]);
}

async function templateOf(adapter: CheckpointSource): Promise<string | null> {
  const configured = (await readSmallJson(adapter, CONFIG))?.['chat_template'];
  return typeof configured === 'string' ? configured : await readSmallText(adapter, TEMPLATE);
}

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

const noTokenizer = (): Error =>
  invalidCheckpoint({
    ...{ reason: 'vocabulary', file: 'tokenizer.json', found: 'nothing' },
    detail:
      'The adapter has embeddings for other tokens than its base, and its folder has no tokenizer.json that names them. Take it from where the adapter was trained.',
  });
