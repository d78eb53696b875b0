/** Values of foreign JSON, read without trust: what has another type counts as absent. */

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object; null for anything else. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The elements of a list; none for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The objects among the elements of a list. */
export function objectsOf(value: unknown): readonly Fields[] {
  return listOf(value)
    .map(fieldsOf)
    .filter((one) => one !== null);
}

/** A text; empty for anything else. */
export function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A text that names something, such as a key; null for an empty one and for anything else. */
export function keyIn(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Dates of JavaScript end there. */
const MAX_MS = 8_640_000_000_000_000;
/** As seconds this is the year 5138, and as milliseconds 1973: no chat of a language model lies beyond either. */
const SECONDS_LIMIT = 100_000_000_000;

/** A time in milliseconds, from seconds, milliseconds, nanoseconds or a date as text. Null for anything else. */
export function timeIn(value: unknown): number | null {
  if (typeof value === 'string' && value !== '') {
    const parsed = Date.parse(value);
    return Number.isNaN(parsed) || parsed < 0 ? null : parsed;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return null;
  const ms = value < SECONDS_LIMIT ? value * 1000 : value > MAX_MS / 1000 ? value / 1_000_000 : value;
  return ms > MAX_MS ? null : Math.round(ms);
}
