/** Models: the Hub on one tab, this computer on the other. */
import { Compass, HardDrive } from 'lucide-react';
import { useState } from 'react';
import { navigate } from '../../app/router.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { DiscoverTab } from './DiscoverTab.tsx';
import { LocalTab } from './LocalTab.tsx';
import './models.css';
import { firstRequest, type SearchRequest } from './search-request.ts';

interface ModelsScreenProps {
  readonly tab: 'discover' | 'local';
  readonly repoId: string | null;
}

/** What was last looked for, so that coming back from a chat finds the same list. */
let lastRequest: SearchRequest = firstRequest;
let lastRepoId: string | null = null;

export function ModelsScreen({ tab, repoId }: ModelsScreenProps) {
  const [request, setRequest] = useState(lastRequest);
  const changeRequest = (change: Partial<SearchRequest>): void => {
    lastRequest = { ...lastRequest, ...change };
    setRequest(lastRequest);
  };
  const changeTab = (next: 'discover' | 'local'): void => {
    if (tab === 'discover') lastRepoId = repoId;
    navigate({ screen: 'models', tab: next, repoId: next === 'discover' ? lastRepoId : null });
  };

  return (
    <div className="models-screen">
      <h1 className="visually-hidden">Models</h1>
      <Tabs
        label="Models"
        value={tab}
        onChange={changeTab}
        tabs={[
          { value: 'discover', label: 'Discover', icon: Compass },
          { value: 'local', label: 'On this computer', icon: HardDrive },
        ]}
      >
        {tab === 'discover' ? (
          <DiscoverTab
            request={request}
            onRequest={changeRequest}
            repoId={repoId}
            onOpen={(next) => navigate({ screen: 'models', tab: 'discover', repoId: next })}
          />
        ) : (
          <LocalTab repoId={repoId} />
        )}
      </Tabs>
    </div>
  );
}
