/** What the page says of a verification. Without zod, so that its words can import it without it. */

/** Tokens of a reply that a verification asks for. A model may end its reply before. */
export const VERIFIED_TOKENS = 16;
