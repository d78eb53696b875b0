import type { Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { words } from '../../words/words.ts';

/** The one switch that decides how much is shown. */
export function DeveloperMode({ settings }: { readonly settings: Settings }) {
  const update = useCall('settings.update');
  return (
    <div className="stack">
      <div className="card settings-card">
        <Switch
          label={words.look.developerMode}
          hint={words.look.developerHint}
          checked={settings.developerMode}
          onChange={(developerMode) => void update.run({ developerMode })}
        />
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}
