/** Unit symbols. SI symbols are the same in most languages, but not in all (French `Go`). */
import type { units as english } from '../en/units.ts';

export const units: typeof english = {
  byteSymbols: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  // Models are called 7B in German too.
  countSymbols: ['', 'K', 'M', 'B', 'T'],
  ms: 'ms',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  days: 'd',
  perSecond: (amount) => `${amount}/s`,
  tokensPerSecond: (figure) => `${figure}\u00a0Token/s`,
  justNow: 'gerade eben',
  minutesAgo: (minutes) => `vor ${minutes}\u00a0min`,
  hoursAgo: (hours) => `vor ${hours}\u00a0h`,
  under: (figure) => `unter ${figure}`,
};
