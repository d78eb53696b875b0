/** Lengths of time as Go writes them, such as `1h30m`: https://pkg.go.dev/time#ParseDuration. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  // Two letters look alike: the micro sign and the Greek letter.
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const step = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;

/** Milliseconds; null for a text that is no duration. Without a unit only 0 is one. */
export function readGoDuration(text: string): number | null {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0;
  let ms = 0;
  let end = 0;
  for (const match of rest.matchAll(step)) {
    const [whole, count = '', unit = ''] = match;
    ms += Number(count) * (unitMs[unit] ?? Number.NaN);
    end = match.index + whole.length;
  }
  if (end === 0 || end !== rest.length) return null;
  return sign === '-' && ms !== 0 ? -ms : ms;
}
