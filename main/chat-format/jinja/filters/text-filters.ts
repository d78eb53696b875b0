/** The filters that change a text. */
import { countArgument, textArgument, withParameters, type Bound } from '../values/arguments.ts';
import { failure, typeError, valueError } from '../values/errors.ts';
import { capitalize } from '../values/letters.ts';
import { compute, htmlOf, listOf, sliceValue, unpack } from '../values/operators.ts';
import { percentFormat } from '../format/percent.ts';
import { escapeHtml, lengthOf, quoted, splitLines, strip, textOf } from '../values/text.ts';
import { replaceText, textMethod } from '../values/text-methods.ts';
import { wrapText } from '../format/wrap.ts';
import {
  dictOf,
  isDict,
  isRecord,
  isText,
  isTrue,
  isUndefined,
  markup,
  rawText,
  refuseUndefined,
  textLike,
  tuple,
  typeName,
  type Budget,
  type Entry,
  type Markup,
  type Named,
  type Native,
  type Value,
} from '../values/values.ts';

const filters = new Map<string, Native>();
export const textFilters: ReadonlyMap<string, Native> = filters;
const define = (names: string, parameters: string, run: (bound: Bound, budget: Budget) => Value): void => {
  for (const name of names.split(' ')) filters.set(name, withParameters(name, parameters, run));
};
/** A text as it is; anything else as text. */
const softText = (value: Value, budget: Budget): string | Markup => (isText(value) ? value : textOf(value, budget));
const noNames: Named = new Map();

/** A filter that changes a text, and keeps markup markup. */
const change = (name: string, run: (text: string) => string): void =>
  define(name, 's', ([value = null], budget) => {
    const text = softText(value, budget);
    budget.reserve(rawText(text).length * 2);
    return textLike(text, run(rawText(text)));
  });
change('capitalize', capitalize);
change('lower', (text) => text.toLowerCase());
change('upper', (text) => text.toUpperCase());

define('title', 's', ([value = null], budget) => {
  const text = rawText(softText(value, budget));
  budget.reserve(text.length * 2);
  const words = text.split(/([-\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000({[<]+)/);
  return words
    .map((word) => {
      const first = String.fromCodePoint(word.codePointAt(0) ?? 0);
      return word === '' ? '' : first.toUpperCase() + word.slice(first.length).toLowerCase();
    })
    .join('');
});
define('trim', 'value chars?', ([value = null, chars = null], budget) => {
  const text = softText(value, budget);
  if (chars !== null && !isText(chars)) throw typeError('strip arg must be None or str');
  return textLike(text, strip(rawText(text), chars === null ? null : rawText(chars), 'both'));
});
define('center', 'value width?', ([value = null, width = 80], budget) => {
  const center = textMethod(softText(value, budget), 'center');
  return center ? center([width], noNames, budget) : null;
});
define('replace', 's old new count?', ([value = null, old = null, fresh = null, count = null], budget) =>
  replaceText(
    textOf(value, budget),
    textOf(old, budget),
    textOf(fresh, budget),
    count === null ? -1 : countArgument(count, -1),
    budget,
  ),
);
filters.set('format', (positional, named, budget) => {
  const [value, ...given] = positional;
  if (value === undefined) throw typeError('format() missing required argument');
  if (given.length > 0 && named.size > 0)
    throw failure('FilterArgumentError', "can't handle positional and keyword arguments at the same time");
  const values =
    named.size > 0
      ? dictOf(
          [...named].map(([name, one]): Entry => [name, one]),
          budget,
        )
      : tuple(given);
  return percentFormat(softText(value, budget), values, budget);
});
define('wordcount', 's', ([value = null], budget) => {
  const text = rawText(softText(value, budget));
  budget.charge(text.length >> 3);
  return text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0;
});

define('escape e', 's /', ([value = null], budget) => {
  const text = htmlOf(softText(value, budget));
  budget.reserve(text.length);
  return markup(text);
});
define('forceescape', 'value', ([value = null], budget) => {
  const text = escapeHtml(textOf(value, budget));
  budget.reserve(text.length);
  return markup(text);
});
define('safe', 'value', ([value = null], budget) => markup(textOf(value, budget)));
define('striptags', 'value', ([value = null], budget) => {
  const text = textOf(value, budget);
  budget.charge(text.length >> 2);
  return unescapeHtml(withoutTags(text));
});
define('xmlattr', 'd autospace?', ([value = null, autospace = true], budget) => {
  if (isUndefined(value)) refuseUndefined(value);
  if (!isDict(value)) throw failure('AttributeError', `'${typeName(value)}' object has no attribute 'items'`);
  const items: string[] = [];
  for (const [key, item] of value.entries.values()) {
    if (item === null || isUndefined(item)) continue;
    const name = textArgument(key, 'search');
    if (/[ \t-\r/>=]/.test(name)) throw valueError(`Invalid character in attribute name: ${quoted(name)}`);
    const text = `${escapeHtml(name)}="${htmlOf(softText(item, budget))}"`;
    budget.reserve(text.length);
    items.push(text);
  }
  return (isTrue(autospace) && items.length > 0 ? ' ' : '') + items.join(' ');
});

define('indent', 's width? first? blank?', ([value = null, width = 4, first = false, blank = false], budget) => {
  // A line end is added first, so that anything but a text is an error here.
  const ended = compute('+', value, '\n', budget);
  if (!isText(ended)) throw typeError('indent takes a text');
  const spaces = isText(width) ? rawText(width) : ' '.repeat(reserved(countArgument(width, 4), budget));
  const lines = splitLines(rawText(ended));
  budget.reserve(lines.length * spaces.length + rawText(ended).length);
  const text = isTrue(blank)
    ? lines.join(`\n${spaces}`)
    : lines.map((line, at) => (at > 0 && line !== '' ? spaces + line : line)).join('\n');
  return textLike(ended, isTrue(first) ? spaces + text : text);
});
const reserved = (length: number, budget: Budget): number => {
  budget.reserve(Math.max(0, length));
  return Math.max(0, length);
};

define('truncate', 's length? killwords? end? leeway?', (bound, budget) => {
  const [value = null, length = 255, killwords = false, end = '...', leeway = null] = bound;
  const [most, extra] = [countArgument(length, 255), leeway === null ? 5 : countArgument(leeway, 5)];
  const tail = textArgument(end, 'truncate');
  if (most < lengthOf(tail)) throw failure('AssertionError', `expected length >= ${lengthOf(tail)}, got ${most}`);
  if (extra < 0) throw failure('AssertionError', `expected leeway >= 0, got ${extra}`);
  if (!isText(value)) {
    if (isUndefined(value)) return value;
    const isShort = isRecord(value) && value.kind !== 'float' && listOf(value, budget).length <= most + extra;
    if (isShort) return value;
    throw typeError(`object of type '${typeName(value)}' cannot be truncated`);
  }
  if (lengthOf(rawText(value)) <= most + extra) return value;
  const cut = sliceValue(value, [null, most - lengthOf(tail), null], budget);
  if (!isText(cut)) return cut;
  if (isTrue(killwords)) return compute('+', cut, end, budget);
  const at = rawText(cut).lastIndexOf(' ');
  return compute('+', textLike(value, at < 0 ? rawText(cut) : rawText(cut).slice(0, at)), end, budget);
});
define('wordwrap', 's width? break_long_words? wrapstring? break_on_hyphens?', (bound, budget) => {
  const [value = null, width = 79, breaksLong = true, between = null, breaksHyphens = true] = bound;
  if (isUndefined(value)) refuseUndefined(value);
  if (!isText(value)) throw failure('AttributeError', `'${typeName(value)}' object has no attribute 'splitlines'`);
  const separator = between === null ? '\n' : textArgument(between, 'join');
  budget.reserve(rawText(value).length * 4);
  const form = {
    width: countArgument(width, 79),
    breaksLong: isTrue(breaksLong),
    breaksHyphens: isTrue(breaksHyphens),
  };
  const text = splitLines(rawText(value))
    .map((line) => wrapText(line, form).join(separator))
    .join(separator);
  budget.reserve(text.length);
  return text;
});

define('urlencode', 'value', ([value = null], budget) => {
  const quote = (one: Value, forQuery: boolean): string => {
    const text = quoteUrl(textOf(one, budget), forQuery);
    budget.reserve(text.length);
    return text;
  };
  if (isText(value) || !isIterable(value)) return quote(value, false);
  const pairs = isDict(value)
    ? [...value.entries.values()]
    : listOf(value, budget).map((pair) => unpack(pair, 2, budget));
  return pairs.map(([key = null, one = null]) => `${quote(key, true)}=${quote(one, true)}`).join('&');
});
const isIterable = (value: Value): boolean => isRecord(value) && value.kind !== 'float' && value.kind !== 'object';

function quoteUrl(text: string, forQuery: boolean): string {
  let output = '';
  for (const byte of new TextEncoder().encode(text)) {
    const letter = String.fromCharCode(byte);
    if (/[\w.~-]/.test(letter) || (letter === '/' && !forQuery)) output += letter;
    else if (letter === ' ' && forQuery) output += '+';
    else output += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return output;
}

/** A text without comments and tags of HTML, its white space as single spaces. */
function withoutTags(text: string): string {
  let rest = text;
  for (const [open, close] of [
    ['<!--', '-->'],
    ['<', '>'],
  ] as const) {
    let kept = '';
    for (;;) {
      const start = rest.indexOf(open);
      const end = start < 0 ? -1 : rest.indexOf(close, start);
      if (end < 0) break;
      kept += rest.slice(0, start);
      rest = rest.slice(end + close.length);
    }
    rest = kept + rest;
  }
  return rest
    .split(/[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/)
    .filter((word) => word !== '')
    .join(' ');
}

const entities: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', reg: '®', hellip: '…' },
  ...{ mdash: '—', ndash: '–', laquo: '«', raquo: '»', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', euro: '€' },
};
function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w+));/g, (found, decimal, hex, name) => {
    if (name !== undefined) return entities[name as string] ?? found;
    const code = decimal === undefined ? parseInt(hex as string, 16) : Number(decimal);
    return code > 0x10ffff || code === 0 ? '\ufffd' : String.fromCodePoint(code);
  });
}
