import { Pencil, Plus, Tag, Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ModelName, ServerState } from '../../../../preload/contract/server.ts';
import { attempt } from '../../../connection/attempt.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Badge } from '../../../ui/display/Badge.tsx';
import { EmptyState } from '../../../ui/display/EmptyState.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { formatList } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';
import { useModelChoices } from '../../../parts/models/use-model-choices.ts';
import { isAlias } from './name-draft.ts';
import { NameSheet } from './NameSheet.tsx';

const { names } = words.server;

async function remove(name: ModelName): Promise<void> {
  if ((await attempt('server.removeName', { name: name.name })) === undefined) return;
  toast({
    text: names.removed(name.name),
    action: { label: words.ui.undo, run: () => void attempt('server.saveName', name) },
  });
}

export function NamesTab({ server }: { readonly server: ServerState }) {
  const choices = useModelChoices();
  const shown = new Map((choices ?? []).map(({ value, label }) => [value, label]));
  /** `new`, or the name that is edited. */
  const [open, setOpen] = useState<'new' | ModelName | null>(null);
  return (
    <>
      {server.names.length === 0 ? (
        <EmptyState
          icon={Tag}
          title={names.empty}
          text={names.emptyText}
          action={
            <Button variant="primary" icon={Plus} onClick={() => setOpen('new')}>
              {names.create}
            </Button>
          }
        />
      ) : (
        <section className="server-list" aria-label={names.title}>
          <header className="server-list-head">
            <p className="secondary">{names.intro}</p>
            <Button icon={Plus} onClick={() => setOpen('new')}>
              {names.create}
            </Button>
          </header>
          <ul className="card">
            {server.names.map((name) => {
              const isGone = choices !== undefined && !shown.has(name.modelId);
              return (
                <li key={name.name} className="server-item">
                  <div className="server-item-name">
                    <h2 className="truncate mono" title={name.name}>
                      {name.name}
                    </h2>
                    <Badge>{isAlias(name) ? names.alias : names.preset}</Badge>
                  </div>
                  <p className="server-item-text" title={name.modelId}>
                    {shown.get(name.modelId) ?? name.modelId}
                  </p>
                  <p className="server-item-use secondary">
                    {isGone ? (
                      <Badge tone="amber" icon={TriangleAlert}>
                        {names.missing}
                      </Badge>
                    ) : (
                      formatList(partsOf(name))
                    )}
                  </p>
                  <div className="server-item-acts">
                    <IconButton size="sm" icon={Pencil} label={names.edit(name.name)} onClick={() => setOpen(name)} />
                    <IconButton
                      size="sm"
                      icon={Trash2}
                      label={names.remove(name.name)}
                      onClick={() => void remove(name)}
                    />
                  </div>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      {open === null ? null : (
        <NameSheet edited={open === 'new' ? null : open} all={server.names} onClose={() => setOpen(null)} />
      )}
    </>
  );
}

/** What a preset sets. */
function partsOf({ systemPrompt, template, sampling, messages }: ModelName): readonly string[] {
  const { has } = names;
  return [
    ...(systemPrompt === null ? [] : [has.systemPrompt]),
    ...(template === null ? [] : [has.template]),
    ...(Object.keys(sampling).length === 0 ? [] : [has.sampling]),
    ...(messages.length === 0 ? [] : [has.messages]),
  ];
}
