/**
 * Differences between llama.cpp and a tokenizer.json that are understood. They are properties of llama.cpp, not faults of a conversion;
 * docs/decisions/0048 lists how each was found.
 */
import { readCharacterMap } from './character-map.ts';
import { isByteLevel } from '../vocabulary/pre-tokenizer/pre-tokenizer.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import type { KnownDifferenceKind } from '../../../preload/contract/convert.ts';

/** Why the ids of `text` may differ; null where nothing is known that would make them differ. */
export function knownDifference(text: string, structure: TokenizerStructure): KnownDifferenceKind | null {
  const composes = structure.normalizers.some(({ type }) => type === 'NFC');
  // llama.cpp applies no Unicode normalization to BPE.
  if (composes && text.normalize('NFC') !== text) return 'composed_form';
  // llama.cpp drops all marks after decomposition; BERT drops those of the category Mn, and keeps what they belong to.
  if (structure.model.type === 'WordPiece' && /\p{M}|[\u1100-\u11ff\uac00-\ud7a3]/u.test(text.normalize('NFD')))
    return 'combining_marks';
  // llama.cpp divides a word of any length.
  if (structure.model.type === 'WordPiece' && hasLongWord(text, structure.model.maxWordChars)) return 'long_word';
  // llama.cpp reads a literal mark as a space, and in WordPiece as the beginning of a word.
  if (!isByteLevel(structure) && text.includes('\u2581')) return 'literal_mark';
  if (structure.model.type === 'Unigram' && hasUnmappedSpace(text, structure)) return 'unmapped_space';
  const marks = structure.model.type !== 'WordPiece' && !isByteLevel(structure);
  // A Metaspace adds no space before one that is there; llama.cpp does.
  if (marks && /^\s/u.test(text) && structure.preTokenizers.some(({ type }) => type === 'Metaspace'))
    return 'leading_space';
  // llama.cpp's form of the patterns with upper and lower case knows no marks.
  if (/\p{M}/u.test(text) && structure.preTokenizers.some(hasCasedMarks)) return 'combining_marks';
  // llama.cpp takes the spaces beside some added tokens only where it knows them by name.
  if (
    structure.addedTokens.some(
      ({ content, leftStrip, rightStrip, singleWord }) =>
        (leftStrip || rightStrip || singleWord) && text.includes(content),
    )
  )
    return 'spaces_beside_tokens';
  return null;
}

/** White space that the table of characters leaves as it is: no token for llama.cpp, while the pre-tokenizer drops it. */
function hasUnmappedSpace(text: string, { normalizers, preTokenizers }: TokenizerStructure): boolean {
  const spaces = text.match(/[^\S ]|\u0085/gu);
  if (spaces === null || !preTokenizers.some(({ type }) => type === 'WhitespaceSplit')) return false;
  const map = normalizers.find(({ type }) => type === 'Precompiled')?.fields['precompiled_charsmap'];
  const { has } = readCharacterMap(Buffer.from(typeof map === 'string' ? map : '', 'base64'));
  return [...new Set(spaces)].some((space) => !has(space));
}

function hasCasedMarks({ fields }: TokenizerStructure['preTokenizers'][number]): boolean {
  const pattern = JSON.stringify(fields['pattern'] ?? null);
  return pattern.includes('\\\\p{Lu}') && pattern.includes('\\\\p{M}');
}

function hasLongWord(text: string, maxChars: number): boolean {
  return text.split(/\s+/u).some((word) => [...word].length > maxChars);
}
