import { useCallback, useState } from 'react';
import { isAppError, type AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';

export interface LoadModel {
  readonly load: (modelId: string) => void;
  /** What the last load of each model threw, until it is tried again. */
  readonly failures: ReadonlyMap<string, AppError>;
}

/** Loads models and keeps why it did not work. That it goes on shows in the watched engine. */
export function useLoad(): LoadModel {
  const [failures, setFailures] = useState<ReadonlyMap<string, AppError>>(new Map());
  const load = useCallback((modelId: string) => {
    const set = (error: AppError | null): void =>
      setFailures((known) => {
        const next = new Map(known);
        if (error) next.set(modelId, error);
        else next.delete(modelId);
        return next;
      });
    set(null);
    client.call('engine.load', { modelId }).catch((cause: unknown) => {
      if (!isAppError(cause, 'cancelled')) set(toAppError(cause));
    });
  }, []);
  return { load, failures };
}
