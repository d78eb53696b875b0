import { Maximize2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/controls/Button.tsx';
import { TextArea } from '../../../ui/controls/TextArea.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { words } from '../../../words/words.ts';

/** Longer than a short pause in typing. */
const PAUSE_MS = 800;

/** The system prompt of a chat, in a small field and in a large one over the window. Saved while it is typed. */
export function SystemPrompt({ value, onSave }: { value: string; onSave: (text: string) => void }): React.JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const [large, setLarge] = useState(false);
  const unsaved = useRef<string | null>(null);
  const save = useRef(onSave);
  useEffect(() => {
    save.current = onSave;
  });
  const flush = (): void => {
    if (unsaved.current !== null) save.current(unsaved.current);
    unsaved.current = null;
  };
  useEffect(() => {
    if (draft === null || draft === value) return;
    const timer = setTimeout(flush, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, value]);
  // Closing the panel counts as leaving the field.
  useEffect(() => {
    return flush;
  }, []);
  const field = {
    label: words.inspector.systemPrompt,
    labelHidden: true,
    hint: words.inspector.systemPromptHint,
    placeholder: words.inspector.systemPromptPlaceholder,
    dir: 'auto',
    maxLength: 200_000,
    value: draft ?? value,
    onChange: (text: string): void => {
      unsaved.current = text;
      setDraft(text);
    },
    onBlur: (): void => {
      flush();
      // From here on the value of main is shown again.
      setDraft(null);
    },
  } as const;
  return (
    <>
      <TextArea {...field} maxRows={14} />
      <Button size="sm" icon={Maximize2} aria-label={words.inspector.expandSystemPrompt} onClick={() => setLarge(true)}>
        {words.inspector.expand}
      </Button>
      <Dialog open={large} onOpenChange={setLarge} title={words.inspector.systemPrompt} size="lg">
        <div className="chat-system-large">
          <TextArea {...field} maxRows={24} style={{ minBlockSize: 'min(50vh, 420px)' }} />
        </div>
      </Dialog>
    </>
  );
}
