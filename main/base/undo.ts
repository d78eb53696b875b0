/** The time in which what was deleted can be brought back. One time for chats, models and downloads, which the page shows alike. */
export const UNDO_MS = 10_000;
