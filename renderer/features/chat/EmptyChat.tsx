/** A chat before its first message. */
import { ArrowRight, Flame, Sparkles } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { href } from '../../navigation/router.ts';
import type { ChosenElsewhere, ModelChoice } from './composer/model-choice.ts';
import { PersonaPicks } from './PersonaPicks.tsx';
import { words } from '../../words/words.ts';

interface EmptyChatProps {
  readonly choice: ModelChoice;
  readonly models: readonly LocalModel[];
  readonly disabled: boolean;
  readonly onSend: (text: string) => void;
  readonly onPersona: (personaId: string) => void;
}

export function EmptyChat({ choice, models, disabled, onSend, onPersona }: EmptyChatProps): React.JSX.Element {
  const model = choice.state === 'ready' ? choice.model : null;
  const elsewhere = choice.state === 'elsewhere' ? choice.model : null;
  const builtIn = model?.origin === 'built_in';
  const onlyBuiltIn = models.length > 0 && models.every((candidate) => candidate.origin === 'built_in');
  return (
    <div className="chat-empty">
      <div className="chat-empty-inner">
        <span className="chat-empty-mark" aria-hidden="true">
          <Flame size={22} strokeWidth={1.6} />
        </span>
        <h2>{greeting(new Date().getHours())}</h2>
        <p className="secondary">{elsewhere ? introduceElsewhere(elsewhere) : introduction(model, builtIn)}</p>
        <ul className="chat-prompts" aria-label={words.emptyChat.suggestions} hidden={!model && !elsewhere}>
          {(builtIn ? words.emptyChat.forBuiltIn : words.emptyChat.forAny).map((prompt) => (
            <li key={prompt}>
              <button type="button" className="chat-prompt" disabled={disabled} onClick={() => onSend(prompt)}>
                <span>{prompt}</span>
                <ArrowRight size={14} aria-hidden="true" className="chat-flip-icon" />
              </button>
            </li>
          ))}
        </ul>
        <PersonaPicks onChoose={onPersona} />
        {onlyBuiltIn && !elsewhere ? <BiggerModel /> : null}
      </div>
    </div>
  );
}

function greeting(hour: number): string {
  if (hour >= 5 && hour < 12) return words.emptyChat.morning;
  return hour >= 12 && hour < 18 ? words.emptyChat.afternoon : words.emptyChat.evening;
}

function introduction(model: LocalModel | null, builtIn: boolean): ReactNode {
  if (!model) return words.emptyChat.noModel;
  return builtIn ? words.emptyChat.builtIn(model.name) : words.emptyChat.model(model.name);
}

function introduceElsewhere({ name, server }: ChosenElsewhere): ReactNode {
  return words.elsewhere.introduction(name, server?.name ?? null, server?.leavesComputer ?? true);
}

function BiggerModel(): React.JSX.Element {
  return (
    <a className="chat-bigger" href={href({ screen: 'models', tab: 'discover', repoId: null })}>
      <Sparkles size={16} aria-hidden="true" />
      <span>
        <strong>{words.emptyChat.bigger}</strong>
        <span className="secondary">{words.emptyChat.biggerText}</span>
      </span>
      <ArrowRight size={14} aria-hidden="true" className="chat-flip-icon" />
    </a>
  );
}
