/** Python's `json.dumps`, as the `tojson` of transformers calls it. */
import { typeError } from '../values/errors.ts';
import { floatText } from '../values/numbers.ts';
import { sortBy, unpack } from '../values/operators.ts';
import {
  isDict,
  isFloat,
  isSequence,
  isText,
  rawText,
  typeName,
  type Budget,
  type Entry,
  type Value,
} from '../values/values.ts';

export interface JsonForm {
  readonly ascii: boolean;
  /** Null for one line. */
  readonly indent: string | null;
  /** Between items, and between a key and its value. */
  readonly separators: readonly [string, string];
  readonly sortsKeys: boolean;
}

const shortEscapes: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b' },
};
const escapeUnit = (unit: string): string =>
  shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

function jsonText(text: string, ascii: boolean): string {
  return `"${text.replace(ascii ? /["\\]|[^ -~]/g : /["\\\0-\x1f]/g, escapeUnit)}"`;
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity';
  return floatText(value);
}

/** @throws TypeError for a value that JSON does not have. */
export function toJson(value: Value, form: JsonForm, budget: Budget, margin = ''): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (isText(value)) {
    budget.reserve(rawText(value).length);
    return jsonText(rawText(value), form.ascii);
  }
  const inner = form.indent === null ? '' : margin + form.indent;
  const enclosed = (open: string, items: readonly string[], close: string): string => {
    if (items.length === 0) return open + close;
    const length = items.reduce((sum, item) => sum + item.length + inner.length + form.separators[0].length, 0);
    budget.reserve(length);
    if (form.indent === null) return open + items.join(form.separators[0]) + close;
    return `${open}\n${inner}${items.join(`${form.separators[0]}\n${inner}`)}\n${margin}${close}`;
  };
  if (isFloat(value)) return jsonFloat(value.value);
  if (isSequence(value))
    return budget.deeper(() =>
      enclosed(
        '[',
        value.items.map((item) => toJson(item, form, budget, inner)),
        ']',
      ),
    );
  if (isDict(value)) {
    const entries = [...value.entries.values()];
    const ordered = form.sortsKeys ? sortEntries(entries, budget) : entries;
    const pair = ([key, item]: Entry): string =>
      jsonText(keyText(key), form.ascii) + form.separators[1] + toJson(item, form, budget, inner);
    return budget.deeper(() => enclosed('{', ordered.map(pair), '}'));
  }
  throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
}

function sortEntries(entries: readonly Entry[], budget: Budget): readonly Entry[] {
  const byKey = new Map(entries.map((entry) => [entry[0], entry]));
  const keys = sortBy(
    entries.map(([key]) => key),
    (key) => key,
    false,
    budget,
  );
  return keys.flatMap((key) => {
    const entry = byKey.get(key);
    return entry ? [entry] : [];
  });
}

function keyText(key: Value): string {
  if (isText(key)) return rawText(key);
  if (key === null) return 'null';
  if (typeof key === 'boolean' || typeof key === 'number' || typeof key === 'bigint') return String(key);
  if (isFloat(key)) return jsonFloat(key.value);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

/** The arguments of `tojson`. */
export function jsonForm(
  ascii: boolean,
  indent: Value,
  separators: Value,
  sortsKeys: boolean,
  budget: Budget,
): JsonForm {
  let margin: string | null = null;
  if (isText(indent)) margin = rawText(indent);
  else if (indent !== null) {
    if (typeof indent !== 'number' && typeof indent !== 'boolean')
      throw typeError(`can't multiply sequence by non-int of type '${typeName(indent)}'`);
    budget.reserve(Number(indent));
    margin = ' '.repeat(Math.max(0, Number(indent)));
  }
  let pair: readonly [string, string] = [margin === null ? ', ' : ',', ': '];
  if (separators !== null) {
    const [item, key] = unpack(separators, 2, budget);
    if (item === undefined || key === undefined || !isText(item) || !isText(key))
      throw typeError('separators must be a tuple of two strings');
    pair = [rawText(item), rawText(key)];
  }
  return { ascii, indent: margin, separators: pair, sortsKeys };
}
