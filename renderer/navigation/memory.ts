/**
 * Small facts about the look of this window, kept in the browser's storage. They are never important: main owns every
 * fact.
 */

/** Reads the value that `remember` stored; null without one, or where storage is forbidden. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`hearth.${name}`);
  } catch {
    return null;
  }
}

/** Stores a small fact about the window's look. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`hearth.${name}`, value);
  } catch {
    // A browser may forbid storage; then nothing is remembered.
  }
}
