/** Token ids as people write them: lines of whole numbers, with or without brackets and commas. */

export type IdLines =
  | { readonly batch: readonly (readonly number[])[]; readonly problem: null }
  | {
      readonly batch: readonly (readonly number[])[];
      readonly problem:
        { readonly code: 'wrong'; readonly line: number; readonly what: string } | { readonly code: 'ids' | 'lines' };
    };

/** As main takes them. */
export const MAX_LINES = 256;
export const MAX_IDS = 100_000;
const MAX_ID = 16_777_216;

/** The ids of each line that has some. A list in brackets may go over several lines, as JSON is often written. */
export function readIds(text: string): IdLines {
  const trimmed = text.trim();
  const lines = /^\[[^[\]]*\]$/.test(trimmed) ? [trimmed.replaceAll('\n', ' ')] : text.split('\n');
  const batch: number[][] = [];
  for (const [index, line] of lines.entries()) {
    const parts = line.split(/[\s,;[\]]+/).filter((part) => part !== '');
    const wrong = parts.find((part) => !/^\d{1,8}$/.test(part) || Number(part) > MAX_ID);
    if (wrong !== undefined)
      return { batch: [], problem: { code: 'wrong', line: index + 1, what: wrong.slice(0, 40) } };
    if (parts.length > MAX_IDS) return { batch: [], problem: { code: 'ids' } };
    if (parts.length > 0) batch.push(parts.map(Number));
  }
  return batch.length > MAX_LINES ? { batch: [], problem: { code: 'lines' } } : { batch, problem: null };
}
