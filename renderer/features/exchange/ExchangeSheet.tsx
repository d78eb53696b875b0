/** Exports and imports of chats, above the screens. */
import type { ExchangeSubject } from '../../navigation/exchange-sheet.ts';
import { ExportDialog } from './ExportDialog.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import './exchange.css';

export function ExchangeSheet({
  subject,
  onClose,
}: {
  readonly subject: ExchangeSubject;
  readonly onClose: () => void;
}): React.JSX.Element {
  switch (subject.kind) {
    case 'export':
      return <ExportDialog chatIds={subject.chatIds} title={subject.title} onClose={onClose} />;
    case 'import':
      return <ImportDialog onClose={onClose} />;
    default:
      return subject satisfies never;
  }
}
