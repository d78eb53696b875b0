/** The contents of the cache, and the actions on them. */
import { Brush, HardDrive, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { StorageEvent } from '../../../preload/contract/library.ts';
import { href } from '../../navigation/router.ts';
import { useLive } from '../../connection/live.ts';
import { Button, LinkButton } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes, formatPercent } from '../../words/format.ts';
import { MeterBar } from '../../ui/display/MeterBar.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { isActive, jobProgress } from '../../parts/jobs-state.ts';
import { onListKeys } from '../../ui/list-keys.ts';
import { RepositoryRow } from './RepositoryRow.tsx';
import { LimitButton, MoveButton } from './StorageActions.tsx';
import { cleanLeftovers, verifyStored } from '../../parts/storage/storage-actions.ts';
import { isOwn, placeWords } from '../../parts/models/model-words.ts';
import { limitState } from '../../parts/storage/storage-parts.ts';
import './storage.css';
import { Treemap } from './Treemap.tsx';
import { useJobs } from '../../parts/watched.ts';
import { words } from '../../words/words.ts';

export function StorageView() {
  const live = useLive('library.watchStorage', {});
  const jobs = useJobs().value?.jobs ?? [];
  if (live.value === undefined) {
    return (
      <div className="models-padded">
        {live.status === 'error' ? <ErrorCard error={live.error} onRetry={live.retry} /> : <Skeleton lines={8} />}
      </div>
    );
  }
  const storage = live.value;
  const atWork = jobs.filter((job) => isActive(job) && job.kind !== 'download' && job.kind !== 'backend');
  return (
    <div className="models-storage-scroll">
      <div className="models-storage">
        <Summary storage={storage} moving={atWork.some((job) => job.kind === 'move')} />
        {atWork.map((job) => (
          <AtWork key={job.id} job={job} />
        ))}
        {storage.repositories.length === 0 ? (
          <EmptyState
            icon={HardDrive}
            title={words.storage.emptyTitle}
            text={words.storage.emptyText}
            action={
              <LinkButton variant="primary" href={href({ screen: 'models', tab: 'discover', repoId: null })}>
                {words.storage.findModel}
              </LinkButton>
            }
          />
        ) : (
          <Repositories storage={storage} />
        )}
        <Adopted adopted={storage.adopted} />
      </div>
    </div>
  );
}

function Summary({ storage, moving }: { readonly storage: StorageEvent; readonly moving: boolean }) {
  const { totalBytes, freeBytes, leftoverBytes, limitBytes, folder } = storage;
  const limit = limitState(storage);
  const whole = limitBytes ?? totalBytes + leftoverBytes + (freeBytes ?? 0);
  return (
    <section className="models-storage-head" aria-label={words.storage.folder}>
      <div className="models-storage-line">
        <p className="num models-storage-amounts">
          <strong>
            {limit === null
              ? words.storage.taken(formatBytes(totalBytes))
              : words.storage.takenOfLimit(formatBytes(totalBytes), formatBytes(limitBytes ?? 0))}
          </strong>
          {freeBytes !== null && <span className="secondary">{words.storage.freeOnDisk(formatBytes(freeBytes))}</span>}
        </p>
        <div className="models-storage-actions">
          <Button
            size="sm"
            icon={ShieldCheck}
            disabled={storage.repositories.length === 0}
            onClick={() => void verifyStored(null)}
          >
            {words.storage.verifyAll}
          </Button>
          {leftoverBytes > 0 && (
            <Button size="sm" icon={Brush} title={words.storage.cleanUpHint} onClick={() => void cleanLeftovers()}>
              {words.storage.cleanUp(formatBytes(leftoverBytes))}
            </Button>
          )}
          <LimitButton limitBytes={limitBytes} totalBytes={totalBytes} />
          <MoveButton totalBytes={totalBytes} moving={moving} />
        </div>
      </div>
      <MeterBar
        label={limit === null ? words.storage.disk : words.storage.limit}
        total={whole}
        parts={[
          {
            key: 'models',
            label: words.storage.part(words.storage.models, formatBytes(totalBytes)),
            value: totalBytes,
            color: 'var(--c-weights)',
          },
          {
            key: 'left',
            label: words.storage.part(words.storage.leftovers, formatBytes(leftoverBytes)),
            value: leftoverBytes,
            color: 'var(--c-kv)',
          },
        ]}
      />
      <p className="faint mono models-storage-folder">
        <bdi dir="ltr">{folder}</bdi>
      </p>
      {limit !== null && limit.overBytes > 0 && (
        <p className="models-storage-over">{words.storage.overLimit(formatBytes(limit.overBytes))}</p>
      )}
    </section>
  );
}

/** A running check, move or eviction for the size limit; the tray has its other actions. */
function AtWork({ job }: { readonly job: Job }) {
  const progress = jobProgress(job);
  const title = words.jobs.atWork(job);
  return (
    <div className="models-storage-work" role="group" aria-label={title}>
      <div className="models-storage-line">
        <span>{title}</span>
        <span className="num secondary">{formatPercent(progress)}</span>
      </div>
      <ProgressBar value={job.totalBytes > 0 ? progress : null} label={title} size="sm" />
      {job.detail !== null && <p className="secondary">{words.jobs.detail(job.detail)}</p>}
    </div>
  );
}

function Repositories({ storage }: { readonly storage: StorageEvent }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const repositories = storage.repositories.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const toggle = (repoId: string): void => setChosen((now) => (now === repoId ? null : repoId));
  return (
    <>
      <Treemap repositories={repositories} chosen={chosen} onChoose={toggle} />
      <ul className="models-stored-list card" aria-label={words.storage.repositories} onKeyDown={onListKeys}>
        {repositories.map((repository) => (
          <RepositoryRow
            key={repository.repoId}
            repository={repository}
            open={repository.repoId === chosen}
            onToggle={() => toggle(repository.repoId)}
            largestBytes={repositories[0]?.sizeBytes ?? 0}
          />
        ))}
      </ul>
    </>
  );
}

interface OwnFolderProps {
  readonly words: { readonly title: string; readonly text: string };
  readonly place: StorageEvent['adopted'][number];
}

function OwnFolder({ words: { title, text }, place }: OwnFolderProps) {
  return (
    <section className="models-adopted" aria-label={title}>
      <h2>{title}</h2>
      <p className="secondary">{text}</p>
      <Places places={[place]} />
    </section>
  );
}

/**
 * Models outside the cache. Imported copies and models that Hearth made can be deleted; files of other programs are used in place and never
 * deleted.
 */
function Adopted({ adopted }: Pick<StorageEvent, 'adopted'>) {
  const imported = adopted.find(({ origin }) => origin === 'imported');
  const converted = adopted.find(({ origin }) => origin === 'converted');
  const others = adopted.filter(({ origin }) => !isOwn(origin));
  return (
    <>
      {imported && <OwnFolder words={words.storage.imported} place={imported} />}
      {converted && <OwnFolder words={words.storage.converted} place={converted} />}
      {others.length > 0 && (
        <section className="models-adopted" aria-label={words.storage.adoptedRegion}>
          <h2>{words.storage.adoptedTitle}</h2>
          <p className="secondary">{words.storage.adoptedText}</p>
          <Places places={others} />
        </section>
      )}
    </>
  );
}

function Places({ places }: { readonly places: StorageEvent['adopted'] }) {
  return (
    <ul className="card">
      {places.map((place) => (
        <li key={place.origin}>
          <span>{placeWords(place.origin)}</span>
          <span className="secondary num">
            {words.storage.adoptedPlace(place.models, formatBytes(place.sizeBytes))}
          </span>
        </li>
      ))}
    </ul>
  );
}
