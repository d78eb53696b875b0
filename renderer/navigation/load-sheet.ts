/** The model whose load settings are open. The sheet lies above the screens, and any feature may open it. */
import { useSyncExternalStore } from 'react';

let shown: string | null = null;
const listeners = new Set<() => void>();

function set(modelId: string | null): void {
  if (shown === modelId) return;
  shown = modelId;
  for (const listener of [...listeners]) listener();
}

/** Opens the load settings of a model on this computer. */
export function openLoadSettings(modelId: string): void {
  set(modelId);
}

export function closeLoadSettings(): void {
  set(null);
}

/** The id of the model whose load settings are open, or null. */
export function useLoadSettings(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
