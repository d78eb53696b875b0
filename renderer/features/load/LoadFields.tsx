import { useState, type ReactNode } from 'react';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { contextSizes, nearestSize } from '../../parts/context-sizes.ts';
import { formatInteger } from '../../words/format.ts';
import { LayerCells } from '../../parts/LayerCells.tsx';
import { MoreButton } from '../../ui/MoreButton.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { SegmentedControl, type Segment } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { kvTypes, layersAsked } from './load-words.ts';
import { LoadPartners } from './LoadPartners.tsx';

interface LoadFieldsProps {
  readonly modelId: string;
  readonly settings: LoadSettings;
  /** What the settings come to: shows what "auto" is now. */
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
      <section className="load-section" aria-label="Memory">
        <ContextSize {...props} />
        {fit.totalVramBytes > 0 ? <GpuLayers settings={settings} fit={fit} onChange={onChange} /> : null}
        <Select
          label="How the conversation is kept (KV type)"
          hint="Smaller types make more room for the conversation."
          value={settings.kvCacheType}
          options={kvTypes}
          onChange={(kvCacheType) => onChange({ kvCacheType })}
        />
      </section>
      <section className="load-section" aria-label="Work">
        <div className="load-number">
          <NumberField
            label="Chats at once (sequences)"
            hint="Chats that it writes for at the same time; each needs its own room."
            value={settings.sequences}
            min={1}
            max={16}
            onChange={(sequences) => onChange({ sequences })}
          />
        </div>
        <LoadPartners modelId={modelId} settings={settings} onChange={onChange} />
      </section>
      <section className="load-section" aria-label="More">
        <MoreButton open={more} onOpenChange={setMore} label="More: threads, batch, flash attention, files" />
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

const auto = { value: 'auto', label: 'Auto' } as const;

/** A number, or a word for it. `children` stand below both. */
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
  /** The accessible name of the number, where the label is not it. */
  numberLabel?: string;
  hint: string;
  kinds: readonly Segment<Kind>[];
  value: Kind | number;
  /** The number that leaving the words starts with. */
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
          options={[...kinds, { value: 'number', label: 'Number' }]}
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
  const label = 'Room for the conversation (context size)';
  const hint =
    contextSize === 'auto'
      ? fit.contextSize > 0
        ? `As much as fits: ${formatInteger(fit.contextSize)} tokens now.`
        : 'As much as fits.'
      : contextSize === 'model'
        ? trainedContextSize === null
          ? 'What the model was trained for.'
          : `What the model was trained for: ${formatInteger(trainedContextSize)} tokens.`
        : trainedContextSize !== null && contextSize > trainedContextSize
          ? `More than the ${formatInteger(trainedContextSize)} tokens that it was trained for: it may lose the thread.`
          : 'A token is about three quarters of a word.';
  return (
    <NumberOr
      label={label}
      numberLabel="Tokens of room"
      hint={hint}
      kinds={[auto, { value: 'model', label: 'Model’s own' }]}
      value={contextSize}
      first={Math.max(256, tokens || (steps[0] ?? 4096))}
      min={256}
      max={16_777_216}
      step={256}
      unit="tokens"
      onChange={(next) => onChange({ contextSize: next })}
    >
      {typeof contextSize === 'number' && steps.length > 1 ? (
        <Slider
          label={label}
          value={nearestSize(steps, contextSize)}
          min={0}
          max={steps.length - 1}
          step={1}
          format={(index) => `${formatInteger(steps[index] ?? 0)} tokens`}
          onChange={(index) => onChange({ contextSize: Math.max(256, steps[index] ?? contextSize) })}
        />
      ) : null}
    </NumberOr>
  );
}

function GpuLayers({ settings, fit, onChange }: Pick<LoadFieldsProps, 'settings' | 'fit' | 'onChange'>) {
  const { gpuLayers } = settings;
  const label = 'Layers on the GPU';
  const onGpu = layersAsked(settings, fit.layerCount) ?? fit.gpuLayers;
  const max = Math.max(fit.layerCount, 1);
  return (
    <NumberOr
      label={label}
      numberLabel="Number of layers on the GPU"
      hint={
        fit.layerCount > 0
          ? `${formatInteger(onGpu)} of ${formatInteger(fit.layerCount)} layers${gpuLayers === 'auto' ? ' fit now' : ''}. The rest is computed by the processor.`
          : 'The rest is computed by the processor.'
      }
      kinds={[auto, { value: 'all', label: 'All' }]}
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
          format={(count) => `${count} of ${fit.layerCount} layers`}
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
        label="Threads"
        hint={
          physicalCores === null
            ? 'Auto takes what the short run found to be fastest.'
            : `Auto takes what the short run found to be fastest. This computer has ${physicalCores === 1 ? 'one core' : `${physicalCores} cores`}; more threads than that are slower.`
        }
        kinds={[auto]}
        value={settings.threads}
        first={physicalCores ?? 2}
        min={1}
        max={physicalCores ?? 512}
        onChange={(threads) => onChange({ threads })}
      />
      <NumberOr
        label="Tokens read at a time (batch size)"
        hint="Larger batches read long texts faster and take more memory."
        kinds={[auto]}
        value={settings.batchSize}
        first={512}
        min={32}
        max={8192}
        step={32}
        onChange={(batchSize) => onChange({ batchSize })}
      />
      <Choice label="Flash attention" hint="Faster with long conversations, and needed for the small KV types.">
        <SegmentedControl
          label="Flash attention"
          size="sm"
          value={settings.flashAttention === 'auto' ? 'auto' : settings.flashAttention ? 'on' : 'off'}
          options={[auto, { value: 'on', label: 'On' }, { value: 'off', label: 'Off' }]}
          onChange={(kind) => onChange({ flashAttention: kind === 'auto' ? 'auto' : kind === 'on' })}
        />
      </Choice>
      <Switch
        label="Read the file as it is needed (mmap)"
        hint="Loads at once, and lets the system give memory back when others need it."
        checked={settings.mmap}
        onChange={(mmap) => onChange({ mmap })}
      />
      <Switch
        label="Keep it in memory (mlock)"
        hint="The system may never swap it out."
        checked={settings.mlock}
        onChange={(mlock) => onChange({ mlock })}
      />
    </>
  );
}
