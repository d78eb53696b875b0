/** The text of the message. As tall as its text; CSS sets the bounds. A long text that is put in at once is not taken into the field. */
import { useEffect, useLayoutEffect, useRef, type ComponentProps, type KeyboardEvent, type RefObject } from 'react';
import { words } from '../../../../words/words.ts';
import { FILE_FROM_LENGTH } from '../draft.ts';
import { isInserting } from './insertion.ts';

interface GrowingFieldProps {
  readonly value: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  readonly onLongText: (text: string) => void;
  readonly onFiles: (files: readonly File[]) => void;
  /** The caret was moved, or the text changed. */
  readonly onLook: () => void;
  readonly onBlur: () => void;
  /** The attributes that tell of the menu. */
  readonly attributes: ComponentProps<'textarea'>;
  readonly ref: RefObject<HTMLTextAreaElement | null>;
}

/** From this length on the field has its greatest height: measuring a text for its height takes as long as laying it out anew. */
const LONG_LENGTH = 8000;

export function GrowingField(props: GrowingFieldProps): React.JSX.Element {
  const { value, placeholder, onChange, onKeyDown, onLongText, onFiles, onLook, onBlur, attributes, ref } = props;
  const isLong = value.length > LONG_LENGTH;
  const takeLong = useRef(onLongText);
  useEffect(() => {
    takeLong.current = onLongText;
  });
  useEffect(() => {
    const element = ref.current;
    // React's own event of this name is made of others, which come when the text is in the field.
    const beforeInput = (event: InputEvent): void => {
      const text = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
      if (text.length <= FILE_FROM_LENGTH || event.isComposing || (element && isInserting(element))) return;
      event.preventDefault();
      takeLong.current(text);
    };
    element?.addEventListener('beforeinput', beforeInput);
    return () => element?.removeEventListener('beforeinput', beforeInput);
  }, [ref]);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || isLong || CSS.supports('field-sizing', 'content')) return;
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [value, isLong, ref]);
  return (
    <textarea
      {...attributes}
      ref={ref}
      aria-label={words.composer.message}
      className="chat-field"
      data-long={isLong || undefined}
      dir="auto"
      rows={1}
      value={value}
      placeholder={placeholder}
      onChange={(event) => {
        onChange(event.target.value);
        onLook();
      }}
      onSelect={onLook}
      onBlur={onBlur}
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
