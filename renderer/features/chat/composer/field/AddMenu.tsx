/** The button before the field: files to attach, and the marks of the menu for who does not know them. */
import { AtSign, BookmarkPlus, Hash, Paperclip, Plus, SquareSlash } from 'lucide-react';
import { useRef, type RefObject } from 'react';
import { openNewPrompt } from '../../../../navigation/prompt-library.ts';
import { IconButton } from '../../../../ui/controls/IconButton.tsx';
import { Menu } from '../../../../ui/layers/Menu.tsx';
import { words } from '../../../../words/words.ts';
import { typeMark } from './insertion.ts';

interface AddMenuProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onFiles: (files: readonly File[]) => void;
  /** What is typed; it can be kept as a prompt. */
  readonly text: string;
}

export function AddMenu({ field, onFiles, text }: AddMenuProps): React.JSX.Element {
  const picker = useRef<HTMLInputElement>(null);
  /** Typed once the menu is gone, which would take the focus away again. */
  const chosen = useRef<string | null>(null);
  const type = (mark: string): void => {
    chosen.current = mark;
  };
  const typeChosen = (): boolean => {
    const mark = chosen.current;
    chosen.current = null;
    if (mark === null || field.current === null) return false;
    typeMark(field.current, mark);
    return true;
  };
  const { add } = words.composer;
  return (
    <>
      <Menu
        label={add.label}
        side="top"
        onClosed={typeChosen}
        items={[
          { label: add.files, icon: Paperclip, run: () => picker.current?.click() },
          { label: add.source, icon: Hash, detail: add.sourceDetail, run: () => type('#') },
          { label: add.prompt, icon: SquareSlash, detail: add.promptDetail, run: () => type('/') },
          { label: add.model, icon: AtSign, detail: add.modelDetail, run: () => type('@') },
          ...(text.trim() === ''
            ? []
            : [{ separator: true } as const, { label: add.keep, icon: BookmarkPlus, run: () => openNewPrompt(text) }]),
        ]}
        trigger={<IconButton label={add.label} icon={Plus} side="top" className="chat-add" />}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          onFiles(files);
          field.current?.focus();
        }}
      />
    </>
  );
}
