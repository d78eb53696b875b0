import { InspectorIcon } from '../../parts/icons.ts';
import { TableOfContents } from 'lucide-react';
import { useState } from 'react';
import type { NotebookDocument } from '../../../preload/contract/notebook.ts';
import { attempt } from '../../connection/attempt.ts';
import { useModelChoices } from '../../parts/models/use-model-choices.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { words } from '../../words/words.ts';
import { nameOf } from './actions.ts';

interface DocumentHeadProps {
  readonly document: NotebookDocument | null;
  readonly modelId: string | null;
  readonly onList: (() => void) | null;
  readonly isPanelOpen: boolean;
  readonly onPanel: () => void;
}

/** The title, which can be written over, and the model. */
export function DocumentHead(props: DocumentHeadProps): React.JSX.Element {
  const { document, modelId, onList, isPanelOpen, onPanel } = props;
  const models = useModelChoices() ?? [];
  const isKnown = models.some(({ value }) => value === modelId);
  // A model that was deleted is still the one of the document.
  const options = isKnown || modelId === null ? models : [...models, { value: modelId, label: modelId }];
  return (
    <header className="notebook-head">
      {onList ? <IconButton label={words.notebook.openList} icon={TableOfContents} onClick={onList} /> : null}
      {document ? <Title key={document.title} document={document} /> : <span className="notebook-title" />}
      <Select
        label={words.notebook.model}
        labelHidden
        size="sm"
        value={modelId ?? ''}
        options={options}
        disabled={document === null}
        onChange={(next) => document && void attempt('notebook.update', { documentId: document.id, modelId: next })}
      />
      <IconButton
        label={words.notebook.openPanel}
        icon={InspectorIcon}
        className="flip-rtl"
        pressed={isPanelOpen}
        onClick={onPanel}
      />
    </header>
  );
}

function Title({ document }: { readonly document: NotebookDocument }): React.JSX.Element {
  const [value, setValue] = useState(document.title);
  const save = (): void => {
    const title = value.trim();
    if (title !== document.title) void attempt('notebook.update', { documentId: document.id, title });
  };
  return (
    <input
      className="notebook-title"
      aria-label={words.notebook.title}
      placeholder={nameOf({ ...document, title: '' })}
      dir="auto"
      maxLength={200}
      value={value}
      onChange={(event) => setValue(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
        event.preventDefault();
        if (event.key === 'Escape') setValue(document.title);
        else save();
      }}
    />
  );
}
