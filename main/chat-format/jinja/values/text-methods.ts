/** The methods of Python's str. */
import { countArgument, textArgument, withParameters, type Bound } from './arguments.ts';
import { typeError, valueError } from './errors.ts';
import { capitalize, foldCase, kindsOfText, swapCase, titled } from './letters.ts';
import { htmlOf, listOf } from './operators.ts';
import { codePoints, lengthOf, sliceOf, splitLines, strip, textOf, wordsFromLeft, wordsFromRight } from './text.ts';
import {
  isRecord,
  isText,
  isTrue,
  list,
  rawText,
  textLike,
  tuple,
  typeName,
  type Budget,
  type Markup,
  type Native,
  type Value,
} from './values.ts';

type Method = (self: string | Markup, bound: Bound, budget: Budget) => Value;
interface Signature {
  readonly parameters: string;
  readonly run: Method;
}

const methods = new Map<string, Signature>();
const define = (name: string, parameters: string, run: Method): void => void methods.set(name, { parameters, run });

/** The method of a text, bound to it. */
export function textMethod(self: string | Markup, name: string): Native | undefined {
  const method = methods.get(name);
  if (!method) return undefined;
  return withParameters(name, method.parameters, (bound, budget) => {
    budget.charge(rawText(self).length >> 6);
    return method.run(self, bound, budget);
  });
}

/** A method that makes a text of the same kind. */
const define1 = (name: string, change: (text: string) => string): void =>
  define(name, '', (self, _, budget) => {
    budget.reserve(rawText(self).length * 2);
    return textLike(self, change(rawText(self)));
  });
define1('capitalize', capitalize);
define1('casefold', foldCase);
define1('lower', (text) => text.toLowerCase());
define1('swapcase', swapCase);
define1('title', titled);
define1('upper', (text) => text.toUpperCase());
for (const [name, test] of Object.entries(kindsOfText))
  define(name, '', (self, _, budget) => {
    budget.charge(rawText(self).length >> 3);
    return test(rawText(self));
  });

const characters = (value: Value | undefined): string | null => {
  if (value === undefined || value === null) return null;
  if (isText(value)) return rawText(value);
  throw typeError('strip arg must be None or str');
};
for (const [name, sides] of [
  ['strip', 'both'],
  ['lstrip', 'left'],
  ['rstrip', 'right'],
] as const)
  define(name, 'chars? /', (self, [chars], budget) => {
    const taken = characters(chars);
    budget.charge((rawText(self).length + (taken?.length ?? 0)) >> 4);
    return textLike(self, strip(rawText(self), taken, sides));
  });

/** Puts white space, or another character, around a text. */
for (const [name, share] of [
  ['center', (missing: number, width: number) => (missing >> 1) + (missing & width & 1)],
  ['ljust', () => 0],
  ['rjust', (missing: number) => missing],
] as const)
  define(name, 'width fillchar? /', (self, [width, fillchar], budget) => {
    const wide = countArgument(width, 0);
    if (fillchar !== undefined && !isText(fillchar))
      throw typeError(`The fill character must be a unicode character, not ${typeName(fillchar)}`);
    // Markup escapes the character, which then may be too long.
    const fill = fillchar === undefined ? ' ' : typeof self === 'string' ? rawText(fillchar) : htmlOf(fillchar);
    if (lengthOf(fill) !== 1) throw typeError('The fill character must be exactly one character long');
    const missing = wide - lengthOf(rawText(self));
    if (missing <= 0) return self;
    budget.reserve(wide * fill.length);
    const left = share(missing, wide);
    return textLike(self, fill.repeat(left) + rawText(self) + fill.repeat(missing - left));
  });
define('zfill', 'width /', (self, [width], budget) => {
  const text = rawText(self);
  const missing = countArgument(width, 0) - lengthOf(text);
  if (missing <= 0) return self;
  budget.reserve(missing + text.length);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return textLike(self, sign + '0'.repeat(missing) + text.slice(sign.length));
});

/** The part of a text that `start` and `end` name; undefined where they leave none. */
function part(
  text: string,
  start: Value | undefined,
  end: Value | undefined,
): { from: number; text: string } | undefined {
  if ((start ?? null) === null && (end ?? null) === null) return { from: 0, text };
  const length = lengthOf(text);
  const at = (bound: Value | undefined, otherwise: number): number => {
    const index = bound === null ? otherwise : countArgument(bound, otherwise);
    return index < 0 ? Math.max(0, index + length) : index;
  };
  const [from, to] = [at(start, 0), Math.min(at(end, length), length)];
  return from > to ? undefined : { from, text: sliceOf(text, from, to) };
}

for (const [name, last, must] of [
  ['find', false, false],
  ['rfind', true, false],
  ['index', false, true],
  ['rindex', true, true],
] as const)
  define(name, 'sub start? end? /', (self, [sub, start, end], budget) => {
    const needle = textArgument(sub, name);
    const searched = part(rawText(self), start, end);
    budget.charge(rawText(self).length >> 6);
    const found = !searched ? -1 : last ? searched.text.lastIndexOf(needle) : searched.text.indexOf(needle);
    if (found < 0 || !searched) {
      if (must) throw valueError('substring not found');
      return -1;
    }
    return searched.from + lengthOf(searched.text.slice(0, found));
  });
define('count', 'sub start? end? /', (self, [sub, start, end], budget) => {
  const needle = textArgument(sub, 'count');
  const searched = part(rawText(self), start, end);
  if (!searched) return 0;
  budget.charge(searched.text.length >> 4);
  return needle === '' ? lengthOf(searched.text) + 1 : searched.text.split(needle).length - 1;
});
for (const [name, test] of [
  ['startswith', (text: string, affix: string) => text.startsWith(affix)],
  ['endswith', (text: string, affix: string) => text.endsWith(affix)],
] as const)
  define(name, 'affix start? end? /', (self, [affix = null, start, end]) => {
    const searched = part(rawText(self), start, end);
    const choices = isRecord(affix) && affix.kind === 'tuple' ? affix.items : [affix];
    return choices.some((one) => {
      if (!isText(one)) throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(one)}`);
      return searched !== undefined && test(searched.text, rawText(one));
    });
  });
define('removeprefix', 'prefix /', (self, [prefix]) => {
  const affix = textArgument(prefix, 'removeprefix');
  return rawText(self).startsWith(affix) ? textLike(self, rawText(self).slice(affix.length)) : self;
});
define('removesuffix', 'suffix /', (self, [suffix]) => {
  const affix = textArgument(suffix, 'removesuffix');
  const text = rawText(self);
  return affix !== '' && text.endsWith(affix) ? textLike(self, text.slice(0, -affix.length)) : self;
});

/** Replaces the first `count` places, or all of them where it is negative. */
export function replaceText(text: string, old: string, fresh: string, count: number, budget: Budget): string {
  if (count === 0) return text;
  if (old === '') {
    const points = codePoints(text);
    const most = count < 0 ? Infinity : count;
    budget.reserve(text.length + Math.min(points.length + 1, most) * fresh.length);
    const inner = points.map((point, at) => (at + 1 < most ? point + fresh : point)).join('');
    return fresh + inner;
  }
  const pieces = text.split(old);
  if (pieces.length === 1) return text;
  const places = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  budget.reserve(text.length + places * Math.max(0, fresh.length - old.length));
  budget.charge(pieces.length >> 2);
  const rest = pieces.slice(places).join(old);
  return [...pieces.slice(0, places), rest].join(fresh);
}
define('replace', 'old new count? /', (self, [old, fresh, count], budget) => {
  const next =
    typeof self !== 'string' && fresh !== undefined && isText(fresh) ? htmlOf(fresh) : textArgument(fresh, 'replace');
  const text = replaceText(rawText(self), textArgument(old, 'replace'), next, countArgument(count, -1), budget);
  return textLike(self, text);
});

/** Splits at `separator`, or at white space where it is null. */
function splitText(text: string, separator: string | null, most: number, fromRight: boolean): string[] {
  if (separator === '') throw valueError('empty separator');
  if (separator !== null) {
    const pieces = text.split(separator);
    if (most < 0 || pieces.length - 1 <= most) return pieces;
    if (fromRight) {
      const kept = pieces.splice(pieces.length - most, most);
      return [pieces.join(separator), ...kept];
    }
    return [...pieces.slice(0, most), pieces.slice(most).join(separator)];
  }
  return fromRight ? wordsFromRight(text, most) : wordsFromLeft(text, most);
}
for (const [name, fromRight] of [
  ['split', false],
  ['rsplit', true],
] as const)
  define(name, 'sep? maxsplit?', (self, [sep = null, maxsplit], budget) => {
    budget.reserve(rawText(self).length);
    const pieces = splitText(
      rawText(self),
      sep === null ? null : textArgument(sep, name),
      countArgument(maxsplit, -1),
      fromRight,
    );
    budget.charge(pieces.length);
    return list(pieces.map((piece) => textLike(self, piece)));
  });
define('splitlines', 'keepends?', (self, [keepends], budget) => {
  budget.reserve(rawText(self).length);
  const lines = splitLines(rawText(self), keepends !== undefined && isTrue(keepends));
  budget.charge(lines.length);
  return list(lines.map((line) => textLike(self, line)));
});
for (const [name, last] of [
  ['partition', false],
  ['rpartition', true],
] as const)
  define(name, 'sep /', (self, [sep]) => {
    const [text, separator] = [rawText(self), textArgument(sep, name)];
    if (separator === '') throw valueError('empty separator');
    const at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    const parts = at < 0 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)];
    return tuple((at < 0 && last ? parts.reverse() : parts).map((piece) => textLike(self, piece)));
  });
define('join', 'iterable /', (self, [iterable = null], budget) => {
  const pieces = listOf(iterable, budget).map((item, at) => {
    const text = isText(item) ? (typeof self === 'string' ? rawText(item) : htmlOf(item)) : undefined;
    if (text === undefined && typeof self === 'string')
      throw typeError(`sequence item ${at}: expected str instance, ${typeName(item)} found`);
    const piece = text ?? htmlOf(textOf(item, budget));
    budget.reserve(piece.length + rawText(self).length);
    return piece;
  });
  return textLike(self, pieces.join(rawText(self)));
});
define('expandtabs', 'tabsize?', (self, [tabsize], budget) => {
  const size = countArgument(tabsize, 8);
  let column = 0;
  let output = '';
  for (const piece of rawText(self).split(/([\t\n\r])/)) {
    if (piece === '\t') {
      const width = size > 0 ? size - (column % size) : 0;
      budget.reserve(output.length + width);
      output += ' '.repeat(width);
      column += width;
    } else {
      output += piece;
      column = piece === '\n' || piece === '\r' ? 0 : column + lengthOf(piece);
    }
  }
  return textLike(self, output);
});
for (const name of ['encode', 'maketrans', 'translate'])
  define(name, 'first? second? third?', () => {
    throw typeError(`str.${name} is not part of what a chat template can do here.`);
  });
