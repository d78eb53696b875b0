import { words } from '../../../words/words.ts';
import { diffLines, folded } from './line-diff.ts';

interface DiffViewProps {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** Two texts as one, with the changed lines marked by a sign and a color. */
export function DiffView({ file, before, after }: DiffViewProps) {
  const { connect } = words.server;
  const lines = folded(diffLines(before, after));
  return (
    <div className="code-box server-diff" tabIndex={0} role="group" aria-label={connect.difference(file)}>
      {lines.map((line, index) =>
        line.kind === 'gap' ? (
          <div key={index} data-kind="gap">
            {connect.unchanged(line.count)}
          </div>
        ) : (
          <div key={index} data-kind={line.kind}>
            <span className="server-diff-sign" aria-hidden="true">
              {line.kind === 'same' ? ' ' : line.kind === 'added' ? '+' : '−'}
            </span>
            {line.kind === 'same' ? null : (
              <span className="visually-hidden">{line.kind === 'added' ? connect.added : connect.removed} </span>
            )}
            <span>{line.text === '' ? '\u00a0' : line.text}</span>
          </div>
        ),
      )}
    </div>
  );
}
