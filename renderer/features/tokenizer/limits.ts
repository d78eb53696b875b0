/** A text of this length has some 50,000 tokens; more would stop the page for a moment at each change. */
export const MAX_CHARACTERS = 200_000;

/** A tokenizer is asked when nothing was typed for so long. */
export const SETTLED_MS = 200;
