/** What main and the page know of predicted speeds. Without schemas, so that a command that predicts nothing stays small. */

/**
 * A model of which a token reads fewer bytes may stay in the processor's cache: its speed tells nothing of main memory, and none is predicted
 * from main memory.
 */
export const LEAST_PREDICTED_BYTES = 100_000_000;
