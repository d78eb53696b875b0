import { BookOpenText, Download, Ellipsis, FileUp, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { LorebookSummary } from '../../../preload/contract/personas.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Menu } from '../../ui/layers/Menu.tsx';
import { words } from '../../words/words.ts';
import { exportLorebook, importLorebook, remove, type ImportReport } from './actions.ts';
import { FileButton } from './FileButton.tsx';
import { LorebookSheet } from './LorebookSheet.tsx';

interface LorebooksTabProps {
  readonly lorebooks: readonly LorebookSummary[];
  readonly onReport: (report: ImportReport | null) => void;
}

export function LorebooksTab({ lorebooks, onReport }: LorebooksTabProps): React.JSX.Element {
  /** `new`, or the lorebook that is edited. */
  const [open, setOpen] = useState<string | null>(null);
  const acts = (
    <>
      <FileButton
        label={words.lorebooks.import}
        icon={FileUp}
        accept=".json"
        onFile={async (file) => onReport(await importLorebook(file))}
      />
      <Button variant="primary" icon={Plus} onClick={() => setOpen('new')}>
        {words.lorebooks.create}
      </Button>
    </>
  );
  return (
    <>
      {lorebooks.length === 0 ? (
        <EmptyState
          icon={BookOpenText}
          title={words.lorebooks.empty}
          text={words.lorebooks.emptyText}
          action={<div className="personas-acts">{acts}</div>}
        />
      ) : (
        <section aria-label={words.lorebooks.title}>
          <header className="personas-head">
            <p className="secondary">{words.lorebooks.intro}</p>
            <div className="personas-acts">{acts}</div>
          </header>
          <ul className="card personas-list">
            {lorebooks.map((book) => (
              <li key={book.id}>
                <div className="personas-list-words">
                  <h2 className="truncate" title={book.name}>
                    <bdi>{book.name}</bdi>
                  </h2>
                  <p className="secondary num">{words.lorebooks.entries(book.entries)}</p>
                </div>
                <div className="row">
                  {book.everywhere ? <Badge>{words.lorebooks.everywhere}</Badge> : null}
                  <IconButton
                    size="sm"
                    icon={Pencil}
                    label={words.lorebooks.edit(book.name)}
                    onClick={() => setOpen(book.id)}
                  />
                  <Menu
                    align="end"
                    trigger={<IconButton size="sm" icon={Ellipsis} label={words.lorebooks.more(book.name)} />}
                    items={[
                      { label: words.lorebooks.export, icon: Download, run: () => void exportLorebook(book.id) },
                      { separator: true },
                      {
                        label: words.personas.remove,
                        icon: Trash2,
                        danger: true,
                        run: () => void remove({ kind: 'lorebook', id: book.id }, words.personas.removed(book.name)),
                      },
                    ]}
                  />
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {open === null ? null : (
        <LorebookSheet key={open} lorebookId={open === 'new' ? null : open} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
