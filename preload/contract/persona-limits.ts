/** Limits of what belongs to personas. Without zod, so that the page can import them without it. */

/** The longest text of a persona: that of a system prompt. */
export const MAX_PERSONA_TEXT = 200_000;
export const MAX_GREETINGS = 100;
/** A card with its picture; a message of the web shell is no longer than 16 MB. */
export const MAX_CARD_BYTES = 11_000_000;
/** The longer edge of a stored picture. The page makes larger ones smaller. */
export const MAX_PICTURE_EDGE = 1024;
export const MAX_PICTURE_BYTES = 4_000_000;

/** Of one lorebook, at most. Main looks each keyword up before each reply. */
export const MAX_LORE_ENTRIES = 5000;
export const MAX_LORE_KEYS = 20_000;
/** Of one entry, at most. */
export const MAX_KEYS = 200;
