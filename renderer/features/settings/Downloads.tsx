/** The bandwidth and disk space that downloads may use. */
import type { DownloadSettings, Settings } from '../../../preload/contract/settings.ts';
import { useCall, useLive } from '../../connection/live.ts';
import { CacheLimit } from '../../parts/storage/CacheLimit.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { NumberField } from '../../ui/controls/NumberField.tsx';
import { OptionalNumber } from '../../ui/controls/OptionalNumber.tsx';
import { words } from '../../words/words.ts';

const MB = 1_000_000;

export function Downloads({ settings }: { settings: Settings }) {
  const { maxRunning, bytesPerSecond, cacheLimitBytes } = settings.downloads;
  const storage = useLive('library.watchStorage', {});
  const update = useCall('settings.update');
  const save = (downloads: Partial<DownloadSettings>): void => void update.run({ downloads });
  return (
    <div className="stack">
      <div className="card settings-card settings-rows">
        <div className="settings-at-once">
          <span aria-hidden="true">{words.settings.downloads.parallel}</span>
          <NumberField
            label={words.settings.downloads.parallel}
            labelHidden
            value={maxRunning}
            min={1}
            max={8}
            onChange={(value) => save({ maxRunning: value })}
          />
        </div>
        <OptionalNumber
          label={words.settings.downloads.speed}
          hint={words.settings.downloads.speedHint}
          value={bytesPerSecond === null ? null : Math.round((bytesPerSecond / MB) * 100) / 100}
          whenOn={10}
          min={0.01}
          max={10_000}
          step={0.01}
          unit={words.ui.megabytesPerSecond}
          onChange={(value) => save({ bytesPerSecond: value === null ? null : Math.round(value * MB) })}
        />
        {storage.value ? (
          <CacheLimit
            label={words.settings.downloads.cache}
            limitBytes={cacheLimitBytes}
            totalBytes={storage.value.totalBytes}
            onChange={(bytes) => save({ cacheLimitBytes: bytes })}
          />
        ) : null}
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}
