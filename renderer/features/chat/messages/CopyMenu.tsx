/** The ways to copy a message besides its Markdown. */
import { ChevronDown } from 'lucide-react';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Menu } from '../../../ui/layers/Menu.tsx';
import { copyRich, copyText } from '../../../ui/use-copy.ts';
import { words } from '../../../words/words.ts';

/** `text`: the Markdown of the message, asked for when it is copied. */
export function CopyMenu({ text }: { text: () => string }): React.JSX.Element {
  // The script is loaded while the menu is open: a browser lets a page write to the clipboard only shortly after a click.
  const load = () => import('../markdown/copy-forms.ts');
  return (
    <Menu
      trigger={<IconButton label={words.markdown.copy.label} icon={ChevronDown} size="sm" className="chat-copy-more" />}
      onOpenChange={(open) => {
        if (open) void load();
      }}
      items={[
        { label: words.markdown.copy.markdown, run: () => void copyText(text()) },
        {
          label: words.markdown.copy.text,
          run: () => void load().then(({ plainTextOf }) => copyText(plainTextOf(text()))),
        },
        {
          label: words.markdown.copy.rich,
          detail: words.markdown.copy.richDetail,
          run: () =>
            void load().then(({ htmlOf, plainTextOf }) =>
              copyRich({ html: htmlOf(text()), text: plainTextOf(text()) }),
            ),
        },
      ]}
    />
  );
}
