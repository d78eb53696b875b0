/** The pictures of personas, each fetched once by its hash: every reply in a chat shows the same one. */
import { useEffect, useState } from 'react';
import type { PersonaSummary } from '../../../preload/contract/personas.ts';
import { client } from '../../connection/api.ts';

/** Of a window. A picture has some hundred kilobytes. */
const MOST_KEPT = 60;
const kept = new Map<string, Promise<string | null>>();

function fetchPicture(personaId: string, sha256: string): Promise<string | null> {
  const known = kept.get(sha256);
  if (known) return known;
  const fetched = client.call('personas.picture', { personaId }).then(
    ({ base64 }) => `data:image/png;base64,${base64}`,
    () => {
      // Asked again by the next one that shows it.
      kept.delete(sha256);
      return null;
    },
  );
  kept.set(sha256, fetched);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return fetched;
}

/** The address of a persona's picture; null without one, and until it is here. */
export function usePicture(persona: Pick<PersonaSummary, 'id' | 'picture'> | null): string | null {
  const id = persona?.id ?? null;
  const sha256 = persona?.picture?.sha256 ?? null;
  const [shown, setShown] = useState<{ readonly sha256: string; readonly url: string | null } | null>(null);
  useEffect(() => {
    if (id === null || sha256 === null) return;
    let isHere = true;
    void fetchPicture(id, sha256).then((url) => {
      if (isHere) setShown({ sha256, url });
    });
    return () => {
      isHere = false;
    };
  }, [id, sha256]);
  return shown !== null && shown.sha256 === sha256 ? shown.url : null;
}
