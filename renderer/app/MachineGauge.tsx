import { MemoryStick, Power } from 'lucide-react';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { Memory } from '../../preload/contract/system.ts';
import { useCall, useLive } from '../live.ts';
import { formatBytes, formatPercent } from '../ui/format.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { MeterBar, type MeterPart } from '../ui/MeterBar.tsx';
import { Popover } from '../ui/Popover.tsx';

/** Where the memory of this computer is: models, other programs, free. A click opens the figures. */
export function MachineGauge({ wide }: { wide: boolean }) {
  const live = useLive('system.watchMemory', {});
  if (!live.value) return null;
  const memory = live.value;
  const parts = memoryParts(memory);
  const used = memory.ramTotalBytes - memory.ramFreeBytes;
  return (
    <Popover
      title="Memory"
      side="right"
      align="end"
      width={300}
      trigger={
        <button type="button" className="gauge">
          {wide ? (
            <span className="gauge-wide">
              <span className="gauge-line">
                <span>Memory</span>
                <span className="num secondary">{formatBytes(memory.ramFreeBytes)} free</span>
              </span>
              <MeterBar label="Memory" parts={parts} total={memory.ramTotalBytes} />
            </span>
          ) : (
            <Column parts={parts} total={memory.ramTotalBytes} share={used / memory.ramTotalBytes} />
          )}
        </button>
      }
    >
      <Breakdown memory={memory} parts={parts} />
    </Popover>
  );
}

/** What system.watchMemory says, as the parts of one bar. Free is what is left of the bar. */
export function memoryParts(memory: Memory): MeterPart[] {
  const used = Math.max(0, memory.ramTotalBytes - memory.ramFreeBytes);
  // Pages that several processes share are counted with the models; the rest of what is used is the others'.
  const models = Math.min(memory.ramModelsBytes, used);
  return [
    { key: 'models', label: `Models ${formatBytes(models)}`, value: models, color: 'var(--c-weights)' },
    {
      key: 'others',
      label: `Other programs ${formatBytes(used - models)}`,
      value: used - models,
      color: 'var(--c-other)',
    },
  ];
}

/** The gauge of the narrow rail: a small upright tank with the share under it. */
function Column({ parts, total, share }: { parts: readonly MeterPart[]; total: number; share: number }) {
  return (
    <span className="gauge-column">
      <span className="visually-hidden">Memory in use</span>
      <span className="gauge-tank" aria-hidden="true">
        {[...parts].reverse().map((part) => (
          <span
            key={part.key}
            style={{ blockSize: `${(part.value / Math.max(1, total)) * 100}%`, background: part.color }}
          />
        ))}
      </span>
      <span className="num">{formatPercent(share)}</span>
    </span>
  );
}

function Breakdown({ memory, parts }: { memory: Memory; parts: readonly MeterPart[] }) {
  const engine = useLive('engine.watch', {});
  const loaded = engine.value?.loaded ?? [];
  const free = {
    key: 'free',
    label: `Free ${formatBytes(memory.ramFreeBytes)}`,
    value: memory.ramFreeBytes,
    color: 'var(--c-free)',
  };
  return (
    <div className="stack">
      <div className="gauge-line">
        <h3 className="row">
          <MemoryStick size={15} aria-hidden="true" />
          Memory
        </h3>
        <span className="num secondary">{formatBytes(memory.ramTotalBytes)}</span>
      </div>
      <MeterBar label="Memory" parts={parts} total={memory.ramTotalBytes} />
      <dl className="gauge-legend">
        {[...parts, free].map((part) => (
          <div key={part.key}>
            <dt>
              <span className="gauge-dot" style={{ background: part.color }} />
              {part.key === 'models' ? 'Models' : part.key === 'others' ? 'Other programs' : 'Free'}
            </dt>
            <dd className="num">{formatBytes(part.value)}</dd>
          </div>
        ))}
        {memory.diskFreeBytes === null ? null : (
          <div className="gauge-disk">
            <dt>Free on the models’ disk</dt>
            <dd className="num">{formatBytes(memory.diskFreeBytes)}</dd>
          </div>
        )}
      </dl>
      {loaded.length > 0 ? (
        <ul className="gauge-models" aria-label="Loaded models">
          {loaded.map((model) => (
            <LoadedRow key={model.modelId} model={model} />
          ))}
        </ul>
      ) : (
        <p className="secondary gauge-models">No model is loaded.</p>
      )}
    </div>
  );
}

function LoadedRow({ model }: { model: LoadedModel }) {
  const unload = useCall('engine.unload');
  return (
    <li className="row">
      <span className="gauge-model">
        <span className="truncate">{model.name}</span>
        <span className="secondary num">{describe(model)}</span>
      </span>
      <IconButton
        label={`Unload ${model.name}`}
        icon={Power}
        size="sm"
        loading={unload.pending}
        onClick={() => void unload.run({ modelId: model.modelId })}
      />
    </li>
  );
}

function describe(model: LoadedModel): string {
  switch (model.status) {
    case 'loading':
      return `Loading, ${formatPercent(model.progress)}`;
    case 'failed':
      return 'Could not be loaded';
    case 'ready':
    case 'generating':
      return `${formatBytes(model.memoryBytes)} on ${model.device}${model.status === 'generating' ? ', writing' : ''}`;
    default:
      return model.status satisfies never;
  }
}
