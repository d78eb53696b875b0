import { Monitor, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Settings, Theme } from '../../../preload/contract/settings.ts';
import { useCall, useLive, useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { About } from './About.tsx';
import { Downloads } from './Downloads.tsx';
import { EngineSettings } from './EngineSettings.tsx';
import { HubToken } from './HubToken.tsx';
import { ModelFolders } from './ModelFolders.tsx';
import { ModelsFolder } from './ModelsFolder.tsx';
import { Network } from './Network.tsx';
import { SamplingDefaults } from './SamplingDefaults.tsx';
import './settings.css';

/** Everything the user chooses for good. Each choice is saved as it is made. */
export function SettingsScreen() {
  const settings = useLive('settings.watch', {});
  const info = useQuery('system.info', {});
  return (
    <div className="settings">
      <div className="settings-page">
        <h1>Settings</h1>
        {settings.status === 'error' ? <ErrorCard error={settings.error} onRetry={settings.retry} /> : null}
        {settings.value ? (
          <>
            <Section title="Appearance" text="Light, dark, or as the system has it.">
              <ThemeChoice settings={settings.value} />
            </Section>
            <Section
              title="Replies"
              text="How words are chosen in new chats. A chat can have its own; models often name good values on their page."
            >
              <SamplingDefaults settings={settings.value} />
            </Section>
            <Section
              title="Engine"
              text="How much of this computer running models may take, and what it has to run them on."
            >
              <EngineSettings settings={settings.value} />
            </Section>
            <Section
              title="Models folder"
              text="Where downloads go. From the shared folder other Hugging Face programs use them too, so nothing is stored twice."
            >
              <ModelsFolder settings={settings.value} temporary={info.value?.temporaryCache ?? false} />
            </Section>
            <Section
              title="Other folders with models"
              text="GGUF files in them are used where they lie, without a copy. Hearth never writes there. Those of LM Studio, Ollama, Jan and GPT4All are found by themselves."
            >
              <ModelFolders settings={settings.value} canPick={info.value?.shell === 'electron'} />
            </Section>
            <Section title="Downloads" text="How much of the line and of the disk they may take.">
              <Downloads settings={settings.value} />
            </Section>
            <Section
              title="Hugging Face"
              text="A token opens models that ask for an agreement first, and your private ones. Public models need none."
            >
              <HubToken settings={settings.value} endpoint={info.value?.hubEndpoint ?? null} />
            </Section>
            <Section
              title="Network"
              text="For a mirror of the Hub, and for networks with a proxy or certificates of their own."
            >
              <Network settings={settings.value} />
            </Section>
            <Section title="About" text="For reports, and for the curious.">
              {info.value ? <About info={info.value} /> : null}
              {info.status === 'error' ? <ErrorCard error={info.error} onRetry={info.retry} compact /> : null}
            </Section>
          </>
        ) : null}
        {settings.status === 'loading' ? <Skeleton lines={8} label="Loading the settings" /> : null}
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
  { value: 'system', label: 'System', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
];

function ThemeChoice({ settings }: { settings: Settings }) {
  const update = useCall('settings.update');
  return (
    <div className="stack">
      <SegmentedControl
        label="Theme"
        value={settings.theme}
        options={themes}
        onChange={(theme) => void update.run({ theme })}
      />
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}
