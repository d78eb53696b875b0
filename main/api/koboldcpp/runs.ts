/** Replies that KoboldCpp's programs look after and stop by a key of theirs, and the figures of the last one. In memory only. */
import type { GenerateResult } from '../../engine/engine.ts';
import type { Services } from '../services.ts';

export interface Run {
  readonly client: string;
  /** The program's own key; empty for none. */
  readonly genkey: string;
  /** So far. */
  text: string;
  isRunning: boolean;
  readonly abort: AbortController;
}

export interface Runs {
  begin(client: string, genkey: string): Run;
  end(run: Run, result: GenerateResult | null): void;
  /** The newest of a client with this key; with no key its newest of all. */
  find(client: string, genkey: string): Run | undefined;
  running(): number;
  /** Of all clients. `stopReason`: 0 a limit, 1 the model's end, 2 a stop text, -1 none yet or an error. */
  readonly figures: {
    last: GenerateResult | null;
    total: number;
    stopReason: number;
    endedMs: number;
  };
}

/** Ended replies that are still told, since programs look once more behind the end. */
const KEPT = 64;
const MAX_KEPT_CHARS = 1_000_000;

function createRuns(): Runs {
  const runs: Run[] = [];
  const figures = {
    last: null,
    total: 0,
    stopReason: -1,
    endedMs: performance.now(),
  } as Runs['figures'];
  return {
    figures,
    begin(client, genkey) {
      const run: Run = { client, genkey, text: '', isRunning: true, abort: new AbortController() };
      runs.push(run);
      while (runs.length > KEPT) {
        const oldest = runs.findIndex(({ isRunning }) => !isRunning);
        if (oldest < 0) break;
        runs.splice(oldest, 1);
      }
      return run;
    },
    end(run, result) {
      run.isRunning = false;
      run.text = run.text.slice(0, MAX_KEPT_CHARS);
      figures.endedMs = performance.now();
      if (!result) return;
      figures.total++;
      figures.last = result;
      figures.stopReason = stopReason(result);
    },
    find: (client, genkey) => runs.findLast((run) => run.client === client && (genkey === '' || run.genkey === genkey)),
    running: () => runs.filter(({ isRunning }) => isRunning).length,
  };
}

function stopReason({ endReason }: GenerateResult): number {
  switch (endReason) {
    case 'end_of_turn':
    case 'tool_calls':
      return 1;
    case 'stop_text':
      return 2;
    case 'max_tokens':
    case 'context_full':
      return 0;
    case 'stopped':
      return -1;
    default:
      return endReason satisfies never;
  }
}

const byServer = new WeakMap<Services['activity'], Runs>();

/** The replies of one server. */
export function runsOf({ activity }: Pick<Services, 'activity'>): Runs {
  const known = byServer.get(activity) ?? createRuns();
  byServer.set(activity, known);
  return known;
}
