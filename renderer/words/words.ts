/** The words of the chosen language: every sentence that a screen shows or a screen reader speaks. */
import { en } from './en/en.ts';
import { language, type Language } from './language.ts';
import { pseudo } from './pseudo.ts';

/** The type of a language's words. Another language does not compile while a sentence of `en` is missing. */
export type Words = typeof en;

const languages: Readonly<Record<Language, () => Words>> = {
  en: () => en,
  pseudo: () => pseudo(en),
};

export const words: Words = languages[language]();
