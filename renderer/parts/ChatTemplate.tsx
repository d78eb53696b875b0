import { CopyButton } from '../ui/CopyButton.tsx';

/** Longer ones are cut on the screen; the copy has all of it. */
const MOST_CHARACTERS = 60_000;

/** The chat template as its author wrote it, folded. It is a stranger's program, and is shown as text alone. */
export function ChatTemplate({ template }: { readonly template: string }) {
  const lines = template.split('\n').length;
  return (
    <details className="models-template card">
      <summary>
        Chat template
        <span className="secondary num"> {lines === 1 ? '1 line' : `${lines} lines`}</span>
      </summary>
      <div className="stack">
        <p className="secondary">
          What is put around your words before the model reads them. A template can hide instructions of its own.
        </p>
        <pre className="code-box" tabIndex={0} aria-label="Chat template">
          {template.slice(0, MOST_CHARACTERS)}
          {template.length > MOST_CHARACTERS && '\n…'}
        </pre>
        <div>
          <CopyButton size="sm" label="Copy" text={() => template} />
        </div>
      </div>
    </details>
  );
}
