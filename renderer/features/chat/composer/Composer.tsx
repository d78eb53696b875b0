/** The field for the next message, with Send and Stop. */
import { ArrowUp, Square } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { keymap } from '../../../navigation/keymap.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';
import { FILE_FROM_LENGTH, hasWords, unpacked, withoutFile, type Draft } from './draft.ts';
import { FileChips } from './FileChips.tsx';
import './composer.css';

interface ComposerProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSend: (draft: Draft) => void;
  /** A long text was put in at once, or files were pasted. */
  readonly onPaste: (text: string) => void;
  readonly onPasteFiles: (files: readonly File[]) => void;
  readonly onStop: () => void;
  /** Puts the user's last message into the composer for editing. */
  readonly onEditLast: () => void;
  /** A reply is being written. */
  readonly busy: boolean;
  readonly stopping: boolean;
  /** The reason why nothing can be sent now, or null. */
  readonly blocked: string | null;
  /** The notice above the field: an error, a missing model. */
  readonly notice: ReactNode;
  /** The context meter, or null. */
  readonly context: ReactNode;
  readonly modelName: string | null;
  readonly ref: Ref<HTMLTextAreaElement>;
}

export function Composer(props: ComposerProps): React.JSX.Element {
  const { draft, onChange, onSend, onPaste, onPasteFiles, onStop, onEditLast, busy, stopping, blocked } = props;
  const { notice, context, modelName, ref } = props;
  const canSend = !busy && blocked === null && hasWords(draft);
  const send = (): void => {
    if (canSend) onSend(draft);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // Key code 229 is a key that the input method handles, in browsers that end the composition first.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && busy) {
      event.preventDefault();
      onStop();
    } else if (
      event.key === 'ArrowUp' &&
      !hasWords(draft) &&
      draft.text === '' &&
      !event.shiftKey &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey
    ) {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <div className="chat-composer-gutter">
      <div className="chat-composer">
        {notice}
        <form
          className="chat-composer-box"
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <FileChips
            files={draft.files}
            onRemove={({ id }) => onChange(withoutFile(draft, id))}
            onUnpack={(file) => onChange(unpacked(draft, file))}
          />
          <GrowingField
            ref={ref}
            value={draft.text}
            placeholder={words.composer.placeholder(modelName)}
            onChange={(text) => onChange({ ...draft, text })}
            onKeyDown={onKeyDown}
            onLongText={onPaste}
            onFiles={onPasteFiles}
          />
          <div className="chat-composer-send">
            {busy ? (
              <IconButton
                label={words.composer.stop}
                icon={Square}
                variant="primary"
                className="chat-send chat-stop"
                side="top"
                shortcut={keymap['chat.stop'].shortcut}
                loading={stopping}
                onClick={onStop}
              />
            ) : (
              <IconButton
                label={words.composer.send}
                icon={ArrowUp}
                type="submit"
                variant="primary"
                className="chat-send"
                side="top"
                shortcut={keymap['field.send'].shortcut}
                disabled={!canSend}
              />
            )}
          </div>
          {context === null && blocked === null ? null : (
            <div className="chat-composer-foot">
              {context ?? <span />}
              {blocked === null ? null : <span className="chat-composer-why">{blocked}</span>}
            </div>
          )}
        </form>
      </div>
    </div>
  );
}

interface GrowingFieldProps {
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  readonly onLongText: (text: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly ref: Ref<HTMLTextAreaElement>;
}

/** From this length on the field has its greatest height: measuring a text for its height takes as long as laying it out anew. */
const LONG_LENGTH = 8000;

/** As tall as its text; CSS sets the bounds. A long text that is put in at once is not taken into the field. */
function GrowingField(props: GrowingFieldProps): React.JSX.Element {
  const { value, placeholder, onChange, onKeyDown, onLongText, onFiles, ref } = props;
  const own = useRef<HTMLTextAreaElement>(null);
  const isLong = value.length > LONG_LENGTH;
  const takeLong = useRef(onLongText);
  useEffect(() => {
    takeLong.current = onLongText;
  });
  useEffect(() => {
    const element = own.current;
    // React's own event of this name is made of others, which come when the text is in the field.
    const beforeInput = (event: InputEvent): void => {
      const text = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
      if (text.length <= FILE_FROM_LENGTH || event.isComposing) return;
      event.preventDefault();
      takeLong.current(text);
    };
    element?.addEventListener('beforeinput', beforeInput);
    return () => element?.removeEventListener('beforeinput', beforeInput);
  }, []);
  useLayoutEffect(() => {
    const element = own.current;
    if (!element || isLong || CSS.supports('field-sizing', 'content')) return;
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [value, isLong]);
  return (
    <textarea
      ref={(element) => {
        own.current = element;
        if (typeof ref === 'function') ref(element);
        else if (ref) ref.current = element;
      }}
      aria-label={words.composer.message}
      className="chat-field"
      data-long={isLong || undefined}
      dir="auto"
      rows={1}
      value={value}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
      onPaste={(event) => {
        const { files } = event.clipboardData;
        const text = event.clipboardData.getData('text/plain');
        // A picture of a text comes with the text itself.
        if (text === '' && files.length > 0) onFiles([...files]);
        else if (text.length > FILE_FROM_LENGTH) onLongText(text);
        else return;
        event.preventDefault();
      }}
    />
  );
}
