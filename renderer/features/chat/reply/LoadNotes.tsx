/** Changes that were needed to load the model, shown in the chat until they are dismissed. */
import { Info, SlidersHorizontal, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { useLive } from '../../../connection/live.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';

/** Kept as long as the window: the notes of the next load are shown only if they differ. */
const seen = new Set<string>();

export function LoadNotes({ modelId }: { modelId: string }): ReactNode {
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
      <Button size="sm" variant="ghost" icon={SlidersHorizontal} onClick={() => openLoadSettings(modelId)}>
        {words.models.loadSettings}
      </Button>
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
