/** Settings of the window itself: its look, its language and Developer mode. */
import type { look as english } from '../en/look.ts';

export const look: typeof english = {
  language: 'Sprache',
  // Each language of people in its own words.
  languages: {
    system: 'System',
    en: 'English',
    de: 'Deutsch',
    pseudo: 'Pseudosprache',
    'pseudo-rtl': 'Pseudosprache, von rechts nach links',
  },
  languageHint: 'Das Fenster wird in der anderen Sprache neu geladen. Entwürfe bleiben erhalten.',
  contrast: 'Kontrast',
  contrasts: { system: 'System', more: 'Stärker' },
  interfaceSize: 'Textgröße der Oberfläche',
  conversationSize: 'Textgröße der Chats',
  sizes: { small: 'Klein', normal: 'Normal', large: 'Groß', larger: 'Sehr groß' },
  density: 'Dichte',
  densities: { comfortable: 'Luftig', compact: 'Kompakt' },
  developerMode: 'Entwicklermodus',
  developerHint:
    'Zeigt Protokolle, rohe Anfragen, Wahrscheinlichkeiten von Token, alle Sampler und die Pseudosprachen. Eine Einstellung, die in Gebrauch ist, wird immer gezeigt.',
};
