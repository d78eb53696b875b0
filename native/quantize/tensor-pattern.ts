/** Regular expressions for names of tensors, which llama.cpp gives to the C++ library. */
import { shownName } from '../../main/base/foreign-text.ts';
import { refused } from './errors.ts';

/** Constructs that JavaScript knows and C++ does not, or reads in another way, and references back, which C++ may not end with. */
const notTaken = /\(\?(?![:=!])|\\[pPkuxc1-9]|\[[:.=]/;
/** The C++ library keeps at most 100,000 states, and ends the process beyond. */
const MAX_WAYS = 1000;
const MAX_OPEN_QUANTIFIERS = 3;
/** With each open quantifier, the time for one name grows by the name's length. */
const NAME_CHARS = 60;
const MAX_STEPS = 1_000_000;

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

/** One of the alternatives of a group. */
interface Arm {
  /** Its literal characters; a dot stands for anything else. */
  text: string;
  /** In how many ways it can match one text, at most. */
  ways: number;
}

interface Group {
  readonly arms: [Arm, ...Arm[]];
  repeats: boolean;
}

const newArm = (): Arm => ({ text: '', ways: 1 });
const newGroup = (): Group => ({ arms: [newArm()], repeats: false });

/** Whether no group that repeats can match in several ways, few repetitions are without an end, and all can match in few ways together. */
function isQuick(pattern: string): boolean {
  const plain = pattern
    .replace(/\\\w/gu, '.')
    .replace(/\\./gu, ',')
    .replace(/\[\^?\]?[^\]]*\]/gu, '.');
  let open = 0;
  const whole = newGroup();
  const outer: Group[] = [];
  let group = whole;
  for (const [token, quantifier] of plain.matchAll(/\((?:\?[:=!])?|\||\)?([*+?]|\{[^}]*\})\??|\)|[^]/gu)) {
    if (token.startsWith('(')) {
      outer.push(group);
      group = newGroup();
      continue;
    }
    if (token === '|') {
      group.arms.push(newArm());
      continue;
    }
    const inner = token.startsWith(')') ? group : null;
    if (inner !== null) group = outer.pop() ?? whole;
    const arm = group.arms.at(-1) ?? group.arms[0];
    if (inner === null && quantifier === undefined) {
      arm.text += token;
      continue;
    }
    arm.text += '.';
    const innerWays = inner === null ? 1 : waysOf(inner);
    arm.ways *= innerWays;
    group.repeats ||= inner?.repeats === true;
    if (quantifier === undefined) continue;
    const [least, most] = countsOf(quantifier);
    if (most > 1) {
      if (innerWays > 1 || inner?.repeats === true) return false;
      group.repeats = true;
    }
    if (most === Infinity) open += 1;
    arm.ways *= most === Infinity ? Math.max(1, least) : Math.max(most, 1) + (least === 0 ? 1 : 0);
  }
  const ways = waysOf(whole);
  return open <= MAX_OPEN_QUANTIFIERS && ways <= MAX_WAYS && ways * NAME_CHARS ** open <= MAX_STEPS;
}

function countsOf(quantifier: string): [least: number, most: number] {
  if (quantifier === '?') return [0, 1];
  const [, least = quantifier === '+' ? '1' : '0', comma = ',', most = ''] =
    /^\{(\d+)(,?)(\d*)\}$/u.exec(quantifier) ?? [];
  return [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)];
}

/** Of alternatives that are literal, those count together that begin alike: one text can match no others. */
function waysOf({ arms }: Group): number {
  if (arms.some(({ text }) => text.includes('.'))) return arms.reduce((sum, { ways }) => sum + ways, 0);
  return Math.max(...arms.map((arm) => arms.filter(({ text }) => arm.text.startsWith(text)).length));
}
