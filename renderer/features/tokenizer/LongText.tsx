/** The field of a text for a tokenizer, which says so where the text is longer than what is used of it. */
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { words } from '../../words/words.ts';
import { MAX_CHARACTERS } from './limits.ts';

interface LongTextProps {
  readonly label: string;
  readonly placeholder: string;
  readonly error?: string | undefined;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

export function LongText({ value, ...rest }: LongTextProps) {
  return (
    <>
      <TextArea {...rest} dir="auto" spellCheck={false} rows={8} maxRows={18} value={value} />
      {value.length > MAX_CHARACTERS && <p className="field-hint">{words.tokenizer.cut(MAX_CHARACTERS)}</p>}
    </>
  );
}
