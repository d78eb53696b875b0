/** Numbers as Python's `format` and `%` write them, without sign and padding. */
import { failure, typeError } from '../values/errors.ts';
import { fixedDigits, floatText, leadingDigits } from '../values/numbers.ts';
import { lengthOf } from '../values/text.ts';
import type { Budget } from '../values/values.ts';

const MAX_DIGITS = 5000;

/** `|value|` of a float in the form of `kind` (e, f, g, % or r for the shortest), with `precision` digits. */
export function floatDigits(
  value: number,
  kind: string,
  precision: number,
  alternate: boolean,
  budget: Budget,
): string {
  if (precision > MAX_DIGITS) throw failure('LimitError', `A number has more than ${MAX_DIGITS} digits.`);
  budget.reserve(precision * 8);
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return (Number.isNaN(size) ? 'nan' : 'inf') + (kind === '%' ? '%' : '');
  const pointed = (text: string): string => (alternate && !text.includes('.') ? `${text}.` : text);
  switch (kind) {
    case 'f':
      return pointed(fixedDigits(size, precision));
    case '%':
      return `${pointed(fixedDigits(size * 100, precision))}%`;
    case 'e': {
      const { digits, exponent } = leadingDigits(size, precision + 1);
      return scientific(digits, exponent, pointed);
    }
    case 'r':
      return floatText(size);
    default: {
      // `G` with a point even where nothing follows it is the form of `format` without a kind.
      const count = Math.max(1, precision);
      const { digits, exponent } = leadingDigits(size, count);
      const bare = alternate ? digits : digits.replace(/0+$/, '') || '0';
      if (exponent < -4 || exponent >= count - (kind === 'default' ? 1 : 0)) return scientific(bare, exponent, pointed);
      const places = Math.max(0, bare.length - 1 - exponent);
      const whole = exponent < 0 ? '0' : bare.slice(0, exponent + 1).padEnd(exponent + 1, '0');
      const rest = exponent < 0 ? '0'.repeat(-exponent - 1) + bare : bare.slice(exponent + 1);
      const text =
        places > 0 && bare !== '0' ? `${whole}.${rest}` : alternate && rest !== '' ? `${whole}.${rest}` : whole;
      return kind === 'default' && !text.includes('.') ? `${text}.0` : pointed(text);
    }
  }
}

function scientific(digits: string, exponent: number, pointed: (text: string) => string): string {
  const mantissa = pointed(digits.length > 1 ? `${digits.charAt(0)}.${digits.slice(1)}` : digits);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

export interface Padding {
  readonly width: number;
  readonly fill: string;
  readonly align: '<' | '>' | '^' | '=';
}

/** `prefix + body` padded; `=` pads between the two. */
export function pad(prefix: string, body: string, { width, fill, align }: Padding, budget: Budget): string {
  const missing = width - lengthOf(prefix) - lengthOf(body);
  if (missing <= 0) return prefix + body;
  budget.reserve(width * fill.length);
  if (align === '=') return prefix + fill.repeat(missing) + body;
  if (align === '<') return prefix + body + fill.repeat(missing);
  const left = align === '^' ? Math.floor(missing / 2) : missing;
  return fill.repeat(left) + prefix + body + fill.repeat(missing - left);
}

/** Digits of a whole part in groups, filled with zeros up to `width` where it is over zero. */
export function grouped(digits: string, separator: string, size: number, width: number): string {
  const group = (text: string): string => {
    const parts: string[] = [];
    for (let end = text.length; end > 0; end -= size) parts.unshift(text.slice(Math.max(0, end - size), end));
    return parts.join(separator);
  };
  let filled = digits;
  let text = group(filled);
  while (text.length < width) {
    filled = `0${filled}`;
    text = group(filled);
  }
  return text;
}

export function characterOf(code: number): string {
  if (!(code >= 0 && code <= 0x10ffff)) throw failure('OverflowError', '%c arg not in range(0x110000)');
  return String.fromCodePoint(code);
}

/** A whole number in base 2, 8, 10 or 16. */
export function wholeDigits(value: number | bigint, kind: string): string {
  const size = value < 0 ? -value : value;
  switch (kind.toLowerCase()) {
    case 'b':
      return size.toString(2);
    case 'o':
      return size.toString(8);
    case 'x':
      return kind === 'X' ? size.toString(16).toUpperCase() : size.toString(16);
    case 'd':
      return size.toString();
    default:
      throw typeError(`unknown format code '${kind}'`);
  }
}
