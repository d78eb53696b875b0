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
  const { persona, modelName } = message;
  if (!persona) {
    return (
      <p className="chat-author">
        <bdi>{authorOf(message)}</bdi>
      </p>
    );
  }
  return <PersonaAuthor persona={persona} modelName={modelName} />;
}

function PersonaAuthor({
  persona,
  modelName,
}: {
  persona: NonNullable<Message['persona']>;
  modelName: string | null;
}): React.JSX.Element {
  const known = usePersonas().value?.personas.find(({ id }) => id === persona.id) ?? null;
  return (
    <p className="chat-author chat-author-persona">
      <PersonaPicture persona={known} name={persona.name} size={28} />
      <bdi className="chat-author-name">{persona.name}</bdi>
      {modelName === null ? null : <bdi>{nameElsewhere(modelName)}</bdi>}
    </p>
  );
}
