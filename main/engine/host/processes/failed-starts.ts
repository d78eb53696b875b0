/** Counts failed loads by model, so that a model that keeps failing is not loaded endlessly. */
import type { AppError } from '../../../../preload/wire/errors.ts';

export interface FailedStarts {
  /** @throws AppError the last failure, when the model failed too often in a row. */
  check(modelId: string): void;
  /** Counts a failure of the child itself, which has a code `engine.*` or `model.*`. Others are ignored. */
  count(modelId: string, error: AppError): void;
  forget(modelId: string): void;
}

/** Failures in a row after which only an explicit retry starts a model again. */
const MAX_FAILURES = 3;

export function createFailedStarts(): FailedStarts {
  const failures = new Map<string, { readonly count: number; readonly error: AppError }>();
  return {
    check(modelId) {
      const last = failures.get(modelId);
      if (last && last.count >= MAX_FAILURES) throw last.error;
    },
    count(modelId, error) {
      if (!/^(engine|model)\./.test(error.code)) return;
      failures.set(modelId, { count: (failures.get(modelId)?.count ?? 0) + 1, error });
    },
    forget: (modelId) => void failures.delete(modelId),
  };
}
