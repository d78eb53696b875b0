/** Columns of times as they are read, in milliseconds since the epoch. */

/** The latest time that JavaScript's dates have. A whole number beyond 2^53 could be neither shown nor written back. */
const LATEST_MS = 8.64e15;

/** The time of a column, which another program, or a bad disk, may have left far beyond all dates. */
export const readTime = (column: number): number => Math.min(Math.max(column, -LATEST_MS), LATEST_MS);
