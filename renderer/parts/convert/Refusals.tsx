/** Why a checkpoint cannot be converted, in words. */
import { CircleAlert } from 'lucide-react';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { ErrorDetails } from '../ErrorDetails.tsx';
import './convert-parts.css';

export function Refusals({ refusals }: { readonly refusals: readonly ErrorBody[] }) {
  return (
    <ul className="convert-refusals" aria-label={words.convert.refusals}>
      {refusals.map((error, index) => {
        const { title, text, details } = wordsFor(error);
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
