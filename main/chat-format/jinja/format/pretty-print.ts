/** Python's `pprint.pformat`: a value on lines of at most 80 characters, dictionaries by key. */
import { isFailure } from '../values/errors.ts';
import { sortBy } from '../values/operators.ts';
import { lengthOf, quoted, represent, splitLines } from '../values/text.ts';
import { isDict, isSequence, tuple, typeName, type Budget, type Entry, type Value } from '../values/values.ts';

const WIDTH = 80;

export function prettyPrint(value: Value, budget: Budget): string {
  return format(value, 0, 0, budget);
}

/** The value from column `indent` on; `allowance` characters follow its end. */
function format(value: Value, indent: number, allowance: number, budget: Budget): string {
  const flat = flatText(value, budget);
  budget.reserve(flat.length);
  if (lengthOf(flat) <= WIDTH - indent - allowance) return flat;
  if (isDict(value))
    return budget.deeper(() => formatDict(sorted(value.entries.values(), budget), indent, allowance, budget));
  if (isSequence(value)) {
    const isList = value.kind === 'list';
    const close = isList ? ']' : value.items.length === 1 ? ',)' : ')';
    return budget.deeper(
      () => (isList ? '[' : '(') + formatItems(value.items, indent + 1, allowance + close.length, budget) + close,
    );
  }
  return typeof value === 'string' ? formatText(value, indent, allowance) : flat;
}

function formatDict(entries: readonly Entry[], indent: number, allowance: number, budget: Budget): string {
  const pieces = entries.map(([key, value], at) => {
    const isLast = at === entries.length - 1;
    const name = flatText(key, budget);
    return `${name}: ${format(value, indent + 1 + lengthOf(name) + 2, isLast ? allowance + 1 : 1, budget)}`;
  });
  return `{${pieces.join(`,\n${' '.repeat(indent + 1)}`)}}`;
}

function formatItems(items: readonly Value[], indent: number, allowance: number, budget: Budget): string {
  return items
    .map((item, at) => format(item, indent, at === items.length - 1 ? allowance : 1, budget))
    .join(`,\n${' '.repeat(indent)}`);
}

/** A long text as several in a row, each on its line. */
function formatText(text: string, indent: number, allowance: number): string {
  const lines = splitLines(text, true);
  // Only a text on its own, outside of all collections, gets parentheses.
  const isAlone = indent === 0;
  const [from, after] = isAlone ? [indent + 1, allowance + 1] : [indent, allowance];
  const chunks: string[] = [];
  lines.forEach((line, at) => {
    const most = WIDTH - from - (at === lines.length - 1 ? after : 0);
    if (lengthOf(quoted(line)) <= most) {
      chunks.push(quoted(line));
      return;
    }
    const parts =
      line.match(
        /[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/g,
      ) ?? [];
    const words = parts.filter((part) => part !== '');
    let current = '';
    words.forEach((word, index) => {
      const isVeryLast = at === lines.length - 1 && index === words.length - 1;
      const room = WIDTH - from - (isVeryLast ? after : 0);
      if (current !== '' && lengthOf(quoted(current + word)) > room) {
        chunks.push(quoted(current));
        current = word;
      } else current += word;
    });
    if (current !== '') chunks.push(quoted(current));
  });
  if (chunks.length <= 1) return chunks[0] ?? quoted(text);
  const joined = chunks.join(`\n${' '.repeat(from)}`);
  return isAlone ? `(${joined})` : joined;
}

/** `repr` with the keys of dictionaries in order. */
function flatText(value: Value, budget: Budget): string {
  if (isDict(value))
    return budget.deeper(() => {
      const pairs = sorted(value.entries.values(), budget).map(
        ([key, item]) => `${flatText(key, budget)}: ${flatText(item, budget)}`,
      );
      budget.reserve(pairs.reduce((sum, pair) => sum + pair.length, 0));
      return `{${pairs.join(', ')}}`;
    });
  if (isSequence(value))
    return budget.deeper(() => {
      const items = value.items.map((item) => flatText(item, budget));
      budget.reserve(items.reduce((sum, item) => sum + item.length, 0));
      if (value.kind === 'list') return `[${items.join(', ')}]`;
      return `(${items.join(', ')}${items.length === 1 ? ',' : ''})`;
    });
  return represent(value, budget);
}

/** In order of the keys; keys without an order go by the name of their type. */
function sorted(entries: Iterable<Entry>, budget: Budget): readonly Entry[] {
  const all = [...entries];
  const byKey = (keyOf: (key: Value) => Value): readonly Entry[] => {
    const positions = all.map((_, at) => at);
    const order = sortBy(positions, (at) => keyOf(all[Number(at)]?.[0] ?? null), false, budget);
    return order.flatMap((at) => {
      const entry = all[Number(at)];
      return entry ? [entry] : [];
    });
  };
  try {
    return byKey((key) => key);
  } catch (error) {
    if (!isFailure(error, 'TypeError')) throw error;
    return byKey((key) => tuple([typeName(key), typeof key === 'number' ? key : represent(key, budget)]));
  }
}
