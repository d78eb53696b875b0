import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import type { CompletionState } from './completion.ts';
import type { ScoringState } from './scoring.ts';

interface DocumentStatusProps {
  readonly characters: number;
  readonly isStored: boolean;
  readonly completing: CompletionState;
  readonly scoring: ScoringState;
  /** Generates again after an error. */
  readonly onRetry: () => void;
}

function completionWords(state: CompletionState): string {
  const w = words.notebook;
  switch (state.status) {
    case 'idle':
    case 'failed':
      return '';
    case 'loading':
      return w.state.loading(state.modelName);
    case 'queued':
      return w.state.queued(state.ahead);
    case 'prompt':
      return w.state.prompt(state.promptTokens);
    case 'writing':
      return w.state.writing(state.tokens);
    case 'done': {
      const { end, omittedCharacters } = state;
      return [
        w.done(end),
        ...(omittedCharacters > 0 ? [w.omitted(omittedCharacters)] : []),
        ...(end.samplersNotTaken.length > 0 ? [w.notTaken(formatList(end.samplersNotTaken))] : []),
      ].join(' ');
    }
    default:
      return state satisfies never;
  }
}

function scoringWords(state: ScoringState): string {
  const w = words.notebook;
  switch (state.status) {
    case 'idle':
    case 'failed':
      return '';
    case 'loading':
      return w.state.loading(state.modelName);
    case 'scoring':
      return w.state.scoring(state.done, state.all);
    case 'done': {
      const { perplexity, scoredTokens, windowTokens, tokens, ofSelection, isEdited } = state;
      if (perplexity === null) return w.score.none;
      return [
        w.score.result(perplexity, scoredTokens, ofSelection),
        ...(windowTokens < tokens ? [w.score.window(windowTokens)] : []),
        ...(isEdited ? [w.score.edited] : []),
      ].join(' · ');
    }
    default:
      return state satisfies never;
  }
}

/** What goes on in the document, and what came of the last act. */
export function DocumentStatus(props: DocumentStatusProps): React.JSX.Element {
  const { characters, isStored, completing, scoring, onRetry } = props;
  const w = words.notebook;
  const failed = [completing, scoring].find((state) => state.status === 'failed');
  const isCompleting = ['loading', 'queued', 'prompt', 'writing'].includes(completing.status);
  const isMarked = scoring.status === 'done' || scoring.status === 'scoring';
  return (
    <footer className="notebook-status">
      {failed ? (
        <ErrorCard error={failed.error} compact level={2} {...(failed === completing ? { onRetry } : {})} />
      ) : null}
      <div className="notebook-status-line num">
        <span className="notebook-status-act" role="status">
          {isCompleting ? completionWords(completing) : scoringWords(scoring) || completionWords(completing)}
        </span>
        {isMarked ? (
          <span className="notebook-legend" aria-hidden="true">
            {w.score.expected}
            {[0, 1, 2, 3, 4].map((level) => (
              <span key={level} className="notebook-scored" data-level={level} />
            ))}
            {w.score.legend}
          </span>
        ) : null}
        <span className="secondary">{w.characters(characters)}</span>
        <span className="secondary">{isStored ? w.stored : w.storing}</span>
      </div>
    </footer>
  );
}
