import type { ShownError } from '../words/error-words.ts';
import { words } from '../words/words.ts';

/** The facts of an error, folded. */
export function ErrorDetails({ details }: { readonly details: ShownError['details'] }) {
  return (
    <details>
      <summary>{words.ui.details}</summary>
      <dl>
        {details.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
