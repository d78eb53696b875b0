import { SquareSlash, SquarePlus } from 'lucide-react';
import { useCommand } from '../navigation/commands.ts';
import { openNewPrompt, openPromptLibrary } from '../navigation/prompt-library.ts';
import { words } from '../words/words.ts';

/** The commands of the prompt library, on every screen. */
export function usePromptCommands(): void {
  const group = words.palette.groups.chat;
  const keywords = words.prompts.paletteKeywords;
  useCommand({
    id: 'prompts.open',
    title: words.prompts.palette,
    group,
    icon: SquareSlash,
    keywords,
    run: openPromptLibrary,
  });
  useCommand({
    ...{ id: 'prompts.new', title: words.prompts.paletteNew, group, icon: SquarePlus, keywords },
    run: () => openNewPrompt(''),
  });
}
