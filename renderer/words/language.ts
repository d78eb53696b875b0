/**
 * The language of the page, its locale for figures and dates, and the direction of its lines. It is chosen once, when
 * the page loads: many modules read words only once, at their import. Another choice loads the page again.
 */
import type { units as english } from './en/units.ts';

export type Language = 'en' | 'de' | 'pseudo' | 'pseudo-rtl';

/** What a language is to the browser: the attributes of the page, and the locale for Intl. */
interface LanguageFacts {
  readonly tag: string;
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
}

// XA and XB are the regions of the pseudo-languages in the CLDR.
const facts: Readonly<Record<Language, LanguageFacts>> = {
  en: { tag: 'en', locale: 'en-US', direction: 'ltr' },
  de: { tag: 'de', locale: 'de-DE', direction: 'ltr' },
  pseudo: { tag: 'en-XA', locale: 'en-US', direction: 'ltr' },
  'pseudo-rtl': { tag: 'ar-XB', locale: 'en-US', direction: 'rtl' },
};

/** The languages whose words are complete: nobody is offered a page that is half English. */
export const languages: readonly Language[] = ['en', 'de', 'pseudo', 'pseudo-rtl'];

/** The languages for people; the others are for developers. */
export const spoken = languages.filter((language) => !language.startsWith('pseudo'));

/**
 * The language of a choice: `system` is the first of the system's languages that has words. Anything unknown is
 * English.
 */
export function languageOf(choice: unknown, ofSystem: readonly string[]): Language {
  const chosen = languages.find((language) => language === choice);
  if (chosen !== undefined) return chosen;
  const bases = ofSystem.map((tag) => tag.toLowerCase().split('-')[0]);
  return bases.map((base) => spoken.find((language) => language === base)).find((found) => found !== undefined) ?? 'en';
}

/** The key of the stored appearance, which public/theme.js reads too. */
const STORED = 'hearth.appearance';

function stored(): unknown {
  try {
    const look = JSON.parse(localStorage.getItem(STORED) ?? '{}') as { readonly language?: unknown } | null;
    return look?.language;
  } catch {
    return undefined; // no page, or a browser that forbids storage
  }
}

/** The system's languages, best first; none where there is no page. */
export const systemLanguages = (): readonly string[] => (typeof document === 'undefined' ? [] : navigator.languages);

/** The language of this page. */
export const language: Language = languageOf(stored(), systemLanguages());

/** The locale for Intl: grouping of digits, dates and plurals. */
export const { locale, direction, tag: languageTag } = facts[language];

type Units = typeof english;

/** The unit symbols of the language. `loadWords` sets them before any screen is imported. */
export let units: Units;

/** Sets the unit symbols. Only words.ts calls it. */
export function setUnits(next: Units): void {
  units = next;
}
