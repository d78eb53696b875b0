/** Models: the Hub on one tab, this computer on the other. */
import { ChartScatter, Compass, HardDrive, LayoutGrid, List, WholeWord } from 'lucide-react';
import { useEffect, useState } from 'react';
import { navigate, type ModelsRoute } from '../navigation/router.ts';
import { SegmentedControl } from '../ui/controls/SegmentedControl.tsx';
import { Tabs } from '../ui/controls/Tabs.tsx';
import { DiscoverTab } from '../features/discover/DiscoverTab.tsx';
import { LocalTab } from '../features/library/LocalTab.tsx';
import './models.css';
import { firstRequest, type SearchRequest } from '../features/discover/search-request.ts';
import { QualityView } from '../features/quality/QualityView.tsx';
import { StorageView } from '../features/library/StorageView.tsx';
import { TokenizerView } from '../features/tokenizer/TokenizerView.tsx';
import { words } from '../words/words.ts';

type LocalView = Exclude<ModelsRoute['tab'], 'discover'>;

/** The last search, so that the same list is shown after a visit to another screen. */
let lastRequest: SearchRequest = firstRequest;
let lastRepoId: string | null = null;
let lastView: LocalView = 'local';
let lastSubject: string | null = null;

export function ModelsScreen({ route }: { readonly route: ModelsRoute }) {
  const { tab } = route;
  const [request, setRequest] = useState(lastRequest);
  const changeRequest = (change: Partial<SearchRequest>): void => {
    lastRequest = { ...lastRequest, ...change };
    setRequest(lastRequest);
  };
  const changeTab = (next: 'discover' | 'local'): void => {
    if (route.tab === 'discover') lastRepoId = route.repoId;
    if (next === 'discover') navigate({ screen: 'models', tab: 'discover', repoId: lastRepoId });
    else navigate(placeOf(lastView));
  };
  const showView = (view: LocalView): void => {
    lastView = view;
    navigate(placeOf(view));
  };
  useEffect(() => {
    // A link to another view counts as well.
    if (route.tab !== 'discover') lastView = route.tab;
    if (route.tab === 'tokenizer' && route.subject !== null) lastSubject = route.subject;
  }, [route]);

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
                { value: 'quality', label: words.library.viewQuality, icon: ChartScatter },
                { value: 'tokenizer', label: words.library.viewTokenizer, icon: WholeWord },
              ]}
            />
          )
        }
      >
        {route.tab === 'discover' ? (
          <DiscoverTab
            request={request}
            onRequest={changeRequest}
            repoId={route.repoId}
            onOpen={(next) => navigate({ screen: 'models', tab: 'discover', repoId: next })}
          />
        ) : (
          <View route={route} />
        )}
      </Tabs>
    </div>
  );
}

function placeOf(view: LocalView): ModelsRoute {
  switch (view) {
    case 'local':
    case 'storage':
      return { screen: 'models', tab: view, repoId: null };
    case 'quality':
      return { screen: 'models', tab: view, subject: null };
    case 'tokenizer':
      return { screen: 'models', tab: view, subject: lastSubject };
    default:
      return view satisfies never;
  }
}

function View({ route }: { readonly route: Exclude<ModelsRoute, { tab: 'discover' }> }) {
  switch (route.tab) {
    case 'local':
      return <LocalTab repoId={route.repoId} />;
    case 'storage':
      return <StorageView />;
    case 'quality':
      return <QualityView subject={route.subject} />;
    case 'tokenizer':
      return <TokenizerView subject={route.subject} />;
    default:
      return route satisfies never;
  }
}
