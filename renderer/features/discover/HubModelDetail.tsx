/** One model of the Hub: description, license, files, model card. */
import { Download, ExternalLink, FileQuestion, Heart, PackageOpen } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { AppError } from '../../../preload/wire/errors.ts';
import type { HubFile, HubModel, RecommendedModel } from '../../../preload/contract/hub.ts';
import { href } from '../../navigation/router.ts';
import { useQuery } from '../../connection/live.ts';
import { Button, LinkButton } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatDate, formatParameters, formatRelativeDate } from '../../words/format.ts';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { hubErrorActions } from '../../parts/models/hub-error-actions.ts';
import { ChatTemplate } from '../../parts/models/ChatTemplate.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { FilesTable } from './FilesTable.tsx';
import { GatedNotice } from './GatedNotice.tsx';
import { HubFit } from './HubFit.tsx';
import { chooseFile } from '../../../preload/contract/model-tags.ts';
import { fileToShow, placeOf, wantedPath } from '../../parts/models/model-files.ts';
import { gatingSentence, licenseName, readableTags, splitRepoId } from '../../parts/models/model-words.ts';
import { ModelCard } from './ModelCard.tsx';
import { OfflineNote } from './OfflineNote.tsx';
import { RecommendedNote } from './RecommendedNote.tsx';
import { Safetensors } from './Safetensors.tsx';
import type { ModelReference } from '../../../preload/contract/model-reference.ts';
import { useStartDownload } from './use-start-download.ts';
import { useJobs, useLocalModels } from '../../parts/watched.ts';
import { words } from '../../words/words.ts';

interface HubModelDetailProps {
  readonly repoId: string;
  /** The file that the user named together with the repository. */
  readonly wanted: ModelReference | null;
  /** Set where this is the model that is recommended for this computer. */
  readonly pick: RecommendedModel | null;
  /** Searches for other models. */
  readonly onSearch: (query: string) => void;
}

export function HubModelDetail({ repoId, wanted, pick, onSearch }: HubModelDetailProps) {
  const detail = useQuery('hub.model', { repoId, revision: wanted?.revision ?? 'main' }, { keep: true });
  const { retry } = detail;
  const free = useFreeMemory();
  const judgedAt = useRef<number | null>(null);
  useEffect(() => {
    if (free === null || free === judgedAt.current) return;
    if (judgedAt.current !== null) retry();
    judgedAt.current = free;
  }, [free, retry]);
  const info = useQuery('system.info', {});
  if (detail.status === 'ready')
    return <Ready model={detail.value} wanted={wanted} pick={pick} onSearch={onSearch} onRetry={detail.retry} />;

  const { owner, name } = splitRepoId(repoId);
  const pageUrl = info.value && `${info.value.hubEndpoint}/${repoId}`;
  return (
    <div className="models-detail">
      <header className="models-detail-head">
        <div className="models-detail-title">
          <h2>{name}</h2>
        </div>
        {owner !== '' && <p className="secondary">{owner}</p>}
      </header>
      {detail.status === 'loading' ? (
        <>
          <Skeleton lines={4} />
          <Skeleton height="9rem" />
          <Skeleton lines={6} />
        </>
      ) : (
        <>
          {pick && <RecommendedNote pick={pick} file={null} starting={false} onDownload={() => undefined} />}
          <DetailError repoId={repoId} error={detail.error} retry={detail.retry} pageUrl={pageUrl ?? null} />
        </>
      )}
    </div>
  );
}

/** Changes when the free memory for models has noticeably moved, which the list of local models is sent again for. */
function useFreeMemory(): number | null {
  const models = useLocalModels().value?.models;
  return models?.[0]?.fit.freeRamBytes ?? null;
}

interface DetailErrorProps {
  readonly repoId: string;
  readonly error: AppError;
  readonly retry: () => void;
  readonly pageUrl: string | null;
}

function DetailError({ repoId, error, retry, pageUrl }: DetailErrorProps) {
  if (error.code === 'hub.gated' && pageUrl !== null) {
    return (
      <GatedNotice
        repoId={repoId}
        sentence={words.models.gating.hidden}
        access="refused"
        pageUrl={pageUrl}
        onRetry={retry}
      />
    );
  }
  return <ErrorCard error={error} actions={hubErrorActions(error, retry, { pageUrl, repoId })} />;
}

/** A repository's own recommendation gives way to the one for this computer, so that only one file is recommended. */
function withPick(files: readonly HubFile[], pick: RecommendedModel | null): readonly HubFile[] {
  if (pick === null || pick.fileReason === null || !files.some(({ path }) => path === pick.path)) return files;
  return files.map((file) => ({ ...file, recommended: file.path === pick.path ? pick.fileReason : null }));
}

interface ReadyProps {
  readonly model: HubModel;
  readonly wanted: ModelReference | null;
  readonly pick: RecommendedModel | null;
  readonly onSearch: (query: string) => void;
  readonly onRetry: () => void;
}

function Ready({ model, wanted, pick, onSearch, onRetry }: ReadyProps) {
  const files = withPick(model.files, pick);
  const [chosenPath, setChosenPath] = useState(() => wantedPath(files, wanted));
  const [followed, setFollowed] = useState(wanted);
  if (wanted !== followed) {
    // Another file of the open model was requested.
    setFollowed(wanted);
    setChosenPath(wantedPath(files, wanted) ?? chosenPath);
  }
  const jobs = useJobs().value?.jobs ?? null;
  const localModels = useLocalModels().value?.models ?? null;
  const { start, starting, failure } = useStartDownload(model.repoId, wanted?.revision ?? 'main');
  const named = wanted?.tag ?? wanted?.path ?? null;
  const choice = wanted === null ? null : chooseFile(files, wanted).kind;
  const shown = fileToShow(files, chosenPath);
  const picked = files.find(({ path }) => path === pick?.path) ?? null;
  const canDownload = picked !== null && placeOf(picked, jobs, localModels).at === 'remote';
  const { owner, name } = splitRepoId(model.repoId);
  const gating = gatingSentence(model.gated);
  const original =
    model.safetensors === null && !model.tags.some((tag) => tag === 'safetensors' || tag === 'peft') ? null : (
      <Safetensors
        weights={model.safetensors}
        source={{ kind: 'hub', repoId: model.repoId, revision: wanted?.revision ?? 'main' }}
        primary={files.length === 0}
      />
    );

  return (
    <article className="models-detail">
      <header className="models-detail-head">
        <div className="models-detail-title">
          <h2>{name}</h2>
          <LinkButton href={model.pageUrl} external size="sm" variant="ghost" icon={ExternalLink}>
            {words.discover.openOnHub}
          </LinkButton>
        </div>
        <p className="models-detail-stats secondary num">
          {owner !== '' && <span>{owner}</span>}
          <span>
            <Download size={13} aria-hidden /> {words.discover.downloads(model.downloads)}
          </span>
          <span>
            <Heart size={13} aria-hidden /> {words.discover.likes(model.likes)}
          </span>
          <span title={formatDate(model.updatedAt)}>{words.discover.updated(formatRelativeDate(model.updatedAt))}</span>
        </p>
      </header>

      {pick && (
        <RecommendedNote
          pick={pick}
          file={canDownload ? picked : null}
          starting={starting.has(pick.path)}
          onDownload={start}
        />
      )}
      {model.cachedAt !== null && <OfflineNote cachedAt={model.cachedAt} onRetry={onRetry} />}
      {gating !== null && model.access !== 'granted' && (
        <GatedNotice
          repoId={model.repoId}
          sentence={gating}
          access={model.access}
          pageUrl={model.pageUrl}
          onRetry={onRetry}
        />
      )}

      <Facts
        facts={[
          { name: words.discover.facts.license, value: licenseName(model.license) },
          {
            name: words.discover.facts.parameters,
            value: model.parameterCount === null ? null : formatParameters(model.parameterCount),
          },
          {
            name: words.discover.facts.context,
            value: model.contextLength === null ? null : words.models.tokens(model.contextLength),
          },
          { name: words.discover.facts.architecture, value: model.architecture },
          {
            name: words.discover.facts.access,
            value: accessWords(model.access),
          },
          {
            name: words.discover.facts.baseModel,
            value:
              model.baseModel === null ? null : (
                <a href={href({ screen: 'models', tab: 'discover', repoId: model.baseModel })}>{model.baseModel}</a>
              ),
          },
        ]}
      />
      <Tags tags={readableTags(model.tags)} />

      {files.length === 0 ? (
        <>
          {original}
          <div className="card">
            <EmptyState
              compact
              icon={PackageOpen}
              title={words.discover.noFilesTitle}
              text={words.discover.noFilesText}
              action={
                <Button onClick={() => onSearch(words.discover.ggufQuery(name))}>{words.discover.lookForGguf}</Button>
              }
            />
          </div>
        </>
      ) : (
        <>
          {named !== null && (choice === 'none' || choice === 'several') && (
            <p className="models-missing" role="status">
              <FileQuestion size={14} aria-hidden />
              {choice === 'none' ? words.discover.fileMissing(named) : words.discover.severalFiles(named)}
            </p>
          )}
          {shown && (
            <HubFit key={shown.path} repoId={model.repoId} revision={model.revision} file={shown} onRead={onRetry} />
          )}
          <div className="models-files-frame card">
            <FilesTable
              repoId={model.repoId}
              files={files}
              jobs={jobs}
              localModels={localModels}
              starting={starting}
              onDownload={start}
              failure={failure}
              pageUrl={model.pageUrl}
              shownPath={shown?.path ?? null}
              onShow={setChosenPath}
            />
          </div>
        </>
      )}

      {files.length > 0 && original}
      {model.chatTemplate !== null && <ChatTemplate template={model.chatTemplate} />}
      {model.card !== null && <ModelCard markdown={model.card} pageUrl={model.pageUrl} />}
    </article>
  );
}

function accessWords(access: HubModel['access']): string {
  switch (access) {
    case 'open':
      return words.discover.accessOpen;
    case 'granted':
      return words.discover.accessGranted;
    case 'refused':
    case 'unknown':
      return words.discover.accessGated;
    default:
      return access satisfies never;
  }
}

const FIRST_TAGS = 10;

function Tags({ tags }: { readonly tags: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (tags.length === 0) return null;
  const shown = all ? tags : tags.slice(0, FIRST_TAGS);
  return (
    <ul className="models-tags" aria-label={words.discover.tags}>
      {shown.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
      {shown.length < tags.length && (
        <li className="models-tags-more">
          <button type="button" onClick={() => setAll(true)}>
            {words.discover.moreTags(tags.length - shown.length)}
          </button>
        </li>
      )}
    </ul>
  );
}
