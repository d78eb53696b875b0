import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { addressOf } from '../navigation/link-address.ts';
import { closeLinkQuestion, useLinkToOpen } from '../navigation/open-link.ts';
import { Button } from '../ui/controls/Button.tsx';
import { CopyButton } from '../ui/controls/CopyButton.tsx';
import { Dialog } from '../ui/layers/Dialog.tsx';
import { words } from '../words/words.ts';
import './link-question.css';

/** Shows where a link of a message goes before it is opened. The system's browser or mail program opens it, never this window. */
export function LinkQuestion(): ReactNode {
  const link = useLinkToOpen();
  const address = link && addressOf(link.href);
  if (!link || !address) return null;
  const { kind, href, before, host, after, isPunycode } = address;
  return (
    <Dialog
      open
      onOpenChange={closeLinkQuestion}
      title={words.markdown.link.title}
      description={kind === 'web' ? words.markdown.link.text : words.markdown.link.mailText}
      size="sm"
      footer={
        <>
          <CopyButton label={words.markdown.link.copy} text={() => href} />
          <Button
            variant="primary"
            onClick={() => {
              closeLinkQuestion();
              window.open(href, '_blank', 'noopener,noreferrer');
            }}
          >
            {words.markdown.link.open}
          </Button>
        </>
      }
    >
      <p className="link-address mono" dir="ltr" aria-label={words.markdown.link.address} role="group">
        {before}
        <strong>{host}</strong>
        {after}
      </p>
      {isPunycode ? (
        <p className="link-warning">
          <TriangleAlert size={14} aria-hidden="true" />
          {words.markdown.link.punycode}
        </p>
      ) : null}
    </Dialog>
  );
}
