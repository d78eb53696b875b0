/** A text of the user's own, pasted or from a file. */
import { FileText } from 'lucide-react';
import { useRef, useState } from 'react';
import { MAX_MEASURED_TEXT } from '../../../preload/contract/convert.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { words } from '../../words/words.ts';
import './convert-parts.css';

interface OwnTextProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** A field with megabytes makes the page slow: of a long text the beginning is shown, and it is changed as a whole. */
const MAX_EDITED = 100_000;

export function OwnText({ text, onChange }: OwnTextProps) {
  const input = useRef<HTMLInputElement>(null);
  const [fileName, setFileName] = useState<string | null>(null);
  const isLong = text.length > MAX_EDITED;
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    // Four bytes at most for each character: more cannot be within the limit.
    onChange(await file.slice(0, MAX_MEASURED_TEXT * 4 + 1).text());
    setFileName(file.name);
  };
  return (
    <div className="own-text">
      <TextArea
        label={words.convert.ownText}
        hint={words.convert.ownTextHint}
        error={text.length > MAX_MEASURED_TEXT ? words.convert.ownTextTooLong(MAX_MEASURED_TEXT) : undefined}
        rows={4}
        maxRows={10}
        dir="auto"
        spellCheck={false}
        readOnly={isLong}
        value={isLong ? `${text.slice(0, MAX_EDITED)}…` : text}
        onChange={(next) => {
          setFileName(null);
          onChange(next);
        }}
      />
      <div className="own-text-foot">
        <Button size="sm" icon={FileText} onClick={() => input.current?.click()}>
          {words.convert.textFile}
        </Button>
        {text !== '' && (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => {
              setFileName(null);
              onChange('');
            }}
          >
            {words.convert.clearText}
          </Button>
        )}
        <span className="secondary num truncate" role="status">
          {fileName !== null && <bdi>{fileName}, </bdi>}
          {words.convert.characters(text.length)}
        </span>
        <input
          ref={input}
          type="file"
          accept="text/*,.md,.txt,.json,.csv,.log"
          hidden
          aria-label={words.convert.textFileInput}
          onChange={(event) => {
            void read(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
    </div>
  );
}
