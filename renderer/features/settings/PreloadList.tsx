import { ArrowUp, X } from 'lucide-react';
import { useLive, useQuery } from '../../connection/live.ts';
import { formatBytes } from '../../words/format.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { SelectToAdd } from '../../ui/SelectToAdd.tsx';

/** As many as the contract takes. */
const MAX_MODELS = 8;

/** Which models are loaded when Hearth starts, in this order, while they fit. */
export function PreloadList({
  modelIds,
  onChange,
}: {
  readonly modelIds: readonly string[];
  readonly onChange: (modelIds: readonly string[]) => void;
}) {
  const models = useLive('library.watch', {}).value?.models ?? [];
  const info = useQuery('system.info', {});
  const nameOf = (modelId: string): string => models.find((model) => model.id === modelId)?.name ?? modelId;
  const rest = models.filter(({ id, kind, problem }) => kind === 'model' && problem === null && !modelIds.includes(id));
  const builtIn = models.find((model) => model.id === info.value?.builtInModelId)?.name ?? 'the built-in model';
  return (
    <div className="field" role="group" aria-label="Loaded when Hearth starts">
      <span className="field-label" aria-hidden="true">
        Loaded when Hearth starts
      </span>
      {modelIds.length > 0 ? (
        <ol className="settings-preload">
          {modelIds.map((modelId, index) => (
            <li key={modelId} className="row">
              <span className="num secondary">{index + 1}</span>
              <span className="truncate" title={modelId}>
                {nameOf(modelId)}
              </span>
              <IconButton
                label={`${nameOf(modelId)} earlier`}
                icon={ArrowUp}
                size="sm"
                disabled={index === 0}
                onClick={() => onChange(modelIds.toSpliced(index, 1).toSpliced(index - 1, 0, modelId))}
              />
              <IconButton
                label={`Do not load ${nameOf(modelId)} at the start`}
                icon={X}
                size="sm"
                onClick={() => onChange(modelIds.toSpliced(index, 1))}
              />
            </li>
          ))}
        </ol>
      ) : null}
      {rest.length > 0 && modelIds.length < MAX_MODELS ? (
        <SelectToAdd
          label="Model to load at the start"
          placeholder="Choose a model"
          addLabel="Load it at the start"
          options={rest.map((model) => ({
            value: model.id,
            label: model.name,
            detail: formatBytes(model.sizeBytes),
          }))}
          onAdd={(id) => onChange([...modelIds, id])}
        />
      ) : null}
      <span className="field-hint">
        {modelIds.length === 0 ? `With none chosen it is ${builtIn}.` : 'In this order, while they fit.'}
      </span>
    </div>
  );
}
