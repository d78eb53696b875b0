import { BookOpenText, Thermometer, UsersRound } from 'lucide-react';
import { useState } from 'react';
import type { PersonasEvent } from '../../../preload/contract/personas.ts';
import { navigate, type PersonasTab as Tab } from '../../navigation/router.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { usePersonas } from '../../parts/personas/use-personas.ts';
import { Tabs } from '../../ui/controls/Tabs.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { words } from '../../words/words.ts';
import type { ImportReport } from './actions.ts';
import { ImportNotes } from './ImportNotes.tsx';
import { LorebooksTab } from './LorebooksTab.tsx';
import { PersonasTab } from './PersonasTab.tsx';
import { PresetsTab } from './PresetsTab.tsx';
import './personas.css';

/** Personas, lorebooks and presets of sampling. */
export function PersonasScreen({ tab }: { tab: Tab }): React.JSX.Element {
  const { value, status, error, retry } = usePersonas();
  /** Of imports, one shown after the other. */
  const [reports, setReports] = useState<readonly ImportReport[]>([]);
  if (!value) {
    return (
      <div className="screen-error">
        {status === 'error' ? <ErrorCard error={error} onRetry={retry} /> : <Skeleton label={words.personas.loading} />}
      </div>
    );
  }
  const { tabs } = words.personas;
  const [report] = reports;
  return (
    <div className="personas-screen">
      <h1 className="visually-hidden">{words.personas.screen}</h1>
      <Tabs
        label={words.personas.screen}
        value={tab}
        onChange={(next) => navigate({ screen: 'personas', tab: next })}
        tabs={[
          { value: 'personas', label: tabs.personas, icon: UsersRound, ...countOf(value.personas) },
          { value: 'lorebooks', label: tabs.lorebooks, icon: BookOpenText, ...countOf(value.lorebooks) },
          { value: 'presets', label: tabs.presets, icon: Thermometer },
        ]}
      >
        <div className="personas-page">
          <div className="personas-width">
            {viewOf(tab, value, (report) => setReports((before) => [...before, report]))}
          </div>
        </div>
      </Tabs>
      {report ? <ImportNotes report={report} onClose={() => setReports(reports.slice(1))} /> : null}
    </div>
  );
}

const countOf = (list: readonly unknown[]): { readonly count?: number } =>
  list.length > 0 ? { count: list.length } : {};

function viewOf(tab: Tab, all: PersonasEvent, onReport: (report: ImportReport) => void): React.JSX.Element {
  // A report without notes says nothing that the notice does not say.
  const tell = (report: ImportReport | null): void => {
    if (report && report.notes.length > 0) onReport(report);
  };
  switch (tab) {
    case 'personas':
      return <PersonasTab all={all} onReport={tell} />;
    case 'lorebooks':
      return <LorebooksTab lorebooks={all.lorebooks} onReport={tell} />;
    case 'presets':
      return <PresetsTab presets={all.presets} />;
    default:
      return tab satisfies never;
  }
}
