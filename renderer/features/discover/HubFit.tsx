/** The fit of a file on the Hub, read from its header, with settings that change it. */
import { RotateCcw } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { HubFile } from '../../../preload/contract/hub.ts';
import { useQuery } from '../../connection/live.ts';
import { contextSizes, nearestSize } from '../../parts/fit/context-sizes.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Slider } from '../../ui/controls/Slider.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { basisSentence, kvChoices, ownChoices, type FitChoices } from './fit-choices.ts';
import { FitCard } from '../../parts/fit/FitCard.tsx';
import { fileNameOf } from '../../parts/jobs-state.ts';

interface HubFitProps {
  readonly repoId: string;
  readonly revision: string;
  readonly file: HubFile;
  /** The file's header was read, so the fits of the repository's files are known better. */
  readonly onRead: () => void;
}

const SETTLED_MS = 150;

/** Shows an estimate by size until the header is read. If it cannot be read, the estimate stays, with the reason. */
export function HubFit({ repoId, revision, file, onRead }: HubFitProps) {
  const [choices, setChoices] = useState(ownChoices);
  const asked = useSettled(choices, SETTLED_MS);
  const answer = useQuery('hub.fit', { repoId, path: file.path, revision, ...asked }, { keep: true });
  const title = file.quantization ?? fileNameOf(file.path);
  const answered = answer.value !== undefined;
  // The list was made before the header was read.
  useEffect(() => {
    if (answered && file.fit.basis === 'file_size') onRead();
  }, [answered, file.fit.basis, onRead]);
  // With the model's own settings the list beside it has the same number from the same moment.
  const isOwn = !hasChanged(choices) && file.fit.basis !== 'file_size';
  const fit = isOwn ? file.fit : (answer.value?.fit ?? file.fit);
  const basis =
    answer.value !== undefined
      ? basisSentence(fit.basis, answer.value.requests, answer.value.headerBytes)
      : answer.status === 'error'
        ? words.discover.fit.unreadable(wordsFor(answer.error).title)
        : words.discover.fit.reading;
  return (
    <FitCard fit={fit} title={title} basis={basis} busy={answer.refreshing}>
      {(answer.value !== undefined || answer.status === 'loading') && (
        <Choices
          // Rendered from the beginning, because content that appears later would move the buttons below it.
          isReady={answer.value !== undefined}
          choices={choices}
          onChange={(change) => setChoices((now) => ({ ...now, ...change }))}
          sizes={contextSizes(answer.value?.trainedContextSize ?? (fit.contextSize > 0 ? fit.contextSize : null))}
          contextSize={choices.contextSize ?? fit.contextSize}
          layerCount={fit.totalVramBytes > 0 ? fit.layerCount : 0}
          gpuLayers={choices.gpuLayers ?? fit.gpuLayers}
        />
      )}
    </FitCard>
  );
}

interface ChoicesProps {
  /** The header was read, so the settings have an effect. */
  readonly isReady: boolean;
  readonly choices: FitChoices;
  readonly onChange: (change: Partial<FitChoices>) => void;
  readonly sizes: readonly number[];
  readonly contextSize: number;
  /** 0 where no GPU can take layers. */
  readonly layerCount: number;
  readonly gpuLayers: number;
}

function Choices({ isReady, choices, onChange, sizes, contextSize, layerCount, gpuLayers }: ChoicesProps) {
  const changed = hasChanged(choices);
  return (
    <div className="models-fit-choices">
      <div className="models-fit-choice">
        <span className="models-fit-choice-name">{words.discover.fit.contextSize}</span>
        <span className="num">{contextSize > 0 ? words.models.tokens(contextSize) : '…'}</span>
        <Slider
          label={words.discover.fit.contextSize}
          value={nearestSize(sizes, contextSize)}
          min={0}
          max={Math.max(1, sizes.length - 1)}
          step={1}
          disabled={!isReady || sizes.length < 2}
          format={(index) => words.models.tokens(sizes[index] ?? 0)}
          onChange={(index) => onChange({ contextSize: sizes[index] ?? null })}
        />
      </div>
      {layerCount > 0 && (
        <div className="models-fit-choice">
          <span className="models-fit-choice-name">{words.discover.fit.gpuLayers}</span>
          <span className="num">{words.models.countOf(gpuLayers, layerCount)}</span>
          <Slider
            label={words.discover.fit.gpuLayers}
            value={gpuLayers}
            min={0}
            max={layerCount}
            step={1}
            disabled={!isReady}
            format={(layers) => words.models.layersOf(layers, layerCount)}
            onChange={(layers) => onChange({ gpuLayers: layers })}
          />
        </div>
      )}
      <div className="models-fit-foot">
        <span className="models-fit-choice-name">{words.discover.fit.memoryType}</span>
        <SegmentedControl
          label={words.discover.fit.memoryType}
          size="sm"
          value={choices.kvCacheType ?? 'F16'}
          options={kvChoices}
          onChange={(kvCacheType) => onChange({ kvCacheType })}
        />
        <IconButton
          size="sm"
          icon={RotateCcw}
          label={words.discover.fit.reset}
          disabled={!changed}
          onClick={() => onChange(ownChoices)}
        />
      </div>
    </div>
  );
}

const hasChanged = ({ contextSize, gpuLayers, kvCacheType }: FitChoices): boolean =>
  contextSize !== null || gpuLayers !== null || kvCacheType !== null;
