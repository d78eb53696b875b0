/** The menu beside Regenerate: the same message by another model, or with other settings. The chat keeps its own. */
import { ChevronDown, Columns2, Thermometer } from 'lucide-react';
import { useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { words } from '../../../words/words.ts';
import type { MessageActions } from '../messages/message-actions.ts';
import { useWriterModels } from './use-writer-models.ts';
import type { WriterModel } from './writer-models.ts';

/** More are in the dialog: a menu of hundreds cannot be read. */
const MOST_SHOWN = 8;

interface RegenerateMenuProps {
  readonly message: Message;
  readonly actions: MessageActions;
}

export function RegenerateMenu({
  message,
  busy,
  actions,
}: RegenerateMenuProps & { readonly busy: boolean }): React.JSX.Element {
  const [open, setOpen] = useState(false);
  const models = useWriterModels();
  return (
    <Menu
      label={words.versions.with}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <IconButton
          label={words.versions.with}
          icon={ChevronDown}
          size="sm"
          className="chat-regenerate-with"
          disabled={busy}
        />
      }
      items={open ? itemsOf({ message, actions }, models) : []}
    />
  );
}

function itemsOf({ message, actions }: RegenerateMenuProps, models: readonly WriterModel[]): readonly MenuItem[] {
  const shown = models.slice(0, MOST_SHOWN);
  const ask = (kind: 'regenerate' | 'compare') => () => actions.askWriter({ kind, message });
  return [
    { heading: words.versions.with },
    ...shown.map(({ id, name, detail }) => ({
      label: name,
      detail: id === message.modelId ? words.versions.sameModel : detail,
      run: () => actions.writeWith(message.id, { modelId: id, sampling: null }),
    })),
    ...(models.length > shown.length
      ? [{ label: words.versions.moreModels(models.length - shown.length), run: ask('regenerate') }]
      : []),
    { separator: true },
    { label: words.versions.otherSettings, icon: Thermometer, run: ask('regenerate') },
    { label: words.versions.compare, icon: Columns2, run: ask('compare') },
  ];
}
