/** Other files that a model is loaded with: a small one that guesses ahead, and adapters. */
import { X } from 'lucide-react';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { useLive } from '../../connection/live.ts';
import { formatBytes } from '../../words/format.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select, type SelectOption } from '../../ui/Select.tsx';
import { SelectToAdd } from '../../ui/SelectToAdd.tsx';
import { draftCandidates, loraCandidates } from './partners.ts';

interface PartnersProps {
  readonly modelId: string;
  readonly settings: LoadSettings;
  readonly onChange: (patch: Partial<LoadSettings>) => void;
}

export function LoadPartners({ modelId, settings, onChange }: PartnersProps) {
  const models = useLive('library.watch', {}).value?.models ?? [];
  return (
    <>
      <Speculation drafts={draftCandidates(models, modelId)} settings={settings} onChange={onChange} />
      <Loras candidates={loraCandidates(models, modelId)} models={models} settings={settings} onChange={onChange} />
    </>
  );
}

function optionOf(model: LocalModel): SelectOption<string> {
  return {
    value: model.id,
    label: model.name,
    detail: [
      formatBytes(model.sizeBytes),
      model.quantization ?? '',
      model.kind === 'adapter' ? `for ${model.architecture ?? 'any model'}` : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
  };
}

const speculationHints: Record<LoadSettings['speculation']['kind'], string> = {
  off: 'One token after the other.',
  lookup:
    'Guesses what stood in the conversation before; good for edits, code and summaries. Stops by itself when it does not pay.',
  draft: 'A small model of the same family guesses ahead; the large one checks. Its vocabulary must be the same.',
};

function Speculation({
  drafts,
  settings,
  onChange,
}: {
  drafts: readonly LocalModel[];
  settings: LoadSettings;
  onChange: PartnersProps['onChange'];
}) {
  const { speculation } = settings;
  const chosenId = speculation.kind === 'draft' ? speculation.modelId : '';
  const [first] = drafts;
  return (
    <div className="field" role="group" aria-label="Guessing ahead (speculation)">
      <span className="field-label" aria-hidden="true">
        Guessing ahead (speculation)
      </span>
      <SegmentedControl
        label="Guessing ahead (speculation)"
        size="sm"
        value={speculation.kind}
        options={[
          { value: 'off', label: 'Off' },
          { value: 'lookup', label: 'From the text' },
          ...(first || speculation.kind === 'draft' ? [{ value: 'draft' as const, label: 'Small model' }] : []),
        ]}
        onChange={(kind) => {
          if (kind !== 'draft') onChange({ speculation: { kind } });
          else if (first) onChange({ speculation: { kind, modelId: first.id } });
        }}
      />
      {speculation.kind === 'draft' ? (
        <Select
          label="The small model"
          labelHidden
          value={chosenId}
          options={[
            ...drafts.map(optionOf),
            ...(drafts.some((model) => model.id === chosenId)
              ? []
              : [{ value: chosenId, label: `${chosenId} (not here)` }]),
          ]}
          onChange={(modelId) => onChange({ speculation: { kind: 'draft', modelId } })}
        />
      ) : null}
      <span className="field-hint">{speculationHints[speculation.kind]}</span>
    </div>
  );
}

/** As many as the contract takes. */
const MAX_LORAS = 8;

function Loras({
  candidates,
  models,
  settings,
  onChange,
}: {
  candidates: readonly LocalModel[];
  models: readonly LocalModel[];
  settings: LoadSettings;
  onChange: PartnersProps['onChange'];
}) {
  const { loras } = settings;
  const rest = candidates.filter((model) => !loras.some((lora) => lora.modelId === model.id));
  if (loras.length === 0 && rest.length === 0) return null;
  const save = (next: LoadSettings['loras']): void => onChange({ loras: next });
  const nameOf = (modelId: string): string => models.find((model) => model.id === modelId)?.name ?? modelId;
  return (
    <div className="field" role="group" aria-label="Adapters (LoRA)">
      <span className="field-label" aria-hidden="true">
        Adapters (LoRA)
      </span>
      {loras.map((lora, index) => (
        <div key={lora.modelId} className="row load-lora">
          <span className="truncate" title={lora.modelId}>
            {nameOf(lora.modelId)}
          </span>
          <NumberField
            label={`Strength of ${nameOf(lora.modelId)} (scale)`}
            labelHidden
            value={lora.scale}
            min={-10}
            max={10}
            step={0.05}
            onChange={(scale) => save(loras.with(index, { ...lora, scale }))}
          />
          <IconButton
            label={`Remove ${nameOf(lora.modelId)}`}
            icon={X}
            size="sm"
            onClick={() => save(loras.toSpliced(index, 1))}
          />
        </div>
      ))}
      {rest.length > 0 && loras.length < MAX_LORAS ? (
        <SelectToAdd
          label="Adapter to add"
          placeholder="Choose an adapter file"
          addLabel="Add the adapter"
          options={rest.map(optionOf)}
          onAdd={(id) => save([...loras, { modelId: id, scale: 1 }])}
        />
      ) : null}
      <span className="field-hint">
        Strength 1 is as it was trained. Whether an adapter fits is checked at the load.
      </span>
    </div>
  );
}
