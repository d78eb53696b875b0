/** The prompt library: a sheet with the list, and the form of one prompt in its place. */
import { useRef } from 'react';
import { ask } from '../../navigation/ask.ts';
import { showPromptLibrary, type PromptLibraryView } from '../../navigation/prompt-library.ts';
import { usePrompts } from '../../parts/watched.ts';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { words } from '../../words/words.ts';
import { PromptEditor } from './PromptEditor.tsx';
import { PromptList } from './PromptList.tsx';
import './prompts.css';

interface PromptLibraryProps {
  readonly open: PromptLibraryView;
  /** Inserts a prompt into the message that is being written. */
  readonly onInsert: (promptId: string) => void;
}

export function PromptLibrary({ open, onInsert }: PromptLibraryProps): React.JSX.Element {
  const live = usePrompts();
  /** Whether the form has what is not saved. */
  const isUnsaved = useRef(false);
  const edited = open.view === 'editor' ? live.value?.prompts.find(({ id }) => id === open.promptId) : undefined;
  const leaveEditor = async (): Promise<void> => {
    const { unsaved, unsavedText, closeUnsaved } = words.prompts;
    if (isUnsaved.current && !(await ask({ title: unsaved, text: unsavedText, confirm: closeUnsaved }))) return;
    isUnsaved.current = false;
    showPromptLibrary(open.view === 'editor' && !open.isAlone ? { view: 'list' } : null);
  };
  const close = (): void => {
    if (open.view === 'list') showPromptLibrary(null);
    else void leaveEditor();
  };
  return (
    <Sheet
      open
      onOpenChange={(isOpen) => !isOpen && close()}
      title={
        open.view === 'list'
          ? words.prompts.title
          : edited === undefined
            ? words.prompts.new
            : words.prompts.editTitle(edited.name)
      }
      width={520}
    >
      {open.view === 'list' ? (
        <PromptList live={live} onInsert={onInsert} />
      ) : (
        <PromptEditor
          promptId={open.promptId}
          text={open.text}
          all={live.value?.prompts ?? []}
          onUnsaved={(next) => {
            isUnsaved.current = next;
          }}
          onClose={() => void leaveEditor()}
        />
      )}
    </Sheet>
  );
}
