import type { ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { PersonaPicture } from '../../../parts/personas/PersonaPicture.tsx';
import { usePersonas } from '../../../parts/personas/use-personas.ts';
import { words } from '../../../words/words.ts';
import { nameElsewhere } from '../composer/model-choice.ts';

/** Who wrote a reply: its persona, else its model. */
export const authorOf = ({ persona, modelName }: Pick<Message, 'persona' | 'modelName'>): string =>
  persona?.name ?? (modelName === null ? words.conversation.reply : nameElsewhere(modelName));

/** The author above a reply; beside a persona its model. */
export function ReplyAuthor({ message }: { message: Message }): React.JSX.Element {
  const { persona } = message;
  if (!persona) {
    return (
      <p className="chat-author">
        <bdi>{authorOf(message)}</bdi>
        <EditedMark message={message} />
      </p>
    );
  }
  return <PersonaAuthor message={message} persona={persona} />;
}

function EditedMark({ message }: { message: Message }): ReactNode {
  return message.edited ? <span className="chat-edited">{words.versions.edited}</span> : null;
}

function PersonaAuthor({
  message,
  persona,
}: {
  message: Message;
  persona: NonNullable<Message['persona']>;
}): React.JSX.Element {
  const known = usePersonas().value?.personas.find(({ id }) => id === persona.id) ?? null;
  return (
    <p className="chat-author chat-author-persona">
      <PersonaPicture persona={known} name={persona.name} size={28} />
      <bdi className="chat-author-name">{persona.name}</bdi>
      {message.modelName === null ? null : <bdi>{nameElsewhere(message.modelName)}</bdi>}
      <EditedMark message={message} />
    </p>
  );
}
