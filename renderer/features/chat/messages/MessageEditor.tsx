/** Edits a message of the user in place. Saving creates another version of it and a reply to that version. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '../../../ui/controls/Button.tsx';
import { hasWords, unpacked, withoutFile, type Draft } from '../composer/draft.ts';
import { FileChips } from '../composer/FileChips.tsx';
import { words } from '../../../words/words.ts';

interface MessageEditorProps {
  readonly draft: Draft;
  /** A reply is being written: the text can be changed, but not sent yet. */
  readonly disabled: boolean;
  /** Resolves with whether it was saved; the editor stays open with the text when it was not. */
  readonly onSave: (draft: Draft) => Promise<boolean>;
  readonly onClose: () => void;
}

export function MessageEditor({ draft, disabled, onSave, onClose }: MessageEditorProps): React.JSX.Element {
  const [value, setValue] = useState(draft);
  const [saving, setSaving] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const save = async (): Promise<void> => {
    if (disabled || saving || !hasWords(value)) return;
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
      <FileChips
        files={value.files}
        onRemove={({ id }) => setValue(withoutFile(value, id))}
        onUnpack={(file) => setValue(unpacked(value, file))}
      />
      <textarea
        ref={field}
        aria-label={words.conversation.editMessage}
        dir="auto"
        value={value.text}
        onChange={(event) => setValue({ ...value, text: event.target.value })}
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
          disabled={disabled || !hasWords(value)}
          onClick={() => void save()}
        >
          {words.conversation.sendAgain}
        </Button>
      </div>
    </div>
  );
}
