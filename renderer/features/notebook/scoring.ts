/** The perplexity of the document, or of what is selected in it, shown on its tokens. */
import type { EditorView } from '@codemirror/view';
import type { AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';
import { addTokens, clearTokens } from './editor/token-marks.ts';

export type ScoringState =
  | { readonly status: 'idle' }
  | { readonly status: 'loading'; readonly modelName: string }
  | { readonly status: 'scoring'; readonly done: number; readonly all: number }
  | {
      readonly status: 'done';
      readonly perplexity: number | null;
      readonly scoredTokens: number;
      readonly windowTokens: number;
      /** All tokens of the text. */
      readonly tokens: number;
      readonly ofSelection: boolean;
      /** The text has changed since. */
      readonly isEdited: boolean;
    }
  | { readonly status: 'failed'; readonly error: AppError };

export interface Scoring {
  start(modelId: string | null): void;
  /** Takes the marks away, and ends what runs. */
  clear(): void;
}

/** Nothing is scored yet. `onState` gets a function of the state before. */
export function createScoring(current: () => EditorView | null, onState: (state: ScoringState) => void): Scoring {
  let running: AbortController | null = null;

  async function run(view: EditorView, modelId: string | null, abort: AbortController): Promise<void> {
    const { from, to, empty } = view.state.selection.main;
    const { doc } = view.state;
    const [offset, text] = empty ? [0, doc.toString()] : [from, doc.sliceString(from, to)];
    let [done, all, windowTokens] = [0, 0, 0];
    onState({ status: 'scoring', done, all });
    try {
      for await (const step of client.stream('notebook.score', { modelId, text }, { signal: abort.signal }))
        switch (step.type) {
          case 'loading':
            onState({ status: 'loading', modelName: step.modelName });
            break;
          case 'begin':
            all = step.tokens;
            windowTokens = step.windowTokens;
            break;
          case 'tokens':
            // Their places are in the text as it was.
            if (view.state.doc !== doc) abort.abort();
            else view.dispatch({ effects: addTokens.of({ kind: 'scored', tokens: step.tokens, offset }) });
            done += step.tokens.length;
            onState({ status: 'scoring', done, all });
            break;
          case 'end': {
            const { perplexity, scoredTokens } = step;
            const result = {
              perplexity,
              scoredTokens,
              windowTokens,
              tokens: all,
              ofSelection: !empty,
              isEdited: false,
            };
            onState({ status: 'done', ...result });
            break;
          }
          default:
            step satisfies never;
        }
      if (abort.signal.aborted) onState({ status: 'idle' });
    } catch (cause) {
      onState(abort.signal.aborted ? { status: 'idle' } : { status: 'failed', error: toAppError(cause) });
    } finally {
      if (running === abort) running = null;
    }
  }

  function clear(): void {
    running?.abort();
    running = null;
    const view = current();
    if (view?.dom.isConnected) view.dispatch({ effects: clearTokens.of('scored') });
    onState({ status: 'idle' });
  }

  return {
    start(modelId) {
      const view = current();
      if (!view) return;
      clear();
      running = new AbortController();
      void run(view, modelId, running);
    },
    clear,
  };
}
