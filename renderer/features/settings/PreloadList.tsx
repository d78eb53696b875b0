import { ArrowUp, X } from 'lucide-react';
import { useLive, useQuery } from '../../connection/live.ts';
import { formatBytes } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { SelectToAdd } from '../../ui/controls/SelectToAdd.tsx';
import { words } from '../../words/words.ts';

/** The contract's limit. */
const MAX_MODELS = 8;

/** The models that are loaded when Hearth starts, in this order, while they fit. */
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
  const builtIn =
    models.find((model) => model.id === info.value?.builtInModelId)?.name ?? words.settings.preload.builtIn;
  return (
    <div className="field" role="group" aria-label={words.settings.preload.label}>
      <span className="field-label" aria-hidden="true">
        {words.settings.preload.label}
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
                label={words.settings.preload.earlier(nameOf(modelId))}
                icon={ArrowUp}
                size="sm"
                disabled={index === 0}
                onClick={() => onChange(modelIds.toSpliced(index, 1).toSpliced(index - 1, 0, modelId))}
              />
              <IconButton
                label={words.settings.preload.remove(nameOf(modelId))}
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
          label={words.settings.preload.toAdd}
          placeholder={words.settings.preload.choose}
          addLabel={words.settings.preload.add}
          options={rest.map((model) => ({
            value: model.id,
            label: model.name,
            detail: formatBytes(model.sizeBytes),
          }))}
          onAdd={(id) => onChange([...modelIds, id])}
        />
      ) : null}
      <span className="field-hint">
        {modelIds.length === 0 ? words.settings.preload.none(builtIn) : words.settings.preload.order}
      </span>
    </div>
  );
}
