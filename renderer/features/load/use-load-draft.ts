/** The edited load settings, and the memory that they would take. */
import { useEffect, useState } from 'react';
import type { Calibration, LoadSettings } from '../../../preload/contract/engine.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { useCall, useQuery } from '../../connection/live.ts';
import { sameSettings } from './load-words.ts';

/** A moving slider requests one estimate where it rests, not one at every step. */
const PAUSE_MS = 150;

export interface LoadDraft {
  /** Null until the settings arrive. */
  readonly settings: LoadSettings | null;
  readonly saved: LoadSettings | null;
  readonly changed: boolean;
  readonly fit: Fit | null;
  /** The fit is of earlier settings; the one of these is pending. */
  readonly estimating: boolean;
  readonly trainedContextSize: number | null;
  readonly calibration: Calibration | null;
  /** The error of reading the settings, of an estimate, or of saving. */
  readonly error: AppError | null;
  readonly retry: () => void;
  /** Requests the estimate again, after a load has measured the memory. */
  readonly refresh: () => void;
  readonly change: (patch: Partial<LoadSettings>) => void;
  /**
   * Saves `settings` as the model's own, or removes them (null). Resolves with the saved settings, or undefined after a
   * failure.
   */
  readonly save: (settings: LoadSettings | null) => Promise<LoadSettings | undefined>;
  readonly saving: boolean;
}

export function useLoadDraft(modelId: string): LoadDraft {
  const known = useQuery('engine.settings', { modelId }, { keep: true });
  const saveCall = useCall('engine.saveSettings');
  const [draft, setDraft] = useState<LoadSettings | null>(null);
  const [savedNow, setSavedNow] = useState<LoadSettings | null>(null);
  const saved = savedNow ?? known.value?.settings ?? null;
  const settings = draft ?? saved;
  const changed = settings !== null && saved !== null && !sameSettings(settings, saved);

  const resting = useResting(settings);
  const estimated = resting !== null && known.value !== undefined && !sameSettings(resting, known.value.settings);
  const estimate = useQuery(
    'engine.estimate',
    { modelId, settings: resting as LoadSettings },
    { enabled: estimated, keep: true },
  );
  const fit = (estimated ? estimate.value : undefined) ?? known.value?.fit ?? null;

  return {
    settings,
    saved,
    changed,
    fit,
    estimating: settings !== resting || (estimated && estimate.refreshing),
    trainedContextSize: known.value?.trainedContextSize ?? null,
    calibration: known.value?.calibration ?? null,
    error: saveCall.error ?? known.error ?? (estimated ? estimate.error : undefined) ?? null,
    retry: known.status === 'error' ? known.retry : estimate.retry,
    refresh: () => {
      known.retry();
      estimate.retry();
    },
    change: (patch) => {
      saveCall.clearError();
      if (settings) setDraft({ ...settings, ...patch });
    },
    async save(next) {
      const kept = await saveCall.run({ modelId, settings: next });
      if (kept) {
        setSavedNow(kept);
        setDraft(null);
      }
      return kept;
    },
    saving: saveCall.pending,
  };
}

/** `value` once it has not changed for a moment. */
function useResting<T>(value: T): T {
  const [resting, setResting] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setResting(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return resting;
}
