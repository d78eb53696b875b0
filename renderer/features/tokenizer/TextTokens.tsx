/** One text and its tokens. */
import { ChevronLeft, ChevronRight, WholeWord } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { EncodedToken, TokenizerSource } from '../../../preload/contract/convert.ts';
import { useQuery } from '../../connection/live.ts';
import { TokenText } from '../../parts/TokenText.tsx';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { useKept } from '../../ui/use-kept.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { words } from '../../words/words.ts';
import { TokenizerError } from './TokenizerError.tsx';

/** A text of this length has some 50,000 tokens; more would stop the page for a moment at each change. */
const MAX_CHARACTERS = 200_000;
/** Each token is several elements. */
const PAGE = 2_000;
const SETTLED_MS = 200;

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
  const tokens = encoding.value?.results[0]?.tokens;
  return (
    <div className="tokenizer-panes">
      <section className="tokenizer-input" aria-label={words.tokenizer.text}>
        <TextArea
          label={words.tokenizer.text}
          placeholder={words.tokenizer.textPlaceholder}
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
        <Switch label={words.tokenizer.showIds} checked={showIds} onChange={setShowIds} />
        <Switch label={words.tokenizer.showSpaces} checked={showSpaces} onChange={setShowSpaces} />
      </section>
      <section className="tokenizer-result" aria-label={words.tokenizer.result} aria-busy={encoding.refreshing}>
        {settled === '' ? (
          <EmptyState compact icon={WholeWord} title={words.tokenizer.emptyTitle} text={words.tokenizer.emptyText} />
        ) : encoding.error ? (
          <TokenizerError error={encoding.error} source={source} retry={encoding.retry} />
        ) : tokens === undefined ? (
          <Skeleton lines={8} />
        ) : (
          <Tokens
            tokens={tokens}
            characters={settled.length}
            vocabularySize={encoding.value?.vocabularySize ?? 0}
            ids={showIds}
            marks={showSpaces ? 'spaces' : 'breaks'}
          />
        )}
      </section>
    </div>
  );
}

interface TokensProps {
  readonly tokens: readonly EncodedToken[];
  readonly characters: number;
  readonly vocabularySize: number;
  readonly ids: boolean;
  readonly marks: 'breaks' | 'spaces';
}

function Tokens({ tokens, characters, vocabularySize, ids, marks }: TokensProps) {
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(tokens.length / PAGE));
  // A shorter text has fewer pages.
  const at = Math.min(page, pages - 1);
  const shown = useMemo(
    () =>
      tokens.slice(at * PAGE, (at + 1) * PAGE).map((token) => ({
        ...token,
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
            {words.tokenizer.facts(characters, tokens.length === 0 ? null : characters / tokens.length, vocabularySize)}
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
