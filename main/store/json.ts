/** Columns of JSON as they are read: one that another program, or a bad disk, left unreadable is as one that was never written. */

/** The value of a column; undefined for null and for what is no JSON. */
export function readJson(column: string | null | undefined): unknown {
  if (column === null || column === undefined) return undefined;
  try {
    return JSON.parse(column) as unknown;
  } catch {
    return undefined;
  }
}

/** The object of a column; null for null, for what is no JSON, and for JSON of something else. */
export function readJsonObject<T extends object>(column: string | null | undefined): T | null {
  const value = readJson(column);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : null;
}
