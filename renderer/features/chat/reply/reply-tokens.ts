/** What is shown of the tokens of a reply: how likely each was, and what else could have stood there. */
import type { TokenLogprob } from '../../../../preload/contract/chat.ts';

/** Where a token begins to be less expected, by its probability: from here on it is of the level of its place plus one. */
const borders = [0.9, 0.6, 0.3, 0.1] as const;

/** How unexpected a token was, from 0 (as good as certain) to 4. */
export function levelOf(probability: number): number {
  return borders.filter((border) => probability < border).length;
}

export interface Choice {
  readonly text: string;
  readonly probability: number;
  /** This one was written. */
  readonly taken: boolean;
}

/** What could have stood in a place, likeliest first. What was written is always among it, last where it was not among the likeliest. */
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
