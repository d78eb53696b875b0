/** One model on this computer, in the list. */
import { CloudDownload, MessageSquare, Pin, Play, Power, Trash2 } from 'lucide-react';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { Verification } from '../../../preload/contract/convert.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { chatWith, deleteModel, unloadModel } from '../../parts/models/model-actions.ts';
import { FitBadge } from '../../parts/fit/FitBadge.tsx';
import { LoadState } from './LoadState.tsx';
import { repairActions } from './repair-actions.ts';
import { auxiliaryWords, isInUse, isOwn, lastUseWords, originWords } from '../../parts/models/model-words.ts';
import { VerificationBadge } from './VerificationCard.tsx';
import { words } from '../../words/words.ts';

interface LocalRowProps {
  readonly model: LocalModel;
  /** A name that no other model in the list has. */
  readonly name: string;
  readonly loaded: LoadedModel | undefined;
  /** The reason why the last load failed. */
  readonly failure: ErrorBody | null;
  readonly chosen: boolean;
  /** An auxiliary file, shown under its model. */
  readonly attached: boolean;
  /** What its verification found; null for a model that was not verified. */
  readonly verification: Verification | null;
  readonly onChoose: () => void;
  readonly onLoad: () => void;
}

export function LocalRow(props: LocalRowProps) {
  const { model, name, loaded, failure, chosen, attached, verification, onChoose, onLoad } = props;
  const auxiliary = auxiliaryWords(model);
  const inMemory = loaded !== undefined && loaded.status !== 'failed';
  return (
    <li className="models-row" data-chosen={chosen} data-attached={attached || undefined}>
      <button type="button" className="models-row-link" data-row aria-current={chosen || undefined} onClick={onChoose}>
        {name}
      </button>
      <span className="models-row-facts num">
        {model.quantization !== null && <span>{model.quantization}</span>}
        <span>{formatBytes(model.sizeBytes)}</span>
        {model.contextLength !== null && <span>{words.library.context(model.contextLength)}</span>}
      </span>
      <span className="models-row-facts num">
        <span className="truncate">{originWords(model)}</span>
        <span>{lastUseWords(model.lastUsedAt, isInUse(loaded))}</span>
      </span>
      <div className="models-row-foot">
        <span className="models-row-marks">
          {auxiliary !== null && <Badge>{auxiliary.word}</Badge>}
          {/* Whether it would fit is no question about a model that is in memory. */}
          {auxiliary === null && model.problem === null && !inMemory && <FitBadge fit={model.fit} />}
          <LoadState loaded={loaded} />
          {verification?.result === 'failed' && <VerificationBadge verification={verification} />}
          {model.notes.length > 0 && <Badge>{words.library.oddHeader}</Badge>}
          {model.pinned && <Badge icon={Pin}>{words.library.pinned}</Badge>}
          {model.updateRevision !== null && (
            <Badge tone="accent" icon={CloudDownload}>
              {words.library.updateAvailable}
            </Badge>
          )}
        </span>
        <span className="models-row-actions">
          {auxiliary === null && model.problem === null && (
            <>
              <IconButton
                size="sm"
                icon={MessageSquare}
                label={words.models.chatWith(name)}
                onClick={() => chatWith(model.id)}
              />
              {inMemory ? (
                <IconButton
                  size="sm"
                  icon={Power}
                  label={words.models.unload(name)}
                  onClick={() => void unloadModel(model.id)}
                />
              ) : (
                <IconButton size="sm" icon={Play} label={words.models.load(name)} onClick={onLoad} />
              )}
            </>
          )}
          {model.problem === null && isOwn(model.origin) && (
            <IconButton
              size="sm"
              icon={Trash2}
              label={words.library.deleteNamed(name)}
              onClick={() => void deleteModel(model)}
            />
          )}
        </span>
      </div>
      {loaded?.status === 'loading' && (
        <ProgressBar size="sm" value={loaded.progress} label={words.ui.loadingModel(name)} />
      )}
      <RowError model={model} name={name} failure={failure} onLoad={onLoad} />
    </li>
  );
}

/** An unusable file offers deletion; a failed load offers another attempt. */
function RowError({ model, name, failure, onLoad }: Pick<LocalRowProps, 'model' | 'name' | 'failure' | 'onLoad'>) {
  if (model.problem !== null) {
    const remove = { label: words.library.deleteNamed(name), icon: Trash2, run: () => void deleteModel(model) };
    return (
      <ErrorCard
        compact
        error={model.problem}
        actions={[...repairActions(model), ...(isOwn(model.origin) ? [remove] : [])]}
      />
    );
  }
  if (failure === null) return null;
  return <ErrorCard compact error={failure} actions={[{ label: words.ui.tryAgain, run: onLoad }]} />;
}
