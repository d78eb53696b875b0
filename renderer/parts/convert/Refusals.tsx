/** Why a checkpoint cannot be converted, in words. */
import { CircleAlert } from 'lucide-react';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { ErrorDetails } from '../ErrorDetails.tsx';
import './convert-parts.css';

interface RefusalsProps {
  readonly refusals: readonly ErrorBody[];
  /** They are of a repository, whose files nobody here can mend. */
  readonly inRepository: boolean;
}

export function Refusals({ refusals, inRepository }: RefusalsProps) {
  return (
    <ul className="convert-refusals" aria-label={words.convert.refusals}>
      {refusals.map((error, index) => {
        const { title, text, details } = wordsFor({ ...error, data: { ...error.data, inRepository } });
        return (
          <li key={index}>
            <CircleAlert size={16} aria-hidden="true" />
            <div>
              <p>
                <strong>{words.errors.asSentence(title)}</strong> {text}
              </p>
              {details.length > 1 && <ErrorDetails details={details} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
