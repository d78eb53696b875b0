/** What is known of one model on this computer. */
import {
  CloudDownload,
  MessageSquare,
  Pin,
  PinOff,
  Play,
  Power,
  Search,
  SlidersHorizontal,
  Trash2,
} from 'lucide-react';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { openLoadSettings } from '../../navigation/load-sheet.ts';
import { href } from '../../navigation/router.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import {
  formatBytes,
  formatDate,
  formatDuration,
  formatInteger,
  formatParameters,
  formatRelativeDate,
} from '../../words/format.ts';
import { chatWith, deleteModel, getUpdate, pinModel, unloadModel } from '../../parts/model-acts.ts';
import { Facts } from '../../parts/Facts.tsx';
import { FitCard } from '../../parts/FitCard.tsx';
import { LoadState } from './LoadState.tsx';
import { isOwn, licenceName, originWords, partWords, problemTitle } from '../../parts/model-words.ts';

interface LocalModelDetailProps {
  readonly model: LocalModel;
  readonly loaded: LoadedModel | undefined;
  /** Why the last load did not work. */
  readonly failure: ErrorBody | null;
  readonly onLoad: () => void;
}

export function LocalModelDetail({ model, loaded, failure, onLoad }: LocalModelDetailProps) {
  const part = partWords(model);
  const canLoad = part === null && model.problem === null;
  const inMemory = loaded !== undefined && loaded.status !== 'failed';
  return (
    <article className="models-detail">
      <header className="models-detail-head">
        <div className="models-detail-title">
          <h2>{model.name}</h2>
          {part !== null && <Badge>{part.word}</Badge>}
          <LoadState loaded={loaded} />
        </div>
        <p className="secondary">{originWords(model)}</p>
      </header>

      <div className="models-detail-acts">
        {canLoad && (
          <>
            <Button
              variant="primary"
              icon={MessageSquare}
              aria-label="Chat with this model"
              onClick={() => void chatWith(model.id)}
            >
              Chat
            </Button>
            {inMemory ? (
              <Button icon={Power} aria-label="Unload this model" onClick={() => void unloadModel(model.id)}>
                Unload
              </Button>
            ) : (
              <Button icon={Play} aria-label="Load this model" onClick={onLoad}>
                Load
              </Button>
            )}
            <Button icon={SlidersHorizontal} onClick={() => openLoadSettings(model.id)}>
              How it loads…
            </Button>
          </>
        )}
        {model.origin === 'hub' && (
          <>
            <Button
              variant="ghost"
              icon={model.pinned ? PinOff : Pin}
              aria-label={model.pinned ? 'Unpin this model' : 'Pin this model'}
              title="A pinned model is not deleted by the limit of the cache"
              onClick={() => void pinModel(model, !model.pinned)}
            >
              {model.pinned ? 'Unpin' : 'Pin'}
            </Button>
            <LinkButton
              variant="ghost"
              icon={Search}
              href={href({ screen: 'models', tab: 'discover', repoId: model.repoId })}
            >
              See it on the Hub
            </LinkButton>
          </>
        )}
        {isOwn(model.origin) && (
          <Button variant="ghost" icon={Trash2} aria-label="Delete this model" onClick={() => void deleteModel(model)}>
            Delete
          </Button>
        )}
      </div>

      {model.updateRevision !== null && (
        <div className="models-update">
          <CloudDownload size={16} aria-hidden />
          <p>
            Its repository has a newer version <span className="mono faint">{model.updateRevision.slice(0, 8)}</span>.
          </p>
          <Button size="sm" icon={CloudDownload} onClick={() => void getUpdate(model)}>
            Get the update
          </Button>
        </div>
      )}

      {loaded && inMemory && loaded.status !== 'loading' && <Running loaded={loaded} />}

      {part !== null && <p>{part.sentence}</p>}
      {failure !== null && canLoad && (
        // In a wide window the row beside it says the same.
        <div className="models-narrow-only">
          <ErrorCard error={failure} acts={[{ label: 'Try again', run: onLoad }]} />
        </div>
      )}
      {model.problem !== null && <Problem problem={model.problem} />}
      {canLoad && <FitCard fit={model.fit} title={model.quantization ?? model.fileName} />}

      <Facts
        facts={[
          { name: 'Quantisation', value: model.quantization },
          { name: 'Size', value: formatBytes(model.sizeBytes) },
          { name: 'Parameters', value: model.parameterCount === null ? null : formatParameters(model.parameterCount) },
          {
            name: 'Context',
            value: model.contextLength === null ? null : `${formatInteger(model.contextLength)} tokens`,
          },
          { name: 'Architecture', value: model.architecture },
          { name: 'Licence', value: licenceName(model.licence) },
          {
            name: 'Last used',
            value:
              model.lastUsedAt === null ? (
                'Not yet'
              ) : (
                <time title={formatDate(model.lastUsedAt)}>{formatRelativeDate(model.lastUsedAt)}</time>
              ),
          },
          {
            name: 'Here since',
            value:
              model.origin === 'built_in' ? null : (
                <time title={formatDate(model.addedAt)}>{formatRelativeDate(model.addedAt)}</time>
              ),
          },
          { name: 'File', value: <span className="mono models-wrap">{model.fileName}</span> },
          {
            name: 'Commit',
            value: model.revision === null ? null : <span className="mono">{model.revision.slice(0, 10)}</span>,
          },
        ]}
      />
    </article>
  );
}

function Problem({ problem }: { readonly problem: ErrorBody }) {
  const title = problemTitle(problem);
  return <ErrorCard error={problem} acts={[]} {...(title === undefined ? {} : { title })} />;
}

/** How the model sits in memory now: measured, where the bar above is an estimate. */
function Running({ loaded }: { readonly loaded: LoadedModel }) {
  return (
    <section className="models-running card" aria-label="In memory now">
      <h3>In memory now</h3>
      <Facts
        facts={[
          { name: 'Uses', value: loaded.memoryBytes > 0 ? formatBytes(loaded.memoryBytes) : null },
          { name: 'Runs on', value: loaded.device },
          { name: 'Threads', value: loaded.threads > 0 ? String(loaded.threads) : null },
          {
            name: 'Layers on the GPU',
            value: loaded.gpuLayers > 0 ? `${loaded.gpuLayers} of ${loaded.layerCount}` : null,
          },
          {
            name: 'Room for the conversation',
            value: loaded.contextSize > 0 ? `${formatInteger(loaded.contextSize)} tokens` : null,
          },
          { name: 'Loaded in', value: loaded.loadMs > 0 ? formatDuration(loaded.loadMs) : null },
        ]}
      />
      {loaded.notes.length > 0 && (
        <ul className="models-notes">
          {loaded.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
