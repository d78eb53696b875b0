import type { ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { useQuery } from '../../../connection/live.ts';
import { usePersonas } from '../../../parts/personas/use-personas.ts';
import { words } from '../../../words/words.ts';

/** The entries of lorebooks that the next reply is told. Nothing without any. */
export function ToldLore({ chatId, messages }: { chatId: string; messages: readonly Message[] }): ReactNode {
  const revision = usePersonas().value?.revision ?? 0;
  const last = messages.at(-1);
  // Asked again when a message has come or gone, or a lorebook has changed.
  return <Told key={`${revision} ${last?.id ?? ''} ${last?.status ?? ''}`} chatId={chatId} />;
}

function Told({ chatId }: { chatId: string }): ReactNode {
  const told = useQuery('personas.toldLore', { chatId }).value?.told ?? [];
  if (told.length === 0) return null;
  return (
    <div className="chat-told">
      <h4>{words.personas.told}</h4>
      <ul>
        {told.map(({ lorebook, title, key, text }, index) => (
          <li key={index} title={text}>
            <span className="truncate">
              <bdi>{title === '' ? text : title}</bdi>
            </span>
            <span className="secondary truncate">
              {key === null ? words.personas.toldAlways : words.personas.toldByKey(key)} · <bdi>{lorebook}</bdi>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
