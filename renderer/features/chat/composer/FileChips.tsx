/** The pasted texts and text files of a message, as chips that open. */
import { FileText, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '../../../ui/controls/Button.tsx';
import { CopyButton } from '../../../ui/controls/CopyButton.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { words } from '../../../words/words.ts';
import { whyNotInField } from './draft.ts';

interface ChipFile {
  readonly name: string;
  readonly text: string;
}

interface FileChipsProps<File extends ChipFile> {
  readonly files: readonly File[];
  /** The size in tokens, in words; absent where it is not counted. */
  readonly tokensOf?: (file: File) => string | undefined;
  /** Absent in a message that is sent. */
  readonly onRemove?: (file: File) => void;
  /** Puts the text into the field. */
  readonly onUnpack?: (file: File) => void;
}

export function FileChips<File extends ChipFile>(props: FileChipsProps<File>): ReactNode {
  const { files, tokensOf, onRemove, onUnpack } = props;
  const [openAt, setOpenAt] = useState<number | null>(null);
  if (files.length === 0) return null;
  const open = openAt === null ? undefined : files[openAt];
  const kept = open && whyNotInField(open.text);
  return (
    <>
      <ul className="chat-files" aria-label={words.files.label}>
        {files.map((file, index) => (
          <li key={index} className="chat-file">
            <button type="button" className="chat-file-open" onClick={() => setOpenAt(index)}>
              <span className="visually-hidden">{words.files.openIt} </span>
              <FileText size={15} aria-hidden="true" />
              <bdi className="truncate">{file.name}</bdi>{' '}
              <span className="secondary num">{tokensOf?.(file) ?? words.files.size(file.text.length)}</span>
            </button>
            {onRemove ? (
              <button
                type="button"
                className="chat-file-remove"
                aria-label={words.ui.remove(file.name)}
                onClick={() => onRemove(file)}
              >
                <X size={14} aria-hidden="true" />
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {open ? (
        <Dialog
          open
          onOpenChange={() => setOpenAt(null)}
          title={open.name}
          description={
            onUnpack && kept
              ? words.files.staysFile[kept.reason](open.text.length, kept.most)
              : words.files.size(open.text.length)
          }
          size="lg"
          footer={
            <>
              <CopyButton label={words.ui.copy} text={() => open.text} />
              {onUnpack && !kept ? (
                <Button
                  onClick={() => {
                    setOpenAt(null);
                    onUnpack(open);
                  }}
                >
                  {words.files.unpack}
                </Button>
              ) : null}
            </>
          }
        >
          <LongText text={open.text} />
        </Dialog>
      ) : null}
    </>
  );
}

/** A browser takes seconds to lay out a megabyte, so that it is shown in pieces. */
const PIECE_LENGTH = 20_000;

function LongText({ text }: { text: string }): React.JSX.Element {
  const [shown, setShown] = useState(PIECE_LENGTH);
  const rest = text.length - shown;
  return (
    <div className="chat-file-text" tabIndex={0} role="region" aria-label={words.files.text}>
      <pre dir="auto">{text.slice(0, shown)}</pre>
      {rest > 0 ? (
        <Button size="sm" variant="ghost" onClick={() => setShown(shown + PIECE_LENGTH)}>
          {words.files.more(rest)}
        </Button>
      ) : null}
    </div>
  );
}
