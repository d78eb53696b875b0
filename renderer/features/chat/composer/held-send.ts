/** A message that is sent once the list of models is here. */

/**
 * What happens now to the send that is held, `held` being the draft that Send was pressed on, or null. Any edit since
 * then drops it. `ready`: a new chat is open and has a model.
 */
export function heldNow<Held>(
  held: Held | null,
  { draft, waits, ready }: { readonly draft: Held; readonly waits: boolean; readonly ready: boolean },
): 'none' | 'wait' | 'send' | 'drop' {
  if (held === null) return 'none';
  if (held !== draft) return 'drop';
  if (waits) return 'wait';
  return ready ? 'send' : 'drop';
}
