import { Monitor, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Settings, Theme } from '../../../preload/contract/settings.ts';
import { useCall, useLive, useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { About } from './About.tsx';
import { Downloads } from './Downloads.tsx';
import { EngineSettings } from './EngineSettings.tsx';
import { HubToken } from './HubToken.tsx';
import { ModelFolders } from './ModelFolders.tsx';
import { ModelsFolder } from './ModelsFolder.tsx';
import { Network } from './Network.tsx';
import { SamplingDefaults } from './SamplingDefaults.tsx';
import { words } from '../../words/words.ts';
import './settings.css';

/** All settings of the user. Each choice is saved at once. */
export function SettingsScreen() {
  const settings = useLive('settings.watch', {});
  const info = useQuery('system.info', {});
  return (
    <div className="settings">
      <div className="settings-page">
        <h1>{words.settings.title}</h1>
        {settings.status === 'error' ? <ErrorCard error={settings.error} onRetry={settings.retry} /> : null}
        {settings.value ? (
          <>
            <Section {...words.settings.sections.appearance}>
              <ThemeChoice settings={settings.value} />
            </Section>
            <Section {...words.settings.sections.replies}>
              <SamplingDefaults settings={settings.value} />
            </Section>
            <Section {...words.settings.sections.engine}>
              <EngineSettings settings={settings.value} />
            </Section>
            <Section {...words.settings.sections.folder}>
              <ModelsFolder settings={settings.value} temporary={info.value?.temporaryCache ?? false} />
            </Section>
            <Section {...words.settings.sections.folders}>
              <ModelFolders settings={settings.value} canPick={info.value?.shell === 'electron'} />
            </Section>
            <Section {...words.settings.sections.downloads}>
              <Downloads settings={settings.value} />
            </Section>
            <Section {...words.settings.sections.hub}>
              <HubToken settings={settings.value} endpoint={info.value?.hubEndpoint ?? null} />
            </Section>
            <Section {...words.settings.sections.network}>
              <Network settings={settings.value} />
            </Section>
            <Section {...words.settings.sections.about}>
              {info.value ? <About info={info.value} /> : null}
              {info.status === 'error' ? <ErrorCard error={info.error} onRetry={info.retry} compact /> : null}
            </Section>
          </>
        ) : null}
        {settings.status === 'loading' ? <Skeleton lines={8} label={words.settings.loading} /> : null}
      </div>
    </div>
  );
}

function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section className="settings-section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <p className="secondary">{text}</p>
      </header>
      <div className="settings-content">{children}</div>
    </section>
  );
}

const themes: readonly { readonly value: Theme; readonly label: string; readonly icon: typeof Sun }[] = [
  { value: 'system', label: words.settings.themes.system, icon: Monitor },
  { value: 'light', label: words.settings.themes.light, icon: Sun },
  { value: 'dark', label: words.settings.themes.dark, icon: Moon },
];

function ThemeChoice({ settings }: { settings: Settings }) {
  const update = useCall('settings.update');
  return (
    <div className="stack">
      <SegmentedControl
        label={words.settings.theme}
        value={settings.theme}
        options={themes}
        onChange={(theme) => void update.run({ theme })}
      />
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}
