/** What the palette finds beside the commands: chats and models by name, and the sections of the settings. */
import { Box, MessageSquare, Settings, type LucideIcon } from 'lucide-react';
import { useMemo } from 'react';
import type { ChatSummary } from '../../preload/contract/chat.ts';
import type { LocalModel } from '../../preload/contract/library.ts';
import { sectionsWith } from '../features/settings/search.ts';
import { matchScore } from '../navigation/commands.ts';
import { openLoadSettings } from '../navigation/load-sheet.ts';
import { navigate } from '../navigation/router.ts';
import { chatWith, loadModel, unloadModel } from '../parts/models/model-actions.ts';
import { useChatList, useLoadedModels, useLocalModels } from '../parts/watched.ts';
import { words } from '../words/words.ts';

export interface PaletteEntry {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly icon: LucideIcon;
  readonly keywords?: readonly string[];
  readonly run: () => void;
}

/** Chats that are listed without a search, the latest ones. */
const RECENT = 5;
/** More hits than these want another word. */
const MAX_HITS = 12;
/** Sections of the settings that a search leads to. */
const MAX_SECTIONS = 4;

const { groups } = words.palette;

/** The chats, models and settings that match `search`; without a search the latest chats. Nothing while it is closed. */
export function usePaletteEntries(open: boolean, search: string): readonly PaletteEntry[] {
  const all = useChatList().value;
  // Sorted once for an opening, and not for each letter: there may be ten thousand.
  const chats = useMemo(
    () => (open ? [...(all?.values() ?? [])].sort((a, b) => b.updatedAt - a.updatedAt) : []),
    [open, all],
  );
  const models = useLocalModels().value?.models ?? [];
  const loaded = useLoadedModels();
  if (!open) return [];
  const wanted = search.trim();
  if (wanted === '') return chats.filter(hasTitle).slice(0, RECENT).map(chatEntry(groups.recent));
  const modelEntries = models
    .filter((model) => model.kind === 'model' && model.problem === null)
    .flatMap((model) => actsOf(model, loaded.has(model.id)))
    .filter(({ title }) => matchScore(wanted, [title]) > 0)
    .slice(0, MAX_HITS);
  return [...found(chats, wanted).map(chatEntry(groups.chats)), ...modelEntries, ...settingsEntries(wanted)];
}

const hasTitle = ({ title }: ChatSummary): boolean => title !== '';

/** The latest chats whose title has every word. */
function found(chats: readonly ChatSummary[], search: string): readonly ChatSummary[] {
  const hits: ChatSummary[] = [];
  for (const chat of chats) {
    if (matchScore(search, [chat.title]) > 0) hits.push(chat);
    if (hits.length === MAX_HITS) break;
  }
  return hits;
}

const chatEntry =
  (group: string) =>
  ({ id, title }: ChatSummary): PaletteEntry => ({
    ...{ id: `to-chat.${id}`, title, group, icon: MessageSquare },
    run: () => navigate({ screen: 'chat', chatId: id }),
  });

function actsOf({ id, name }: LocalModel, isLoaded: boolean): PaletteEntry[] {
  const entry = (act: string, title: string, run: () => void): PaletteEntry => ({
    ...{ id: `model.${act}.${id}`, title, group: groups.byName, icon: Box, run },
  });
  return [
    entry('chat', words.palette.chatWith(name), () => chatWith(id)),
    isLoaded
      ? entry('unload', words.models.unload(name), () => void unloadModel(id))
      : entry('load', words.palette.load(name), () => void loadModel(id)),
    entry('settings', words.models.loadSettingsFor(name), () => openLoadSettings(id)),
  ];
}

/** Sections whose settings say what is searched for, also where their title does not. */
function settingsEntries(search: string): PaletteEntry[] {
  return sectionsWith(search)
    .slice(0, MAX_SECTIONS)
    .map((section) => ({
      id: `settings.${section}`,
      title: words.palette.settingsOf(words.settings.sections[section].title),
      group: groups.settings,
      icon: Settings,
      keywords: [search],
      run: () => navigate({ screen: 'settings', section }),
    }));
}
