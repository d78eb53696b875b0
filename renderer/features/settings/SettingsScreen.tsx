import { Search } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { SystemInfo } from '../../../preload/contract/system.ts';
import { useLive, useQuery, type QueryResult } from '../../connection/live.ts';
import type { SettingsSection } from '../../navigation/router.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { About } from './About.tsx';
import { ChatExchange } from './ChatExchange.tsx';
import { AppearanceSettings } from './AppearanceSettings.tsx';
import { DeveloperMode } from './DeveloperMode.tsx';
import { Downloads } from './Downloads.tsx';
import { Elsewhere } from './elsewhere/Elsewhere.tsx';
import { EngineSettings } from './EngineSettings.tsx';
import { HubToken } from './HubToken.tsx';
import { KeyboardSettings } from './keyboard/KeyboardSettings.tsx';
import { ModelFolders } from './ModelFolders.tsx';
import { ModelsFolder } from './ModelsFolder.tsx';
import { OnThisComputer } from './OnThisComputer.tsx';
import { Network } from './Network.tsx';
import { SamplingDefaults } from './SamplingDefaults.tsx';
import { SectionList } from './SectionList.tsx';
import { sectionsWith } from './search.ts';
import { ChatTitles } from './ChatTitles.tsx';
import { sectionId, showSection } from './sections.ts';
import { useMarked } from './use-marked.ts';
import { words } from '../../words/words.ts';
import './settings.css';

interface SettingsScreenProps {
  /** The section to begin at. */
  readonly section: SettingsSection | null;
  /** The gated model that asks for a token. */
  readonly forRepoId: string | null;
}

/** All settings of the user. Each choice is saved at once. */
export function SettingsScreen({ section, forRepoId }: SettingsScreenProps) {
  const settings = useLive('settings.watch', {});
  const info = useQuery('system.info', {});
  const page = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search);
  const shown = useMemo(() => sectionsWith(wanted), [wanted]);
  useMarked(page, wanted);
  const { value } = settings;
  const isReady = value !== undefined;
  useEffect(() => {
    if (section === null || !isReady) return;
    showSection(section);
  }, [section, isReady]);
  return (
    <div className="settings" ref={page}>
      <div className="settings-page">
        <header className="settings-head">
          <h1>{words.settings.title}</h1>
          <TextField
            type="search"
            label={words.settings.search}
            labelHidden
            size="sm"
            icon={Search}
            placeholder={words.settings.search}
            value={search}
            onChange={setSearch}
          />
        </header>
        {settings.status === 'error' ? <ErrorCard error={settings.error} onRetry={settings.retry} /> : null}
        {value ? (
          <div className="settings-columns">
            <SectionList scroller={page} sections={shown} />
            <div className="settings-sections">
              {shown.length === 0 ? <p className="secondary">{words.settings.nothing}</p> : null}
              {shown.map((name) => (
                <Section key={name} name={name}>
                  {content(name, value, info, forRepoId)}
                </Section>
              ))}
            </div>
          </div>
        ) : null}
        {settings.status === 'loading' ? <Skeleton lines={8} label={words.settings.loading} /> : null}
      </div>
    </div>
  );
}

function content(
  name: SettingsSection,
  settings: Settings,
  info: QueryResult<SystemInfo>,
  forRepoId: string | null,
): ReactNode {
  switch (name) {
    case 'appearance':
      return <AppearanceSettings settings={settings} />;
    case 'keyboard':
      return <KeyboardSettings settings={settings} isDesktop={info.value?.shell === 'electron'} />;
    case 'replies':
      return (
        <>
          <ChatTitles settings={settings} />
          <SamplingDefaults settings={settings} />
        </>
      );
    case 'engine':
      return <EngineSettings settings={settings} />;
    case 'elsewhere':
      return <Elsewhere />;
    case 'folder':
      return <ModelsFolder settings={settings} temporary={info.value?.temporaryCache ?? false} />;
    case 'folders':
      return <ModelFolders settings={settings} canPick={info.value?.shell === 'electron'} />;
    case 'downloads':
      return <Downloads settings={settings} />;
    case 'hub':
      return <HubToken settings={settings} endpoint={info.value?.hubEndpoint ?? null} forRepoId={forRepoId} />;
    case 'network':
      return <Network settings={settings} />;
    case 'chats':
      return <ChatExchange />;
    case 'computer':
      return <OnThisComputer settings={settings} isDesktop={info.value?.shell === 'electron'} />;
    case 'developer':
      return <DeveloperMode settings={settings} />;
    case 'about':
      if (info.status === 'error') return <ErrorCard error={info.error} onRetry={info.retry} compact />;
      return info.value ? <About info={info.value} /> : null;
    default:
      return name satisfies never;
  }
}

function Section({ name, children }: { name: SettingsSection; children: ReactNode }) {
  const { title, text } = words.settings.sections[name];
  return (
    <section className="settings-section" id={sectionId(name)} aria-label={title} tabIndex={-1}>
      <header>
        <h2>{title}</h2>
        <p className="secondary">{text}</p>
      </header>
      <div className="settings-content">{children}</div>
    </section>
  );
}
