import { X } from 'lucide-react';
import { Dialog as RadixDialog } from 'radix-ui';
import { IconButton } from '../controls/IconButton.tsx';
import { words } from '../../words/words.ts';

/** The title of a modal layer and the button that closes it. */
export function DialogHead({ title }: { title: string }) {
  return (
    <header className="dialog-head">
      <RadixDialog.Title asChild>
        <h2>{title}</h2>
      </RadixDialog.Title>
      <RadixDialog.Close asChild>
        <IconButton label={words.ui.close} icon={X} size="sm" />
      </RadixDialog.Close>
    </header>
  );
}
