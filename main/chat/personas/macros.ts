/**
 * The macros of character cards, as the specification of version 3 lists them: names, chance, and notes that no model sees. A text is
 * read a few times at most, so macros that contain themselves end; unknown ones stay as they are.
 */
import { createHash } from 'node:crypto';

export interface MacroValues {
  readonly char: string;
  readonly user: string;
  /** Decides `{{random}}` and `{{roll}}`: the same for one reply, so that its prompt can be made again. */
  readonly replySeed: string;
  /** Decides `{{pick}}`: the same for a whole chat. */
  readonly chatSeed: string;
}

/** A macro may stand in the arguments of another one. */
const MOST_PASSES = 3;
/** A name of 200 letters in place of each `{{char}}` makes a text some thirty times as long. */
const MOST_LETTERS = 1_000_000;
const MACRO = /\{\{([^{}]{1,4000})\}\}|<(USER|BOT|CHAR)>/gi;

/** The text with its macros replaced. */
export function expandMacros(text: string, values: MacroValues): string {
  let expanded = text;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const before = expanded;
    let letters = before.length;
    let place = 0;
    expanded = before.replace(MACRO, (whole, inside: string | undefined, tag: string | undefined) => {
      const value = valueOf(inside ?? tag ?? '', values, `${pass}:${place++}`);
      if (value === null || letters + value.length > MOST_LETTERS) return whole;
      letters += value.length;
      return value;
    });
    if (expanded === before) break;
  }
  return expanded;
}

/** Null for an unknown macro. */
function valueOf(macro: string, values: MacroValues, place: string): string | null {
  const trimmed = macro.trim();
  if (trimmed.startsWith('//')) return '';
  const [, name = '', argument = ''] = /^([a-z_]+)(?:\s*:([^]*))?$/i.exec(trimmed) ?? [];
  switch (name.toLowerCase()) {
    case 'char':
    case 'bot':
      return values.char;
    case 'user':
      return values.user;
    // Where there is nothing below. `over` of the contract replaces the others.
    case 'original':
    case 'comment':
    case 'hidden_key':
      return '';
    case 'newline':
      return '\n';
    case 'random':
      return chosen(argument, `${values.replySeed} ${place}`);
    case 'pick':
      return chosen(argument, `${values.chatSeed} ${argument}`);
    case 'roll':
      return rolled(argument, `${values.replySeed} ${place}`);
    case 'reverse':
      return [...argument].reverse().join('');
    default:
      return null;
  }
}

/** One of `a,b,c`, where `\,` is a comma, or of `::a::b::c`. */
function chosen(argument: string, seed: string): string {
  const choices = argument.includes('::')
    ? argument.replace(/^:/, '').split('::')
    : argument.split(/(?<!\\),/).map((choice) => choice.replaceAll('\\,', ','));
  return (choices[numberBelow(choices.length, seed)] ?? '').trim();
}

/** `6`, `d6` or `2d6`; null for anything else. */
function rolled(argument: string, seed: string): string | null {
  const [, dice = '1', sides = ''] = /^\s*(\d{1,2})?d?(\d{1,6})\s*$/i.exec(asDice(argument)) ?? [];
  if (sides === '' || Number(sides) < 1 || Number(dice) < 1) return null;
  let sum = 0;
  for (let die = 0; die < Number(dice); die++) sum += 1 + numberBelow(Number(sides), `${seed} ${die}`);
  return String(sum);
}

/** A number alone is the sides of one die. */
const asDice = (argument: string): string => (/^\s*\d+\s*$/.test(argument) ? `1d${argument.trim()}` : argument);

/** From 0, the same for the same seed. */
function numberBelow(limit: number, seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0) % Math.max(1, limit);
}
