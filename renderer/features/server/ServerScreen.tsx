import { Activity, KeyRound, Plug, Settings2, Tag } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ApiKey, ServerState } from '../../../preload/contract/server.ts';
import { attempt } from '../../connection/attempt.ts';
import { navigate, type ServerTab } from '../../navigation/router.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { useServer } from '../../parts/watched.ts';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { words } from '../../words/words.ts';
import { ActivityTab } from './activity/ActivityTab.tsx';
import { ConnectTab } from './connect/ConnectTab.tsx';
import { KeyDialog, type MadeKey } from './keys/KeyDialog.tsx';
import { KeysTab } from './keys/KeysTab.tsx';
import { SecretDialog } from './keys/SecretDialog.tsx';
import { NamesTab } from './names/NamesTab.tsx';
import { ServerHead } from './ServerHead.tsx';
import { SettingsTab } from './settings/SettingsTab.tsx';
import './server.css';

/** The form of a key that is open, and what follows once the key is made. */
interface OpenKey {
  readonly edited: ApiKey | null;
  readonly note: string | null;
  readonly then: () => void;
}

const nothing = (): void => {};

/** The API server for programs: whether it is on, what it does, and who may use it. */
export function ServerScreen({ tab }: { readonly tab: ServerTab }) {
  const { value: server, status, error, retry } = useServer();
  const [key, setKey] = useState<OpenKey | null>(null);
  const [made, setMade] = useState<MadeKey | null>(null);
  if (!server) {
    return (
      <div className="screen-error">
        {status === 'error' ? <ErrorCard error={error} onRetry={retry} /> : <Skeleton label={words.server.loading} />}
      </div>
    );
  }
  const { tabs, keys } = words.server;
  return (
    <div className="server-screen">
      <ServerHead
        server={server}
        onNeedsKey={() =>
          setKey({
            edited: null,
            note: keys.forNetwork(server.settings.interface),
            then: () => void attempt('server.start', {}),
          })
        }
      />
      <Tabs
        label={words.server.views}
        value={tab}
        onChange={(next) => navigate({ screen: 'server', tab: next })}
        tabs={[
          { value: 'activity', label: tabs.activity, icon: Activity },
          { value: 'connect', label: tabs.connect, icon: Plug },
          { value: 'keys', label: tabs.keys, icon: KeyRound, ...countOf(server.keys) },
          { value: 'names', label: tabs.names, icon: Tag, ...countOf(server.names) },
          { value: 'settings', label: tabs.settings, icon: Settings2 },
        ]}
      >
        <div className="server-page">
          <div className="server-content-width">{viewOf(tab, server, setKey)}</div>
        </div>
      </Tabs>
      {key ? (
        <KeyDialog
          edited={key.edited}
          note={key.note}
          onMade={(next) => {
            setKey(null);
            setMade(next);
            key.then();
          }}
          onClose={() => setKey(null)}
        />
      ) : null}
      {made ? <SecretDialog made={made} onClose={() => setMade(null)} /> : null}
    </div>
  );
}

const countOf = (list: readonly unknown[]): { readonly count?: number } =>
  list.length > 0 ? { count: list.length } : {};

function viewOf(tab: ServerTab, server: ServerState, setKey: (key: OpenKey) => void): ReactNode {
  const { keys } = words.server;
  switch (tab) {
    case 'activity':
      return <ActivityTab server={server} />;
    case 'connect':
      return <ConnectTab server={server} />;
    case 'keys':
      return (
        <KeysTab
          server={server}
          onCreate={() =>
            setKey({ edited: null, note: server.keys.length === 0 ? keys.firstNote : null, then: nothing })
          }
          onEdit={(edited) => setKey({ edited, note: null, then: nothing })}
        />
      );
    case 'names':
      return <NamesTab server={server} />;
    case 'settings':
      return (
        <SettingsTab
          server={server}
          onNeedsKey={(address) =>
            setKey({
              edited: null,
              note: keys.forNetwork(address),
              then: () => void attempt('server.update', { interface: address }),
            })
          }
        />
      );
    default:
      return tab satisfies never;
  }
}
