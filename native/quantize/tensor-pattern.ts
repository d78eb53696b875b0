/** Regular expressions for names of tensors, which llama.cpp gives to the C++ library. */
import { shownName } from '../../main/base/foreign-text.ts';
import { refused } from './errors.ts';

/** Constructs that JavaScript knows and C++ does not, or reads in another way, and references back, which C++ may not end with. */
const notTaken = /\(\?(?![:=!])|\\[pPkuxc1-9]|\[[:.=]/;
/** The C++ library keeps at most 100,000 states, and ends the process beyond. */
const MAX_REPETITIONS = 1000;
/** With each of them, the time for one name grows by the name's length, some 60 characters. */
const MAX_OPEN_QUANTIFIERS = 3;

/**
 * The pattern as it is given to llama.cpp: with small letters, as llama-quantize does, since the names of tensors have no others.
 * Node exports functions of the C++ library that end the process where others throw, and nothing ends a search, so a pattern that is
 * wrong, or takes long, must not reach the library.
 * @throws AppError `convert.unsupported` (`reason: 'pattern'`).
 */
export function tensorPattern(pattern: string): string {
  const lowered = pattern.toLowerCase();
  if (!isPattern(pattern) || !isPattern(lowered))
    throw notPattern(pattern, 'is no regular expression for names of tensors');
  if (!isQuick(lowered)) throw notPattern(pattern, 'could take too long: it repeats too much');
  return lowered;
}

function notPattern(pattern: string, why: string): Error {
  const shown = shownName(pattern);
  return refused('pattern', `The pattern ${shown} ${why}.`, { pattern: shown });
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return pattern !== '' && !notTaken.test(pattern);
  } catch {
    return false;
  }
}

/** Whether no group that repeats has a repetition inside, few repetitions are without an end, and their counts are small. */
function isQuick(pattern: string): boolean {
  // An escaped character and a set of characters are one character each.
  const plain = pattern.replace(/\\./gu, 'x').replace(/\[\^?\]?[^\]]*\]/gu, 'x');
  let repetitions = 1;
  let open = 0;
  /** For each group that is open: whether something in it repeats. */
  const groups: boolean[] = [false];
  for (const [token] of plain.matchAll(/\((?:\?[:=!])?|\)(?:[*+]|\{[^}]*\})?|[*+]|\{[^}]*\}/gu)) {
    if (token.startsWith('(')) {
      groups.push(false);
      continue;
    }
    const repeats = token !== ')';
    if (token.startsWith(')')) {
      const inner = groups.pop() ?? false;
      if (inner && repeats) return false;
      if (inner) groups[groups.length - 1] = true;
    }
    if (!repeats) continue;
    groups[groups.length - 1] = true;
    const count = /\{(\d+)(,?)(\d*)\}/u.exec(token);
    if (count === null || (count[2] === ',' && count[3] === '')) open += 1;
    if (count !== null) repetitions *= Math.max(1, Number(count[1]), Number(count[3]));
    if (open > MAX_OPEN_QUANTIFIERS || repetitions > MAX_REPETITIONS) return false;
  }
  return true;
}
