/** The other direction: ids, and the text that they stand for. */
import type { TokenizerSource } from '../../../preload/contract/convert.ts';
import { useQuery } from '../../connection/live.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { words } from '../../words/words.ts';
import { Answer } from './Answer.tsx';
import { MAX_IDS, MAX_LINES, readIds, type IdLines } from './ids.ts';
import { SETTLED_MS } from './limits.ts';

const noIds = { title: words.tokenizer.emptyIdsTitle, text: words.tokenizer.emptyIds };
const wrongIds = { title: words.tokenizer.wrongIdsTitle, text: words.tokenizer.wrongIds };

export function FromIds({ source }: { readonly source: TokenizerSource }) {
  const [text, setText] = useKept('tokenizer.idText', '');
  const [skipSpecialTokens, setSkipSpecialTokens] = useKept('tokenizer.skipSpecial', false);
  const { batch, problem } = readIds(useSettled(text, SETTLED_MS));
  const decoding = useQuery(
    'tokenizer.decode',
    { source, batch: batch.map((ids) => [...ids]), skipSpecialTokens },
    { keep: true, enabled: batch.length > 0 },
  );
  return (
    <div className="tokenizer-panes">
      <section className="tokenizer-input" aria-label={words.tokenizer.idsText}>
        <TextArea
          label={words.tokenizer.idsText}
          hint={words.tokenizer.idsHint}
          error={problem === null ? undefined : problemWords(problem)}
          placeholder={words.tokenizer.idsPlaceholder}
          className="mono"
          dir="ltr"
          spellCheck={false}
          rows={8}
          maxRows={18}
          value={text}
          onChange={setText}
        />
        <Switch label={words.tokenizer.skipSpecial} checked={skipSpecialTokens} onChange={setSkipSpecialTokens} />
      </section>
      <Answer
        label={words.tokenizer.decoded}
        source={source}
        query={decoding}
        empty={batch.length > 0 ? null : problem === null ? noIds : wrongIds}
        lines={4}
      >
        {({ texts }) => (
          <Decoded text={texts.join('\n')} tokenCount={batch.reduce((sum, ids) => sum + ids.length, 0)} />
        )}
      </Answer>
    </div>
  );
}

function Decoded({ text, tokenCount }: { readonly text: string; readonly tokenCount: number }) {
  return (
    <>
      <div className="tokenizer-counts num">
        <strong>{words.tokenizer.counts(tokenCount, text.length)}</strong>
        <CopyButton size="sm" label={words.tokenizer.copyText} text={() => text} />
      </div>
      <pre className="code-box tokenizer-decoded" tabIndex={0} aria-label={words.tokenizer.decoded}>
        {text}
      </pre>
    </>
  );
}

function problemWords(problem: NonNullable<IdLines['problem']>): string {
  switch (problem.code) {
    case 'wrong':
      return words.tokenizer.idsWrong(problem.line, problem.what);
    case 'ids':
      return words.tokenizer.idsTooMany(MAX_IDS);
    case 'lines':
      return words.tokenizer.linesTooMany(MAX_LINES);
    default:
      return problem satisfies never;
  }
}
