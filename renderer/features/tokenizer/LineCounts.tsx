/** A batch: each line is a text of its own, with its number of tokens. */
import { WholeWord } from 'lucide-react';
import type { TokenizerSource } from '../../../preload/contract/convert.ts';
import { useQuery } from '../../connection/live.ts';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { formatInteger } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { MAX_LINES } from './ids.ts';
import { TokenizerError } from './TokenizerError.tsx';

const MAX_CHARACTERS = 200_000;
const SETTLED_MS = 200;
/** The beginning of a line is enough to know it by. */
const SHOWN_CHARACTERS = 200;

export function LineCounts({ source }: { readonly source: TokenizerSource }) {
  const [text, setText] = useKept('tokenizer.lines', '');
  const [addSpecialTokens, setAddSpecialTokens] = useKept('tokenizer.special', true);
  const settled = useSettled(text, SETTLED_MS);
  const all = settled
    .slice(0, MAX_CHARACTERS)
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const lines = all.slice(0, MAX_LINES);
  const encoding = useQuery(
    'tokenizer.encode',
    { source, texts: lines, addSpecialTokens },
    { keep: true, enabled: lines.length > 0 },
  );
  const counts = encoding.value?.results.map(({ tokens }) => tokens.length);
  return (
    <div className="tokenizer-panes">
      <section className="tokenizer-input" aria-label={words.tokenizer.linesText}>
        <TextArea
          label={words.tokenizer.linesText}
          placeholder={words.tokenizer.linesPlaceholder}
          error={all.length > MAX_LINES ? words.tokenizer.linesTooMany(MAX_LINES) : undefined}
          dir="auto"
          spellCheck={false}
          rows={8}
          maxRows={18}
          value={text}
          onChange={setText}
        />
        {text.length > MAX_CHARACTERS && <p className="field-hint">{words.tokenizer.cut(MAX_CHARACTERS)}</p>}
        <Switch
          label={words.tokenizer.special}
          hint={words.tokenizer.specialHint}
          checked={addSpecialTokens}
          onChange={setAddSpecialTokens}
        />
      </section>
      <section className="tokenizer-result" aria-label={words.tokenizer.table} aria-busy={encoding.refreshing}>
        {lines.length === 0 ? (
          <EmptyState compact icon={WholeWord} title={words.tokenizer.emptyTitle} text={words.tokenizer.emptyText} />
        ) : encoding.error ? (
          <TokenizerError error={encoding.error} source={source} retry={encoding.retry} />
        ) : counts === undefined ? (
          <Skeleton lines={6} />
        ) : (
          <div className="tokenizer-table-frame card">
            <table className="tokenizer-table" aria-label={words.tokenizer.table}>
              <thead>
                <tr>
                  <th scope="col">{words.tokenizer.columns.text}</th>
                  <th scope="col">{words.tokenizer.columns.characters}</th>
                  <th scope="col">{words.tokenizer.columns.tokens}</th>
                </tr>
              </thead>
              <tbody>
                {lines.map((line, index) => (
                  <tr key={index}>
                    <th scope="row">
                      <bdi>{line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line}</bdi>
                    </th>
                    <td className="num">{formatInteger(line.length)}</td>
                    <td className="num">{counts[index] === undefined ? '' : formatInteger(counts[index])}</td>
                  </tr>
                ))}
              </tbody>
              <tfoot>
                <tr>
                  <th scope="row">{words.tokenizer.total}</th>
                  <td className="num">{formatInteger(lines.reduce((sum, line) => sum + line.length, 0))}</td>
                  <td className="num">{formatInteger(counts.reduce((sum, count) => sum + count, 0))}</td>
                </tr>
              </tfoot>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}
