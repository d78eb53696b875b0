import { KeyRound, Pencil, Plus, Trash2 } from 'lucide-react';
import type { ApiKey, ServerState } from '../../../../preload/contract/server.ts';
import { attempt } from '../../../connection/attempt.ts';
import { ask } from '../../../navigation/ask.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { EmptyState } from '../../../ui/display/EmptyState.tsx';
import { MeterBar } from '../../../ui/display/MeterBar.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { useNow } from '../../../ui/use-now.ts';
import { words } from '../../../words/words.ts';
import { lastUseWords, minuteWords, rightsWords, todayWords } from './key-words.ts';

interface KeysTabProps {
  readonly server: ServerState;
  readonly onCreate: () => void;
  readonly onEdit: (key: ApiKey) => void;
}

async function revoke({ id, name }: ApiKey): Promise<void> {
  const { keys } = words.server;
  if (!(await ask({ title: keys.revokeTitle(name), text: keys.revokeText, confirm: keys.revokeNow }))) return;
  if ((await attempt('server.revokeKey', { keyId: id })) !== undefined) toast({ text: keys.revoked(name) });
}

export function KeysTab({ server, onCreate, onEdit }: KeysTabProps) {
  const { keys } = words.server;
  const now = useNow();
  if (server.keys.length === 0)
    return (
      <EmptyState
        icon={KeyRound}
        title={keys.empty}
        text={keys.emptyText}
        action={
          <Button variant="primary" icon={Plus} onClick={onCreate}>
            {keys.createFirst}
          </Button>
        }
      />
    );
  return (
    <section className="server-list" aria-label={keys.title}>
      <header className="server-list-head">
        <p className="secondary">{keys.intro}</p>
        <Button icon={Plus} onClick={onCreate}>
          {keys.create}
        </Button>
      </header>
      <ul className="card">
        {server.keys.map((key) => (
          <li key={key.id} className="server-item">
            <div className="server-item-name">
              <h2 className="truncate" title={key.name}>
                {key.name}
              </h2>
              <code className="mono secondary">{key.beginning}…</code>
            </div>
            <p className="server-item-text secondary">{rightsWords(key)}</p>
            <div className="server-item-use num">
              <span>{todayWords(key)}</span>
              {key.tokensPerDay === null ? null : (
                <UseMeter
                  {...{ label: keys.columns.today, told: todayWords(key), used: key.tokensToday }}
                  limit={key.tokensPerDay}
                />
              )}
              {key.requestsPerMinute === null ? null : (
                <>
                  <span>{minuteWords(key)}</span>
                  <UseMeter
                    {...{ label: keys.columns.minute, told: minuteWords(key), used: key.requestsThisMinute ?? 0 }}
                    limit={key.requestsPerMinute}
                  />
                </>
              )}
              <span className="secondary">
                {keys.columns.lastUse}: {lastUseWords(key, now)}
              </span>
            </div>
            <div className="server-item-acts">
              <IconButton size="sm" icon={Pencil} label={keys.edit(key.name)} onClick={() => onEdit(key)} />
              <IconButton size="sm" icon={Trash2} label={keys.revoke(key.name)} onClick={() => void revoke(key)} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface UseMeterProps {
  readonly label: string;
  /** The use in words. */
  readonly told: string;
  readonly used: number;
  readonly limit: number;
}

/** What is used of a limit. */
function UseMeter({ label, told, used, limit }: UseMeterProps) {
  const color = used >= limit ? 'var(--red)' : 'var(--c-compute)';
  return (
    <MeterBar
      size="sm"
      label={label}
      total={limit}
      parts={[{ key: 'used', label: told, value: Math.min(used, limit), color }]}
    />
  );
}
