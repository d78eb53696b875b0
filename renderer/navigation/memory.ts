/** What this window remembers of its own looks. Nothing that would be missed: main owns every fact. */

/** Reads what `remember` wrote; null when there is nothing or storage is forbidden. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`hearth.${name}`);
  } catch {
    return null;
  }
}

/** Writes a small fact about the window's looks. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`hearth.${name}`, value);
  } catch {
    // A browser may forbid storage; then the window forgets.
  }
}
