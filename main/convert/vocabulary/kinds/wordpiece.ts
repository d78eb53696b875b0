/** BERT's WordPiece: `tokenizer.ggml.model` is `bert`. llama.cpp marks the beginning of words where BERT marks their continuation. */
import { bpeTokens } from './byte-level.ts';
import { specialEntries } from '../special-tokens.ts';
import { paddedTokens, tokenEntries, tokenType, type Token } from '../token-types.ts';
import type { TokenizerSources } from '../tokenizer-files.ts';
import type { TokenizerJson } from '../tokenizer-json.ts';
import type { Vocabulary } from '../vocabulary-model.ts';

const CONTINUED = '##';

/** @throws AppError as `readVocabulary` does. */
export function wordPieceVocabulary(sources: TokenizerSources, tokenizer: TokenizerJson): Vocabulary {
  const tokens = paddedTokens(sources, bpeTokens(sources, tokenizer)).map(marked);
  // llama.cpp does not look at the name of a WordPiece pre-tokenizer; the converter's own for BERT stands here.
  const preTokenizer = 'jina-v2-en';
  return {
    kind: 'wordpiece',
    preTokenizer,
    tokenCount: tokens.length,
    entries: [...tokenEntries('bert', preTokenizer, tokens, false), ...specialEntries(sources, tokens.length)],
  };
}

function marked(token: Token): Token {
  if (token.type === tokenType.control) return token;
  const { text } = token;
  return { ...token, text: text.startsWith(CONTINUED) ? text.slice(CONTINUED.length) : `▁${text}` };
}
