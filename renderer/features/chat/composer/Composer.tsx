/** The field for the next message, with Send and Stop. */
import { ArrowUp, Square } from 'lucide-react';
import { useLayoutEffect, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';
import './composer.css';

interface ComposerProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly onSend: (text: string) => void;
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
  const { text, onChange, onSend, onStop, onEditLast, busy, stopping, blocked, notice, context, modelName, ref } =
    props;
  const canSend = !busy && blocked === null && text.trim() !== '';
  const send = (): void => {
    if (canSend) onSend(text);
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
      text === '' &&
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
    <div className="chat-composer">
      {notice}
      <form
        className="chat-composer-box"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <GrowingField
          ref={ref}
          value={text}
          placeholder={words.composer.placeholder(modelName)}
          onChange={onChange}
          onKeyDown={onKeyDown}
        />
        <div className="chat-composer-foot">
          {context ?? <span />}
          {blocked === null ? null : <span className="chat-composer-why">{blocked}</span>}
          {busy ? (
            <IconButton
              label={words.composer.stop}
              icon={Square}
              variant="primary"
              className="chat-send chat-stop"
              side="top"
              shortcut="Escape"
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
              shortcut="Enter"
              disabled={!canSend}
            />
          )}
        </div>
      </form>
    </div>
  );
}

interface GrowingFieldProps {
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  readonly ref: Ref<HTMLTextAreaElement>;
}

/** As tall as its text; CSS sets the bounds. */
function GrowingField({ value, placeholder, onChange, onKeyDown, ref }: GrowingFieldProps): React.JSX.Element {
  const own = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = own.current;
    if (!element || CSS.supports('field-sizing', 'content')) return;
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [value]);
  return (
    <textarea
      ref={(element) => {
        own.current = element;
        if (typeof ref === 'function') ref(element);
        else if (ref) ref.current = element;
      }}
      aria-label={words.composer.message}
      className="chat-field"
      dir="auto"
      rows={1}
      value={value}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
