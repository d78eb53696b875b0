/** The keys that the user chose for commands, from the settings. They go before the commands' own keys. */
import type { ChosenKeys } from '../../preload/contract/settings.ts';
import { createLayerState } from './layer-state.ts';

interface Chosen {
  readonly keys: ChosenKeys;
  /** The command of each chosen key. */
  readonly owners: ReadonlyMap<string, string>;
}

const none: Chosen = { keys: {}, owners: new Map() };
const state = createLayerState<Chosen>(none);

/** What follows from the stored keys. */
export function readChosen(keys: ChosenKeys): Chosen {
  const owners = Object.entries(keys).flatMap(([id, list]) => list.map((key) => [key, id] as const));
  return { keys, owners: new Map(owners) };
}

/** Sets the chosen keys of the window. */
export function setChosenKeys(keys: ChosenKeys): void {
  state.set(readChosen(keys));
}

/** The chosen keys, live. */
export function useChosenKeys(): Chosen {
  return state.useValue();
}

/** The keys of a command: the chosen ones, else its own without those that were chosen for another command. */
export function keysInForce(id: string, own: readonly string[], { keys, owners }: Chosen): readonly string[] {
  const chosen = Object.hasOwn(keys, id) ? keys[id] : undefined;
  return chosen ?? own.filter((key) => (owners.get(key) ?? id) === id);
}
