/** Edits a reply in place. Saving adds a version with this text; nothing is generated. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '../../../ui/controls/Button.tsx';
import { words } from '../../../words/words.ts';

interface ReplyEditorProps {
  readonly text: string;
  /** A reply is being written: the text can be changed, but not saved yet. */
  readonly disabled: boolean;
  /** Resolves with whether it was saved; the editor stays open with the text when it was not. */
  readonly onSave: (text: string) => Promise<boolean>;
  readonly onClose: () => void;
}

export function ReplyEditor({ text, disabled, onSave, onClose }: ReplyEditorProps): React.JSX.Element {
  const [value, setValue] = useState(text);
  const [saving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, []);
  const canSave = !disabled && !saving && value.trim() !== '' && value !== text;
  const save = async (): Promise<void> => {
    if (!canSave) return;
    setSaving(true);
    if (await onSave(value)) onClose();
    else setSaving(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      // Enter alone begins a line: replies have many.
      event.preventDefault();
      void save();
    }
  };
  return (
    <div className="chat-editor chat-reply-editor">
      <textarea
        ref={field}
        aria-label={words.versions.editReply}
        dir="auto"
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="chat-editor-actions">
        <span className="faint">{words.versions.editHint}</span>
        <Button size="sm" variant="ghost" onClick={onClose}>
          {words.ui.cancel}
        </Button>
        <Button size="sm" variant="primary" loading={saving} disabled={!canSave} onClick={() => void save()}>
          {words.versions.save}
        </Button>
      </div>
    </div>
  );
}
