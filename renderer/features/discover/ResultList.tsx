/** The hits of a search, or the reason for an empty list. */
import { Download, Heart, Lock, SearchX, WifiOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { href } from '../../navigation/router.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Button, LinkButton } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatCount, formatDate, formatRelativeDate } from '../../words/format.ts';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { isOfflineByChoice, wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { hubErrorActions } from '../../parts/models/hub-error-actions.ts';
import { onListKeys } from '../../ui/list-keys.ts';
import { licenseName, splitRepoId } from '../../parts/models/model-words.ts';
import { OfflineNote } from './OfflineNote.tsx';
import type { HubSearch } from './use-hub-search.ts';

interface ResultListProps {
  readonly search: HubSearch;
  /** Whether rows show that a model has GGUF files; unnecessary while only such models are listed. */
  readonly showFormat: boolean;
  readonly chosen: string | null;
  /** The one repository that the query names, if it is a name or an address. */
  readonly named: string | null;
  /** The host of an address that is not the Hub's. */
  readonly foreign: string | null;
  /** Widens the search; null when there is no filter to remove. */
  readonly onClear: (() => void) | null;
  /** Searches models without GGUF files too, such as original weights; null where that is done already, or nothing is searched for. */
  readonly onAllFormats: (() => void) | null;
}

export function ResultList({ search, showFormat, chosen, named, foreign, onClear, onAllFormats }: ResultListProps) {
  const { models, loading, error, retry } = search;

  const emptyText = (): string => {
    if (foreign !== null) return words.discover.foreignAddress(foreign);
    if (onAllFormats !== null) return words.discover.noGgufText;
    return named === null ? words.discover.noResultsText : words.discover.noSuchModel(named);
  };

  if (error?.code === 'hub.offline') {
    const shown = wordsFor(error);
    const byChoice = isOfflineByChoice(error);
    return (
      <EmptyState
        icon={WifiOff}
        title={shown.title}
        text={byChoice ? shown.text : words.discover.offlineText}
        action={
          <div className="row">
            {!byChoice && (
              <Button variant="primary" onClick={retry}>
                {words.ui.tryAgain}
              </Button>
            )}
            <LinkButton href={href({ screen: 'models', tab: 'local', repoId: null })}>
              {words.discover.localModels}
            </LinkButton>
          </div>
        }
      />
    );
  }
  if (error) {
    return (
      <div className="models-padded">
        <ErrorCard error={error} actions={hubErrorActions(error, retry, null)} />
      </div>
    );
  }
  if (models === null) return <ResultSkeletons />;
  if (models.length === 0 && !loading) {
    return (
      <EmptyState
        icon={SearchX}
        title={onAllFormats === null ? words.discover.noResults : words.discover.noGguf}
        text={emptyText()}
        action={
          (onClear !== null || onAllFormats !== null) && (
            <div className="row">
              {onAllFormats !== null && (
                <Button variant="primary" onClick={onAllFormats}>
                  {words.discover.searchAllFormats}
                </Button>
              )}
              {onClear !== null && <Button onClick={onClear}>{words.discover.showEverything}</Button>}
            </div>
          )
        }
      />
    );
  }
  return (
    <>
      {search.cachedAt !== null && <OfflineNote cachedAt={search.cachedAt} onRetry={retry} />}
      <ul className="models-rows" aria-busy={loading} aria-label={words.discover.results} onKeyDown={onListKeys}>
        {models.map((model) => (
          <ResultRow key={model.repoId} model={model} showFormat={showFormat} chosen={model.repoId === chosen} />
        ))}
      </ul>
      {search.hasMore && <More search={search} />}
    </>
  );
}

function ResultRow({
  model,
  showFormat,
  chosen,
}: {
  readonly model: HubModelSummary;
  readonly showFormat: boolean;
  readonly chosen: boolean;
}) {
  const { owner, name } = splitRepoId(model.repoId);
  return (
    <li className="models-row" data-chosen={chosen}>
      <a
        className="models-row-link"
        dir="ltr"
        data-row
        aria-current={chosen || undefined}
        href={href({ screen: 'models', tab: 'discover', repoId: model.repoId })}
      >
        {owner !== '' && <span className="models-row-owner">{owner}/</span>}
        <wbr />
        {name}
      </a>
      <span className="models-row-facts num">
        <span>
          <Download size={12} aria-hidden />
          <span className="visually-hidden">{words.discover.downloadsHidden} </span>
          {formatCount(model.downloads)}
        </span>
        <span>
          <Heart size={12} aria-hidden />
          <span className="visually-hidden">{words.discover.likesHidden} </span>
          {formatCount(model.likes)}
        </span>
        <span title={formatDate(model.updatedAt)}>
          <span className="visually-hidden">{words.discover.updatedHidden} </span>
          {formatRelativeDate(model.updatedAt)}
        </span>
        <span className="truncate">{licenseName(model.license)}</span>
        {model.gated !== false && (
          <Badge tone="amber" icon={Lock}>
            {words.discover.gated}
          </Badge>
        )}
        {showFormat && model.isGguf && <Badge>{words.discover.ggufMark}</Badge>}
      </span>
    </li>
  );
}

/** The next page. It loads when it scrolls into view or on the button; after a failure only on the button. */
function More({ search }: { readonly search: HubSearch }) {
  const { more, loadMore } = search;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element || more !== 'idle') return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) loadMore();
      },
      { rootMargin: '200px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [more, loadMore]);
  return (
    <div className="models-more" ref={place}>
      {more === 'failed' && <p className="secondary">{words.discover.nextPageFailed}</p>}
      <Button onClick={loadMore} loading={more === 'loading'}>
        {words.discover.more}
      </Button>
    </div>
  );
}

function ResultSkeletons() {
  return (
    <div className="models-padded stack">
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} lines={2} />
      ))}
    </div>
  );
}
