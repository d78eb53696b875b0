import { TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { contextSizes, nearestSize } from '../../parts/fit/context-sizes.ts';
import { LayerCells } from '../../parts/fit/LayerCells.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { NumberField } from '../../ui/controls/NumberField.tsx';
import { SegmentedControl, type Segment } from '../../ui/controls/SegmentedControl.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Slider } from '../../ui/controls/Slider.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { exceedsTraining, kvTypes, layersAsked } from './load-words.ts';
import { AuxiliaryFiles } from './AuxiliaryFiles.tsx';
import { words } from '../../words/words.ts';

interface LoadFieldsProps {
  readonly modelId: string;
  readonly settings: LoadSettings;
  /** The load plan for these settings: it shows the current value of "auto". */
  readonly fit: Fit;
  readonly trainedContextSize: number | null;
  readonly physicalCores: number | null;
  readonly onChange: (patch: Partial<LoadSettings>) => void;
}

export function LoadFields(props: LoadFieldsProps) {
  const { modelId, settings, fit, onChange } = props;
  const [more, setMore] = useState(false);
  return (
    <>
      <section className="load-section" aria-label={words.load.memory}>
        <ContextSize {...props} />
        {fit.totalVramBytes > 0 ? <GpuLayers settings={settings} fit={fit} onChange={onChange} /> : null}
        <Select
          label={words.load.kvType.label}
          hint={words.load.kvType.hint}
          value={settings.kvCacheType}
          options={kvTypes}
          onChange={(kvCacheType) => onChange({ kvCacheType })}
        />
      </section>
      <section className="load-section" aria-label={words.load.work}>
        <div className="load-number">
          <NumberField
            label={words.load.slots.label}
            hint={words.load.slots.hint}
            value={settings.sequences}
            min={1}
            max={32}
            onChange={(sequences) => onChange({ sequences })}
          />
        </div>
        <AuxiliaryFiles modelId={modelId} settings={settings} onChange={onChange} />
      </section>
      <section className="load-section" aria-label={words.load.more}>
        <MoreButton open={more} onOpenChange={setMore} label={words.load.moreLabel} />
        {more ? <Rest {...props} /> : null}
      </section>
    </>
  );
}

function Choice({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="field" role="group" aria-label={label}>
      <span className="field-label" aria-hidden="true">
        {label}
      </span>
      {children}
      {hint ? <span className="field-hint">{hint}</span> : null}
    </div>
  );
}

const auto = { value: 'auto' as const, label: words.ui.auto };

/** A number, or one of a few named values such as Auto. `children` are shown below. */
function NumberOr<Kind extends string>({
  label,
  numberLabel = label,
  hint,
  kinds,
  value,
  first,
  onChange,
  min,
  max,
  step = 1,
  unit,
  children,
}: {
  label: string;
  /** The accessible name of the number, where the label does not fit. */
  numberLabel?: string;
  hint: string;
  kinds: readonly Segment<Kind>[];
  value: Kind | number;
  /** The initial number when “Number” is chosen. */
  first: number;
  onChange: (value: Kind | number) => void;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  children?: ReactNode;
}) {
  return (
    <Choice label={label} hint={hint}>
      <div className="load-line">
        <SegmentedControl<Kind | 'number'>
          label={label}
          size="sm"
          value={typeof value === 'number' ? 'number' : value}
          options={[...kinds, { value: 'number', label: words.load.number }]}
          onChange={(kind) => onChange(kind === 'number' ? first : kind)}
        />
        {typeof value === 'number' ? (
          <NumberField
            label={numberLabel}
            labelHidden
            value={value}
            min={min}
            max={max}
            step={step}
            onChange={onChange}
            {...(unit === undefined ? {} : { unit })}
          />
        ) : null}
      </div>
      {children}
    </Choice>
  );
}

function ContextSize({ settings, fit, trainedContextSize, onChange }: LoadFieldsProps) {
  const { contextSize } = settings;
  const steps = contextSizes(trainedContextSize);
  const tokens = typeof contextSize === 'number' ? contextSize : fit.contextSize;
  const { label } = words.load.contextSize;
  const hint =
    contextSize === 'auto'
      ? words.load.contextSize.auto(fit.contextSize)
      : contextSize === 'model'
        ? words.load.contextSize.model(trainedContextSize)
        : words.load.contextSize.hint;
  return (
    <NumberOr
      label={label}
      numberLabel={words.load.contextSize.number}
      hint={hint}
      kinds={[auto, { value: 'model', label: words.load.contextSize.own }]}
      value={contextSize}
      first={Math.max(256, tokens || (steps[0] ?? 4096))}
      min={256}
      max={16_777_216}
      step={256}
      unit={words.load.contextSize.unit}
      onChange={(next) => onChange({ contextSize: next })}
    >
      {trainedContextSize !== null && exceedsTraining(settings, trainedContextSize) ? (
        <p className="load-warning" role="status">
          <TriangleAlert size={14} aria-hidden="true" />
          {words.load.contextSize.tooLong(trainedContextSize)}
        </p>
      ) : null}
      {typeof contextSize === 'number' && steps.length > 1 ? (
        <Slider
          label={label}
          value={nearestSize(steps, contextSize)}
          min={0}
          max={steps.length - 1}
          step={1}
          format={(index) => words.models.tokens(steps[index] ?? 0)}
          onChange={(index) => onChange({ contextSize: Math.max(256, steps[index] ?? contextSize) })}
        />
      ) : null}
    </NumberOr>
  );
}

function GpuLayers({ settings, fit, onChange }: Pick<LoadFieldsProps, 'settings' | 'fit' | 'onChange'>) {
  const { gpuLayers } = settings;
  const { label } = words.load.gpuLayers;
  const onGpu = layersAsked(settings, fit.layerCount) ?? fit.gpuLayers;
  const max = Math.max(fit.layerCount, 1);
  return (
    <NumberOr
      label={label}
      numberLabel={words.load.gpuLayers.number}
      hint={
        fit.layerCount > 0
          ? words.load.gpuLayers.count(onGpu, fit.layerCount, gpuLayers === 'auto')
          : words.load.gpuLayers.hint
      }
      kinds={[auto, { value: 'all', label: words.load.gpuLayers.all }]}
      value={typeof gpuLayers === 'number' ? Math.min(gpuLayers, max) : gpuLayers}
      first={onGpu}
      min={0}
      max={max}
      onChange={(next) => onChange({ gpuLayers: next })}
    >
      {typeof gpuLayers === 'number' ? (
        <Slider
          label={label}
          value={Math.min(gpuLayers, max)}
          min={0}
          max={max}
          step={1}
          format={(count) => words.models.layersOf(count, fit.layerCount)}
          onChange={(next) => onChange({ gpuLayers: next })}
        />
      ) : null}
      <LayerCells onGpu={onGpu} layerCount={fit.layerCount} />
    </NumberOr>
  );
}

function Rest({ settings, physicalCores, onChange }: LoadFieldsProps) {
  return (
    <>
      <NumberOr
        label={words.load.threads.label}
        hint={physicalCores === null ? words.load.threads.auto : words.load.threads.cores(physicalCores)}
        kinds={[auto]}
        value={settings.threads}
        first={physicalCores ?? 2}
        min={1}
        max={physicalCores ?? 512}
        onChange={(threads) => onChange({ threads })}
      />
      <NumberOr
        label={words.load.batch.label}
        hint={words.load.batch.hint}
        kinds={[auto]}
        value={settings.batchSize}
        first={512}
        min={32}
        max={8192}
        step={32}
        onChange={(batchSize) => onChange({ batchSize })}
      />
      <Choice label={words.load.flashAttention.label} hint={words.load.flashAttention.hint}>
        <SegmentedControl
          label={words.load.flashAttention.label}
          size="sm"
          value={settings.flashAttention === 'auto' ? 'auto' : settings.flashAttention ? 'on' : 'off'}
          options={[auto, { value: 'on', label: words.ui.on }, { value: 'off', label: words.ui.off }]}
          onChange={(kind) => onChange({ flashAttention: kind === 'auto' ? 'auto' : kind === 'on' })}
        />
      </Choice>
      <Switch
        label={words.load.mmap.label}
        hint={words.load.mmap.hint}
        checked={settings.mmap}
        onChange={(mmap) => onChange({ mmap })}
      />
      <Switch
        label={words.load.mlock.label}
        hint={words.load.mlock.hint}
        checked={settings.mlock}
        onChange={(mlock) => onChange({ mlock })}
      />
    </>
  );
}
