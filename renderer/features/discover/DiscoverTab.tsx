/** The Hub: search on the left, one model on the right. */
import { Library, Sparkles } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useQuery } from '../../connection/live.ts';
import { href } from '../../navigation/router.ts';
import { splitRepoId } from '../../parts/models/model-words.ts';
import { Select } from '../../ui/controls/Select.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { FilterChips, FilterPopover } from './FilterPopover.tsx';
import { HubModelDetail } from './HubModelDetail.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { ResultList } from './ResultList.tsx';
import { SearchField } from './SearchField.tsx';
import { firstRequest, foreignHost, readReference, requestKey, sorts, type SearchRequest } from './search-request.ts';
import type { ModelReference } from '../../../preload/contract/model-reference.ts';
import { useHubSearch } from './use-hub-search.ts';
import { words } from '../../words/words.ts';

interface DiscoverTabProps {
  readonly request: SearchRequest;
  /** Only the changed fields: the field's debounced query may arrive after a filter was changed. */
  readonly onRequest: (change: Partial<SearchRequest>) => void;
  readonly repoId: string | null;
  readonly onOpen: (repoId: string | null) => void;
}

export function DiscoverTab({ request, onRequest, repoId, onOpen }: DiscoverTabProps) {
  const search = useHubSearch(request);
  const results = useRef<HTMLDivElement>(null);
  /** The request that Enter was pressed for, until it is answered. */
  const submitted = useRef<string | null>(null);
  /** The file that the submitted text named; the detail shows it first. */
  const [wanted, setWanted] = useState<ModelReference | null>(null);
  const { loading, models } = search;
  const hubEndpoint = useQuery('system.info', {}).value?.hubEndpoint;
  const foreign = hubEndpoint === undefined ? null : foreignHost(request.query, hubEndpoint);
  const reference = foreign === null ? readReference(request.query) : null;
  /** The model that is recommended for this computer is shown until one is chosen. */
  const [recommending, setRecommending] = useState(repoId === null);
  if (repoId === null && !recommending) setRecommending(true);
  const recommended = useQuery('hub.recommended', {}, { enabled: recommending });
  const pick = recommended.value ?? null;
  /** Without one it is the first of the list, so that no half of the window is empty. */
  const [opening, setOpening] = useState<string | null>(null);
  const choosing = recommending && recommended.status === 'loading';
  const first = pick ?? (loading || choosing ? undefined : models?.find(({ gated }) => gated === false));
  if (opening === null && first) setOpening(first.repoId);
  /** The search during which the model was opened: it is the answer to no other search. */
  const [openedIn, setOpenedIn] = useState({ repoId, key: requestKey(request) });
  if (openedIn.repoId !== repoId) setOpenedIn({ repoId, key: requestKey(request) });
  const isEmpty = !loading && models?.length === 0;
  const answersNothing = isEmpty && reference?.repoId !== repoId && openedIn.key !== requestKey(request);
  const shownId = answersNothing ? null : (repoId ?? opening);
  const only = !loading && models?.length === 1 ? models[0] : undefined;

  const openOnly = (): void => {
    if (submitted.current === null || loading) return;
    const wanted = submitted.current === requestKey(request);
    submitted.current = null;
    if (!wanted) return;
    if (only) onOpen(only.repoId);
    // Its page says that it does not exist or is private. Otherwise the model shown before would stay as if it were the answer.
    else if (reference !== null && models?.length === 0) onOpen(reference.repoId);
  };
  useEffect(openOnly);

  const submit = (query: string): void => {
    const reference = readReference(query);
    setWanted(reference);
    submitted.current = requestKey({ ...request, query });
    onRequest({ query });
  };

  const list = (
    <>
      <div className="models-search" role="search">
        <SearchField
          query={request.query}
          busy={loading && models !== null}
          onQuery={(query) => onRequest({ query })}
          onSubmit={submit}
          onArrowDown={() => results.current?.querySelector<HTMLElement>('[data-row]')?.focus()}
        />
        <div className="models-filters">
          <Select
            label={words.discover.sortBy}
            labelHidden
            size="sm"
            value={request.sort}
            onChange={(sort) => onRequest({ sort })}
            options={sorts}
          />
          <FilterPopover request={request} onRequest={onRequest} />
        </div>
        <FilterChips request={request} onRequest={onRequest} />
      </div>
      {pick && requestKey(request) === requestKey(firstRequest) && (
        <a
          className="models-pick-row"
          href={href({ screen: 'models', tab: 'discover', repoId: pick.repoId })}
          aria-current={pick.repoId === shownId || undefined}
        >
          <Sparkles size={14} aria-hidden />
          <span>
            {words.discover.pick.title}
            <strong>{splitRepoId(pick.repoId).name}</strong>
          </span>
        </a>
      )}
      <div className="models-results" ref={results}>
        <ResultList
          search={search}
          showFormat={request.library !== 'gguf'}
          chosen={shownId}
          named={reference?.repoId ?? null}
          foreign={foreign}
          onAllFormats={
            request.library === 'gguf' && request.query.trim() !== '' && foreign === null && reference === null
              ? () => onRequest({ library: 'any' })
              : null
          }
          onClear={
            requestKey(request) === requestKey(firstRequest)
              ? null
              : () => onRequest({ ...firstRequest, library: 'any' })
          }
        />
      </div>
    </>
  );

  return (
    <Panes
      listLabel={words.discover.listLabel}
      list={list}
      detailLabel={shownId ?? words.discover.model}
      detailKey={repoId}
      backLabel={words.discover.allModels}
      onBack={() => onOpen(null)}
      detail={
        answersNothing ? (
          <EmptyState icon={Library} title={words.discover.noModelTitle} text={words.discover.noModelText} />
        ) : shownId === null ? (
          choosing ? (
            <div className="models-detail" aria-busy aria-label={words.discover.pick.looking}>
              <Skeleton lines={4} />
              <Skeleton height="9rem" />
            </div>
          ) : (
            <EmptyState icon={Library} title={words.discover.chooseTitle} text={words.discover.chooseText} />
          )
        ) : (
          <HubModelDetail
            key={shownId}
            repoId={shownId}
            pick={pick?.repoId === shownId ? pick : null}
            wanted={wanted?.repoId.toLowerCase() === shownId.toLowerCase() ? wanted : null}
            onSearch={(query) => submit(query)}
          />
        )
      }
    />
  );
}
