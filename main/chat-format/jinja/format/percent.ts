/** Python's `text % values`. */
import { failure, typeError, valueError } from '../values/errors.ts';
import { characterOf, floatDigits, pad, wholeDigits, type Padding } from './number-format.ts';
import { asIndex, asInt, asNumber, truncated } from '../values/numbers.ts';
import { codePoints, escaped, escapeHtml, represent, textOf } from '../values/text.ts';
import {
  isDict,
  isFloat,
  isRecord,
  isText,
  isUndefined,
  lookUp,
  rawText,
  refuseUndefined,
  textLike,
  typeName,
  type Budget,
  type Markup,
  type Value,
} from '../values/values.ts';

const directive = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?/suy;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly kind: string;
}

/** A markup text escapes what is put into it. */
export function percentFormat(format: string | Markup, values: Value, budget: Budget): Value {
  const text = rawText(format);
  const positional = isRecord(values) && values.kind === 'tuple' ? values.items : [values];
  const isMapping = isRecord(values) && ['dict', 'list', 'undefined', 'range'].includes(values.kind);
  let used = 0;
  const take = (): Value => {
    const value = positional[used++];
    if (value === undefined) throw typeError('not enough arguments for format string');
    return value;
  };
  const takeCount = (): number => {
    const count = asIndex(take());
    if (count === undefined) throw typeError('* wants int');
    return count;
  };
  let output = '';
  let last = 0;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', last)) {
    output += text.slice(last, at);
    if (text.charAt(at + 1) === '%') {
      output += '%';
      last = at + 2;
      continue;
    }
    directive.lastIndex = at;
    const [whole = '%', key, flags = '', width, precision] = directive.exec(text) ?? [];
    if (key === undefined && text.charAt(at + 1) === '(') throw valueError('incomplete format key');
    let value: Value | undefined;
    if (key !== undefined) {
      if (!isDict(values)) {
        if (isUndefined(values)) refuseUndefined(values);
        throw typeError('format requires a mapping');
      }
      value = lookUp(values, key, budget);
      if (value === undefined) throw failure('KeyError', key);
    }
    const wide = width === '*' ? takeCount() : Number(width ?? 0);
    const exact = precision === '*' ? takeCount() : precision === undefined ? undefined : Number(precision);
    const hasPoint = whole.replace(/[hlL]$/, '').endsWith('.');
    const kind = String.fromCodePoint(text.codePointAt(at + whole.length) ?? 0);
    if (at + whole.length >= text.length) throw valueError('incomplete format');
    last = at + whole.length + kind.length;
    const form: Directive = {
      flags: wide < 0 ? `${flags}-` : flags,
      width: Math.abs(wide),
      precision: exact === undefined ? (hasPoint ? 0 : undefined) : Math.max(0, exact),
      kind,
    };
    const piece = formatOne(form, value === undefined ? take() : value, typeof format !== 'string', budget);
    budget.reserve(output.length + piece.length);
    output += piece;
  }
  output += text.slice(last);
  if (used < positional.length && !isMapping) throw typeError('not all arguments converted during string formatting');
  return textLike(format, output);
}

function formatOne(
  { flags, width, precision, kind }: Directive,
  value: Value,
  escapes: boolean,
  budget: Budget,
): string {
  const left = flags.includes('-');
  const alternate = flags.includes('#');
  const spread = (fill: string): Padding => ({ width, fill, align: left ? '<' : fill === '0' ? '=' : '>' });
  const plain = (text: string): string => {
    const cut = precision === undefined ? text : codePoints(text).slice(0, precision).join('');
    return pad('', cut, spread(' '), budget);
  };
  const escape = (text: string): string => (escapes ? escapeHtml(text) : text);
  switch (kind) {
    case 's':
      return plain(escapes && isText(value) && typeof value !== 'string' ? value.text : escape(textOf(value, budget)));
    case 'r':
      return plain(escape(represent(value, budget)));
    case 'a':
      return plain(escape(codePoints(represent(value, budget)).map(asciiPoint).join('')));
    case 'c': {
      if (isText(value)) {
        const points = codePoints(rawText(value));
        if (points.length !== 1) throw typeError('%c requires int or char');
        return pad('', points[0] ?? '', spread(' '), budget);
      }
      const code = asIndex(value);
      if (code === undefined) throw typeError('%c requires int or char');
      return pad('', characterOf(code), spread(' '), budget);
    }
  }
  const signOf = (negative: boolean): string =>
    negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const zeros = flags.includes('0') && !left;
  if ('diuxXo'.includes(kind)) {
    if (isUndefined(value) && 'diu'.includes(kind)) refuseUndefined(value);
    const isDecimal = 'diu'.includes(kind);
    const whole = isFloat(value) && isDecimal ? truncated(value.value) : asInt(value);
    if (whole === undefined)
      throw typeError(
        `%${kind} format: a ${isDecimal ? 'real number' : 'integer'} is required, not ${typeName(value)}`,
      );
    const digits = wholeDigits(whole, isDecimal ? 'd' : kind);
    if ((precision ?? 0) > 0) budget.reserve(precision ?? 0);
    const prefix = !alternate || isDecimal ? '' : kind === 'o' ? '0o' : `0${kind}`;
    return pad(signOf(whole < 0) + prefix, digits.padStart(precision ?? 0, '0'), spread(zeros ? '0' : ' '), budget);
  }
  if ('eEfFgG'.includes(kind)) {
    if (isUndefined(value)) refuseUndefined(value);
    const number = asNumber(value);
    if (number === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
    const real = Number(number);
    const digits = floatDigits(real, kind.toLowerCase(), precision ?? 6, alternate, budget);
    const negative = real < 0 || Object.is(real, -0);
    return pad(signOf(negative), kind < 'a' ? digits.toUpperCase() : digits, spread(zeros ? '0' : ' '), budget);
  }
  throw valueError(`unsupported format character '${kind}'`);
}

/** The code point, or its escape where ASCII has none. */
export const asciiPoint = (point: string): string => (point < '\x80' ? point : escaped(point));
