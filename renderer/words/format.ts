/** Figures for people. Decimal units, as the Hub and the sellers of disks count. */

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Three figures that count: `4.37 GB`, `812 MB`, `0 B`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes <= 0) return '0 B';
  let value = bytes;
  let unit = 0;
  // 999.5 would be written as 1000, so it belongs to the next unit.
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeFigures(value, unit === 0)} ${sizeUnits[unit]}`;
}

function threeFigures(value: number, whole = false): string {
  if (whole || value >= 99.95) return String(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** `950`, `1.2K`, `34K`, `5.6M`: for downloads and likes. */
export function formatCount(count: number): string {
  return shorten(count, ['', 'K', 'M', 'B', 'T']);
}

/** `7.6B`, `494M`: how the field writes parameter counts. */
export function formatParameters(count: number): string {
  return shorten(count, ['', 'K', 'M', 'B', 'T']);
}

function shorten(count: number, units: readonly string[]): string {
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const figure = unit === 0 || value >= 9.95 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
  return `${figure}${units[unit] ?? ''}`;
}

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0, useGrouping: true });

/** `32 768`, with a thin space between thousands at which no line breaks. */
export function formatInteger(value: number): string {
  return integers.format(Math.round(value)).replaceAll(',', '\u202f');
}

/** `0.4 s`, `12 s`, `1 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '';
  if (ms < 1000) return ms < 100 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, 'min', 1, 's');
  if (seconds < 86_400) return pair(seconds, 3600, 'h', 60, 'min');
  return pair(seconds, 86_400, 'd', 3600, 'h');
}

function pair(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const first = Math.floor(seconds / big);
  const second = Math.floor((seconds - first * big) / small);
  return second === 0 ? `${first} ${bigUnit}` : `${first} ${bigUnit} ${second} ${smallUnit}`;
}

const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });

/** `just now`, `5 min ago`, `3 h ago`, `yesterday`, `4 days ago`, `12 Mar`, `12 Mar 2024`. Times are milliseconds since the epoch. */
export function formatRelativeDate(atMs: number, nowMs: number = Date.now()): string {
  const agoMs = nowMs - atMs;
  // A little in the future is another machine's clock.
  if (agoMs < 60_000) return agoMs > -3_600_000 ? 'just now' : dayMonthYear.format(atMs);
  if (agoMs < 3_600_000) return `${Math.floor(agoMs / 60_000)} min ago`;
  const days = daysBetween(atMs, nowMs);
  if (days === 0) return `${Math.floor(agoMs / 3_600_000)} h ago`;
  if (days === 1) return 'yesterday';
  if (days < 7) return `${days} days ago`;
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? dayMonth : dayMonthYear).format(atMs);
}

/** Whole calendar days between two moments, in the reader's time zone. */
export function daysBetween(fromMs: number, toMs: number): number {
  const midnight = (ms: number): number => {
    const date = new Date(ms);
    // As UTC, so that a day of 23 or 25 hours still counts as one.
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(toMs) - midnight(fromMs)) / 86_400_000);
}

/** `12 March 2025 at 14:05`. */
export function formatDate(atMs: number): string {
  return full.format(atMs);
}

/** `12.3 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `23.1 tokens/s`; empty where nothing can be told from the times. */
export function formatTokenRate(tokens: number, elapsedMs: number): string {
  if (tokens <= 0 || elapsedMs <= 0) return '';
  return `${threeFigures((tokens / elapsedMs) * 1000)} tokens/s`;
}

/** `45%`; never 100 before it is, nor 0 once it has begun. */
export function formatPercent(share: number): string {
  if (share <= 0) return '0%';
  if (share >= 1) return '100%';
  return `${Math.min(99, Math.max(1, Math.round(share * 100)))}%`;
}
