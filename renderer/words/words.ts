/** The words of the chosen language: every sentence that a screen shows or a screen reader speaks. */
import type { en } from './en/en.ts';
import { language, setUnits, type Language } from './language.ts';

/** The type of a language's words. Another language does not compile while a sentence of `en` is missing. */
export type Words = typeof en;

/** The words of this page. `loadWords` sets them before any screen is imported. */
export let words: Words;

/** Loads the words of a language: those of the others stay on the disk. */
export async function wordsOf(wanted: Language): Promise<Words> {
  switch (wanted) {
    case 'en':
      return (await import('./en/en.ts')).en;
    case 'de':
      return (await import('./de/de.ts')).de;
    case 'pseudo':
    case 'pseudo-rtl': {
      const [{ en }, { pseudo }] = await Promise.all([import('./en/en.ts'), import('./pseudo.ts')]);
      return pseudo(en, wanted);
    }
    default:
      return wanted satisfies never;
  }
}

/** Loads the words of the page's language. Await it before anything that reads words is imported. */
export async function loadWords(): Promise<void> {
  words = await wordsOf(language);
  setUnits(words.units);
}
