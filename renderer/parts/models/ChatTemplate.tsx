import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { words } from '../../words/words.ts';

/** Characters shown on the screen; the copy button copies the whole template. */
const MAX_CHARACTERS = 60_000;

/** The chat template of the model's file, folded. It is an untrusted program and is only shown as text. */
export function ChatTemplate({ template }: { readonly template: string }) {
  const lines = template.split('\n').length;
  return (
    <details className="models-template card">
      <summary>
        {words.models.template.title} <span className="secondary num">{words.models.template.lines(lines)}</span>
      </summary>
      <div className="stack">
        <p className="secondary">{words.models.template.text}</p>
        <pre className="code-box" tabIndex={0} aria-label={words.models.template.title}>
          {template.slice(0, MAX_CHARACTERS)}
          {template.length > MAX_CHARACTERS && '\n…'}
        </pre>
        <div>
          <CopyButton size="sm" label={words.ui.copy} text={() => template} />
        </div>
      </div>
    </details>
  );
}
