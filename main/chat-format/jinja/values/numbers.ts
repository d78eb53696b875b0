/** Python's numbers: ints of any size, floats, and how they are computed, read and written. */
import { failure, typeError, valueError } from './errors.ts';
import { float, isFloat, isInt, type Budget, type Value } from './values.ts';

/** Limit of an int; Python writes none of more than 4,300 digits. */
const MAX_INT_BITS = 14_284;
const MAX_INT = 2n ** BigInt(MAX_INT_BITS);

export type Int = number | bigint;

/** An int in its smallest form. @throws a LimitError for one too large. */
export function int(value: bigint): Int {
  if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  if (value > MAX_INT || value < -MAX_INT) throw failure('LimitError', 'A number has too many digits.');
  return value;
}

/** The int that a bool or an int is, else undefined. */
export function asInt(value: Value): Int | undefined {
  if (typeof value === 'boolean') return Number(value);
  return isInt(value) ? value : undefined;
}
export function asNumber(value: Value): Int | undefined {
  return isFloat(value) ? value.value : asInt(value);
}
/** An int that fits a count or an index; beyond it, infinity with its sign. */
export function asIndex(value: Value): number | undefined {
  const whole = asInt(value);
  if (typeof whole !== 'bigint') return whole;
  return whole < 0n ? -Infinity : Infinity;
}
const isNumber = (value: Value): boolean => isFloat(value) || isInt(value) || typeof value === 'boolean';

export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** The result for two numbers; undefined where one is none. @throws ZeroDivisionError, OverflowError. */
export function computeNumbers(operator: Arithmetic, left: Value, right: Value): Value | undefined {
  if (!isNumber(left) || !isNumber(right)) return undefined;
  const [a, b] = [asNumber(left) ?? 0, asNumber(right) ?? 0];
  if (isFloat(left) || isFloat(right)) return float(computeFloats(operator, toFloat(a), toFloat(b)));
  if (operator === '/') {
    if (Number(b) === 0) throw zero('division by zero');
    const quotient = Number(a) / Number(b);
    return float(Number.isFinite(quotient) ? quotient : divideLarge(BigInt(a), BigInt(b)));
  }
  if (operator === '**' && b < 0) {
    if (Number(a) === 0) throw zero('0.0 cannot be raised to a negative power');
    return float(Number(a) ** Number(b));
  }
  return computeInts(operator, a, b);
}

function computeInts(operator: Exclude<Arithmetic, '/'>, a: Int, b: Int): Int {
  if ((operator === '//' || operator === '%') && Number(b) === 0) throw zero('integer division or modulo by zero');
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = quickInts(operator, a, b);
    if (Number.isSafeInteger(quick)) return quick + 0 || 0;
  }
  const [x, y] = [BigInt(a), BigInt(b)];
  switch (operator) {
    case '+':
      return int(x + y);
    case '-':
      return int(x - y);
    case '*':
      return int(x * y);
    case '//':
      return int(x / y - (x % y !== 0n && x < 0n !== y < 0n ? 1n : 0n));
    case '%':
      return int(((x % y) + y) % y);
    case '**': {
      const size = x < 0n ? -x : x;
      if (size > 1n && BigInt(size.toString(2).length - 1) * y > BigInt(MAX_INT_BITS))
        throw failure('LimitError', 'A number has too many digits.');
      // Zero and one stay small whatever the exponent.
      if (size <= 1n) return size === 0n ? Number(y === 0n) : x < 0n && y % 2n === 1n ? -1 : 1;
      return int(x ** y);
    }
  }
}

function quickInts(operator: Exclude<Arithmetic, '/'>, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '//':
      return Math.floor((a - modulo(a, b)) / b);
    case '%':
      return modulo(a, b);
    case '**':
      // Powers within 2^53 are exact.
      return a ** b;
  }
}

/** The remainder with the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function computeFloats(operator: Arithmetic, a: number, b: number): number {
  if (operator === '/' && b === 0) throw zero('float division by zero');
  if (operator === '//' && b === 0) throw zero('float floor division by zero');
  if (operator === '%' && b === 0) throw zero('float modulo');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%': {
      const rest = modulo(a, b);
      return rest === 0 ? (b < 0 || Object.is(b, -0) ? -0 : 0) : rest;
    }
    case '//': {
      const rest = modulo(a, b);
      const quotient = (a - rest) / b;
      if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
      const floor = Math.floor(quotient);
      return quotient - floor > 0.5 ? floor + 1 : floor;
    }
    case '**': {
      if (a === 0 && b < 0) throw zero('0.0 cannot be raised to a negative power');
      if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b))
        throw typeError('A complex number is no value of a template.');
      if (a === 1 || b === 0) return 1;
      if (Math.abs(a) === 1 && !Number.isFinite(b) && !Number.isNaN(b)) return 1;
      const power = a ** b;
      if (!Number.isFinite(power) && Number.isFinite(a) && Number.isFinite(b))
        throw failure('OverflowError', 'Numerical result out of range');
      return power;
    }
  }
}

function toFloat(value: Int): number {
  const number = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(number))
    throw failure('OverflowError', 'int too large to convert to float');
  return number;
}
function divideLarge(a: bigint, b: bigint): number {
  const shift = BigInt(Math.max(0, b.toString(2).length - 1000));
  const quotient = Number(a >> shift) / Number(b >> shift);
  if (!Number.isFinite(quotient)) throw failure('OverflowError', 'integer division result too large for a float');
  return quotient;
}
const zero = (message: string): Error => failure('ZeroDivisionError', message);

/** `-value` or `+value`; undefined where it is no number. */
export function signed(operator: '+' | '-', value: Value): Value | undefined {
  if (isFloat(value)) return float(operator === '-' ? -value.value : value.value);
  const whole = asInt(value);
  if (whole === undefined || operator === '+') return whole;
  return typeof whole === 'bigint' ? int(-whole) : -whole + 0 || 0;
}

/** Python's text of a float: the shortest that reads back as the same number. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16)
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  const plain = exponent < 0 ? value.toFixed(Math.min(100, digitsOf(mantissa) - 1 - exponent)) : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}
const digitsOf = (mantissa: string): number => mantissa.replace(/[-.]/g, '').length;

/** A finite float as a fraction of whole numbers. */
function fraction(value: number): { readonly over: bigint; readonly under: bigint } {
  const [high = 0, low = 0] = new Uint32Array(new Float64Array([value]).buffer).reverse();
  const exponent = (high >>> 20) & 0x7ff;
  const bits = (BigInt(high & 0xfffff) << 32n) | BigInt(low);
  const mantissa = exponent === 0 ? bits : bits | (1n << 52n);
  const power = Math.max(exponent, 1) - 1075;
  const over = high >>> 31 === 1 ? -mantissa : mantissa;
  return power >= 0 ? { over: over << BigInt(power), under: 1n } : { over, under: 1n << BigInt(-power) };
}

/** The whole number next to a fraction; of two as near, the even one. */
function nearest(over: bigint, under: bigint): bigint {
  const size = over < 0n ? -over : over;
  const [whole, rest] = [size / under, size % under];
  const up = rest * 2n > under || (rest * 2n === under && whole % 2n === 1n);
  return (over < 0n ? -1n : 1n) * (whole + (up ? 1n : 0n));
}

/** `|value|` with this many digits after the point, exactly rounded. */
export function fixedDigits(value: number | bigint, digits: number): string {
  const { over, under } = typeof value === 'bigint' ? { over: value, under: 1n } : fraction(value);
  const scaled = nearest((over < 0n ? -over : over) * 10n ** BigInt(digits), under);
  const text = scaled.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** `|value|` as `count` digits and the power of ten of the first, exactly rounded. */
export function leadingDigits(value: number, count: number): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const { over, under } = fraction(Math.abs(value));
  let exponent = Number(value.toExponential().split('e')[1]);
  for (;;) {
    const shift = count - 1 - exponent;
    const scaled =
      shift >= 0 ? nearest(over * 10n ** BigInt(shift), under) : nearest(over, under * 10n ** BigInt(-shift));
    const digits = scaled.toString();
    if (digits.length === count) return { digits, exponent };
    exponent += digits.length - count;
  }
}

/** Python's `round`. `digits` null: to an int. */
export function roundNumber(value: Value, digits: number | null): Value {
  const whole = asInt(value);
  if (whole !== undefined) {
    if (digits === null || digits >= 0) return whole;
    if (-digits > MAX_INT_BITS) return 0;
    const unit = 10n ** BigInt(-digits);
    return int(nearest(BigInt(whole), unit) * unit);
  }
  if (!isFloat(value)) throw typeError("type doesn't define __round__ method");
  if (!Number.isFinite(value.value)) return digits === null ? truncated(value.value) : value;
  const { over, under } = fraction(value.value);
  if (digits === null) return int(nearest(over, under));
  if (digits > 323) return value;
  if (digits < -308) return float(Math.sign(value.value) < 0 || Object.is(value.value, -0) ? -0 : 0);
  const unit = 10n ** BigInt(Math.abs(digits));
  const scaled = digits >= 0 ? nearest(over * unit, under) : nearest(over, under * unit) * unit;
  const rounded = Number(`${scaled}${digits > 0 ? `e-${digits}` : ''}`);
  return float(rounded === 0 && (value.value < 0 || Object.is(value.value, -0)) ? -0 : rounded);
}

/** Python's `int` of a float. */
export function truncated(value: number): Int {
  if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw failure('OverflowError', 'cannot convert float infinity to integer');
  return int(BigInt(Math.trunc(value)));
}

const PYTHON_SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
const intForm = new RegExp(`^${PYTHON_SPACE}([+-]?)(0[box])?(_?[0-9a-z]+(?:_[0-9a-z]+)*)${PYTHON_SPACE}$`, 'i');
const floatForm = new RegExp(
  `^${PYTHON_SPACE}([+-]?(?:(?:\\d+(?:_\\d+)*)?\\.?(?:\\d+(?:_\\d+)*)?(?:e[+-]?\\d+(?:_\\d+)*)?|inf|infinity|nan))${PYTHON_SPACE}$`,
  'i',
);
const prefixBase: Readonly<Record<string, number>> = { '0b': 2, '0o': 8, '0x': 16 };

/** The text with the decimal digits of every script as those of ASCII. Each script has its ten in a row. */
function plainDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let first = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
    return String((code - first) % 10);
  });
}

/** Python's `int(text, base)`. @throws ValueError. */
export function parseInteger(text: string, base: number, budget: Budget): Int {
  const wrong = (): Error => valueError(`invalid literal for int() with base ${base}: '${text.slice(0, 80)}'`);
  if (base !== 0 && (base < 2 || base > 36)) throw valueError('int() base must be >= 2 and <= 36, or 0');
  budget.charge(text.length);
  const found = intForm.exec(plainDigits(text));
  if (!found) throw wrong();
  const [, sign = '', prefix = '', tail = ''] = found;
  const named = prefixBase[prefix.toLowerCase()];
  const usesPrefix = named !== undefined && (base === 0 || base === named);
  const usedBase = base === 0 ? (named ?? 10) : base;
  if (!usesPrefix && tail.startsWith('_')) throw wrong();
  const digits = ((usesPrefix ? '' : prefix) + tail).replaceAll('_', '').toLowerCase();
  if (base === 0 && !usesPrefix && /^0+[^0]/.test(digits)) throw wrong();
  if (digits.length > 4300) throw valueError('Exceeds the limit (4300 digits) for integer string conversion');
  let whole = 0n;
  for (const digit of digits) {
    const worth = parseInt(digit, 36);
    if (!(worth < usedBase)) throw wrong();
    whole = whole * BigInt(usedBase) + BigInt(worth);
  }
  return int(sign === '-' ? -whole : whole);
}

/** Python's `float(text)`. @throws ValueError. */
export function parseFloating(text: string): number {
  const form = text.length <= 5000 ? floatForm.exec(plainDigits(text))?.[1] : undefined;
  const plain = form?.replaceAll('_', '').toLowerCase();
  if (plain === undefined || (!/\d/.test(plain) && !/[in]/.test(plain)) || /^[+-]?\.?e/.test(plain))
    throw valueError(`could not convert string to float: '${text.slice(0, 80)}'`);
  if (plain.includes('n')) return plain.includes('nan') ? NaN : plain.startsWith('-') ? -Infinity : Infinity;
  return Number(plain);
}
