/** Auxiliary files that a model is loaded with: a draft model, and adapters. */
import { X } from 'lucide-react';
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { useLive } from '../../connection/live.ts';
import { formatBytes } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { NumberField } from '../../ui/controls/NumberField.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Select, type SelectOption } from '../../ui/controls/Select.tsx';
import { SelectToAdd } from '../../ui/controls/SelectToAdd.tsx';
import { draftCandidates, loraCandidates } from './auxiliary-files.ts';
import { words } from '../../words/words.ts';

interface AuxiliaryFilesProps {
  readonly modelId: string;
  readonly settings: LoadSettings;
  readonly onChange: (patch: Partial<LoadSettings>) => void;
}

export function AuxiliaryFiles({ modelId, settings, onChange }: AuxiliaryFilesProps) {
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
      model.kind === 'adapter' ? words.load.adapters.forArchitecture(model.architecture) : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
  };
}

function Speculation({
  drafts,
  settings,
  onChange,
}: {
  drafts: readonly LocalModel[];
  settings: LoadSettings;
  onChange: AuxiliaryFilesProps['onChange'];
}) {
  const { speculation } = settings;
  const chosenId = speculation.kind === 'draft' ? speculation.modelId : '';
  const [first] = drafts;
  return (
    <div className="field" role="group" aria-label={words.load.speculative.label}>
      <span className="field-label" aria-hidden="true">
        {words.load.speculative.label}
      </span>
      <SegmentedControl
        label={words.load.speculative.label}
        size="sm"
        value={speculation.kind}
        options={[
          { value: 'off', label: words.load.speculative.off },
          { value: 'lookup', label: words.load.speculative.lookup },
          ...(first || speculation.kind === 'draft'
            ? [{ value: 'draft' as const, label: words.load.speculative.draft }]
            : []),
        ]}
        onChange={(kind) => {
          if (kind !== 'draft') onChange({ speculation: { kind } });
          else if (first) onChange({ speculation: { kind, modelId: first.id } });
        }}
      />
      {speculation.kind === 'draft' ? (
        <Select
          label={words.load.speculative.draft}
          labelHidden
          value={chosenId}
          options={[
            ...drafts.map(optionOf),
            ...(drafts.some((model) => model.id === chosenId)
              ? []
              : [{ value: chosenId, label: words.load.speculative.missing(chosenId) }]),
          ]}
          onChange={(modelId) => onChange({ speculation: { kind: 'draft', modelId } })}
        />
      ) : null}
      <span className="field-hint">{words.load.speculative.hints[speculation.kind]}</span>
    </div>
  );
}

/** The contract's limit. */
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
  onChange: AuxiliaryFilesProps['onChange'];
}) {
  const { loras } = settings;
  const rest = candidates.filter((model) => !loras.some((lora) => lora.modelId === model.id));
  if (loras.length === 0 && rest.length === 0) return null;
  const save = (next: LoadSettings['loras']): void => onChange({ loras: next });
  const nameOf = (modelId: string): string => models.find((model) => model.id === modelId)?.name ?? modelId;
  return (
    <div className="field" role="group" aria-label={words.load.adapters.label}>
      <span className="field-label" aria-hidden="true">
        {words.load.adapters.label}
      </span>
      {loras.map((lora, index) => (
        <div key={lora.modelId} className="row load-lora">
          <span className="truncate" title={lora.modelId}>
            {nameOf(lora.modelId)}
          </span>
          <NumberField
            label={words.load.adapters.scale(nameOf(lora.modelId))}
            labelHidden
            value={lora.scale}
            min={-10}
            max={10}
            step={0.05}
            onChange={(scale) => save(loras.with(index, { ...lora, scale }))}
          />
          <IconButton
            label={words.load.adapters.remove(nameOf(lora.modelId))}
            icon={X}
            size="sm"
            onClick={() => save(loras.toSpliced(index, 1))}
          />
        </div>
      ))}
      {rest.length > 0 && loras.length < MAX_LORAS ? (
        <SelectToAdd
          label={words.load.adapters.toAdd}
          placeholder={words.load.adapters.choose}
          addLabel={words.load.adapters.add}
          options={rest.map(optionOf)}
          onAdd={(id) => save([...loras, { modelId: id, scale: 1 }])}
        />
      ) : null}
      <span className="field-hint">{words.load.adapters.hint}</span>
    </div>
  );
}
