/** Alternatives that begin alike, with what they share written once: so that the ways open at a time do not double at every level of a value. */
import type { RuleBook, Sequence } from './rules.ts';

/** Sequences that are looked at for one value. Beyond it the alternatives stay as they are. */
const MAX_SEQUENCES = 1500;

/** Alternatives that allow the same; of two that begin with the same element only one is left, wherever ends are rules of the book. */
export function withSharedStarts(alternatives: readonly Sequence[], hint: string, book: RuleBook): readonly Sequence[] {
  const starts = alternatives.map(([first]) => JSON.stringify(first));
  if (new Set(starts).size === starts.length) return alternatives;
  const names = new Map<string, string>();
  let left = MAX_SEQUENCES;

  /** By their text, with rules of ends replaced by what they stand for. */
  function expanded(sequences: Iterable<Sequence>): ReadonlyMap<string, Sequence> | null {
    const found = new Map<string, Sequence>();
    const waiting = [...sequences];
    const seen = new Set<string>();
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (--left < 0) return null;
      const [only, ...others] = next;
      const end = only && 'rule' in only && others.length === 0 ? book.endOf(only.rule) : undefined;
      if (!end || !only || !('rule' in only)) found.set(JSON.stringify(next), next);
      else if (!seen.has(only.rule)) {
        seen.add(only.rule);
        waiting.push(...end);
      }
    }
    return found;
  }

  function grouped(sequences: ReadonlyMap<string, Sequence>): readonly Sequence[] | null {
    const groups = new Map<string, Sequence[]>();
    for (const sequence of sequences.values()) {
      const key = JSON.stringify(sequence[0]);
      const group = groups.get(key);
      if (group) group.push(sequence);
      else groups.set(key, [sequence]);
    }
    const result: Sequence[] = [];
    for (const [first, ...others] of groups.values()) {
      if (!first) continue;
      if (others.length === 0) {
        result.push(first);
        continue;
      }
      const rest = after([first, ...others].map((sequence) => sequence.slice(1)));
      if (!rest) return null;
      result.push([...first.slice(0, 1), ...rest]);
    }
    return result;
  }

  /** One sequence for all of these. */
  function after(sequences: readonly Sequence[]): Sequence | null {
    const ends = expanded(sequences);
    if (!ends) return null;
    const [only] = ends.values();
    if (ends.size === 1 && only) return only;
    const key = [...ends.keys()].sort().join('\n');
    const known = names.get(key);
    if (known !== undefined) return [{ rule: known }];
    const name = book.name(`${hint}-then`);
    names.set(key, name);
    const inner = grouped(ends);
    if (!inner) return null;
    book.define(name, inner);
    return [{ rule: name }];
  }

  const all = expanded(alternatives);
  return (all && grouped(all)) ?? alternatives;
}
