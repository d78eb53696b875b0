/** Fields of files that other programs wrote: what has another type than expected is as if it were absent. */
import type { ImportNote } from '../../../preload/contract/personas.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What an import left out or changed, counted by kind. */
export interface ImportNotes {
  add(kind: ImportNote['kind'], count?: number): void;
  list(): readonly ImportNote[];
}

export function createNotes(): ImportNotes {
  const counts = new Map<ImportNote['kind'], number>();
  return {
    add(kind, count = 1) {
      if (count > 0) counts.set(kind, (counts.get(kind) ?? 0) + count);
    },
    list: () => [...counts].map(([kind, count]) => ({ kind, count })),
  };
}

/** The object; null for anything else. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The text, cut after `limit` letters; empty for anything else. A number is a text, as of a version. */
export function textField(value: unknown, limit: number, notes: ImportNotes): string {
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  if (text.length <= limit) return text.toWellFormed();
  notes.add('cut_texts');
  // A cut through a pair of surrogates would leave half a letter.
  return text.slice(0, limit).toWellFormed();
}

/** The texts of a list, without empty ones and duplicates; none for anything else. */
export function textsField(value: unknown, limit: number, most: number, notes: ImportNotes): string[] {
  if (!Array.isArray(value)) return [];
  const texts = value.flatMap((one) => (typeof one === 'string' && one.trim() !== '' ? [one] : []));
  if (texts.length > most) notes.add('cut_texts', texts.length - most);
  return [...new Set(texts.slice(0, most).map((one) => textField(one, limit, notes)))];
}

/** The whole number within its limits; the default for anything else. */
export function integerField(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, Math.round(value)))
    : otherwise;
}

/** Null for anything but true and false. */
export const switchField = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
