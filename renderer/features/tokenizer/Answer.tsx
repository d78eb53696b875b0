/** The answer of a tokenizer, or why there is none yet. */
import { WholeWord } from 'lucide-react';
import type { ReactNode } from 'react';
import type { TokenizerSource } from '../../../preload/contract/convert.ts';
import type { QueryResult } from '../../connection/live.ts';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { TokenizerError } from './TokenizerError.tsx';

interface AnswerProps<V> {
  readonly label: string;
  readonly source: TokenizerSource;
  readonly query: QueryResult<V>;
  /** What to type, where nothing was typed; else null. */
  readonly empty: { readonly title: string; readonly text: string } | null;
  /** The lines of the skeleton while the first answer is awaited. */
  readonly lines: number;
  readonly children: (value: V) => ReactNode;
}

export function Answer<V>({ label, source, query, empty, lines, children }: AnswerProps<V>) {
  return (
    <section className="tokenizer-result" aria-label={label} aria-busy={query.refreshing}>
      <h2 className="visually-hidden">{label}</h2>
      {empty !== null ? (
        <EmptyState compact icon={WholeWord} title={empty.title} text={empty.text} />
      ) : query.error ? (
        <TokenizerError error={query.error} source={source} retry={query.retry} />
      ) : query.value === undefined ? (
        <Skeleton lines={lines} />
      ) : (
        children(query.value)
      )}
    </section>
  );
}
