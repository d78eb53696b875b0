/** What a model does in one document: it joins the editor with completions, scoring and the cards of tokens. Not React's: it outlives renders. */
import type { EditorView } from '@codemirror/view';
import { createRoot } from 'react-dom/client';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { isRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import { Alternatives } from './Alternatives.tsx';
import { createCompletion, type Completion, type CompletionState } from './completion.ts';
import type { MarkedToken } from './editor/token-marks.ts';
import { writtenIn } from './editor/written-text.ts';
import { createScoring, type Scoring, type ScoringState } from './scoring.ts';
import type { EditorHooks } from './use-document.ts';

/** What is in force now. Null: it is not known yet. */
interface InForce {
  readonly view: EditorView | null;
  readonly modelId: string | null;
  readonly sampling: Sampling | null;
}

export interface Writer {
  readonly completion: Completion;
  readonly scoring: Scoring;
  readonly hooks: EditorHooks;
  use(inForce: InForce): void;
}

export interface WriterOptions {
  readonly onCompletion: (state: CompletionState, modelId: string | null) => void;
  readonly onScoring: (state: ScoringState) => void;
  readonly onEdit: () => void;
}

/** The writer of a document that is not open yet. */
export function createWriter({ onCompletion, onScoring, onEdit }: WriterOptions): Writer {
  let now: InForce = { view: null, modelId: null, sampling: null };
  const completion = createCompletion({
    view: () => now.view,
    order: () => now.sampling && { modelId: now.modelId, sampling: now.sampling },
    onState: (state) => onCompletion(state, now.modelId),
  });
  const scoring = createScoring(() => now.view, onScoring);

  /** What the model itself can be asked about a token; null where that has a price, or more stands before it than its text. */
  function promptOf({ kind, from }: MarkedToken): { modelId: string | null; before: string } | null {
    const { view, modelId } = now;
    if (!view || kind !== 'generated' || completion.isRunning() || isRemoteModelId(modelId ?? '')) return null;
    return writtenIn(view.state)?.fills ? null : { modelId, before: view.state.sliceDoc(0, from) };
  }

  function fillCard(card: HTMLElement, marked: MarkedToken, close: () => void): () => void {
    const root = createRoot(card);
    root.render(
      <Alternatives
        marked={marked}
        prompt={promptOf(marked)}
        onPick={
          marked.kind === 'generated'
            ? (alternative) => {
                close();
                completion.choose(marked, alternative);
              }
            : null
        }
        onClose={close}
      />,
    );
    // React may be rendering now.
    return () => queueMicrotask(() => root.unmount());
  }

  return {
    ...{ completion, scoring },
    hooks: {
      ...{ generate: completion.generate, retry: completion.retry, stop: completion.stop, fillCard },
      onEdit(_changes, isTyped) {
        if (isTyped) completion.edited();
        onEdit();
      },
    },
    use: (inForce) => void (now = inForce),
  };
}
