/** Unit symbols. SI symbols are the same in most languages, but not in all (French `Go`). */
export const units = {
  byteSymbols: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  countSymbols: ['', 'K', 'M', 'B', 'T'],
  ms: 'ms',
  seconds: 's',
  minutes: 'min',
  hours: 'h',
  days: 'd',
  perSecond: (amount: string): string => `${amount}/s`,
  tokensPerSecond: (figure: string): string => `${figure} tokens/s`,
  justNow: 'just now',
  minutesAgo: (minutes: string): string => `${minutes} min ago`,
  hoursAgo: (hours: string): string => `${hours} h ago`,
  under: (figure: string): string => `under ${figure}`,
};
