/** Limits of chats and of what is remembered of them. Without zod, so that the page can import them without it. */

/** Tags of one chat at most: more would hide its title. */
export const MOST_TAGS = 20;
/** Folders at most. All are sent with the list. */
export const MOST_FOLDERS = 500;
/** The part of the context above which a summary is offered, or made where that was chosen. */
export const NEARLY_FULL = 0.85;
/** Of a summary, in UTF-16 units. */
export const MAX_SUMMARY_LENGTH = 20_000;
