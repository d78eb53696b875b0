/** Byte-level BPE, as GPT-2, Llama 3 and Qwen have it: `tokenizer.ggml.model` is `gpt2`. */
import { addedTokensById, looksSpecial } from '../added-tokens.ts';
import { specialEntries } from '../special-tokens.ts';
import { paddedTokens, tokenEntries, tokenType, type Token } from '../token-types.ts';
import type { TokenizerSources } from '../tokenizer-files.ts';
import type { TokenizerJson } from '../tokenizer-json.ts';
import type { Vocabulary } from '../vocabulary-model.ts';

/** @throws AppError as `readVocabulary` does. */
export function byteLevelVocabulary(
  sources: TokenizerSources,
  tokenizer: TokenizerJson,
  preTokenizer: string,
): Vocabulary {
  const tokens = paddedTokens(sources, bpeTokens(sources, tokenizer));
  const merges = tokenizer.merges.map(([left, right]) => `${escaped(left)} ${escaped(right)}`);
  return {
    kind: 'byte_level',
    preTokenizer,
    tokenCount: tokens.length,
    entries: [
      ...tokenEntries('gpt2', preTokenizer, tokens, false),
      ...(merges.length > 0 ? [{ key: 'tokenizer.ggml.merges', type: 'strings' as const, value: merges }] : []),
      ...specialEntries(sources, tokens.length),
    ],
  };
}

/** The tokens of tokenizer.json by id: control tokens, user-defined ones (with spaces as spaces) and normal ones. */
export function bpeTokens(sources: TokenizerSources, tokenizer: TokenizerJson): Map<number, Token> {
  const byId = new Map<number, Token>();
  for (const [id, text] of tokenizer.vocabulary) byId.set(id, { text, type: tokenType.normal, score: 0 });
  for (const { id, content, special } of addedTokensById(sources).values()) {
    const control = special || looksSpecial(content);
    byId.set(id, {
      text: control ? content : content.replaceAll('▁', ' '),
      type: control ? tokenType.control : tokenType.userDefined,
      score: 0,
    });
  }
  return byId;
}

/** A space inside a token of a merge would divide it: llama.cpp reads GPT-2's stand-in for it. */
function escaped(token: string): string {
  return token.replaceAll(' ', 'Ġ');
}
