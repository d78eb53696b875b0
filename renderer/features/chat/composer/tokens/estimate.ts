/** The tokens of a text without a tokenizer, from what tokenizers of current models make of texts on average. */

/** Of longer texts a sample is looked at. */
const SAMPLE_LENGTH = 20_000;

/** A token is some four letters of an alphabet, or one and a half characters of Chinese, Japanese or Korean. */
export function estimatedTokens(text: string): number {
  if (text === '') return 0;
  const sample = text.length <= SAMPLE_LENGTH ? text : text.slice(0, SAMPLE_LENGTH);
  const wide = sample.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu)?.length ?? 0;
  const tokens = wide / 1.5 + (sample.length - wide) / 4;
  return Math.max(1, Math.round((tokens * text.length) / sample.length));
}
