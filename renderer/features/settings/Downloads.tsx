/** How much downloads may take of the line and of the disk. */
import type { DownloadSettings, Settings } from '../../../preload/contract/settings.ts';
import { useCall, useLive } from '../../connection/live.ts';
import { CacheLimit } from '../../parts/CacheLimit.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { NumberField } from '../../ui/NumberField.tsx';
import { OptionalNumber } from '../../ui/OptionalNumber.tsx';

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
          <span aria-hidden="true">At once</span>
          <NumberField
            label="Downloads at once"
            labelHidden
            value={maxRunning}
            min={1}
            max={8}
            onChange={(value) => save({ maxRunning: value })}
          />
        </div>
        <OptionalNumber
          label="Limit the speed"
          hint="All downloads together, so that others on the line keep their share."
          value={bytesPerSecond === null ? null : Math.round((bytesPerSecond / MB) * 100) / 100}
          whenOn={10}
          min={0.01}
          max={10_000}
          step={0.01}
          unit="MB/s"
          onChange={(value) => save({ bytesPerSecond: value === null ? null : Math.round(value * MB) })}
        />
        {storage.value ? (
          <CacheLimit
            label="Limit the cache"
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
