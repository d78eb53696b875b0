/** A batch: each line is a text of its own, with its number of tokens. */
import type { TokenizerSource } from '../../../preload/contract/convert.ts';
import { useQuery } from '../../connection/live.ts';
import { Switch } from '../../ui/controls/Switch.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { formatInteger } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { Answer } from './Answer.tsx';
import { MAX_LINES } from './ids.ts';
import { MAX_CHARACTERS, SETTLED_MS } from './limits.ts';
import { LongText } from './LongText.tsx';

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
  return (
    <div className="tokenizer-panes">
      <section className="tokenizer-input" aria-label={words.tokenizer.linesText}>
        <LongText
          label={words.tokenizer.linesText}
          placeholder={words.tokenizer.linesPlaceholder}
          error={all.length > MAX_LINES ? words.tokenizer.linesTooMany(MAX_LINES) : undefined}
          value={text}
          onChange={setText}
        />
        <Switch
          label={words.tokenizer.special}
          hint={words.tokenizer.specialHint}
          checked={addSpecialTokens}
          onChange={setAddSpecialTokens}
        />
      </section>
      <Answer
        label={words.tokenizer.table}
        source={source}
        query={encoding}
        empty={lines.length === 0 ? { title: words.tokenizer.emptyTitle, text: words.tokenizer.emptyText } : null}
        lines={6}
      >
        {({ results }) => <CountTable lines={lines} counts={results.map(({ tokens }) => tokens.length)} />}
      </Answer>
    </div>
  );
}

function CountTable({ lines, counts }: { readonly lines: readonly string[]; readonly counts: readonly number[] }) {
  return (
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
  );
}
