/** Which language the page speaks. One today, and a made-up one that shows what bypasses the words. */
import { units as english } from './en/units.ts';

export type Language = 'en' | 'pseudo';

/** For a name of the Hub's style of tags and for what was stored; anything unknown is English. */
export function readLanguage(stored: string | null): Language {
  return stored === 'pseudo' ? 'pseudo' : 'en';
}

function stored(): string | null {
  try {
    return localStorage.getItem('hearth.language');
  } catch {
    return null; // no page, or a browser that forbids storage
  }
}

/** Chosen once, when the page loads: words are read in many places that never run again. */
export const language: Language = readLanguage(stored());

/** For Intl: how figures are grouped, dates are written and plurals are chosen. */
export const locale = 'en-US';

export const units = english;
