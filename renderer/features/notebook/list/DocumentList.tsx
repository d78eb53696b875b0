/** The documents, the last changed first. */
import { Copy, Ellipsis, FilePlus2, Trash2 } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import type { NotebookDocument } from '../../../../preload/contract/notebook.ts';
import { keymap } from '../../../navigation/keymap.ts';
import { href } from '../../../navigation/router.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { ContextMenu, Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { formatRelativeDate } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';
import { createDocument, deleteDocument, duplicateDocument, nameOf } from '../actions.ts';

/** Rows that are rendered at once. Each has menus, so thousands of them would be slow. */
const PAGE = 150;

interface DocumentListProps {
  readonly documents: readonly NotebookDocument[];
  readonly openId: string | null;
  /** Called after a choice; a sheet around the list closes then. */
  readonly onLeave: () => void;
}

export function DocumentList({ documents, openId, onLeave }: DocumentListProps): React.JSX.Element {
  const [shown, setShown] = useState(PAGE);
  const rest = documents.length - shown;
  const tabStop = documents.some(({ id }) => id === openId) ? openId : documents[0]?.id;
  return (
    <div className="notebook-list">
      <div className="notebook-list-head">
        <Button
          icon={FilePlus2}
          onClick={() => {
            onLeave();
            void createDocument();
          }}
        >
          {words.notebook.newDocument}
        </Button>
      </div>
      <nav className="notebook-list-body" aria-label={words.notebook.documents} onKeyDown={moveFocus}>
        {documents.length === 0 ? <p className="secondary notebook-list-none">{words.notebook.empty}</p> : null}
        <ul>
          {documents.slice(0, shown).map((document) => (
            <Row
              key={document.id}
              document={document}
              isOpen={document.id === openId}
              isTabStop={document.id === tabStop}
              onOpen={onLeave}
            />
          ))}
        </ul>
        {rest > 0 ? (
          <Button variant="ghost" size="sm" onClick={() => setShown(shown + PAGE)}>
            {words.notebook.showMore(Math.min(rest, PAGE))}
          </Button>
        ) : null}
      </nav>
    </div>
  );
}

/** Arrows, Home and End move between rows. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(event.target);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  rows[Math.min(rows.length - 1, Math.max(0, next))]?.focus();
}

interface RowProps {
  readonly document: NotebookDocument;
  readonly isOpen: boolean;
  readonly isTabStop: boolean;
  readonly onOpen: () => void;
}

function Row({ document, isOpen, isTabStop, onOpen }: RowProps): React.JSX.Element {
  const name = nameOf(document);
  const items: readonly MenuItem[] = [
    { label: words.notebook.duplicate, icon: Copy, run: () => void duplicateDocument(document) },
    { separator: true },
    {
      ...{ label: words.notebook.delete, icon: Trash2, danger: true },
      shortcut: keymap['list.delete'].shortcut,
      run: () => void deleteDocument(document),
    },
  ];
  return (
    <li className="notebook-row" data-open={isOpen || undefined}>
      <ContextMenu items={items}>
        <a
          data-row={document.id}
          href={href({ screen: 'notebook', documentId: document.id })}
          aria-current={isOpen ? 'page' : undefined}
          tabIndex={isTabStop ? 0 : -1}
          className="notebook-row-link"
          title={name}
          onClick={onOpen}
          onKeyDown={(event) => {
            if (event.key !== 'Delete') return;
            event.preventDefault();
            void deleteDocument(document);
          }}
        >
          <span className="truncate" dir="auto">
            {name}
          </span>
          <span className="notebook-row-time">{formatRelativeDate(document.updatedAt)}</span>
        </a>
      </ContextMenu>
      <Menu
        label={words.notebook.acts(name)}
        items={items}
        align="end"
        trigger={
          <button
            type="button"
            className="notebook-row-menu"
            aria-label={words.notebook.more(name)}
            tabIndex={isTabStop ? 0 : -1}
          >
            <Ellipsis size={15} aria-hidden="true" />
          </button>
        }
      />
    </li>
  );
}
