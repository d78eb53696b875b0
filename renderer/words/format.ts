/**
 * Figures in the page's language. Decimal units, as the Hub and disk vendors use. The space between a number and its
 * unit is U+00A0, so that no line breaks there.
 */
import { locale, units } from './language.ts';

/** Three significant digits: `4.37 GB`, `812 MB`, `0 B`. */
export function formatBytes(bytes: number): string {
  const { value, step } = shorten(Number.isFinite(bytes) ? bytes : 0, units.byteSymbols.length);
  return `${threeFigures(value, step === 0)}\u00a0${units.byteSymbols[step] ?? ''}`;
}

/** `950`, `1.2K`, `34K`, `5.6M`: for downloads and likes. */
export function formatCount(count: number): string {
  const { value, step } = shorten(count, units.countSymbols.length);
  const digits = step === 0 || value >= 9.95 ? 0 : 1;
  return `${decimal(value, 0, digits)}${units.countSymbols[step] ?? ''}`;
}

/** `7.6B`, `494M`: the usual form of parameter counts. */
export const formatParameters = formatCount;

/**
 * The value in the largest unit in which it is at least one. 999.5 would be written as 1000, so it belongs to the next
 * unit.
 */
function shorten(amount: number, unitCount: number): { readonly value: number; readonly step: number } {
  let value = Math.max(0, amount);
  let step = 0;
  while (value >= 999.5 && step < unitCount - 1) {
    value /= 1000;
    step++;
  }
  return { value, step };
}

function threeFigures(value: number, whole = false): string {
  if (whole || value >= 99.95) return decimal(value, 0, 0);
  return value >= 9.995 ? decimal(value, 1, 1) : decimal(value, 2, 2);
}

const formatters = new Map<string, Intl.NumberFormat>();

function decimal(value: number, minimumFractionDigits: number, maximumFractionDigits: number): string {
  const key = `${minimumFractionDigits} ${maximumFractionDigits}`;
  const known = formatters.get(key) ?? new Intl.NumberFormat(locale, { minimumFractionDigits, maximumFractionDigits });
  formatters.set(key, known);
  return known.format(value);
}

/** `32,768`. */
export function formatInteger(value: number): string {
  return decimal(Math.round(value), 0, 0);
}

/** A figure with at most `digits` digits after the point: `0.4`, `4`. */
export function formatDecimal(value: number, digits: number): string {
  return decimal(value, 0, digits);
}

/** The plural form of a count: `#` stands for the figure. English has `one` and `other`; other languages have more. */
export function plural(
  count: number,
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string },
): string {
  return (forms[pluralRules.select(count)] ?? forms.other).replace('#', formatInteger(count));
}

const pluralRules = new Intl.PluralRules(locale);

/** `one, two, three`: a complete list in one line. */
export function formatList(parts: readonly string[]): string {
  return lists.format(parts);
}

const lists = new Intl.ListFormat(locale, { type: 'unit', style: 'short' });

/** `0.4 s`, `12 s`, `1 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '';
  if (ms < 100) return `${formatInteger(ms)}\u00a0${units.ms}`;
  if (ms < 9950) return `${decimal(ms / 1000, 1, 1)}\u00a0${units.seconds}`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}\u00a0${units.seconds}`;
  if (seconds < 3600) return pair(seconds, 60, units.minutes, 1, units.seconds);
  if (seconds < 86_400) return pair(seconds, 3600, units.hours, 60, units.minutes);
  return pair(seconds, 86_400, units.days, 3600, units.hours);
}

function pair(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const first = Math.floor(seconds / big);
  const second = Math.floor((seconds - first * big) / small);
  return second === 0
    ? `${formatInteger(first)}\u00a0${bigUnit}`
    : `${formatInteger(first)}\u00a0${bigUnit} ${second}\u00a0${smallUnit}`;
}

const dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium', hourCycle: 'h23' });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'medium', hourCycle: 'h23' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** `just now`, `5 min ago`, `3 h ago`, `yesterday`, `4 days ago`, `Mar 12`, `Mar 12, 2024`. Times are milliseconds since the epoch. */
export function formatRelativeDate(atMs: number, nowMs: number = Date.now()): string {
  const agoMs = nowMs - atMs;
  // A small time in the future comes from another machine's clock.
  if (agoMs < 60_000) return agoMs > -3_600_000 ? units.justNow : dayMonthYear.format(atMs);
  if (agoMs < 3_600_000) return units.minutesAgo(formatInteger(Math.floor(agoMs / 60_000)));
  const days = daysBetween(atMs, nowMs);
  if (days === 0) return units.hoursAgo(formatInteger(Math.floor(agoMs / 3_600_000)));
  if (days < 7) return relative.format(-days, 'day');
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? dayMonth : dayMonthYear).format(atMs);
}

/** Whole calendar days between two moments, in the user's time zone. */
export function daysBetween(fromMs: number, toMs: number): number {
  const midnight = (ms: number): number => {
    const date = new Date(ms);
    // As UTC, so that a day of 23 or 25 hours counts as one.
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(toMs) - midnight(fromMs)) / 86_400_000);
}

/** `March 12, 2025 at 2:05 PM`. */
export function formatDate(atMs: number): string {
  return full.format(atMs);
}

/** `14:05:09`, for the lines of a log. */
export function formatClock(atMs: number): string {
  return clock.format(atMs);
}

/** `March 12, 2025 at 14:05:09`, for one line of a log. */
export function formatMoment(atMs: number): string {
  return moment.format(atMs);
}

/** `12.3 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return units.perSecond(formatBytes(bytesPerSecond));
}

/** `23.1 tokens/s`; empty where the times are too short to tell. */
export function formatTokenRate(tokens: number, elapsedMs: number): string {
  if (tokens <= 0 || elapsedMs <= 0) return '';
  return formatTokensPerSecond((tokens / elapsedMs) * 1000);
}

/** `127 tokens/s`, `4.20 tokens/s`. */
export function formatTokensPerSecond(tokensPerSecond: number): string {
  return units.tokensPerSecond(threeFigures(tokensPerSecond));
}

/** `45%`; 100 only at the end, and 0 only at the start. */
export function formatPercent(share: number): string {
  if (share <= 0) return percent(0, 0);
  if (share >= 1) return percent(1, 0);
  return percent(Math.min(0.99, Math.max(0.01, Math.round(share * 100) / 100)), 0);
}

/** `73%`, `99.8%`, `0.4%`, `under 0.1%`: near the ends whole percents are too coarse. */
export function formatProbability(probability: number): string {
  const hundredths = probability * 100;
  if (hundredths >= 99.95) return percent(1, 0);
  if (hundredths >= 10 && hundredths < 99.5) return percent(probability, 0);
  return hundredths < 0.1 ? units.under(percent(0.001, 1)) : percent(probability, 1);
}

/** `98.6%`, always with one digit after the point, so that a column of them lines up. */
export function formatShare(share: number): string {
  return percent(share, 1);
}

/** `9.440`: always as many digits after the point, so that a column of figures lines up. */
export function formatFixed(value: number, digits: number): string {
  return decimal(value, digits, digits);
}

function percent(share: number, digits: number): string {
  const key = `% ${digits}`;
  const known =
    formatters.get(key) ??
    new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });
  formatters.set(key, known);
  return known.format(share);
}
