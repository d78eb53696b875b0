/** The check of a server, step by step, which can be stopped. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { isAppError } from '../../../../preload/wire/errors.ts';
import { client } from '../../../connection/api.ts';
import { toAppError } from '../../../connection/live.ts';
import { withEvent, type StepState } from './step-state.ts';

export interface Check {
  readonly steps: readonly StepState[];
  readonly running: boolean;
  readonly start: () => void;
  readonly stop: () => void;
}

export function useCheck(id: string): Check {
  const [steps, setSteps] = useState<readonly StepState[]>([]);
  const [running, setRunning] = useState(false);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => {
    return () => stopping.current?.abort();
  }, []);

  const start = useCallback(() => {
    stopping.current?.abort();
    const mine = new AbortController();
    stopping.current = mine;
    setSteps([]);
    setRunning(true);
    void (async () => {
      try {
        for await (const event of client.stream('providers.check', { id }, { signal: mine.signal }))
          setSteps((before) => withEvent(before, event));
      } catch (cause) {
        const error = toAppError(cause);
        if (!mine.signal.aborted && !isAppError(error, 'cancelled'))
          setSteps((before) => [...before.filter(({ step }) => step !== 'connect'), { step: 'connect', error }]);
      } finally {
        if (stopping.current === mine) {
          setRunning(false);
          // What was running when it was stopped has found nothing.
          if (mine.signal.aborted) setSteps((before) => before.filter((one) => one.finding ?? one.error));
        }
      }
    })();
  }, [id]);
  const stop = useCallback(() => stopping.current?.abort(), []);
  return { steps, running, start, stop };
}
