/** The summary that is open above the chat. */
import { createLayerState } from '../../../navigation/layer-state.ts';

export const openSummary = createLayerState<string | null>(null);
