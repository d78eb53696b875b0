/** Servers elsewhere: the list, and what each kind of engine can do. */
import { Plus, Server } from 'lucide-react';
import { useState } from 'react';
import type { ProviderEntry } from '../../../../preload/contract/providers.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { useProviders } from '../../../parts/watched.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { words } from '../../../words/words.ts';
import { CapabilityTable } from './CapabilityTable.tsx';
import { ProviderCard } from './ProviderCard.tsx';
import { ProviderForm } from './ProviderForm.tsx';
import './elsewhere.css';

export function Elsewhere() {
  const live = useProviders();
  /** The server in the form; `new` for one that is being added. */
  const [edited, setEdited] = useState<ProviderEntry | 'new' | null>(null);
  if (live.status === 'error') return <ErrorCard error={live.error} onRetry={live.retry} compact />;
  if (live.status === 'loading') return <Skeleton lines={3} label={words.elsewhere.loading} />;
  const { providers, table, offlineBy } = live.value;
  return (
    <div className="stack elsewhere">
      {offlineBy === null ? null : <p className="secondary">{words.elsewhere.offline(offlineBy)}</p>}
      {providers.length === 0 ? (
        <div className="card elsewhere-none">
          <Server size={18} aria-hidden="true" />
          <div>
            <p>{words.elsewhere.none}</p>
            <p className="secondary">{words.elsewhere.noneText}</p>
          </div>
        </div>
      ) : (
        <ul className="elsewhere-list" aria-label={words.elsewhere.list}>
          {providers.map((provider) => (
            <li key={provider.id}>
              <ProviderCard provider={provider} onEdit={() => setEdited(provider)} />
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button size="sm" icon={Plus} onClick={() => setEdited('new')}>
          {words.elsewhere.add}
        </Button>
      </div>
      <CapabilityTable rows={table} />
      {edited === null ? null : (
        <ProviderForm provider={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
    </div>
  );
}
