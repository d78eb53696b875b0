import { useLive } from '../connection/live.ts';

/** Whether Developer mode is on: logs, raw requests, probabilities and every sampler are shown. Off until it is known. */
export function useDeveloperMode(): boolean {
  return useLive('settings.watch', {}).value?.developerMode ?? false;
}
