/** Limits of the prompt library and of what the composer asks. Apart from the routes, so that the page needs no zod for them. */

/** All prompts together are sent to every window, without their texts. */
export const MAX_PROMPTS = 2000;
export const MAX_PROMPT_NAME = 100;
export const MAX_PROMPT_DESCRIPTION = 500;
export const MAX_PROMPT_TEXT = 100_000;
/** In characters. A library of 2,000 prompts of usual length has about two million. */
export const MAX_PROMPTS_FILE = 10_000_000;

/** Of all texts whose tokens one request counts, in characters: a tokenizer takes some 100 ms for so many. */
export const MAX_COUNTED_LENGTH = 200_000;
export const MAX_COUNTED_TEXTS = 64;
