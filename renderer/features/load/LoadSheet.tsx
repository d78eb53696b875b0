/** The load settings of one model, the memory that they need, and its measured speed on this computer. */
import { RotateCcw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { LoadedModel, LoadSettings } from '../../../preload/contract/engine.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { useCall, useLive, useQuery } from '../../connection/live.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../ui/controls/refused-numbers.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { FitBar } from '../../parts/fit/FitBar.tsx';
import { loadingWords } from '../../parts/models/loaded-words.ts';
import { nameOfFile } from '../../parts/models/model-words.ts';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { CalibrationFacts } from './CalibrationFacts.tsx';
import { LoadFields } from './LoadFields.tsx';
import { endsRepliesWords, exceedsTraining, settingsProblem } from './load-words.ts';
import { RunningNow } from './RunningNow.tsx';
import { useChatList } from '../../parts/watched.ts';
import { useLoadDraft, type LoadDraft } from './use-load-draft.ts';
import { words } from '../../words/words.ts';
import './load.css';

export function LoadSheet({ modelId, onClose }: { readonly modelId: string; readonly onClose: () => void }) {
  const models = useLive('library.watch', {}).value?.models ?? [];
  const name = models.find((model) => model.id === modelId)?.name ?? nameOfFile(modelId);
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={words.load.title(name)} width={460}>
      <LoadPanel key={modelId} modelId={modelId} name={name} />
    </Sheet>
  );
}

function LoadPanel({ modelId, name }: { modelId: string; name: string }) {
  const draft = useLoadDraft(modelId);
  const refused = useRefusedNumbers();
  const info = useQuery('system.info', {}).value;
  const engine = useLive('engine.watch', {}).value?.loaded ?? [];
  const loaded = engine.find((model) => model.modelId === modelId && model.status !== 'failed');
  const { settings, fit } = draft;
  if (settings === null || fit === null) {
    return (
      <div className="sheet-panel load-panel">
        {draft.error ? <ErrorCard error={draft.error} onRetry={draft.retry} /> : <Skeleton lines={8} />}
      </div>
    );
  }
  return (
    <div className="sheet-panel load-panel">
      <LoadFit
        fit={fit}
        isTooLong={exceedsTraining(settings, draft.trainedContextSize)}
        estimating={draft.estimating}
      />
      <div className="load-scroll">
        {loaded ? <RunningNow loaded={loaded} /> : null}
        <RefusedNumbersContext value={refused.fields}>
          <LoadFields
            modelId={modelId}
            settings={settings}
            fit={fit}
            trainedContextSize={draft.trainedContextSize}
            physicalCores={info?.physicalCores ?? null}
            onChange={draft.change}
          />
        </RefusedNumbersContext>
        <CalibrationFacts modelId={modelId} known={loaded?.calibration ?? draft.calibration} loaded={loaded} />
      </div>
      <LoadFoot modelId={modelId} name={name} settings={settings} draft={draft} refused={refused} loaded={loaded} />
    </div>
  );
}

const tones = {
  fits: 'green',
  tight: 'amber',
  too_big: 'red',
  unknown: 'neutral',
} as const satisfies Record<Fit['verdict'], string>;

/** Stays visible while the settings below it change. */
function LoadFit({ fit, isTooLong, estimating }: { fit: Fit; isTooLong: boolean; estimating: boolean }) {
  const isWarning = isTooLong && fit.verdict === 'fits';
  return (
    <section className="load-fit" aria-label={words.load.fitRegion} aria-busy={estimating || undefined}>
      <FitBar fit={fit} />
      <p className="load-verdict" aria-live="polite">
        <Badge tone={isWarning ? 'amber' : tones[fit.verdict]}>
          {isWarning ? words.load.contextSize.overTrained : words.models.fit[fit.verdict]}
        </Badge>
        <span className="secondary">
          {words.fit.reason(fit)} {fit.contextSize > 0 ? `${words.load.withContext(fit.contextSize)} ` : ''}
          <span className="faint">{words.models.basis[fit.basis]}</span>
        </span>
      </p>
    </section>
  );
}

function LoadFoot({
  modelId,
  name,
  settings,
  draft,
  refused,
  loaded,
}: {
  modelId: string;
  name: string;
  settings: LoadSettings;
  draft: LoadDraft;
  refused: ReturnType<typeof useRefusedNumbers>;
  loaded: LoadedModel | undefined;
}) {
  const load = useCall('engine.load');
  const unload = useCall('engine.unload');
  const problem = refused.some ? words.load.numberRefused : settingsProblem(settings);
  const loading = loaded?.status === 'loading';
  const ends = endsRepliesWords(loaded, useChatList().value?.values() ?? []);
  const [asking, setAsking] = useState(false);
  // The replies have ended by themselves: later ones are asked about anew.
  if (asking && ends === null) setAsking(false);

  const save = async (): Promise<boolean> => {
    if (!draft.changed) return true;
    return (await draft.save(settings)) !== undefined;
  };
  const loadAgain = async (): Promise<void> => {
    setAsking(false);
    if (!(await save())) return;
    if (loaded && (await unload.run({ modelId })) === undefined) return;
    if (await load.run({ modelId })) draft.refresh();
  };
  const reset = async (): Promise<void> => {
    refused.clear();
    const before = draft.saved;
    if ((await draft.save(null)) === undefined || before === null) return;
    toast({
      text: words.load.resetDone(name),
      action: { label: words.ui.undo, run: () => void draft.save(before) },
    });
  };

  return (
    <footer className="sheet-foot">
      {draft.error ? <ErrorCard error={draft.error} compact onRetry={draft.retry} /> : null}
      {load.error ? (
        <ErrorCard error={load.error} compact actions={[{ label: words.ui.tryAgain, run: () => void loadAgain() }]} />
      ) : null}
      {unload.error ? <ErrorCard error={unload.error} compact /> : null}
      {problem === null ? null : <p className="field-error">{problem}</p>}
      {asking ? (
        <div className="inline-question" role="group" aria-label={words.load.reloadAnyway}>
          <p role="alert">{ends}</p>
          <div className="row">
            <Button size="sm" onClick={() => setAsking(false)}>
              {words.load.keepWriting}
            </Button>
            <Button size="sm" variant="danger" onClick={() => void loadAgain()}>
              {words.load.reloadAnyway}
            </Button>
          </div>
        </div>
      ) : null}
      {loading ? (
        <div className="load-progress">
          <span className="num">{loadingWords(loaded.progress)}</span>
          <ProgressBar
            value={loaded.progress < 1 ? loaded.progress : null}
            label={words.ui.loadingModel(name)}
            size="sm"
          />
          <Button size="sm" onClick={() => void unload.run({ modelId })}>
            {words.ui.cancel}
          </Button>
        </div>
      ) : (
        <div className="load-actions">
          <Button variant="ghost" icon={RotateCcw} disabled={draft.saving} onClick={() => void reset()}>
            {words.load.reset}
          </Button>
          <Button
            disabled={problem !== null || load.pending}
            loading={load.pending}
            onClick={() => (ends === null ? void loadAgain() : setAsking(true))}
          >
            {loadLabel(loaded !== undefined, draft.changed)}
          </Button>
          <Button
            variant="primary"
            disabled={!draft.changed || problem !== null}
            loading={draft.saving}
            onClick={() => void save()}
          >
            {words.load.save}
          </Button>
        </div>
      )}
      <FootNote changed={draft.changed} loaded={loaded !== undefined} />
    </footer>
  );
}

function loadLabel(isLoaded: boolean, changed: boolean): string {
  if (isLoaded) return changed ? words.load.saveAndReload : words.load.reloadNow;
  return changed ? words.load.saveAndLoad : words.load.loadNow;
}

function FootNote({ changed, loaded }: { changed: boolean; loaded: boolean }): ReactNode {
  if (!changed) return null;
  return <p className="field-hint">{loaded ? words.load.nextLoadStill : words.load.nextLoad}</p>;
}
