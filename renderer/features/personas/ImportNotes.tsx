import { Button } from '../../ui/controls/Button.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { words } from '../../words/words.ts';
import type { ImportReport } from './actions.ts';

const { imports } = words.personas;

/** What an import left out or changed. */
export function ImportNotes({ report, onClose }: { report: ImportReport; onClose: () => void }): React.JSX.Element {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={imports.title}
      description={imports.text(report.name)}
      footer={
        <Button variant="primary" onClick={onClose}>
          {imports.close}
        </Button>
      }
    >
      <ul className="personas-notes">
        {report.notes.map(({ kind, count }) => (
          <li key={kind}>{imports.notes[kind](count)}</li>
        ))}
      </ul>
    </Dialog>
  );
}
