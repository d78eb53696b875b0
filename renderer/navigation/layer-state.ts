/** What is open above the screens, outside of any component, so that any feature may open it. */
import { useSyncExternalStore } from 'react';

export interface LayerState<V> {
  get(): V;
  set(next: V): void;
  readonly useValue: () => V;
}

export function createLayerState<V>(closed: V): LayerState<V> {
  let shown = closed;
  const listeners = new Set<() => void>();
  const get = (): V => shown;
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get,
    set(next) {
      if (shown === next) return;
      shown = next;
      for (const listener of [...listeners]) listener();
    },
    useValue: () => useSyncExternalStore(subscribe, get),
  };
}
