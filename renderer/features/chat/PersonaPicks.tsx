import type { ReactNode } from 'react';
import { href } from '../../navigation/router.ts';
import { PersonaPicture } from '../../parts/personas/PersonaPicture.tsx';
import { usePersonas } from '../../parts/personas/use-personas.ts';
import { words } from '../../words/words.ts';

/** More would push the composer out of sight. */
const MOST_SHOWN = 6;

/** The personas that a chat can begin with, newest first; without any, the way to them. */
export function PersonaPicks({ onChoose }: { onChoose: (personaId: string) => void }): ReactNode {
  const all = usePersonas().value;
  if (!all) return null;
  const shown = all.personas.toReversed().slice(0, MOST_SHOWN);
  return (
    <nav className="chat-personas" aria-label={words.personas.title}>
      {shown.map((persona) => (
        <button
          key={persona.id}
          type="button"
          aria-label={words.personas.chatWith(persona.name)}
          onClick={() => onChoose(persona.id)}
        >
          <PersonaPicture persona={persona} name={persona.name} size={22} />
          <bdi className="truncate">{persona.name}</bdi>
        </button>
      ))}
      <a href={href({ screen: 'personas', tab: 'personas' })}>
        {shown.length === 0 ? words.personas.discover : words.personas.all}
      </a>
    </nav>
  );
}
