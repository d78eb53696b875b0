/** Search over the names and sentences of all settings. */
import { keymap } from '../../navigation/keymap.ts';
import { settingsSections, type SettingsSection } from '../../navigation/router.ts';
import { words } from '../../words/words.ts';

/** The words of a section: what its controls say, beside its title and its text. */
function wordsOf(section: SettingsSection): unknown {
  const { settings } = words;
  switch (section) {
    case 'appearance':
      return [settings.theme, settings.themes, words.look];
    case 'keyboard':
      return [words.keyboard, Object.values(keymap).map(({ title }) => title)];
    case 'replies':
      return words.sampling;
    case 'engine':
      return [settings.engine, settings.preload, settings.hardware, settings.backends];
    case 'elsewhere':
      return words.elsewhere;
    case 'folder':
      return settings.folder;
    case 'folders':
      return settings.folders;
    case 'downloads':
      return [settings.downloads, words.cacheLimit];
    case 'hub':
      return settings.token;
    case 'network':
      return settings.network;
    case 'chats':
      return words.exchange;
    case 'computer':
      return words.stored;
    case 'developer':
      return [words.look.developerMode, words.look.developerHint];
    case 'about':
      return [settings.about, settings.log];
    default:
      return section satisfies never;
  }
}

/** Every sentence in a tree of words. Those that are made of facts are left out: what they say depends on the facts. */
function sentences(tree: unknown): readonly string[] {
  if (typeof tree === 'string') return [tree];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(sentences) : [];
}

/** The words of a search, in lower case. */
export const wantedWords = (search: string): readonly string[] => search.toLowerCase().split(/\s+/).filter(Boolean);

const texts = new Map<SettingsSection, string>();

function textOf(section: SettingsSection): string {
  const known = texts.get(section);
  if (known !== undefined) return known;
  const text = sentences([words.settings.sections[section], wordsOf(section)])
    .join('\n')
    .toLowerCase();
  texts.set(section, text);
  return text;
}

/** The sections in which every word of the search occurs, in their order; all of them without a search. */
export function sectionsWith(search: string): readonly SettingsSection[] {
  const wanted = wantedWords(search);
  if (wanted.length === 0) return settingsSections;
  return settingsSections.filter((section) => wanted.every((word) => textOf(section).includes(word)));
}
