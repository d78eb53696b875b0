/** Numbers within bounds, as automata over their digits. */
import { minimized, type Automaton } from './automata/automaton.ts';
import type { Bound, Multiple } from './branch.ts';
import { refusal, type Budget } from './budget.ts';

export interface NumberLimits {
  readonly integer: boolean;
  readonly fractional: boolean;
  readonly minimum: Bound | null;
  readonly maximum: Bound | null;
  readonly multiples: readonly Multiple[];
  readonly place: string;
}

/** Digits before the point where no bound says more: enough for 64 bits. */
const WHOLE_DIGITS = 20;
/** Digits in all of a number with bounds: so many survive a double, so that what is written and what is read compare alike. */
const SAFE_DIGITS = 15;
const MAX_BOUND_DIGITS = 40;

/** A decimal without sign. */
interface Decimal {
  readonly whole: string;
  readonly fraction: string;
}

interface Edge extends Decimal {
  readonly exclusive: boolean;
}

/** The conditions on the digits after a sign. */
interface Magnitude {
  readonly negative: boolean;
  readonly low: Edge | null;
  readonly high: Edge | null;
}

interface Factor extends Multiple {
  /** `of` times 10 to the power of `scale`. */
  readonly modulus: number;
  readonly scale: number;
}

/** The numbers within `limits`, without exponents. @throws AppError `invalid_input` for bounds too large and multiples too many. */
export function numberAutomaton(limits: NumberLimits, budget: Budget): Automaton {
  const { place } = limits;
  const minimum = limits.minimum && edgeOf(limits.minimum, 'minimum', place);
  const maximum = limits.maximum && edgeOf(limits.maximum, 'maximum', place);
  const factors = limits.multiples.map((multiple) => factorOf(multiple, place));
  const isNegative = (bound: Bound | null): boolean => bound !== null && bound.value < 0;
  const signs: Magnitude[] = [];
  if (!isNegative(limits.maximum))
    signs.push({ negative: false, low: isNegative(limits.minimum) ? null : minimum, high: maximum });
  if (limits.minimum === null || limits.minimum.value < 0)
    signs.push({ negative: true, low: isNegative(limits.maximum) ? maximum : null, high: minimum });
  budget.at(factors.length > 0 ? 'multipleOf' : limits.minimum ? 'minimum' : 'maximum', place);
  return walk(signs, factors, limits, budget);
}

function edgeOf({ value, exclusive }: Bound, keyword: string, place: string): Edge {
  const { whole, fraction } = decimalOf(value < 0 ? -value : value);
  if (whole.length > MAX_BOUND_DIGITS || fraction.length > MAX_BOUND_DIGITS)
    throw refusal(keyword, place, `it has more than ${MAX_BOUND_DIGITS} digits`);
  return { whole, fraction, exclusive };
}

/** The digits of a number that is not negative. */
function decimalOf(value: number | bigint): Decimal {
  if (typeof value === 'bigint' || Number.isInteger(value)) return { whole: BigInt(value).toString(), fraction: '' };
  const [digits = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const shift = Number(exponent);
  return {
    whole: shift < 0 ? '0' : whole,
    fraction: shift < 0 ? '0'.repeat(-shift - whole.length) + whole + fraction : fraction,
  };
}

function factorOf(multiple: Multiple, place: string): Factor {
  const { whole, fraction } = decimalOf(multiple.of);
  const modulus = Number(whole + fraction);
  if (modulus > 100_000) throw refusal('multipleOf', place, 'it has too many digits');
  return { ...multiple, modulus, scale: fraction.length };
}

/** How the digits compare with those of an edge: -1 below, 0 the same so far, 1 above. */
type Order = -1 | 0 | 1;

interface State {
  readonly phase: 'start' | 'sign' | 'zero' | 'whole' | 'point' | 'fraction';
  readonly sign: Magnitude | null;
  /** Digits of the part that is being read. */
  readonly digits: number;
  readonly low: Order;
  readonly high: Order;
  readonly rests: readonly number[];
  /** Whether a digit other than 0 was there: in the number, in its fraction. */
  readonly nonZero: boolean;
  readonly nonZeroFraction: boolean;
}

/** In place of a rest: a digit other than 0 came after the last place of the multiple. */
const NO_MULTIPLE = -1;

const symbols = '-.0123456789';

function walk(
  signs: readonly Magnitude[],
  factors: readonly Factor[],
  limits: NumberLimits,
  budget: Budget,
): Automaton {
  const first: State = {
    phase: 'start',
    sign: null,
    digits: 0,
    low: 0,
    high: 0,
    rests: factors.map(() => 0),
    nonZero: false,
    nonZeroFraction: false,
  };
  const known = new Map<string, number>();
  const states: State[] = [];
  const stateOf = (state: State): number => {
    const key = `${state.phase}${state.sign?.negative}${state.digits},${state.low},${state.high},${state.nonZero}${state.nonZeroFraction},${state.rests.join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, states.length);
    states.push(state);
    budget.states(states.length);
    budget.spend(40);
    return states.length - 1;
  };
  stateOf(first);
  const fractionDigits = fractionLimit(signs, factors, limits);
  const rules: Rules = { signs, factors, fractionDigits };
  const rows: number[][] = [];
  const accepts: number[] = [];
  for (let index = 0; index < states.length; index++) {
    const state = states[index] ?? first;
    accepts.push(isDone(state, factors, limits) ? 1 : 0);
    const edges = edgeDigits(state, rules);
    const row: number[] = [];
    for (const symbol of symbols) {
      const before = String(Number(symbol) - 1);
      const isLikeBefore = symbol > '1' && factors.length === 0 && !edges.includes(symbol) && !edges.includes(before);
      row.push(isLikeBefore ? (row.at(-1) ?? -1) : (after(state, symbol, rules).map(stateOf)[0] ?? -1));
    }
    rows.push(row);
  }
  // The columns of "-", ".", the digits, and of what lies between and around them.
  const starts = [0, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a];
  const next = rows.flatMap(([minus = -1, point = -1, ...digits]) => [-1, minus, point, -1, ...digits, -1]);
  return minimized({ starts, next: Int32Array.from(next), accepts: Uint8Array.from(accepts) }, budget);
}

/** Most digits after the point. */
function fractionLimit(signs: readonly Magnitude[], factors: readonly Factor[], limits: NumberLimits): number {
  if (limits.integer) return 0;
  const positive = factors.filter((factor) => !factor.negated);
  if (positive.length > 0) return Math.min(...positive.map((factor) => factor.scale));
  const edges = signs.flatMap(({ low, high }) => [low ?? [], high ?? []].flat());
  const wholeDigits = Math.max(1, ...edges.map(({ whole }) => whole.length));
  const least = Math.max(1, ...edges.map(({ fraction }) => fraction.length), ...factors.map(({ scale }) => scale));
  // More digits before the point than a bound has are far from it, however they are rounded.
  return Math.max(least, factors.length > 0 ? 3 : SAFE_DIGITS - wholeDigits);
}

interface Rules {
  readonly signs: readonly Magnitude[];
  readonly factors: readonly Factor[];
  readonly fractionDigits: number;
}

/** The digits of the edges in the place that is read next. */
function edgeDigits({ phase, sign, digits }: State, { signs }: Rules): string {
  const { low, high } = sign ?? signs.find(({ negative }) => !negative) ?? {};
  const isAfterPoint = phase === 'point' || phase === 'fraction';
  const digitOf = (edge: Edge | null | undefined): string =>
    edge ? ((isAfterPoint ? edge.fraction : edge.whole)[digits] ?? (isAfterPoint ? '0' : '')) : '';
  return digitOf(low) + digitOf(high);
}

/** Whether what is read is beyond an edge, whatever follows. */
function isBeyond({ low, high }: { readonly low: Order; readonly high: Order }, sign: Magnitude | null): boolean {
  return sign === null || (sign.low !== null && low < 0) || (sign.high !== null && high > 0);
}

/** The state after one more symbol; none where it is not allowed. */
function after(state: State, symbol: string, rules: Rules): readonly State[] {
  const { phase } = state;
  if (symbol === '-') {
    const sign = rules.signs.find(({ negative }) => negative);
    return phase === 'start' && sign ? [{ ...state, phase: 'sign', sign }] : [];
  }
  if (symbol === '.') {
    const isWhole = phase === 'zero' || phase === 'whole';
    const orders = wholeOrders(state);
    if (!isWhole || rules.fractionDigits === 0 || isBeyond(orders, state.sign)) return [];
    return [{ ...state, ...orders, phase: 'point', digits: 0 }];
  }
  const sign = phase === 'start' ? rules.signs.find(({ negative }) => !negative) : state.sign;
  if (!sign) return [];
  const digit = Number(symbol);
  const isAfterPoint = phase === 'point' || phase === 'fraction';
  const rests = state.rests.map((rest, index) => {
    const { modulus = 1, scale = 0 } = rules.factors[index] ?? {};
    if (isAfterPoint && state.digits >= scale) return digit > 0 ? NO_MULTIPLE : rest;
    return (rest * 10 + digit) % modulus;
  });
  const nonZero = state.nonZero || digit > 0;
  if (isAfterPoint) {
    if (state.digits >= rules.fractionDigits) return [];
    const place = state.digits;
    const low = compared(state.low, symbol, sign.low?.fraction[place] ?? '0');
    const high = compared(state.high, symbol, sign.high?.fraction[place] ?? '0');
    if (isBeyond({ low, high }, sign)) return [];
    return [
      {
        ...state,
        phase: 'fraction',
        digits: place + 1,
        low,
        high,
        rests,
        nonZero,
        nonZeroFraction: state.nonZeroFraction || digit > 0,
      },
    ];
  }
  if (phase === 'zero' || (phase === 'whole' && state.digits >= wholeLimit(sign, rules))) return [];
  const place = state.digits;
  return [
    {
      ...state,
      phase: digit === 0 && phase !== 'whole' ? 'zero' : 'whole',
      sign,
      digits: place + 1,
      low: compared(state.low, symbol, sign.low?.whole[place]),
      high: compared(state.high, symbol, sign.high?.whole[place]),
      rests,
      nonZero,
    },
  ];
}

function wholeLimit({ low, high }: Magnitude, { factors, fractionDigits }: Rules): number {
  const most = high ? high.whole.length : Math.max(WHOLE_DIGITS, (low?.whole.length ?? 0) + 1);
  // A double keeps the rest of a division only while it keeps every digit.
  return factors.length === 0 ? most : Math.min(most, SAFE_DIGITS - fractionDigits);
}

function compared(before: Order, digit: string, other: string | undefined): Order {
  if (before !== 0 || other === undefined) return before;
  return digit < other ? -1 : digit > other ? 1 : 0;
}

/** The orders once the whole part is complete: fewer digits are less. */
function wholeOrders({ digits, sign, low, high }: State): { low: Order; high: Order } {
  const complete = (order: Order, edge: Edge | null | undefined): Order => {
    if (!edge || digits === edge.whole.length) return order;
    return digits < edge.whole.length ? -1 : 1;
  };
  return { low: complete(low, sign?.low), high: complete(high, sign?.high) };
}

/** Whether a number may end here. */
function isDone(state: State, factors: readonly Factor[], limits: NumberLimits): boolean {
  const { phase, sign } = state;
  if (!sign || phase === 'start' || phase === 'sign' || phase === 'point') return false;
  const inFraction = phase === 'fraction';
  const { low, high } = inFraction ? state : wholeOrders(state);
  const fractionRead = inFraction ? state.digits : 0;
  const finish = (order: Order, edge: Edge | null): Order =>
    order === 0 && edge && /[1-9]/.test(edge.fraction.slice(fractionRead)) ? -1 : order;
  const atLow = finish(low, sign.low);
  const atHigh = finish(high, sign.high);
  if (sign.low && (atLow < 0 || (atLow === 0 && sign.low.exclusive))) return false;
  if (sign.high && (atHigh > 0 || (atHigh === 0 && sign.high.exclusive))) return false;
  // "-0" would be a second way to write 0.
  if (sign.negative && !state.nonZero) return false;
  if (limits.fractional && !state.nonZeroFraction) return false;
  return factors.every(({ modulus, scale, negated }, index) => {
    const rest = state.rests[index] ?? 0;
    const isMultiple = rest !== NO_MULTIPLE && (rest * 10 ** Math.max(0, scale - fractionRead)) % modulus === 0;
    return isMultiple !== negated;
  });
}
