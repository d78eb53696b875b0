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
  tokensPerSecond: (figure: string): string => `${figure}\u00a0tokens/s`,
  justNow: 'just now',
  minutesAgo: (minutes: string): string => `${minutes}\u00a0min ago`,
  hoursAgo: (hours: string): string => `${hours}\u00a0h ago`,
  under: (figure: string): string => `under ${figure}`,
};
