import { Copy, Download, Ellipsis, FileUp, MessageSquarePlus, Pencil, Plus, Trash2, UsersRound } from 'lucide-react';
import { useState } from 'react';
import type { PersonasEvent, PersonaSummary } from '../../../preload/contract/personas.ts';
import { attempt } from '../../connection/attempt.ts';
import { PersonaPicture } from '../../parts/personas/PersonaPicture.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Menu } from '../../ui/layers/Menu.tsx';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { chatWith, duplicate, exportPersona, importCard, remove, type ImportReport } from './actions.ts';
import { FileButton } from './FileButton.tsx';
import { PersonaSheet } from './PersonaSheet.tsx';

interface PersonasTabProps {
  readonly all: PersonasEvent;
  readonly onReport: (report: ImportReport | null) => void;
}

export function PersonasTab({ all, onReport }: PersonasTabProps): React.JSX.Element {
  /** `new`, or the persona that is edited. */
  const [open, setOpen] = useState<string | null>(null);
  const acts = (
    <>
      <FileButton
        label={words.personas.import}
        icon={FileUp}
        accept=".png,.apng,.json,.charx"
        onFile={async (file) => onReport(await importCard(file))}
      />
      <Button variant="primary" icon={Plus} onClick={() => setOpen('new')}>
        {words.personas.create}
      </Button>
    </>
  );
  return (
    <>
      {all.personas.length === 0 ? (
        <EmptyState
          icon={UsersRound}
          title={words.personas.empty}
          text={words.personas.emptyText}
          action={<div className="personas-acts">{acts}</div>}
        />
      ) : (
        <>
          <header className="personas-head">
            <p className="secondary">{words.personas.intro}</p>
            <div className="personas-acts">{acts}</div>
          </header>
          <ul className="personas-grid" aria-label={words.personas.title}>
            {all.personas.map((persona) => (
              <PersonaCard key={persona.id} persona={persona} onEdit={() => setOpen(persona.id)} />
            ))}
          </ul>
          <UserName key={all.userName} name={all.userName} />
        </>
      )}
      {open === null ? null : (
        <PersonaSheet
          key={open}
          personaId={open === 'new' ? null : open}
          lorebooks={all.lorebooks}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

function PersonaCard({ persona, onEdit }: { persona: PersonaSummary; onEdit: () => void }): React.JSX.Element {
  const { name, about } = persona;
  const has = [
    ...(persona.greetings > 0 ? [words.personas.greetings(persona.greetings)] : []),
    ...(persona.lorebooks > 0 ? [words.personas.lorebooks(persona.lorebooks)] : []),
  ];
  return (
    <li className="card persona-card">
      <PersonaPicture persona={persona} name={name} size={56} />
      <div className="persona-card-words">
        <h2 className="truncate" title={name}>
          <bdi>{name}</bdi>
        </h2>
        <p className="persona-card-about secondary" dir="auto">
          {about}
        </p>
        <p className="secondary num">{formatList(has)}</p>
      </div>
      <div className="persona-card-acts">
        <Button
          size="sm"
          icon={MessageSquarePlus}
          aria-label={words.personas.chatWith(name)}
          onClick={() => void chatWith(persona)}
        >
          {words.personas.chat}
        </Button>
        <IconButton size="sm" icon={Pencil} label={words.personas.edit(name)} onClick={onEdit} />
        <Menu
          align="end"
          trigger={<IconButton size="sm" icon={Ellipsis} label={words.personas.more(name)} />}
          items={[
            { label: words.personas.exportPng, icon: Download, run: () => void exportPersona(persona, 'png') },
            { label: words.personas.exportJson, icon: Download, run: () => void exportPersona(persona, 'json') },
            { label: words.personas.duplicate, icon: Copy, run: () => void duplicate(persona) },
            { separator: true },
            {
              label: words.personas.remove,
              icon: Trash2,
              danger: true,
              run: () => void remove({ kind: 'persona', id: persona.id }, words.personas.removed(name)),
            },
          ]}
        />
      </div>
    </li>
  );
}

/** What `{{user}}` stands for. Saved when the field is left. */
function UserName({ name }: { name: string }): React.JSX.Element {
  const [draft, setDraft] = useState(name);
  const save = (): void => {
    const chosen = draft.trim();
    if (chosen !== '' && chosen !== name) void attempt('personas.setUserName', { name: chosen });
    else setDraft(name);
  };
  return (
    <div className="personas-user">
      <TextField
        label={words.personas.userName}
        hint={words.personas.userNameHint}
        value={draft}
        maxLength={200}
        onChange={setDraft}
        onBlur={save}
        onKeyDown={({ key }) => key === 'Enter' && save()}
      />
    </div>
  );
}
