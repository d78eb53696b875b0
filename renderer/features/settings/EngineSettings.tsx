/** The memory that the engine may use, and the hardware that it found. */
import { useState } from 'react';
import type { EngineSettings as Engine, Settings } from '../../../preload/contract/settings.ts';
import { useCall, useLive, useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatBytes } from '../../words/format.ts';
import { NumberField } from '../../ui/controls/NumberField.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { SliderField } from '../../ui/controls/SliderField.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { HardwareCard } from './HardwareCard.tsx';
import { PreloadList } from './PreloadList.tsx';
import { words } from '../../words/words.ts';

const GB = 1_000_000_000;

export function EngineSettings({ settings }: { readonly settings: Settings }) {
  const update = useCall('settings.update');
  const memory = useLive('system.watchMemory', {}).value;
  const hardware = useQuery('engine.hardware', {}, { keep: true });
  const { engine } = settings;
  const save = (patch: Partial<Engine>): void => void update.run({ engine: patch });
  return (
    <div className="stack">
      <div className="card settings-card settings-engine">
        <MemoryBudget
          bytes={engine.memoryBudgetBytes}
          totalBytes={memory?.ramTotalBytes ?? null}
          onChange={(memoryBudgetBytes) => save({ memoryBudgetBytes })}
        />
        <IdleUnload minutes={engine.idleUnloadMinutes} onChange={(idleUnloadMinutes) => save({ idleUnloadMinutes })} />
        <PreloadList modelIds={engine.preload} onChange={(preload) => save({ preload: [...preload] })} />
        <StateDisk bytes={engine.stateDiskBytes} onChange={(stateDiskBytes) => save({ stateDiskBytes })} />
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
      {hardware.value ? <HardwareCard hardware={hardware.value} onChange={hardware.retry} /> : null}
      {hardware.status === 'error' ? <ErrorCard error={hardware.error} compact onRetry={hardware.retry} /> : null}
    </div>
  );
}

function MemoryBudget({
  bytes,
  totalBytes,
  onChange,
}: {
  bytes: number | null;
  totalBytes: number | null;
  onChange: (bytes: number | null) => void;
}) {
  const [moving, setMoving] = useState<number | null>(null);
  const totalGb = totalBytes === null ? 1024 : Math.max(1, Math.floor(totalBytes / GB));
  const commit = (gigabytes: number): void => {
    setMoving(null);
    onChange(Math.max(GB / 10, Math.round(gigabytes * GB)));
  };
  return (
    <div className="stack">
      <div className="field">
        <span className="field-label">{words.settings.engine.budget}</span>
        <SegmentedControl
          label={words.settings.engine.budget}
          size="sm"
          value={bytes === null ? 'auto' : 'number'}
          options={[
            { value: 'auto', label: words.settings.engine.budgetAuto },
            { value: 'number', label: words.settings.engine.budgetLimit },
          ]}
          onChange={(kind) => onChange(kind === 'auto' ? null : Math.max(1, Math.round(totalGb / 2)) * GB)}
        />
        <span className="field-hint">
          {words.settings.engine.budgetHint}{' '}
          {totalBytes === null ? '' : words.settings.engine.budgetTotal(formatBytes(totalBytes))}
        </span>
      </div>
      {bytes === null ? null : (
        <SliderField
          label={words.settings.engine.budgetLimit}
          term={words.settings.engine.budgetUnit}
          value={moving ?? Math.round(bytes / (GB / 10)) / 10}
          min={0.1}
          max={Math.max(totalGb, bytes / GB)}
          step={0.1}
          onChange={setMoving}
          onCommit={commit}
        />
      )}
    </div>
  );
}

function IdleUnload({ minutes, onChange }: { minutes: number | null; onChange: (minutes: number | null) => void }) {
  return (
    <div className="stack">
      <Switch
        label={words.settings.engine.idle}
        hint={words.settings.engine.idleHint}
        checked={minutes !== null}
        onChange={(on) => onChange(on ? 30 : null)}
      />
      {minutes === null ? null : (
        <div className="settings-number">
          <NumberField
            label={words.settings.engine.idleMinutes}
            unit={words.ui.minutes}
            value={minutes}
            min={1}
            max={10_080}
            onChange={onChange}
          />
        </div>
      )}
    </div>
  );
}

function StateDisk({ bytes, onChange }: { bytes: number; onChange: (bytes: number) => void }) {
  return (
    <div className="stack">
      <Switch
        label={words.settings.engine.states}
        hint={words.settings.engine.statesHint}
        checked={bytes > 0}
        onChange={(on) => onChange(on ? 2 * GB : 0)}
      />
      {bytes === 0 ? null : (
        <div className="settings-number">
          <NumberField
            label={words.settings.engine.statesDisk}
            unit={words.ui.gigabytes}
            value={Math.round(bytes / (GB / 10)) / 10}
            min={0.1}
            max={1000}
            step={0.1}
            onChange={(gigabytes) => onChange(Math.round(gigabytes * GB))}
          />
        </div>
      )}
    </div>
  );
}
