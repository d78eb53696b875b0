/** The tokens that are added to a model's own: of tokenizer.json, with what tokenizer_config.json says of them. */
import { isFields } from './json-fields.ts';
import { invalidTokenizer } from './refusals.ts';
import { configuredTexts, tokenText } from './special-tokens.ts';
import type { TokenizerSources } from './tokenizer-files.ts';
import { addedToken, type AddedToken } from './tokenizer-structure.ts';

const CONFIG = 'tokenizer_config.json';

/** The lines `added_tokens_decoder` of tokenizer_config.json, in which ids are names of fields. @throws AppError `tokenizer.invalid` */
export function configuredTokens({ tokenizerConfig }: TokenizerSources): AddedToken[] {
  const decoder = tokenizerConfig?.['added_tokens_decoder'];
  if (decoder === undefined || decoder === null) return [];
  if (!isFields(decoder)) throw invalidTokenizer(CONFIG, 'added_tokens', 'Its added_tokens_decoder is no object.');
  return Object.entries(decoder).map(([id, fields]) =>
    addedToken(CONFIG, { ...(isFields(fields) ? fields : {}), id: /^\d{1,8}$/u.test(id) ? Number(id) : id }),
  );
}

/**
 * The added tokens by id. A line of tokenizer_config.json replaces that of tokenizer.json; tokens with a role that only the model's own
 * vocabulary has count as special.
 */
export function addedTokensById(sources: TokenizerSources): Map<number, AddedToken> {
  const byId = new Map((sources.tokenizer?.addedTokens ?? []).map((token) => [token.id, token]));
  for (const token of configuredTokens(sources)) byId.set(token.id, token);
  const texts = new Set([...byId.values()].map(({ content }) => content));
  const roles = [...configuredTexts(sources).values(), ...additionalTexts(sources)].filter((text) => !texts.has(text));
  if (roles.length === 0 || sources.tokenizer === null) return byId;
  const wanted = new Set(roles);
  for (const [id, content] of sources.tokenizer.vocabulary) {
    if (wanted.has(content) && !byId.has(id)) byId.set(id, specialToken(id, content));
  }
  return byId;
}

function additionalTexts({ tokenizerConfig }: TokenizerSources): string[] {
  const list = tokenizerConfig?.['additional_special_tokens'];
  return Array.isArray(list) ? (list as readonly unknown[]).flatMap((one) => tokenText(one) ?? []) : [];
}

function specialToken(id: number, content: string): AddedToken {
  return { id, content, special: true, normalized: false, leftStrip: false, rightStrip: false, singleWord: false };
}

/** Some models leave the mark of a control token out, and llama.cpp's converter knows these by their text. */
export function looksSpecial(text: string): boolean {
  return (
    text === '<pad>' ||
    text === '<mask>' ||
    text === '<2mass>' ||
    text === '[@BOS@]' ||
    (text.startsWith('<|') && text.endsWith('|>')) ||
    (text.startsWith('<｜') && text.endsWith('｜>')) ||
    (text.startsWith('<unused') && text.endsWith('>'))
  );
}
