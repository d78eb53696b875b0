/** The model whose load settings are open. The sheet lies above the screens, and any feature may open it. */
import { createLayerState } from './layer-state.ts';

const sheet = createLayerState<string | null>(null);

/** Opens the load settings of a model on this computer. */
export function openLoadSettings(modelId: string): void {
  sheet.set(modelId);
}

export function closeLoadSettings(): void {
  sheet.set(null);
}

/** The id of the model whose load settings are open, or null. */
export function useLoadSettings(): string | null {
  return sheet.useValue();
}
