/** What the palette finds beside the commands: chats and models by name. */
import { Box, MessageSquare, type LucideIcon } from 'lucide-react';
import type { LocalModel } from '../../preload/contract/library.ts';
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
  readonly run: () => void;
}

/** Chats that are listed without a search, the latest ones. */
const RECENT = 3;
/** More hits than these want another word. */
const MAX_HITS = 12;

/** The chats and models that match `search`; without a search the latest chats. */
export function usePaletteEntries(search: string): readonly PaletteEntry[] {
  const chats = [...(useChatList().value?.values() ?? [])].sort((a, b) => b.updatedAt - a.updatedAt);
  const models = useLocalModels().value?.models ?? [];
  const loaded = useLoadedModels();
  const group = words.palette.groups;
  const matches = (title: string): boolean => matchScore(search, [title]) > 0;
  const isSearch = search.trim() !== '';

  const chatEntries = chats
    .filter(({ title }) => title !== '' && (!isSearch || matches(title)))
    .slice(0, isSearch ? MAX_HITS : RECENT)
    .map(({ id, title }): PaletteEntry => ({
      ...{ id: `to-chat.${id}`, title, icon: MessageSquare },
      group: isSearch ? group.chats : group.recent,
      run: () => navigate({ screen: 'chat', chatId: id }),
    }));
  if (!isSearch) return chatEntries;

  const actsOf = ({ id, name }: LocalModel): PaletteEntry[] => {
    const entry = (act: string, title: string, run: () => void): PaletteEntry => ({
      ...{ id: `model.${act}.${id}`, title, group: group.byName, icon: Box, run },
    });
    return [
      entry('chat', words.palette.chatWith(name), () => chatWith(id)),
      loaded.has(id)
        ? entry('unload', words.models.unload(name), () => void unloadModel(id))
        : entry('load', words.palette.load(name), () => void loadModel(id)),
      entry('settings', words.models.loadSettingsFor(name), () => openLoadSettings(id)),
    ];
  };
  const modelEntries = models
    .filter((model) => model.kind === 'model' && model.problem === null)
    .flatMap(actsOf)
    .filter(({ title }) => matches(title))
    .slice(0, MAX_HITS);
  return [...chatEntries, ...modelEntries];
}
