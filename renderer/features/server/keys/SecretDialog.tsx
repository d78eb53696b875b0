import { TriangleAlert } from 'lucide-react';
import { Button } from '../../../ui/controls/Button.tsx';
import { CopyButton } from '../../../ui/controls/CopyButton.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { words } from '../../../words/words.ts';
import type { MadeKey } from './KeyDialog.tsx';

/** The secret of a new key, which is shown this once. */
export function SecretDialog({ made, onClose }: { readonly made: MadeKey; readonly onClose: () => void }) {
  const { keys } = words.server;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={keys.secretTitle}
      footer={
        <Button variant="primary" onClick={onClose}>
          {keys.done}
        </Button>
      }
    >
      <div className="stack">
        <div className="server-secret">
          <code className="mono" tabIndex={0} role="group" aria-label={keys.secret} data-autofocus>
            {made.secret}
          </code>
          <CopyButton label={keys.copySecret} text={() => made.secret} />
        </div>
        <p className="caution">
          <TriangleAlert size={15} aria-hidden="true" />
          <span>{keys.secretText(made.name)}</span>
        </p>
      </div>
    </Dialog>
  );
}
