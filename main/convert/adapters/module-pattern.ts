/**
 * Patterns of module paths, as PEFT's `rank_pattern` and `alpha_pattern` have them: regular expressions of Python. Those that are published
 * are read without an engine of regular expressions, whose time a stranger's pattern could make endless.
 */

/** One character of a path, or several. */
interface Step {
  readonly fits: (character: string) => boolean;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}

const MAX_PATTERN_LENGTH = 200;
const MAX_ALTERNATIVES = 32;
const MAX_PATH_LENGTH = 300;

const classes: Readonly<Record<string, Step['fits']>> = {
  '.': () => true,
  '\\d': (character) => /^[0-9]$/.test(character),
  '\\w': (character) => /^\w$/.test(character),
  '[0-9]': (character) => /^[0-9]$/.test(character),
};

/** A character class, a character after a backslash, a group of alternatives, or a character; and how often it may be there. */
const token = /(\[0-9\]|\\[dw]|\\[.\-_]|\((?:\?:)?([\w.\\|-]+)\)|[\w-]|\.)([*+?]?)/uy;

/**
 * A test of whole paths: `q_proj` and `self_attn\.q_proj` fit the end of a path from a dot on, `^model\.layers\.\d+` with what follows all of
 * it. A pattern may have names, dots, `\d`, `\w`, `[0-9]`, `*`, `+`, `?` and groups of alternatives such as `(q|k)_proj`; null for any other.
 */
export function readModulePattern(pattern: string): ((path: string) => boolean) | null {
  const isWhole = pattern.startsWith('^');
  const body = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const sequences = body === '' || body.length > MAX_PATTERN_LENGTH ? null : readSequences(body);
  if (sequences === null) return null;
  return (path) => {
    if (path.length > MAX_PATH_LENGTH) return false;
    const starts = isWhole ? [0] : [0, ...dotsOf(path).map((dot) => dot + 1)];
    return sequences.some((steps) => fitsEnd(steps, path, starts));
  };
}

const dotsOf = (path: string): readonly number[] =>
  [...path].flatMap((character, index) => (character === '.' ? [index] : []));

/** The sequences of steps that the alternatives of a pattern make; null for a pattern that is not known. */
function readSequences(body: string): readonly (readonly Step[])[] | null {
  let sequences: readonly (readonly Step[])[] = [[]];
  for (let at = 0; at < body.length;) {
    token.lastIndex = at;
    const [whole, piece = '', group, times = ''] = token.exec(body) ?? [];
    if (whole === undefined || (group !== undefined && times !== '')) return null;
    at += whole.length;
    const next: (readonly Step[])[] = [];
    for (const alternative of group?.split('|') ?? []) {
      const known = readSequences(alternative);
      if (known === null) return null;
      next.push(...known);
    }
    if (group === undefined) next.push([stepOf(piece, times)]);
    if (next.length * sequences.length > MAX_ALTERNATIVES) return null;
    sequences = sequences.flatMap((before) => next.map((steps) => [...before, ...steps]));
  }
  return sequences;
}

function stepOf(piece: string, times: string): Step {
  const literal = piece.replace(/^\\/, '');
  return {
    fits: classes[piece] ?? ((character) => character === literal),
    isOptional: times === '*' || times === '?',
    isRepeated: times === '*' || times === '+',
  };
}

/** Whether the steps lead from one of the starts to the end of the path: all places of each character are followed at once. */
function fitsEnd(steps: readonly Step[], path: string, starts: readonly number[]): boolean {
  let places = new Set(starts);
  for (const { fits, isOptional, isRepeated } of steps) {
    const reached = new Set<number>();
    for (const place of places)
      for (let at = place; at < path.length && !reached.has(at + 1) && fits(path.charAt(at)); at++) {
        reached.add(at + 1);
        if (!isRepeated) break;
      }
    places = isOptional ? new Set([...places, ...reached]) : reached;
    if (places.size === 0) return false;
  }
  return places.has(path.length);
}
