import { FileDown, FileUp } from 'lucide-react';
import { openExport, openImport } from '../../navigation/exchange-sheet.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { words } from '../../words/words.ts';

/** The ways to take chats along, which open above the screen. */
export function ChatExchange() {
  return (
    <div className="row">
      <Button icon={FileUp} onClick={openImport}>
        {words.exchange.importEllipsis}
      </Button>
      <Button icon={FileDown} onClick={() => openExport(null)}>
        {words.exchange.exportAll}
      </Button>
    </div>
  );
}
