/** The card of a token: how probable it was, and what else could have stood there. */
import { useRef, type KeyboardEvent } from 'react';
import type { TokenAlternative } from '../../../preload/contract/chat.ts';
import { useQuery } from '../../connection/live.ts';
import { choicesOf } from '../../parts/token-choices.ts';
import { formatProbability } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import type { MarkedToken } from './editor/token-marks.ts';

interface AlternativesProps {
  readonly marked: MarkedToken;
  /** What stands before the token, for asking the model itself: samplers leave few alternatives. Null: only what was told is shown. */
  readonly prompt: { readonly modelId: string | null; readonly before: string } | null;
  /** Goes on from another token; null where the text is not the model's. */
  readonly onPick: ((alternative: TokenAlternative) => void) | null;
  readonly onClose: () => void;
}

const nothing = { modelId: null, before: '' };

export function Alternatives({ marked, prompt, onPick, onClose }: AlternativesProps): React.JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const { token } = marked;
  const { alternatives } = words.notebook;
  const asked = useQuery('notebook.alternatives', prompt ?? nothing, { enabled: prompt !== null }).value?.alternatives;
  if (token.logprob === null) return <p className="field-hint">{alternatives.first}</p>;
  const told = asked && asked.length > 0 ? asked : token.alternatives;
  // A token that is not among those that the model told is less probable than all of them.
  const isLess = told !== token.alternatives && !told.some(({ id }) => id === token.id);
  const least = told.at(-1)?.logprob ?? 0;
  const choices = choicesOf({ ...token, alternatives: told, logprob: isLess ? least : token.logprob });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus();
  };
  return (
    <div role="group" aria-label={alternatives.ofToken} onKeyDown={onKeyDown}>
      <ul ref={list} className="notebook-choices">
        {choices.map(({ text, probability, taken }, index) => (
          <li key={index} data-taken={taken || undefined}>
            <ChoiceRow
              text={text}
              probability={probability}
              taken={taken}
              isLess={taken && isLess}
              onPick={onPick && !taken ? () => onPick({ id: -1, text, logprob: Math.log(probability) }) : null}
            />
          </li>
        ))}
      </ul>
      {told.length === 0 ? <p className="field-hint">{alternatives.none}</p> : null}
      {onPick ? <p className="field-hint">{alternatives.hint}</p> : null}
    </div>
  );
}

interface ChoiceRowProps {
  readonly text: string;
  readonly probability: number;
  readonly taken: boolean;
  /** Its probability is below the one given. */
  readonly isLess: boolean;
  readonly onPick: (() => void) | null;
}

function ChoiceRow({ text, probability, taken, isLess, onPick }: ChoiceRowProps): React.JSX.Element {
  const { alternatives } = words.notebook;
  const shown = JSON.stringify(text);
  const facts = (
    <>
      <span className="notebook-choice-text mono">{shown}</span>
      <span className="notebook-choice-bar" aria-hidden="true">
        <span style={{ inlineSize: `${probability * 100}%` }} />
      </span>
      <span className="num">
        {isLess ? alternatives.less(formatProbability(probability)) : formatProbability(probability)}
      </span>
      <span className="secondary">{taken ? alternatives.written : ''}</span>
    </>
  );
  if (!onPick) return <div className="notebook-choice">{facts}</div>;
  const isPart = text.includes('\uFFFD') || text === '';
  return (
    <button
      type="button"
      className="notebook-choice"
      aria-label={alternatives.pick(shown, probability)}
      disabled={isPart}
      title={isPart ? alternatives.partial : undefined}
      onClick={onPick}
    >
      {facts}
    </button>
  );
}
