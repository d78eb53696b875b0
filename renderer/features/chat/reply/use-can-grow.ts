/** Whether a larger context would help a reply whose prompt did not fit: the model was trained for it, and memory holds it. */
import type { LoadSettings } from '../../../../preload/contract/engine.ts';
import type { LocalModel } from '../../../../preload/contract/library.ts';
import type { ErrorBody } from '../../../../preload/wire/errors.ts';
import { useQuery } from '../../../connection/live.ts';
import { largerContext } from './failure-actions.ts';

/** False until it is known. */
export function useCanGrow(error: ErrorBody, model: LocalModel | undefined): boolean {
  const modelId = model?.problem === null ? model.id : '';
  const enabled = error.code === 'engine.context_full' && modelId !== '';
  const known = useQuery('engine.settings', { modelId }, { enabled }).value;
  const contextSize = known ? largerContext(error, known.trainedContextSize) : null;
  const settings = known && contextSize !== null ? { ...known.settings, contextSize } : null;
  // Nothing is asked while there are no settings.
  const input = { modelId, settings: settings as LoadSettings };
  const fit = useQuery('engine.estimate', input, { enabled: settings !== null }).value;
  return settings !== null && (fit?.verdict === 'fits' || fit?.verdict === 'tight');
}
