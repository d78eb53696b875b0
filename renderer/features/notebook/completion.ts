/** Generating into the document: from the cursor, between two texts, again, and from another token on. */
import type { EditorView } from '@codemirror/view';
import type { Sampling, TokenAlternative } from '../../../preload/contract/chat.ts';
import type { CompletionStep, PlacedToken } from '../../../preload/contract/notebook.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';
import { endOfGenerated, type MarkedToken } from './editor/token-marks.ts';
import { beginWriting, endWriting, write, writtenIn } from './editor/written-text.ts';

export type CompletionState =
  | { readonly status: 'idle' }
  | { readonly status: 'loading'; readonly modelName: string }
  | { readonly status: 'queued'; readonly ahead: number }
  | { readonly status: 'prompt'; readonly promptTokens: number }
  | { readonly status: 'writing'; readonly tokens: number }
  | {
      readonly status: 'done';
      readonly end: Extract<CompletionStep, { type: 'end' }>;
      readonly omittedCharacters: number;
    }
  | { readonly status: 'failed'; readonly error: AppError };

export interface Completion {
  /** Goes on from the cursor, or from the end of the selection. */
  generate(): void;
  /** Writes what stands between the texts before and behind the cursor, in place of the selection. */
  fill(): void;
  /** Replaces the last generated text. */
  retry(): void;
  /** Replaces a generated token and all generated text behind it, and goes on from there. */
  choose(token: MarkedToken, alternative: TokenAlternative): void;
  /** False when nothing runs. */
  stop(): boolean;
  isRunning(): boolean;
  /** The user has changed the text: what is generated goes no further. */
  edited(): void;
}

/** A generation that runs. */
interface Run {
  readonly abort: AbortController;
  /** Takes no more text. `withRest`: shows what has come and is not shown yet. */
  finish(withRest: boolean): void;
}

interface Order {
  readonly modelId: string | null;
  readonly sampling: Sampling;
}

interface CompletionOptions {
  readonly view: () => EditorView | null;
  /** Null while it is not known. */
  readonly order: () => Order | null;
  readonly onState: (state: CompletionState) => void;
}

/** Text is shown in steps of about two frames: more often it is not read, and layout has a price. */
const SHOW_MS = 33;

interface Place {
  readonly from: number;
  readonly to: number;
  readonly kept?: string;
  readonly fills: boolean;
}

/** Nothing is generated yet. */
export function createCompletion({ view: current, order, onState }: CompletionOptions): Completion {
  let running: Run | null = null;

  /** The text of a generation, shown step by step. */
  function createRun(view: EditorView): Run & { take(step: CompletionStep): void } {
    const abort = new AbortController();
    let text = '';
    let tokens: PlacedToken[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let written = 0;
    let omittedCharacters = 0;
    let isOver = false;

    function show(): void {
      clearTimeout(timer);
      timer = undefined;
      if (text === '' && tokens.length === 0) return;
      const { main } = view.state.selection;
      write(view, text, tokens, { follow: main.empty && main.head === writtenIn(view.state)?.to });
      [text, tokens] = ['', []];
      onState({ status: 'writing', tokens: written });
    }

    return {
      abort,
      take(step) {
        if (isOver) return;
        switch (step.type) {
          case 'loading':
            return onState({ status: 'loading', modelName: step.modelName });
          case 'queued':
            return onState({ status: 'queued', ahead: step.ahead });
          case 'prompt':
            omittedCharacters = step.omittedCharacters;
            return onState({ status: 'prompt', promptTokens: step.promptTokens });
          case 'text':
            text += step.text;
            tokens.push(...step.tokens);
            written += step.tokens.length;
            timer ??= setTimeout(show, SHOW_MS);
            return;
          case 'end':
            show();
            return onState({ status: 'done', end: step, omittedCharacters });
          default:
            step satisfies never;
        }
      },
      finish(withRest) {
        if (isOver) return;
        isOver = true;
        // A destroyed editor takes no text.
        if (view.dom.isConnected) {
          if (withRest) show();
          endWriting(view);
        }
        clearTimeout(timer);
      },
    };
  }

  async function run(view: EditorView, place: Place, wanted: Order): Promise<void> {
    const { doc } = view.state;
    const before = doc.sliceString(0, place.from) + (place.kept ?? '');
    const after = place.fills ? doc.sliceString(place.to) : null;
    const mine = createRun(view);
    const { signal } = mine.abort;
    running = mine;
    onState({ status: 'prompt', promptTokens: 0 });
    beginWriting(view, place);
    try {
      const input = { ...wanted, before, after };
      for await (const step of client.stream('notebook.generate', input, { signal })) mine.take(step);
    } catch (cause) {
      if (!signal.aborted) onState({ status: 'failed', error: toAppError(cause) });
    } finally {
      mine.finish(true);
      if (running === mine) running = null;
    }
  }

  function end(withRest: boolean): boolean {
    if (!running) return false;
    running.finish(withRest);
    running.abort.abort();
    running = null;
    onState({ status: 'idle' });
    return true;
  }

  function start(placeIn: (view: EditorView) => Place | null, isAgain = false): void {
    const view = current();
    const wanted = order();
    if (!view || !wanted) return;
    end(true);
    const place = placeIn(view);
    // Another try with the same seed would write the same text.
    const sampling = isAgain ? { ...wanted.sampling, seed: null } : wanted.sampling;
    if (place) void run(view, place, { ...wanted, sampling });
  }

  return {
    generate: () =>
      start(({ state }) => ({ from: state.selection.main.to, to: state.selection.main.to, fills: false })),
    fill: () => start(({ state }) => ({ from: state.selection.main.from, to: state.selection.main.to, fills: true })),
    retry: () => start(({ state }) => writtenIn(state), true),
    choose: (token, { text }) =>
      start(({ state }) => ({
        ...{ from: token.from, to: endOfGenerated(state, token), kept: text },
        fills: writtenIn(state)?.fills === true && endOfGenerated(state, token) === writtenIn(state)?.to,
      })),
    stop: () => end(true),
    isRunning: () => running !== null,
    edited: () => void end(false),
  };
}
