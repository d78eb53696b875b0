/** The models on this computer: the list on the left, one model on the right. */
import { CloudDownload, Compass, FolderInput, HardDrive, RefreshCw } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { href } from '../../navigation/router.ts';
import { LinkButton } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { checkUpdates, rescanModels } from '../../parts/models/model-actions.ts';
import { AddFilesButton, Imports } from './AddFiles.tsx';
import { onListKeys } from '../../ui/list-keys.ts';
import {
  attachAuxiliary,
  distinctNames,
  selectLocal,
  sortLocal,
  totalSizeBytes,
} from '../../parts/models/local-list.ts';
import { convertFolder } from '../../parts/convert/folder-choice.ts';
import { useConversionRecords, useStoredCheckpoints } from '../../parts/convert/use-renewed.ts';
import { CheckpointDetail, Checkpoints } from './Checkpoints.tsx';
import { LocalModelDetail } from './LocalModelDetail.tsx';
import { LocalRow } from './LocalRow.tsx';
import { Panes } from '../../parts/Panes.tsx';
import { useLoad } from './use-load.ts';
import { useLoadedModels, useLocalModels } from '../../parts/watched.ts';
import { words } from '../../words/words.ts';

const discover = href({ screen: 'models', tab: 'discover', repoId: null });

export function LocalTab({ repoId }: { readonly repoId: string | null }) {
  const live = useLocalModels();
  const loadedModels = useLoadedModels();
  const { load, failures } = useLoad();
  const records = useConversionRecords();
  const checkpoints = useStoredCheckpoints();
  const [chosenId, setChosenId] = useState<string | null>(null);

  if (live.value === undefined) {
    return (
      <div className="models-padded">
        {live.status === 'error' ? <ErrorCard error={live.error} onRetry={live.retry} /> : <Skeleton lines={6} />}
      </div>
    );
  }
  const all = sortLocal(live.value.models);
  if (all.length === 0 && checkpoints.length === 0) return <NoModels />;

  const { rows, alone } = attachAuxiliary(all);
  const models = rows.map(({ model }) => model);
  const names = distinctNames(all);
  const failureOf = (modelId: string): ErrorBody | null =>
    loadedModels.get(modelId)?.error ?? failures.get(modelId) ?? null;
  // A checkpoint is no model: its id is that of its repository.
  const checkpoint = checkpoints.find((one) => one.repoId === chosenId);
  const chosen = checkpoint === undefined ? selectLocal(all, chosenId, repoId) : null;
  // A wide window always shows a model; a narrow one shows the list until something is selected.
  const shown =
    checkpoint === undefined ? (chosen ?? models.find((model) => model.problem === null) ?? models[0]) : undefined;
  const rowOf = (model: LocalModel, attached = false) => (
    <LocalRow
      key={model.id}
      model={model}
      name={names.get(model.id) ?? model.name}
      loaded={loadedModels.get(model.id)}
      failure={failureOf(model.id)}
      chosen={model.id === shown?.id}
      attached={attached}
      verification={records.get(model.id)?.verification ?? null}
      onChoose={() => setChosenId(model.id)}
      onLoad={() => load(model.id)}
    />
  );
  return (
    <Panes
      listLabel={words.library.listLabel}
      list={
        <>
          <LocalHead models={models} />
          <Imports />
          <ul className="models-rows" aria-label={words.library.models} onKeyDown={onListKeys}>
            {rows.map(({ model, auxiliary }) => (
              <Fragment key={model.id}>
                {rowOf(model)}
                {auxiliary.map((file) => rowOf(file, true))}
              </Fragment>
            ))}
          </ul>
          {alone.length > 0 && (
            <section className="models-auxiliary-list" aria-label={words.library.auxiliary}>
              <h3>{words.library.auxiliary}</h3>
              <p className="secondary">{words.library.auxiliaryText}</p>
              <ul className="models-rows" aria-label={words.library.auxiliary} onKeyDown={onListKeys}>
                {alone.map((file) => rowOf(file))}
              </ul>
            </section>
          )}
          <Checkpoints
            checkpoints={checkpoints}
            chosen={checkpoint?.repoId ?? null}
            onChoose={(next) => setChosenId(next)}
          />
          {models.every((model) => model.origin === 'built_in') && <OnlyBuiltIn />}
        </>
      }
      detailLabel={checkpoint?.repoId ?? shown?.name ?? words.library.model}
      detailKey={checkpoint?.repoId ?? chosen?.id ?? null}
      backLabel={words.library.allModels}
      onBack={() => setChosenId(null)}
      detail={
        checkpoint ? (
          <CheckpointDetail key={checkpoint.repoId} checkpoint={checkpoint} />
        ) : (
          shown && (
            <LocalModelDetail
              model={shown}
              records={records}
              loaded={loadedModels.get(shown.id)}
              failure={failureOf(shown.id)}
              onLoad={() => load(shown.id)}
            />
          )
        )
      }
    />
  );
}

function LocalHead({ models }: { readonly models: readonly LocalModel[] }) {
  const [scanning, setScanning] = useState(false);
  const [checking, setChecking] = useState(false);
  const rescan = (): void => {
    setScanning(true);
    void rescanModels().finally(() => setScanning(false));
  };
  const check = (): void => {
    setChecking(true);
    void checkUpdates().finally(() => setChecking(false));
  };
  return (
    <div className="models-local-head">
      <p className="secondary num">{words.library.summary(models.length, formatBytes(totalSizeBytes(models)))}</p>
      <span className="models-local-actions">
        <AddFilesButton />
        <IconButton size="sm" icon={FolderInput} label={words.convert.folder} onClick={() => void convertFolder()} />
        {models.some((model) => model.origin === 'hub') && (
          <IconButton
            size="sm"
            icon={CloudDownload}
            label={words.library.checkUpdates}
            loading={checking}
            onClick={check}
          />
        )}
        <IconButton size="sm" icon={RefreshCw} label={words.library.rescan} loading={scanning} onClick={rescan} />
      </span>
    </div>
  );
}

/** While only the built-in model is there: a link to more capable models. */
function OnlyBuiltIn() {
  return (
    <div className="models-bigger card">
      <h3>{words.library.biggerTitle}</h3>
      <p className="secondary">{words.library.biggerText}</p>
      <LinkButton href={discover} size="sm" icon={Compass}>
        {words.library.browseHub}
      </LinkButton>
    </div>
  );
}

function NoModels() {
  return (
    <EmptyState
      icon={HardDrive}
      title={words.library.emptyTitle}
      text={words.library.emptyText}
      action={
        <div className="row">
          <LinkButton href={discover} variant="primary" icon={Compass}>
            {words.library.findModel}
          </LinkButton>
          <IconButton
            icon={RefreshCw}
            label={words.library.rescan}
            variant="secondary"
            onClick={() => void rescanModels()}
          />
        </div>
      }
    />
  );
}
