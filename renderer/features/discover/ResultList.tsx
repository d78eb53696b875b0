/** The hits of a search, with every way in which there can be none. */
import { Download, Heart, Lock, SearchX, WifiOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { href } from '../../navigation/router.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatCount, formatDate, formatRelativeDate } from '../../words/format.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { isOfflineByChoice, wordsFor } from '../../words/words.ts';
import { hubErrorActs } from './error-acts.ts';
import { onListKeys } from '../../ui/list-keys.ts';
import { licenceName, splitRepoId } from '../../parts/model-words.ts';
import { OfflineNote } from './OfflineNote.tsx';
import type { HubSearch } from './use-hub-search.ts';

interface ResultListProps {
  readonly search: HubSearch;
  /** Whether rows say that a model has GGUF files; superfluous while only such are listed. */
  readonly showFormat: boolean;
  readonly chosen: string | null;
  /** Widens the search; null when there is nothing to widen. */
  readonly onClear: (() => void) | null;
}

export function ResultList({ search, showFormat, chosen, onClear }: ResultListProps) {
  const { models, loading, error, retry } = search;

  if (error?.code === 'hub.offline') {
    const words = wordsFor(error);
    const byChoice = isOfflineByChoice(error);
    return (
      <EmptyState
        icon={WifiOff}
        title={words.title}
        text={
          byChoice
            ? words.text
            : 'The models on this computer work without it. Downloads that stopped go on from where they were.'
        }
        act={
          <div className="row">
            {!byChoice && (
              <Button variant="primary" onClick={retry}>
                Retry
              </Button>
            )}
            <LinkButton href={href({ screen: 'models', tab: 'local', repoId: null })}>
              Models on this computer
            </LinkButton>
          </div>
        }
      />
    );
  }
  if (error) {
    return (
      <div className="models-padded">
        <ErrorCard error={error} acts={hubErrorActs(error, retry, null)} />
      </div>
    );
  }
  if (models === null) return <ResultSkeletons />;
  if (models.length === 0 && !loading) {
    return (
      <EmptyState
        icon={SearchX}
        title="Nothing on the Hub matches"
        text="Try fewer or other words, or take filters away. Models without GGUF files show with the format “Any”."
        {...(onClear ? { act: <Button onClick={onClear}>Show everything</Button> } : {})}
      />
    );
  }
  return (
    <>
      {search.cachedAt !== null && <OfflineNote cachedAt={search.cachedAt} onRetry={retry} />}
      <ul className="models-rows" aria-busy={loading} aria-label="Results" onKeyDown={onListKeys}>
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
          <span className="visually-hidden">Downloads </span>
          {formatCount(model.downloads)}
        </span>
        <span>
          <Heart size={12} aria-hidden />
          <span className="visually-hidden">Likes </span>
          {formatCount(model.likes)}
        </span>
        <span title={formatDate(model.updatedAt)}>
          <span className="visually-hidden">Updated </span>
          {formatRelativeDate(model.updatedAt)}
        </span>
        <span className="truncate">{licenceName(model.licence)}</span>
        {model.gated !== false && (
          <Badge tone="amber" icon={Lock}>
            Gated
          </Badge>
        )}
        {showFormat && model.isGguf && <Badge>GGUF</Badge>}
      </span>
    </li>
  );
}

/** The next page: comes by itself when it scrolls into view, and by the button. After a failure only by the button. */
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
      {more === 'failed' && <p className="secondary">The next page did not come.</p>}
      <Button onClick={loadMore} loading={more === 'loading'}>
        More
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
