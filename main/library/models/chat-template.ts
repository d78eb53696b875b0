/** The chat template in a model file, with the texts of the tokens that it writes at the ends. */
import { open } from 'node:fs/promises';
import { readHeaderOfFile } from './model-files.ts';
import { readSpecialIds, readTokenTexts } from './vocabulary.ts';

export interface FileTemplate {
  /** Null: the file has none. */
  readonly source: string | null;
  /** Empty where the vocabulary has no such token. */
  readonly bos: string;
  readonly eos: string;
  /** Texts of the vocabulary's control tokens and of those that a user defined. */
  readonly specialTokens: readonly string[];
}

/** Reads it without loading the model. @throws AppError `model.*`. */
export async function readChatTemplate(file: string): Promise<FileTemplate> {
  const header = await readHeaderOfFile(file);
  const { metadata } = header;
  const source = metadata.get('tokenizer.chat_template');
  const idOf = (name: string): number | null => {
    const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
    return typeof id === 'number' ? id : null;
  };
  const handle = await open(file, 'r');
  try {
    const special = await readSpecialIds(handle, header);
    const [bos, eos] = [idOf('bos'), idOf('eos')];
    const texts = await readTokenTexts(handle, header, new Set([bos ?? -1, eos ?? -1, ...special]));
    return {
      source: typeof source === 'string' && source !== '' ? source : null,
      bos: texts.get(bos ?? -1) ?? '',
      eos: texts.get(eos ?? -1) ?? '',
      specialTokens: [...special].flatMap((id) => texts.get(id) ?? []).filter((text) => text !== ''),
    };
  } finally {
    await handle.close();
  }
}
