/** One text and its tokens. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { EncodedToken, TokenizerSource } from '../../../preload/contract/convert.ts';
import { useQuery } from '../../connection/live.ts';
import { TokenText } from '../../parts/TokenText.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { words } from '../../words/words.ts';
import { Answer } from './Answer.tsx';
import { shownBytes } from './bytes.ts';
import { MAX_CHARACTERS, SETTLED_MS } from './limits.ts';
import { LongText } from './LongText.tsx';

/** Each token is several elements. */
const PAGE = 2_000;

export function TextTokens({ source }: { readonly source: TokenizerSource }) {
  const [text, setText] = useKept('tokenizer.text', words.tokenizer.example);
  const [addSpecialTokens, setAddSpecialTokens] = useKept('tokenizer.special', true);
  const [showIds, setShowIds] = useKept('tokenizer.ids', true);
  const [showSpaces, setShowSpaces] = useKept('tokenizer.spaces', true);
  const settled = useSettled(text, SETTLED_MS).slice(0, MAX_CHARACTERS);
  const encoding = useQuery(
    'tokenizer.encode',
    { source, texts: [settled], addSpecialTokens },
    { keep: true, enabled: settled !== '' },
  );
  return (
    <div className="tokenizer-panes">
      <section className="tokenizer-input" aria-label={words.tokenizer.text}>
        <LongText
          label={words.tokenizer.text}
          placeholder={words.tokenizer.textPlaceholder}
          value={text}
          onChange={setText}
        />
        <Switch
          label={words.tokenizer.special}
          hint={words.tokenizer.specialHint}
          checked={addSpecialTokens}
          onChange={setAddSpecialTokens}
        />
        <Switch label={words.tokenizer.showIds} checked={showIds} onChange={setShowIds} />
        <Switch label={words.tokenizer.showSpaces} checked={showSpaces} onChange={setShowSpaces} />
      </section>
      <Answer
        label={words.tokenizer.result}
        source={source}
        query={encoding}
        empty={settled === '' ? { title: words.tokenizer.emptyTitle, text: words.tokenizer.emptyText } : null}
        lines={8}
      >
        {({ results, vocabularySize }) => (
          <Tokens
            tokens={results[0]?.tokens ?? []}
            text={settled}
            vocabularySize={vocabularySize}
            ids={showIds}
            marks={showSpaces ? 'spaces' : 'breaks'}
          />
        )}
      </Answer>
    </div>
  );
}

interface TokensProps {
  readonly tokens: readonly EncodedToken[];
  readonly text: string;
  readonly vocabularySize: number;
  readonly ids: boolean;
  readonly marks: 'breaks' | 'spaces';
}

function Tokens({ tokens, text, vocabularySize, ids, marks }: TokensProps) {
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(tokens.length / PAGE));
  // A shorter text has fewer pages.
  const at = Math.min(page, pages - 1);
  const shown = useMemo(
    () =>
      tokens.slice(at * PAGE, (at + 1) * PAGE).map((token) => ({
        ...token,
        text: token.bytes === null ? token.text : shownBytes(token.bytes),
        tint: token.isSpecial ? 'var(--o-system)' : 'var(--o-history)',
      })),
    [tokens, at],
  );
  return (
    <>
      <div className="tokenizer-counts num">
        <span>
          <strong>{words.models.tokens(tokens.length)}</strong>{' '}
          <span className="secondary">
            {words.tokenizer.facts(
              text.length,
              tokens.length === 0 ? null : text.length / tokens.length,
              vocabularySize,
            )}
          </span>
        </span>
        <CopyButton size="sm" label={words.tokenizer.copyIds} text={() => JSON.stringify(tokens.map(({ id }) => id))} />
      </div>
      {pages > 1 && (
        <div className="tokenizer-pages num" role="group" aria-label={words.tokenizer.pages}>
          <IconButton
            size="sm"
            icon={ChevronLeft}
            className="flip-rtl"
            label={words.tokenizer.previousPage}
            disabled={at === 0}
            onClick={() => setPage(at - 1)}
          />
          <span aria-live="polite">
            {words.tokenizer.page(at * PAGE + 1, Math.min(tokens.length, (at + 1) * PAGE), tokens.length)}
          </span>
          <IconButton
            size="sm"
            icon={ChevronRight}
            className="flip-rtl"
            label={words.tokenizer.nextPage}
            disabled={at === pages - 1}
            onClick={() => setPage(at + 1)}
          />
        </div>
      )}
      <TokenText
        key={at}
        label={words.tokenizer.result}
        tokens={shown}
        marks={marks}
        ids={ids}
        before={at * PAGE}
        all={tokens.length}
        describe={(token) => (
          <>
            {token.bytes !== null && token.start !== null && token.end !== null && (
              <span>{words.tokenizer.partOf(text.slice(token.start, token.end))}</span>
            )}
            {token.isSpecial && <span>{words.tokenizer.isSpecial}</span>}
            <span>
              {token.start === null || token.end === null
                ? words.tokenizer.notPlaced
                : words.tokenizer.placed(token.start, token.end)}
            </span>
          </>
        )}
      />
    </>
  );
}
