/** The words of the chosen language. Every sentence that a screen shows or a screen reader speaks comes from here. */
import { en } from './en/en.ts';
import { language, type Language } from './language.ts';
import { pseudo } from './pseudo.ts';

/** What a language has to say. `en` is the measure: another language does not compile while one of its sentences is missing. */
export type Words = typeof en;

const languages: Readonly<Record<Language, () => Words>> = {
  en: () => en,
  pseudo: () => pseudo(en),
};

export const words: Words = languages[language]();
