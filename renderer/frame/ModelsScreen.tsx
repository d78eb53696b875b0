/** Models: the Hub on one tab, this computer on the other. */
import { Compass, HardDrive, LayoutGrid, List } from 'lucide-react';
import { useState } from 'react';
import { navigate } from '../navigation/router.ts';
import { SegmentedControl } from '../ui/controls/SegmentedControl.tsx';
import { Tabs } from '../ui/controls/Tabs.tsx';
import { DiscoverTab } from '../features/discover/DiscoverTab.tsx';
import { LocalTab } from '../features/library/LocalTab.tsx';
import './models.css';
import { firstRequest, type SearchRequest } from '../features/discover/search-request.ts';
import { StorageView } from '../features/library/StorageView.tsx';
import { words } from '../words/words.ts';

interface ModelsScreenProps {
  readonly tab: 'discover' | 'local' | 'storage';
  readonly repoId: string | null;
}

/** The last search, so that the same list is shown after a visit to another screen. */
let lastRequest: SearchRequest = firstRequest;
let lastRepoId: string | null = null;
let lastView: 'local' | 'storage' = 'local';

export function ModelsScreen({ tab, repoId }: ModelsScreenProps) {
  const [request, setRequest] = useState(lastRequest);
  const changeRequest = (change: Partial<SearchRequest>): void => {
    lastRequest = { ...lastRequest, ...change };
    setRequest(lastRequest);
  };
  const changeTab = (next: 'discover' | 'local'): void => {
    if (tab === 'discover') lastRepoId = repoId;
    if (next === 'discover') navigate({ screen: 'models', tab: 'discover', repoId: lastRepoId });
    else navigate({ screen: 'models', tab: lastView, repoId: null });
  };
  const showView = (view: 'local' | 'storage'): void => {
    lastView = view;
    navigate({ screen: 'models', tab: view, repoId: null });
  };

  return (
    <div className="models-screen">
      <h1 className="visually-hidden">{words.library.title}</h1>
      <Tabs
        label={words.library.title}
        value={tab === 'discover' ? 'discover' : 'local'}
        onChange={changeTab}
        tabs={[
          { value: 'discover', label: words.discover.tab, icon: Compass },
          { value: 'local', label: words.library.tab, icon: HardDrive },
        ]}
        actions={
          tab !== 'discover' && (
            <SegmentedControl
              label={words.library.view}
              size="sm"
              value={tab}
              onChange={showView}
              options={[
                { value: 'local', label: words.library.viewModels, icon: List },
                { value: 'storage', label: words.library.viewStorage, icon: LayoutGrid },
              ]}
            />
          )
        }
      >
        {tab === 'storage' ? (
          <StorageView />
        ) : tab === 'discover' ? (
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
