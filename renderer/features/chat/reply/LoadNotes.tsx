/** What a person should know of the model's load, shown in the chat until it is dismissed, with what can be done about it. */
import { Box, Info, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { LoadNote } from '../../../../preload/contract/load-notes.ts';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { useLive } from '../../../connection/live.ts';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';

/** Kept as long as the window: the notes of the next load are shown only if they differ. */
const seen = new Set<string>();

/** What the load settings can do nothing about: what the model's file has, and lacks. */
const ofTheFile: ReadonlySet<LoadNote['code']> = new Set(['no_chat_template', 'template_unused', 'tools_as_text']);

export function LoadNotes({
  modelId,
  onChooseModel,
}: {
  readonly modelId: string;
  readonly onChooseModel: () => void;
}): ReactNode {
  const [, redraw] = useState(0);
  const loaded = useLive('engine.watch', {}).value?.loaded.find((model) => model.modelId === modelId);
  if (!loaded || loaded.status === 'loading' || loaded.status === 'failed' || loaded.notes.length === 0) return null;
  const notes = loaded.notes.map((note) => words.load.note(note));
  const key = `${modelId} ${notes.join('\n')}`;
  if (seen.has(key)) return null;
  return (
    <div className="chat-notes" role="status">
      <Info size={15} aria-hidden="true" />
      <span>{notes.join(' ')}</span>
      {loaded.notes.some(({ code }) => code === 'no_chat_template') ? (
        <Button size="sm" variant="ghost" icon={Box} onClick={onChooseModel}>
          {words.failure.actions.choose_model}
        </Button>
      ) : null}
      {loaded.notes.some(({ code }) => !ofTheFile.has(code)) ? (
        <Button size="sm" variant="ghost" icon={LoadSettingsIcon} onClick={() => openLoadSettings(modelId)}>
          {words.models.loadSettings}
        </Button>
      ) : null}
      <IconButton
        label={words.conversation.hideNotes}
        icon={X}
        size="sm"
        onClick={() => {
          seen.add(key);
          redraw((count) => count + 1);
        }}
      />
    </div>
  );
}
