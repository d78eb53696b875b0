/** The details of one model on this computer. */
import { CloudDownload, MessageSquare, Pin, PinOff, Play, Power, Search, Trash2 } from 'lucide-react';
import { LoadSettingsIcon } from '../../parts/icons.ts';
import type { ConversionRecord } from '../../../preload/contract/convert.ts';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { openLoadSettings } from '../../navigation/load-sheet.ts';
import { href } from '../../navigation/router.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Button, LinkButton } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import {
  formatBytes,
  formatDate,
  formatDuration,
  formatInteger,
  formatParameters,
  formatRelativeDate,
} from '../../words/format.ts';
import { chatWith, deleteModel, getUpdate, pinModel, unloadModel } from '../../parts/models/model-actions.ts';
import { Facts } from '../../parts/Facts.tsx';
import { FitCard } from '../../parts/fit/FitCard.tsx';
import { FilePlace } from './FilePlace.tsx';
import { LoadState } from './LoadState.tsx';
import { ModelDefaultsCard } from './ModelDefaultsCard.tsx';
import { ModelTools } from './ModelTools.tsx';
import { repairActions } from './repair-actions.ts';
import { TemplateTrial } from './TemplateTrial.tsx';
import { VerificationCard } from './VerificationCard.tsx';
import { auxiliaryWords, isInUse, isOwn, licenseName, originWords } from '../../parts/models/model-words.ts';
import { words } from '../../words/words.ts';

interface LocalModelDetailProps {
  readonly model: LocalModel;
  /** How Hearth made models, by model id; those from elsewhere are not in it. */
  readonly records: ReadonlyMap<string, ConversionRecord>;
  readonly loaded: LoadedModel | undefined;
  /** The reason why the last load failed. */
  readonly failure: ErrorBody | null;
  readonly onLoad: () => void;
}

export function LocalModelDetail({ model, records, loaded, failure, onLoad }: LocalModelDetailProps) {
  const record = records.get(model.id);
  const auxiliary = auxiliaryWords(model);
  const canLoad = auxiliary === null && model.problem === null;
  const inMemory = loaded !== undefined && loaded.status !== 'failed';
  return (
    <article className="models-detail">
      <header className="models-detail-head">
        <div className="models-detail-title">
          <h2>{model.name}</h2>
          {auxiliary !== null && <Badge>{auxiliary.word}</Badge>}
          <LoadState loaded={loaded} />
        </div>
        <p className="secondary">{originWords(model)}</p>
      </header>

      <div className="models-detail-actions">
        {canLoad && (
          <>
            <Button
              variant="primary"
              icon={MessageSquare}
              aria-label={words.library.actions.chatThis}
              onClick={() => chatWith(model.id)}
            >
              {words.models.chat}
            </Button>
            {inMemory ? (
              <Button
                icon={Power}
                aria-label={words.library.actions.unloadThis}
                onClick={() => void unloadModel(model.id)}
              >
                {words.library.actions.unload}
              </Button>
            ) : (
              <Button icon={Play} aria-label={words.library.actions.loadThis} onClick={onLoad}>
                {words.library.actions.load}
              </Button>
            )}
            <Button icon={LoadSettingsIcon} onClick={() => openLoadSettings(model.id)}>
              {words.library.actions.loadSettings}
            </Button>
            <ModelTools model={model} />
          </>
        )}
        {model.origin === 'hub' && (
          <>
            <Button
              variant="ghost"
              icon={model.pinned ? PinOff : Pin}
              aria-label={model.pinned ? words.library.actions.unpinThis : words.library.actions.pinThis}
              title={words.library.actions.pinHint}
              onClick={() => void pinModel(model, !model.pinned)}
            >
              {model.pinned ? words.library.actions.unpin : words.library.actions.pin}
            </Button>
            <LinkButton
              variant="ghost"
              icon={Search}
              href={href({ screen: 'models', tab: 'discover', repoId: model.repoId })}
            >
              {words.library.actions.seeOnHub}
            </LinkButton>
          </>
        )}
        {isOwn(model.origin) && (
          <Button
            variant="ghost"
            icon={Trash2}
            aria-label={words.library.actions.deleteThis}
            onClick={() => void deleteModel(model)}
          >
            {words.library.actions.delete}
          </Button>
        )}
      </div>

      {model.updateRevision !== null && (
        <div className="models-update">
          <CloudDownload size={16} aria-hidden />
          <p>
            {words.library.newerVersion} <span className="mono faint">{model.updateRevision.slice(0, 8)}</span>
          </p>
          <Button size="sm" icon={CloudDownload} onClick={() => void getUpdate(model)}>
            {words.library.getUpdate}
          </Button>
        </div>
      )}

      {loaded && inMemory && loaded.status !== 'loading' && <Running loaded={loaded} />}

      {auxiliary !== null && <p>{auxiliary.sentence}</p>}
      {failure !== null && canLoad && (
        // In a wide window the row beside it shows the same.
        <div className="models-narrow-only">
          <ErrorCard error={failure} actions={[{ label: words.ui.tryAgain, run: onLoad }]} />
        </div>
      )}
      {model.problem !== null && <ErrorCard error={model.problem} actions={repairActions(model)} />}
      {model.notes.map(({ code, field }) => (
        <p key={`${code} ${field}`} className="secondary">
          {words.library.headerNotes[code](field)}
        </p>
      ))}
      {record !== undefined && <VerificationCard modelId={model.id} record={record} records={records} />}
      {/* Whether it would fit is no question about a model that is in memory. */}
      {canLoad && !inMemory && <FitCard fit={model.fit} title={model.quantization ?? model.fileName} />}

      <ModelFacts model={model} loaded={loaded} canLoad={canLoad} />
      {canLoad && <ModelDefaultsCard key={`defaults of ${model.id}`} modelId={model.id} name={model.name} />}

      {canLoad && <TemplateTrial key={model.id} modelId={model.id} />}
    </article>
  );
}

interface ModelFactsProps {
  readonly model: LocalModel;
  readonly loaded: LoadedModel | undefined;
  readonly canLoad: boolean;
}

function ModelFacts({ model, loaded, canLoad }: ModelFactsProps) {
  return (
    <Facts
      facts={[
        { name: words.library.facts.quantization, value: model.quantization },
        { name: words.library.facts.size, value: formatBytes(model.sizeBytes) },
        {
          name: words.library.facts.parameters,
          value: model.parameterCount === null ? null : formatParameters(model.parameterCount),
        },
        {
          name: words.library.facts.context,
          value: model.contextLength === null ? null : words.models.tokens(model.contextLength),
        },
        { name: words.library.facts.architecture, value: model.architecture },
        { name: words.library.facts.license, value: licenseName(model.license) },
        {
          name: words.library.facts.lastUsed,
          value: isInUse(loaded) ? (
            words.library.usedNow
          ) : model.lastUsedAt === null ? (
            words.library.notYet
          ) : (
            <time title={formatDate(model.lastUsedAt)}>{formatRelativeDate(model.lastUsedAt)}</time>
          ),
        },
        {
          name: words.library.facts.added,
          value:
            model.origin === 'built_in' ? null : (
              <time title={formatDate(model.addedAt)}>{formatRelativeDate(model.addedAt)}</time>
            ),
        },
        {
          name: words.library.facts.file,
          value: canLoad ? (
            <FilePlace key={model.id} modelId={model.id} fileName={model.fileName} />
          ) : (
            <span className="mono models-wrap">{model.fileName}</span>
          ),
        },
        {
          name: words.library.facts.commit,
          value: model.revision === null ? null : <span className="mono">{model.revision.slice(0, 10)}</span>,
        },
      ]}
    />
  );
}

/** The measured memory of the loaded model; the bar above is an estimate. */
function Running({ loaded }: { readonly loaded: LoadedModel }) {
  return (
    <section className="models-running card" aria-label={words.library.running.title}>
      <h3>{words.library.running.title}</h3>
      <Facts
        facts={[
          {
            name: words.library.running.memory,
            value: loaded.memoryBytes > 0 ? formatBytes(loaded.memoryBytes) : null,
          },
          { name: words.library.running.device, value: loaded.device },
          { name: words.library.running.threads, value: loaded.threads > 0 ? formatInteger(loaded.threads) : null },
          {
            name: words.library.running.gpuLayers,
            value: loaded.gpuLayers > 0 ? words.models.countOf(loaded.gpuLayers, loaded.layerCount) : null,
          },
          {
            name: words.library.running.contextSize,
            value: loaded.contextSize > 0 ? words.models.tokens(loaded.contextSize) : null,
          },
          { name: words.library.running.loadTime, value: loaded.loadMs > 0 ? formatDuration(loaded.loadMs) : null },
        ]}
      />
      {loaded.notes.length > 0 && (
        <ul className="models-notes">
          {loaded.notes.map((note) => (
            <li key={words.load.note(note)}>{words.load.note(note)}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
