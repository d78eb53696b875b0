/** The language of the page. One so far, and a pseudo-language that reveals text which bypasses the words. */
import { units as english } from './en/units.ts';
import { pseudo } from './pseudo.ts';

export type Language = 'en' | 'pseudo';

/** For a language tag and for the stored value; anything unknown is English. */
function readLanguage(stored: string | null): Language {
  return stored === 'pseudo' ? 'pseudo' : 'en';
}

function stored(): string | null {
  try {
    return localStorage.getItem('hearth.language');
  } catch {
    return null; // no page, or a browser that forbids storage
  }
}

/** Chosen once, when the page loads: many modules read words only once, at their import. */
export const language: Language = readLanguage(stored());

/** The locale for Intl: grouping of digits, dates and plurals. */
export const locale = 'en-US';

export const unitsOf = (chosen: Language): typeof english => (chosen === 'pseudo' ? pseudo(english) : english);

export const units = unitsOf(language);
