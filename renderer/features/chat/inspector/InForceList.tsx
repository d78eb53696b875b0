/** Every value that the next reply is written with, where it comes from, and a reset for what this chat says itself. */
import { RotateCcw } from 'lucide-react';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import type { InForce, ValueOrigin } from '../../../../preload/contract/in-force.ts';
import { shownKeys, valueName, valueWords } from '../../../parts/personas/value-words.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';

interface InForceListProps {
  readonly inForce: InForce;
  /** The names of what an origin means; null where they are not known. */
  readonly personaName: string | null;
  readonly modelName: string | null;
  /** Gives a value back to where it came from before. */
  readonly onReset: (key: keyof Sampling | 'systemPrompt') => void;
}

export function InForceList({ inForce, personaName, modelName, onReset }: InForceListProps): React.JSX.Element {
  const { sampling, samplingOrigins, systemPrompt, systemPromptOrigin } = inForce;
  const row = { personaName, modelName, onReset };
  const isEmpty = systemPrompt.trim() === '';
  return (
    <dl className="chat-in-force">
      <Row
        {...row}
        of="systemPrompt"
        name={words.inForce.systemPrompt}
        value={isEmpty ? words.inForce.none : systemPrompt.trim().slice(0, 200)}
        origin={isEmpty ? null : systemPromptOrigin}
      />
      {shownKeys(sampling).map((key) => (
        <Row
          key={key}
          {...row}
          of={key}
          name={valueName(key)}
          value={valueWords(sampling, key)}
          origin={samplingOrigins[key] ?? null}
        />
      ))}
    </dl>
  );
}

function Row({
  of,
  name,
  value,
  origin,
  personaName,
  modelName,
  onReset,
}: Omit<InForceListProps, 'inForce'> & {
  readonly of: keyof Sampling | 'systemPrompt';
  readonly name: string;
  readonly value: string;
  readonly origin: ValueOrigin | null;
}): React.JSX.Element {
  return (
    <div data-origin={origin ?? undefined}>
      <dt>{name}</dt>
      <dd className="chat-in-force-value num" title={value}>
        <bdi>{value}</bdi>
      </dd>
      <dd className="chat-in-force-origin">
        <span className="truncate">
          <bdi>{origin === null ? '' : words.inForce.origin(origin, personaName, modelName)}</bdi>
        </span>
        {origin === 'chat' ? (
          <IconButton label={words.inForce.reset(name)} icon={RotateCcw} size="sm" onClick={() => onReset(of)} />
        ) : null}
      </dd>
    </div>
  );
}
