/** Settings of the window itself: its look, its language and Developer mode. */
export const look = {
  language: 'Language',
  languages: {
    system: 'System',
    en: 'English',
    de: 'Deutsch',
    pseudo: 'Pseudo-language',
    'pseudo-rtl': 'Pseudo-language, right to left',
  },
  languageHint: 'The window loads again in the other language. Drafts are kept.',
  contrast: 'Contrast',
  contrasts: { system: 'System', more: 'More' },
  interfaceSize: 'Interface text size',
  conversationSize: 'Conversation text size',
  sizes: { small: 'Small', normal: 'Normal', large: 'Large', larger: 'Larger' },
  density: 'Density',
  densities: { comfortable: 'Comfortable', compact: 'Compact' },
  developerMode: 'Developer mode',
  developerHint:
    'Shows logs, raw requests, probabilities of tokens, every sampler and the pseudo-languages. A setting that is in use is shown in any case.',
};
