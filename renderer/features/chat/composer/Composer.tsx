/** The field for the next message, with what can be added to it, and Send and Stop. */
import { ArrowUp, ListPlus, Square } from 'lucide-react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { keymap, useKeyOf } from '../../../navigation/keymap.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';
import { hasWords, unpacked, withoutFile, type Draft, type DraftFile } from './draft.ts';
import { AddMenu } from './field/AddMenu.tsx';
import { GrowingField } from './field/GrowingField.tsx';
import { FileChips } from './FileChips.tsx';
import { SuggestionList, suggestionAttributes } from './suggestions/SuggestionList.tsx';
import type { Suggestions } from './suggestions/use-suggestions.ts';
import './composer.css';

interface ComposerProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSend: (draft: Draft) => void;
  /** Lets a message wait for the end of the reply that is being written; null where it cannot. */
  readonly onQueue: ((draft: Draft) => void) | null;
  /** A long text was put in at once, or files were pasted or picked. */
  readonly onPaste: (text: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onStop: () => void;
  /** Puts the user's last message into the composer for editing. */
  readonly onEditLast: () => void;
  /** Goes through the sent messages. Returns whether the key was one for that. */
  readonly onHistoryKey: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
  readonly suggestions: Suggestions;
  /** A reply is being written. */
  readonly busy: boolean;
  readonly stopping: boolean;
  /** The reason why nothing can be sent now, or null. */
  readonly blocked: string | null;
  /** The notices above the field: an error, a missing model, a message that is too long. */
  readonly notice: ReactNode;
  /** The context meter and the count of the draft's tokens; null without any. */
  readonly context: ReactNode;
  /** The size of a file in tokens, in words; undefined while it is not known. */
  readonly fileTokens: (file: DraftFile) => string | undefined;
  readonly modelName: string | null;
  readonly ref: RefObject<HTMLTextAreaElement | null>;
}

export function Composer(props: ComposerProps): React.JSX.Element {
  const { draft, onChange, onSend, onPaste, onFiles, onStop, onEditLast, onHistoryKey, suggestions } = props;
  const { onQueue, busy, stopping, blocked, notice, context, fileTokens, modelName, ref } = props;
  const isWritten = blocked === null && hasWords(draft);
  const canSend = !busy && isWritten;
  const canQueue = busy && isWritten && onQueue !== null;
  const send = (): void => {
    if (canSend) onSend(draft);
    else if (canQueue) onQueue(draft);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // Key code 229 is a key that the input method handles, in browsers that end the composition first.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (suggestions.onKeyDown(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      send();
    } else if (
      event.key === 'ArrowUp' &&
      (event.ctrlKey || event.metaKey) &&
      !event.shiftKey &&
      !event.altKey &&
      !hasWords(draft) &&
      draft.text === ''
    ) {
      event.preventDefault();
      onEditLast();
    } else onHistoryKey(event);
  };

  const stopKey = useKeyOf('chat.stop');

  return (
    <>
      <SuggestionList suggestions={suggestions} />
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
              tokensOf={fileTokens}
              onRemove={({ id }) => onChange(withoutFile(draft, id))}
              onUnpack={(file) => onChange(unpacked(draft, file))}
            />
            <div className="chat-composer-add">
              <AddMenu field={ref} onFiles={onFiles} text={draft.text} />
            </div>
            <GrowingField
              ref={ref}
              value={draft.text}
              placeholder={words.composer.placeholder(modelName)}
              onChange={(text) => onChange({ ...draft, text })}
              onKeyDown={onKeyDown}
              onLongText={onPaste}
              onFiles={onFiles}
              onLook={suggestions.look}
              onBlur={suggestions.close}
              attributes={suggestionAttributes(suggestions)}
            />
            <div className="chat-composer-send">
              {canQueue ? (
                <IconButton
                  label={words.queue.add}
                  icon={ListPlus}
                  type="submit"
                  className="chat-send"
                  side="top"
                  shortcut={keymap['field.send'].shortcut}
                />
              ) : null}
              {busy ? (
                <IconButton
                  label={words.composer.stop}
                  icon={Square}
                  variant="primary"
                  className="chat-send chat-stop"
                  side="top"
                  shortcut={stopKey}
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
    </>
  );
}
