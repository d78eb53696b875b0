/** One document: its head, the tools, the text, and what is going on below it. */
import { redo, undo } from '@codemirror/commands';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { attempt } from '../../connection/attempt.ts';
import { useLive, useQuery } from '../../connection/live.ts';
import { recall, remember } from '../../navigation/memory.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SidePanel } from '../../parts/SidePanel.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { words } from '../../words/words.ts';
import type { CompletionState } from './completion.ts';
import { DocumentHead } from './DocumentHead.tsx';
import { DocumentStatus } from './DocumentStatus.tsx';
import { openAlternatives } from './editor/create-editor.ts';
import { clearTokens } from './editor/token-marks.ts';
import { DocumentSampling } from './panel/DocumentSampling.tsx';
import type { ScoringState } from './scoring.ts';
import { Toolbar } from './Toolbar.tsx';
import { useDocument } from './use-document.ts';
import { createWriter } from './writer.tsx';

interface DocumentPaneProps {
  readonly documentId: string;
  /** Opens the list; null where it is a column. */
  readonly onList: (() => void) | null;
  /** Shown in place of a document that was deleted. */
  readonly gone: ReactNode;
}

/** A text that no model ends would fill the context. */
const MOST_TOKENS = 256;
const nothing = {};

/** The sampling of documents without their own. */
function useDefaults(): Sampling | null {
  const sampling = useLive('settings.watch', nothing).value?.sampling;
  return useMemo(() => (sampling ? { ...sampling, maxTokens: sampling.maxTokens ?? MOST_TOKENS } : null), [sampling]);
}

export function DocumentPane({ documentId, onList, gone }: DocumentPaneProps): React.JSX.Element {
  const defaults = useDefaults();
  const builtIn = useQuery('system.info', nothing, { keep: true }).value?.builtInModelId ?? null;
  const wide = useMedia('(min-width: 1200px)');
  const [panelOpen, setPanelOpen] = useState(() => wide && recall('notebook.panel') !== 'closed');
  const showPanel = (open: boolean): void => {
    setPanelOpen(open);
    if (wide) remember('notebook.panel', open ? 'open' : 'closed');
  };
  const [completing, setCompleting] = useState<CompletionState>({ status: 'idle' });
  const [scoring, setScoring] = useState<ScoringState>({ status: 'idle' });
  /** Models that said that they cannot fill in. */
  const [cannotFill, setCannotFill] = useState<ReadonlySet<string>>(new Set());

  const [writer] = useState(() =>
    createWriter({
      onCompletion(state, asked) {
        setCompleting(state);
        if (state.status === 'failed' && state.error.data?.['reason'] === 'no_infill')
          setCannotFill((before) => new Set(before).add(asked ?? ''));
      },
      onScoring: setScoring,
      onEdit: () =>
        setScoring((before) => (before.status === 'done' && !before.isEdited ? { ...before, isEdited: true } : before)),
    }),
  );
  const { completion, scoring: scorer } = writer;
  const host = useRef<HTMLDivElement>(null);
  const open = useDocument(documentId, host, writer.hooks);
  const { view, document, facts } = open;
  const modelId = document?.modelId ?? builtIn;
  const sampling = document?.sampling ?? defaults;
  useEffect(() => {
    writer.use({ view, modelId, sampling });
  }, [writer, view, modelId, sampling]);
  useEffect(() => {
    return () => {
      completion.stop();
      scorer.clear();
    };
  }, [completion, scorer]);

  if (open.isGone) return <div className="notebook-main">{gone}</div>;
  const isWriting = ['loading', 'queued', 'prompt', 'writing'].includes(completing.status);
  const isScoring = ['loading', 'scoring'].includes(scoring.status);
  const inView = (act: (shown: NonNullable<typeof view>) => void) => () => {
    if (!view) return;
    act(view);
    view.focus();
  };
  return (
    <>
      <section className="notebook-main" aria-label={words.notebook.text}>
        <DocumentHead
          document={document}
          modelId={modelId}
          onList={onList}
          isPanelOpen={panelOpen}
          onPanel={() => showPanel(!panelOpen)}
        />
        <Toolbar
          facts={facts}
          isReady={view !== null && sampling !== null}
          isWriting={isWriting}
          isScoring={isScoring}
          canFill={modelId === null || !cannotFill.has(modelId)}
          onGenerate={inView(completion.generate)}
          onFill={inView(completion.fill)}
          onRetry={inView(completion.retry)}
          onStop={inView(completion.stop)}
          onUndo={inView((shown) => void undo(shown))}
          onRedo={inView((shown) => void redo(shown))}
          onAccept={inView((shown) => shown.dispatch({ effects: clearTokens.of('generated') }))}
          onAlternatives={() => view && openAlternatives(view)}
          onScore={inView(() => scorer.start(modelId))}
          onHideScore={inView(scorer.clear)}
        />
        {open.error ? (
          <div className="notebook-error">
            <ErrorCard error={open.error} compact level={2} />
          </div>
        ) : null}
        <div className="notebook-text" ref={host}>
          {view || open.error ? null : <Skeleton lines={6} label={words.notebook.opening} />}
        </div>
        <DocumentStatus
          characters={facts.characters}
          isStored={open.isStored}
          completing={completing}
          scoring={scoring}
          onRetry={completion.generate}
        />
      </section>
      <SidePanel
        title={words.notebook.openPanel}
        className="notebook-panel-column"
        asSheet={!wide}
        closable
        open={panelOpen}
        onOpenChange={showPanel}
        side="end"
        width={340}
      >
        {defaults && document ? (
          <DocumentSampling
            own={document.sampling}
            defaults={defaults}
            onChange={(own) => void attempt('notebook.update', { documentId, sampling: own })}
          />
        ) : (
          <Skeleton lines={5} label={words.notebook.opening} />
        )}
      </SidePanel>
    </>
  );
}
