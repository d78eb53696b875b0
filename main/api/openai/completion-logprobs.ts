/**
 * Log probabilities in the form of OpenAI's completions, by which lm-eval-harness and others score texts: parallel lists, with the offset of
 * each token in the text of prompt and reply together.
 */
import type { PromptToken } from '../../engine/engine.ts';

export interface LegacyLogprobs {
  readonly tokens: readonly string[];
  /** The first token of a prompt has none. */
  readonly token_logprobs: readonly (number | null)[];
  /** The token itself is among them, however unlikely it was. */
  readonly top_logprobs: readonly (Readonly<Record<string, number>> | null)[];
  /** In characters (code points), as Python counts them. */
  readonly text_offset: readonly number[];
}

/** The lists of a reply as its tokens come. `prompt` is the text before it, and `withPrompt` that its tokens come first. */
export function createLegacyLogprobs(prompt: string, withPrompt: boolean) {
  let offset = withPrompt ? 0 : lengthOf(prompt);
  return {
    take(tokens: readonly PromptToken[]): LegacyLogprobs {
      const offsets = tokens.map(({ text }) => {
        const at = offset;
        offset += lengthOf(text);
        return at;
      });
      return {
        tokens: tokens.map(({ text }) => text),
        token_logprobs: tokens.map(({ logprob }) => logprob),
        top_logprobs: tokens.map(topOf),
        text_offset: offsets,
      };
    },
  };
}

function topOf(token: PromptToken): Readonly<Record<string, number>> | null {
  if (token.logprob === null) return null;
  // Of two tokens with the same text the likelier one stays.
  const top = new Map<string, number>();
  for (const { text, logprob } of [...token.alternatives, token]) if (!top.has(text)) top.set(text, logprob);
  return Object.fromEntries(top);
}

const lengthOf = (text: string): number => [...text].length;
