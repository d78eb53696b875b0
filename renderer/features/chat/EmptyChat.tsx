/** A chat before its first message. */
import { ArrowRight, Flame, Sparkles } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { href } from '../../navigation/router.ts';
import type { ModelChoice } from './model-choice.ts';

/** What the model that ships with Hearth was made to answer. */
const forBuiltIn = ['What can you do?', 'What is a context window?', 'Tell me a story about a robot'];
const forAny = [
  'Explain in a few sentences how a language model picks its next word',
  'Write a short, polite e-mail that moves a meeting to Friday',
  'Suggest three dinners with lentils, with what I need to buy',
];

interface EmptyChatProps {
  readonly choice: ModelChoice;
  readonly models: readonly LocalModel[];
  readonly disabled: boolean;
  readonly onSend: (text: string) => void;
}

export function EmptyChat({ choice, models, disabled, onSend }: EmptyChatProps): React.JSX.Element {
  const model = choice.state === 'ready' ? choice.model : null;
  const builtIn = model?.origin === 'built_in';
  const onlyBuiltIn = models.length > 0 && models.every((candidate) => candidate.origin === 'built_in');
  return (
    <div className="chat-empty">
      <div className="chat-empty-inner">
        <span className="chat-empty-mark" aria-hidden="true">
          <Flame size={22} strokeWidth={1.6} />
        </span>
        <h2>{greeting(new Date().getHours())}</h2>
        <p className="secondary">{introduction(model, builtIn)}</p>
        <ul className="chat-prompts" aria-label="Suggestions" hidden={!model}>
          {(builtIn ? forBuiltIn : forAny).map((prompt) => (
            <li key={prompt}>
              <button type="button" className="chat-prompt" disabled={disabled} onClick={() => onSend(prompt)}>
                <span>{prompt}</span>
                <ArrowRight size={14} aria-hidden="true" className="chat-flip-icon" />
              </button>
            </li>
          ))}
        </ul>
        {onlyBuiltIn ? <BiggerModel /> : null}
      </div>
    </div>
  );
}

function greeting(hour: number): string {
  if (hour >= 5 && hour < 12) return 'Good morning';
  return hour >= 12 && hour < 18 ? 'Good afternoon' : 'Good evening';
}

function introduction(model: LocalModel | null, builtIn: boolean): ReactNode {
  if (!model) return 'Choose a model to talk to.';
  if (builtIn)
    return `${model.name} is the very small model that comes with Hearth. It knows a little about Hearth and about running models.`;
  return `${model.name} answers on this computer. What you write stays here.`;
}

function BiggerModel(): React.JSX.Element {
  return (
    <a className="chat-bigger" href={href({ screen: 'models', tab: 'discover', repoId: null })}>
      <Sparkles size={16} aria-hidden="true" />
      <span>
        <strong>Get a bigger model</strong>
        <span className="secondary">One that fits this computer knows far more.</span>
      </span>
      <ArrowRight size={14} aria-hidden="true" className="chat-flip-icon" />
    </a>
  );
}
