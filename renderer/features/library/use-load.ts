import { useCallback, useState } from 'react';
import { isAppError, type AppError } from '../../../preload/wire/errors.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';

export interface LoadModel {
  readonly load: (modelId: string) => void;
  /** The error of each model's last load, until the next attempt. */
  readonly failures: ReadonlyMap<string, AppError>;
}

/** Loads models and keeps the errors. The progress shows in the watched engine. */
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
