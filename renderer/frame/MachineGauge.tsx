import { Cpu, MemoryStick, Power } from 'lucide-react';
import { LoadSettingsIcon } from '../parts/icons.ts';
import { useState } from 'react';
import type { Device, LoadedModel } from '../../preload/contract/engine.ts';
import type { Memory } from '../../preload/contract/system.ts';
import { useLive, useQuery } from '../connection/live.ts';
import { formatBytes, formatPercent } from '../words/format.ts';
import { IconButton } from '../ui/controls/IconButton.tsx';
import { unloadModel } from '../parts/models/model-actions.ts';
import { loadedWords } from '../parts/models/loaded-words.ts';
import { MeterBar, type MeterPart } from '../ui/display/MeterBar.tsx';
import { Popover } from '../ui/layers/Popover.tsx';
import { useNow } from '../ui/use-now.ts';
import { openLoadSettings } from '../navigation/load-sheet.ts';
import { memoryParts } from './memory-parts.ts';
import { words } from '../words/words.ts';

/** The use of this computer's memory: models, other programs, free. A click opens the figures. */
export function MachineGauge({ wide }: { wide: boolean }) {
  const live = useLive('system.watchMemory', {});
  const loaded = useLive('engine.watch', {}).value?.loaded ?? [];
  if (!live.value) return null;
  const memory = live.value;
  const parts = memoryParts(memory, loaded);
  const used = memory.ramTotalBytes - memory.ramFreeBytes;
  return (
    <Popover
      title={words.gauge.memory}
      side="right"
      align="end"
      width={300}
      trigger={
        <button type="button" className="gauge">
          {wide ? (
            <span className="gauge-wide">
              <span className="gauge-line">
                <span>{words.gauge.memory}</span>
                <span className="num secondary">{words.gauge.freeAmount(formatBytes(memory.ramFreeBytes))}</span>
              </span>
              <MeterBar label={words.gauge.memory} parts={parts} total={memory.ramTotalBytes} />
            </span>
          ) : (
            <Column parts={parts} total={memory.ramTotalBytes} share={used / memory.ramTotalBytes} />
          )}
        </button>
      }
    >
      <Breakdown memory={memory} parts={parts} loaded={loaded} />
    </Popover>
  );
}

/** The gauge of the narrow rail: a small upright bar with the percentage below it. */
function Column({ parts, total, share }: { parts: readonly MeterPart[]; total: number; share: number }) {
  return (
    <span className="gauge-column">
      <span className="visually-hidden">{words.gauge.inUse}</span>
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

function Breakdown({
  memory,
  parts,
  loaded,
}: {
  memory: Memory;
  parts: readonly MeterPart[];
  loaded: readonly LoadedModel[];
}) {
  const free = {
    key: 'free',
    label: words.gauge.labeled(words.gauge.free, formatBytes(memory.ramFreeBytes)),
    value: memory.ramFreeBytes,
    color: 'var(--c-free)',
  };
  return (
    <div className="stack">
      <div className="gauge-line">
        <h3 className="row">
          <MemoryStick size={15} aria-hidden="true" />
          {words.gauge.memory}
        </h3>
        <span className="num secondary">{formatBytes(memory.ramTotalBytes)}</span>
      </div>
      <MeterBar label={words.gauge.memory} parts={parts} total={memory.ramTotalBytes} />
      <dl className="gauge-legend">
        {[...parts, free].map((part) => (
          <div key={part.key}>
            <dt>
              <span className="gauge-dot" style={{ background: part.color }} />
              <span className="truncate">{nameOfPart(part.key, loaded)}</span>
            </dt>
            <dd className="num">{formatBytes(part.value)}</dd>
          </div>
        ))}
        {memory.diskFreeBytes === null ? null : (
          <div className="gauge-disk">
            <dt>{words.gauge.freeOnDisk}</dt>
            <dd className="num">{formatBytes(memory.diskFreeBytes)}</dd>
          </div>
        )}
      </dl>
      <Graphics loaded={loaded} />
      {loaded.length > 0 ? (
        <ul className="gauge-models" aria-label={words.gauge.loadedModels}>
          {loaded.map((model) => (
            <LoadedRow key={model.modelId} model={model} />
          ))}
        </ul>
      ) : (
        <p className="secondary gauge-models">{words.gauge.noneLoaded}</p>
      )}
    </div>
  );
}

function nameOfPart(key: string, loaded: readonly LoadedModel[]): string {
  if (key === 'engine') return words.gauge.engine;
  if (key === 'others') return words.gauge.otherPrograms;
  if (key === 'free') return words.gauge.free;
  return loaded.find((model) => model.modelId === key)?.name ?? words.gauge.models;
}

/** The memory of the graphics cards; renders nothing without one. */
function Graphics({ loaded }: { loaded: readonly LoadedModel[] }) {
  const hardware = useQuery('engine.hardware', {}, { keep: true });
  const cards = (hardware.value?.devices ?? []).filter((device) => device.kind === 'gpu' && device.totalBytes > 0);
  return cards.map((card) => <Card key={card.name} card={card} loaded={loaded} />);
}

function Card({ card, loaded }: { card: Device; loaded: readonly LoadedModel[] }) {
  const used = Math.max(0, card.totalBytes - card.freeBytes);
  const models = Math.min(
    used,
    loaded.reduce((sum, model) => sum + (model.device === card.name ? model.vramBytes : 0), 0),
  );
  const parts: readonly MeterPart[] = [
    {
      key: 'models',
      label: words.gauge.labeled(words.gauge.models, formatBytes(models)),
      value: models,
      color: 'var(--c-weights)',
    },
    {
      key: 'others',
      label: words.gauge.labeled(words.gauge.otherPrograms, formatBytes(used - models)),
      value: used - models,
      color: 'var(--c-other)',
    },
  ];
  return (
    <div className="gauge-card">
      <div className="gauge-line">
        <h3 className="row">
          <Cpu size={15} aria-hidden="true" />
          <span className="truncate">{card.name}</span>
        </h3>
        <span className="num secondary">{words.gauge.freeAmount(formatBytes(card.freeBytes))}</span>
      </div>
      <MeterBar label={words.gauge.graphicsMemory(card.name)} parts={parts} total={card.totalBytes} />
    </div>
  );
}

function LoadedRow({ model }: { model: LoadedModel }) {
  const [unloading, setUnloading] = useState(false);
  const now = useNow();
  return (
    <li className="row">
      <span className="gauge-model">
        <span className="truncate">{model.name}</span>
        <span className="secondary num">{loadedWords(model, now)}</span>
      </span>
      <IconButton
        label={words.models.loadSettingsFor(model.name)}
        icon={LoadSettingsIcon}
        size="sm"
        onClick={() => openLoadSettings(model.modelId)}
      />
      <IconButton
        label={words.models.unload(model.name)}
        icon={Power}
        size="sm"
        loading={unloading}
        onClick={() => {
          setUnloading(true);
          void unloadModel(model.modelId).finally(() => setUnloading(false));
        }}
      />
    </li>
  );
}
