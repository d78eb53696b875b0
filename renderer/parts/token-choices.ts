/** The display of a reply's tokens: their probabilities and alternatives. */
import type { TokenLogprob } from '../../preload/contract/chat.ts';

/** Probabilities below which a token is less expected: below the entry at index n its level is at least n plus one. */
const borders = [0.9, 0.6, 0.3, 0.1] as const;

/** The level of surprise of a token, from 0 (almost certain) to 4. */
export function levelOf(probability: number): number {
  return borders.filter((border) => probability < border).length;
}

export interface Choice {
  readonly text: string;
  readonly probability: number;
  /** Whether this token was written. */
  readonly taken: boolean;
}

/**
 * The candidates for one place, likeliest first. The written token is always included; it is last if it was not among
 * the likeliest.
 */
export function choicesOf({ id, text, logprob, alternatives }: TokenLogprob): readonly Choice[] {
  const choices = alternatives.map((one) => ({
    text: one.text,
    probability: Math.exp(one.logprob),
    taken: one.id === id,
  }));
  return choices.some(({ taken }) => taken)
    ? choices
    : [...choices, { text, probability: Math.exp(logprob), taken: true }];
}
