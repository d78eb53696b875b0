/** The thread that colors code, one for the page. It starts with the first code, and is ended and started again when a code keeps it too long. */
import type { CodeTokens, HighlightAnswer, HighlightRequest } from './token-kinds.ts';

/** Longer code is shown without colors. */
export const MAX_COLORED_CHARS = 200_000;
/** Some rules of highlight.js take very long for code that is made for it. */
const LIMIT_MS = 4_000;

interface Waiting extends HighlightRequest {
  readonly answer: (tokens: CodeTokens | null) => void;
}

let thread: Worker | undefined;
let running: Waiting | undefined;
let limit: ReturnType<typeof setTimeout> | undefined;
const waiting: Waiting[] = [];
let lastId = 0;

function settle(tokens: CodeTokens | null): void {
  clearTimeout(limit);
  running?.answer(tokens);
  running = undefined;
  next();
}

function startThread(): Worker {
  const started = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightAnswer>) => {
    if (data.id === running?.id) settle(data.tokens);
  });
  started.addEventListener('error', () => {
    thread = undefined;
    settle(null);
  });
  return started;
}

function next(): void {
  if (running) return;
  running = waiting.shift();
  if (!running) return;
  thread ??= startThread();
  limit = setTimeout(() => {
    thread?.terminate();
    thread = undefined;
    settle(null);
  }, LIMIT_MS);
  const { id, language, code } = running;
  thread.postMessage({ id, language, code } satisfies HighlightRequest);
}

/**
 * The tokens of a code; null where its language is not known or it took too long. Nothing is answered after `signal`. One code after the other.
 */
export function highlight(language: string, code: string, signal: AbortSignal): Promise<CodeTokens | null> {
  return new Promise((resolve) => {
    const request: Waiting = { id: ++lastId, language, code, answer: resolve };
    waiting.push(request);
    signal.addEventListener('abort', () => {
      const place = waiting.indexOf(request);
      if (place >= 0) waiting.splice(place, 1);
    });
    next();
  });
}
