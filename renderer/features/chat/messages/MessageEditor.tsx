/** Edits a message of the user in place. Saving creates another version of it and a reply to that version. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '../../../ui/controls/Button.tsx';
import { words } from '../../../words/words.ts';

interface MessageEditorProps {
  readonly text: string;
  /** A reply is being written: the text can be changed, but not sent yet. */
  readonly disabled: boolean;
  /** Resolves with whether it was saved; the editor stays open with the text when it was not. */
  readonly onSave: (text: string) => Promise<boolean>;
  readonly onClose: () => void;
}

export function MessageEditor({ text, disabled, onSave, onClose }: MessageEditorProps): React.JSX.Element {
  const [value, setValue] = useState(text);
  const [saving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const save = async (): Promise<void> => {
    if (disabled || saving || value.trim() === '') return;
    setSaving(true);
    if (await onSave(value)) onClose();
    else setSaving(false);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void save();
    }
  };

  return (
    <div className="chat-editor">
      <textarea
        ref={field}
        aria-label={words.conversation.editMessage}
        dir="auto"
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="chat-editor-actions">
        <span className="faint">{words.conversation.keepFirst}</span>
        <Button size="sm" variant="ghost" onClick={onClose}>
          {words.ui.cancel}
        </Button>
        <Button
          size="sm"
          variant="primary"
          loading={saving}
          disabled={disabled || value.trim() === ''}
          onClick={() => void save()}
        >
          {words.conversation.sendAgain}
        </Button>
      </div>
    </div>
  );
}
